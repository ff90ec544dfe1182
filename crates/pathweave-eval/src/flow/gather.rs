//! Which of many are told apart, and which are gathered.

/// The places of the largest shares, ascending, so many that they and one place for the rest are at
/// most `limit`; all places with a share above zero where they are not more than `limit`.
pub(super) fn largest(shares: &[f64], limit: usize) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..shares.len()).filter(|&at| shares[at] > 0.0).collect();
    if kept.len() > limit.max(1) {
        // The sort is stable: of equal shares the first is kept.
        kept.sort_by(|&a, &b| shares[b].total_cmp(&shares[a]));
        kept.truncate(limit.max(1) - 1);
        kept.sort_unstable();
    }
    kept
}

/// For each of `shares`, its place among `kept`, or the place behind them.
pub(super) fn places(shares: &[f64], kept: &[usize]) -> Vec<usize> {
    let mut places = vec![kept.len(); shares.len()];
    for (place, &at) in kept.iter().enumerate() {
        places[at] = place;
    }
    places
}
