//! DBSCAN (Ester et al. 1996; T 6.2.1): clusters are dense regions, and points outside are noise.
//!
//! # Deviations
//! - T 6.2.1 found that DBSCAN "does not converge" on its encodings. It always ends; what it finds
//!   may be useless, one cluster or noise alone. A run goes on with that and records the number of
//!   clusters, the share of noise and the share of the largest agent, so that reports show it.
//! - DBSCAN finds as many clusters as there are, and agents are a setting: the largest clusters
//!   have an agent each, the last agent takes noise and all smaller clusters.

use super::by_size;

/// Cluster of each point, numbered by size from the largest; `None` is noise. \[P\]
///
/// A point is dense where `neighbours` points, itself included, lie within `radius`. Points are
/// visited in their order; a point at the border of two clusters belongs to the first.
/// `distances` are squared, of all pairs [P, P].
pub fn dbscan(distances: &[f64], radius: f64, neighbours: usize) -> Vec<Option<u32>> {
    let count = distances.len().isqrt();
    let bound = radius * radius;
    let within = |point: usize| {
        let row = &distances[point * count..][..count];
        row.iter()
            .enumerate()
            .filter(move |(_, distance)| **distance <= bound)
            .map(|(near, _)| near)
    };
    let dense: Vec<bool> = (0..count).map(|point| within(point).count() >= neighbours).collect();
    let mut labels = vec![None; count];
    let mut clusters = 0;
    for start in 0..count {
        if !dense[start] || labels[start].is_some() {
            continue;
        }
        labels[start] = Some(clusters);
        let mut open = vec![start];
        while let Some(point) = open.pop() {
            for near in within(point) {
                if labels[near].is_none() {
                    labels[near] = Some(clusters);
                    if dense[near] {
                        open.push(near);
                    }
                }
            }
        }
        clusters += 1;
    }
    by_size(&labels)
}

/// Agent of each point: clusters by size, the last agent for noise and the clusters beyond. \[P\]
pub fn agents(labels: &[Option<u32>], agents: usize) -> Vec<u32> {
    let last = agents.saturating_sub(1) as u32;
    labels.iter().map(|label| label.map_or(last, |label| label.min(last))).collect()
}

/// The median over points of the distance to the last of the nearest `neighbours`, the point itself
/// being the first of them; 0 without points. `distances` are squared, of all pairs [P, P].
pub fn median_reach(distances: &[f64], neighbours: usize) -> f64 {
    let count = distances.len().isqrt();
    let reach = |point: usize| {
        let mut row = distances[point * count..][..count].to_vec();
        row.sort_by(f64::total_cmp);
        row[neighbours.clamp(1, count) - 1].sqrt()
    };
    let mut reaches: Vec<f64> = (0..count).map(reach).collect();
    reaches.sort_by(f64::total_cmp);
    reaches.get(count / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::super::points::Points;
    use super::*;

    fn distances(line: &[f32]) -> Vec<f64> {
        Points::new(line, 1).squared_distances()
    }

    #[test]
    fn dense_regions_are_clusters_and_the_rest_is_noise() {
        let line = [0.0, 1.0, 10.0, 11.0, 12.0, 30.0];
        let labels = dbscan(&distances(&line), 1.5, 2);
        assert_eq!(labels, [Some(1), Some(1), Some(0), Some(0), Some(0), None]);
        assert_eq!(agents(&labels, 3), [1, 1, 0, 0, 0, 2]);
        assert_eq!(agents(&labels, 2), [1, 1, 0, 0, 0, 1]);
        assert_eq!(agents(&labels, 1), [0; 6]);
    }

    #[test]
    fn the_radius_includes_its_border_and_a_point_at_two_borders_goes_to_the_first() {
        let line = [0.0, 0.5, 1.0, 2.0, 3.0, 3.5, 4.0];
        let (a, b) = (Some(0), Some(1));
        // 2 is within reach of 1 and of 3, which are dense; it is not.
        assert_eq!(dbscan(&distances(&line), 1.0, 4), [a, a, a, a, b, b, b]);
        assert_eq!(dbscan(&distances(&line), 0.5, 2), [a, a, a, None, b, b, b]);
        assert_eq!(dbscan(&distances(&line), 1.0, 3), [a; 7]);
        assert_eq!(dbscan(&distances(&line), 0.99, 4), [None; 7]);
    }

    #[test]
    fn degenerate_fits() {
        assert!(dbscan(&distances(&[]), 1.0, 2).is_empty());
        assert_eq!(dbscan(&distances(&[0.0, 9.0]), 1.0, 2), [None, None]);
        assert_eq!(dbscan(&distances(&[2.0; 3]), 0.0, 3), [Some(0); 3]);
        assert_eq!(median_reach(&distances(&[0.0, 1.0, 3.0]), 2), 1.0);
        assert_eq!(median_reach(&distances(&[]), 2), 0.0);
    }
}
