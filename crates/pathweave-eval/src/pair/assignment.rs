//! Linear assignment (Kuhn 1955; the form with potentials and shortest augmenting paths).

/// The largest Σ_i gain\[i\]\[π(i)\] over permutations π of a square matrix. Cubic in its size.
pub(crate) fn best_total(gain: &[Vec<f64>]) -> f64 {
    let size = gain.len();
    // Costs are −gain. Row and column 0 stand for nothing, so that real ones count from 1.
    let cost = |row: usize, column: usize| -gain[row - 1][column - 1];
    let (mut of_row, mut of_column) = (vec![0.0; size + 1], vec![0.0; size + 1]);
    let mut row_at = vec![0; size + 1];
    for row in 1..=size {
        row_at[0] = row;
        let mut column = 0;
        let mut least = vec![f64::INFINITY; size + 1];
        let mut before = vec![0; size + 1];
        let mut seen = vec![false; size + 1];
        while row_at[column] != 0 {
            seen[column] = true;
            let here = row_at[column];
            let (mut step, mut next) = (f64::INFINITY, 0);
            for other in (1..=size).filter(|&other| !seen[other]) {
                let reduced = cost(here, other) - of_row[here] - of_column[other];
                if reduced < least[other] {
                    least[other] = reduced;
                    before[other] = column;
                }
                if least[other] < step {
                    (step, next) = (least[other], other);
                }
            }
            for other in 0..=size {
                if seen[other] {
                    of_row[row_at[other]] += step;
                    of_column[other] -= step;
                } else {
                    least[other] -= step;
                }
            }
            column = next;
        }
        while column != 0 {
            row_at[column] = row_at[before[column]];
            column = before[column];
        }
    }
    (1..=size).map(|column| gain[row_at[column] - 1][column - 1]).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn by_trying_all(gain: &[Vec<f64>], row: usize, free: &mut Vec<usize>) -> f64 {
        if row == gain.len() {
            return 0.0;
        }
        let mut best = f64::NEG_INFINITY;
        for at in 0..free.len() {
            let column = free.swap_remove(at);
            best = best.max(gain[row][column] + by_trying_all(gain, row + 1, free));
            free.push(column);
            let last = free.len() - 1;
            free.swap(at, last);
        }
        best
    }

    proptest! {
        #[test]
        fn it_is_the_best_of_all_permutations(
            gain in (0_usize..6).prop_flat_map(|n| {
                prop::collection::vec(prop::collection::vec(0.0_f64..9.0, n), n)
            }),
        ) {
            let mut free = (0..gain.len()).collect();
            let best = by_trying_all(&gain, 0, &mut free);
            prop_assert!((best_total(&gain) - best).abs() < 1e-9);
        }
    }
}
