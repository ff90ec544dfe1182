//! Agglomerative clustering (T 6.2.1): every point begins as a cluster, and the two nearest are
//! merged until the wanted number is left.
//!
//! # Deviations
//! - T 6.2.1 does not name the linkage of agglomerative clustering: Ward's is taken, which merges
//!   where the sum of squared distances to the means grows least (scikit-learn's default).

use super::by_size;
use super::points::Points;

/// Cluster of each point, `count` of them (fewer where there are fewer points), numbered by size
/// from the largest. \[P\]
///
/// Follows chains of nearest neighbours (Benzécri 1982), which for Ward's linkage gives the merges
/// of the greedy algorithm in time and memory of order P².
pub fn agglomerative(points: &Points, count: usize) -> Vec<u32> {
    let mut merges = merges(points);
    // A cluster is recorded after those it is made of and is no lower: a stable sort keeps that.
    merges.sort_by(|a, b| a.height.total_cmp(&b.height));
    let mut parent: Vec<usize> = (0..points.len()).collect();
    for merge in merges.iter().take(points.len().saturating_sub(count.max(1))) {
        let (a, b) = (root(&parent, merge.pair.0), root(&parent, merge.pair.1));
        parent[a.max(b)] = a.min(b);
    }
    let roots: Vec<Option<u32>> =
        (0..points.len()).map(|point| Some(root(&parent, point) as u32)).collect();
    by_size(&roots).into_iter().flatten().collect()
}

struct Merge {
    height: f64,
    /// A point of each cluster
    pair: (usize, usize),
}

fn merges(points: &Points) -> Vec<Merge> {
    let count = points.len();
    let mut distances = points.squared_distances();
    let mut sizes = vec![1.0f64; count];
    let mut merges: Vec<Merge> = Vec::with_capacity(count.saturating_sub(1));
    let mut chain: Vec<usize> = Vec::new();
    while merges.len() + 1 < count {
        let Some(&tip) = chain.last() else {
            chain.extend(sizes.iter().position(|&size| size > 0.0));
            continue;
        };
        let before = chain.len().checked_sub(2).map(|at| chain[at]);
        let near = nearest(&distances[tip * count..][..count], &sizes, tip, before);
        if Some(near) != before {
            chain.push(near);
            continue;
        }
        chain.truncate(chain.len() - 2);
        let (kept, gone) = (tip.min(near), tip.max(near));
        merges.push(Merge { height: distances[tip * count + near], pair: (kept, gone) });
        join(&mut distances, &sizes, kept, gone);
        sizes[kept] += sizes[gone];
        sizes[gone] = 0.0;
    }
    merges
}

/// The living cluster nearest to `tip`; among equals the one before it in the chain, so that the
/// chain ends, then the first.
fn nearest(distances: &[f64], sizes: &[f64], tip: usize, before: Option<usize>) -> usize {
    let mut best = before;
    for (other, &distance) in distances.iter().enumerate() {
        let living = other != tip && sizes[other] > 0.0;
        if living && best.is_none_or(|best| distance < distances[best]) {
            best = Some(other);
        }
    }
    best.expect("there are two clusters")
}

/// Distances to the cluster that `kept` and `gone` become (Lance and Williams, for Ward's linkage).
fn join(distances: &mut [f64], sizes: &[f64], kept: usize, gone: usize) {
    let count = sizes.len();
    let between = distances[kept * count + gone];
    let (a, b) = (sizes[kept], sizes[gone]);
    for other in (0..count).filter(|&other| other != kept && other != gone) {
        let c = sizes[other];
        if c == 0.0 {
            continue;
        }
        let to = (a + c) * distances[kept * count + other]
            + (b + c) * distances[gone * count + other]
            - c * between;
        let to = to / (a + b + c);
        distances[kept * count + other] = to;
        distances[other * count + kept] = to;
    }
}

fn root(parent: &[usize], mut point: usize) -> usize {
    while parent[point] != point {
        point = parent[point];
    }
    point
}

#[cfg(test)]
mod tests {
    use pathweave_data::Streams;

    use super::*;

    /// As the definition says: merge the pair whose union adds least to the sum of squares.
    fn greedy(points: &[f64], count: usize) -> Vec<Vec<usize>> {
        let mut clusters: Vec<Vec<usize>> = (0..points.len()).map(|point| vec![point]).collect();
        let spread = |cluster: &[usize]| {
            let mean = cluster.iter().map(|&p| points[p]).sum::<f64>() / cluster.len() as f64;
            cluster.iter().map(|&p| (points[p] - mean).powi(2)).sum::<f64>()
        };
        while clusters.len() > count {
            let (mut best, mut pair) = (f64::INFINITY, (0, 0));
            for i in 0..clusters.len() {
                for j in 0..i {
                    let both = [&clusters[i][..], &clusters[j][..]].concat();
                    let cost = spread(&both) - spread(&clusters[i]) - spread(&clusters[j]);
                    if cost < best {
                        (best, pair) = (cost, (i, j));
                    }
                }
            }
            let gone = clusters.remove(pair.0);
            clusters[pair.1].extend(gone);
        }
        clusters
    }

    #[test]
    fn merges_as_the_greedy_definition_does() {
        let mut values = vec![0.0f32; 15];
        for seed in 0..8 {
            Streams::new(seed).stream("points", 0).fill_uniform(&mut values);
            let exact: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
            for count in 1..=6 {
                let labels = agglomerative(&Points::new(&values, 1), count);
                for cluster in greedy(&exact, count) {
                    let label = labels[cluster[0]];
                    let own: Vec<usize> = (0..15).filter(|&p| labels[p] == label).collect();
                    let mut cluster = cluster;
                    cluster.sort_unstable();
                    assert_eq!(own, cluster, "seed {seed}, {count} clusters");
                }
            }
        }
    }

    #[test]
    fn clusters_far_apart_are_numbered_by_size() {
        let line = [50.0, 51.0, 0.0, 1.0, 2.0, 90.0];
        assert_eq!(agglomerative(&Points::new(&line, 1), 3), [1, 1, 0, 0, 0, 2]);
        assert_eq!(agglomerative(&Points::new(&line, 1), 1), [0; 6]);
    }

    #[test]
    fn equal_points_and_fewer_points_than_clusters() {
        assert_eq!(agglomerative(&Points::new(&[3.0; 4], 1), 2).len(), 4);
        assert_eq!(agglomerative(&Points::new(&[3.0, 3.0, 9.0, 9.0], 1), 2), [0, 0, 1, 1]);
        assert_eq!(agglomerative(&Points::new(&[1.0, 2.0], 1), 5), [0, 1]);
        assert!(agglomerative(&Points::new(&[], 1), 2).is_empty());
    }
}
