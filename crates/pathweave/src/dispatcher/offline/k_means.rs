//! K-means (T 6.2.1): Lloyd's iteration from the seeds of k-means++.
//!
//! # Deviations
//! - T 6.2.1 does not say how k-means starts: seeds are drawn by k-means++ (Arthur and
//!   Vassilvitskii 2007), one start, at most 100 rounds.

use pathweave_data::Stream;

use super::points::{Points, squared_distance};

/// Rounds after which means that still move are taken as they are.
const ROUNDS: usize = 100;

/// Means of at most `count` clusters [K, F], row-major: fewer where there are fewer distinct
/// points. Equally near means go by their number; a mean that loses all points stays.
pub fn k_means(points: &Points, count: usize, stream: &mut Stream) -> Vec<f32> {
    let width = points.width();
    let mut means = seeds(points, count, stream);
    let mut owners = Vec::new();
    for _ in 0..ROUNDS {
        let current = Points::new(&means, width);
        let next: Vec<u32> =
            (0..points.len()).map(|point| current.nearest(points.row(point))).collect();
        if next == owners {
            break;
        }
        owners = next;
        move_means(points, &owners, &mut means);
    }
    means
}

/// Each seed is a point, drawn in proportion to its squared distance to the seeds before it.
fn seeds(points: &Points, count: usize, stream: &mut Stream) -> Vec<f32> {
    if points.is_empty() || count == 0 {
        return Vec::new();
    }
    let mut means = points.row(stream.below(points.len())).to_vec();
    let mut reach = vec![f64::INFINITY; points.len()];
    for _ in 1..count {
        let newest = means[means.len() - points.width()..].to_vec();
        for (point, reach) in reach.iter_mut().enumerate() {
            *reach = reach.min(squared_distance(points.row(point), &newest));
        }
        let total: f64 = reach.iter().sum();
        if total == 0.0 {
            break;
        }
        let aim = f64::from(stream.uniform()) * total;
        let mut passed = 0.0;
        let drawn = reach.iter().position(|&weight| {
            passed += weight;
            passed > aim
        });
        // Rounding may leave the aim beyond the last point that has weight.
        let last = || reach.iter().rposition(|&weight| weight > 0.0);
        let point = drawn.or_else(last).expect("the total is above 0");
        means.extend_from_slice(points.row(point));
    }
    means
}

fn move_means(points: &Points, owners: &[u32], means: &mut [f32]) {
    let width = points.width();
    let mut sums = vec![0.0f64; means.len()];
    let mut counts = vec![0usize; means.len() / width];
    for (point, &owner) in owners.iter().enumerate() {
        counts[owner as usize] += 1;
        let sums = &mut sums[owner as usize * width..][..width];
        for (sum, &value) in sums.iter_mut().zip(points.row(point)) {
            *sum += f64::from(value);
        }
    }
    let each = means.chunks_exact_mut(width).zip(sums.chunks_exact(width)).zip(&counts);
    for ((mean, sums), &count) in each.filter(|(_, count)| **count > 0) {
        for (mean, &sum) in mean.iter_mut().zip(sums) {
            *mean = (sum / count as f64) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use pathweave_data::Streams;

    use super::*;

    fn sorted(values: &[f32], count: usize, seed: u64) -> Vec<f32> {
        let mut stream = Streams::new(seed).stream("k-means", 0);
        let mut means = k_means(&Points::new(values, 1), count, &mut stream);
        means.sort_by(f32::total_cmp);
        means
    }

    #[test]
    fn finds_the_means_of_clusters_far_apart() {
        let line = [0.0, 1.0, 2.0, 100.0, 101.0, 102.0, -50.0, -52.0];
        for seed in 0..10 {
            assert_eq!(sorted(&line, 3, seed), [-51.0, 1.0, 101.0], "seed {seed}");
        }
    }

    #[test]
    fn one_cluster_is_the_mean() {
        assert_eq!(sorted(&[1.0, 2.0, 6.0], 1, 0), [3.0]);
    }

    #[test]
    fn fewer_distinct_points_than_clusters_are_the_means() {
        assert_eq!(sorted(&[4.0, 4.0, 1.0], 5, 0), [1.0, 4.0]);
        assert_eq!(sorted(&[4.0; 3], 2, 0), [4.0]);
        assert!(sorted(&[], 2, 0).is_empty());
    }

    #[test]
    fn no_point_is_nearer_to_another_mean_and_each_mean_is_its_points_mean() {
        let mut values = vec![0.0; 60];
        for seed in 0..5 {
            Streams::new(seed).stream("points", 0).fill_uniform(&mut values);
            let points = Points::new(&values, 2);
            let means = k_means(&points, 4, &mut Streams::new(seed).stream("k-means", 0));
            let nearest = Points::new(&means, 2);
            for mean in 0..4 {
                let own: Vec<usize> =
                    (0..30).filter(|&p| nearest.nearest(points.row(p)) == mean).collect();
                for axis in 0..2 {
                    let sum: f64 = own.iter().map(|&p| f64::from(points.row(p)[axis])).sum();
                    let found = f64::from(means[2 * mean as usize + axis]);
                    assert!((sum / own.len() as f64 - found).abs() < 1e-6);
                }
            }
        }
    }
}
