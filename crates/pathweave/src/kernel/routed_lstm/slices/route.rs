//! Which maps a sentence's state goes through, and where its rows lie at each depth.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::kernel::lstm::slices::Order;

/// The paths of so many sentences, each up to the first number that is not below `modules`.
/// `paths` [S, T].
///
/// # Panics
/// Where `paths` is not a whole number of depths for each sentence.
pub fn trim(paths: &[u32], sentences: usize, modules: usize) -> Vec<Vec<u32>> {
    let depths = paths.len().checked_div(sentences).unwrap_or(0);
    assert_eq!(depths * sentences, paths.len(), "paths [S, T]");
    let path = |s: usize| paths[s * depths..(s + 1) * depths].iter().copied();
    (0..sentences).map(|s| path(s).take_while(|&a| (a as usize) < modules).collect()).collect()
}

/// Two maps in one: first `before`, then `module`. Maps are numbered modules first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joint {
    /// A module, or an earlier joint
    pub before: usize,
    /// A module
    pub module: usize,
}

/// Rows of one time step that meet the same map.
#[derive(Clone, Debug)]
pub struct Block {
    /// The map
    pub map: usize,
    /// Places of the depth
    pub places: Range<usize>,
    /// First row of the block among the rows of its step at this depth
    pub first: usize,
}

/// A depth: its rows sorted by map, then by time step.
#[derive(Clone, Debug, Default)]
pub struct Depth {
    /// Place of each packed row that is still on its way, else `NONE`. \[N\]
    pub places: Vec<u32>,
    /// Row among the rows of its step at this depth. \[N\]
    pub local: Vec<u32>,
    /// Blocks of each time step
    pub steps: Vec<Vec<Block>>,
    /// Places of each map; none for maps that no row meets
    pub maps: Vec<Range<usize>>,
    /// Number of places
    pub count: usize,
}

/// No row.
pub const NONE: u32 = u32::MAX;

/// The way of every packed row.
#[derive(Clone, Debug)]
pub struct Plan {
    joints: Vec<Joint>,
    depths: Vec<Depth>,
    /// Most rows of a step
    widest: usize,
}

impl Plan {
    /// For paths of sentences, each up to its end. The beginning of a path is multiplied out where
    /// at least H / 2 words go through it: that costs H³ a gate, each row's product H², at about
    /// half the speed.
    pub fn new(order: &Order, paths: &[Vec<u32>], modules: usize, width: usize) -> Self {
        assert_eq!(paths.len(), order.sentences(), "one path a sentence");
        assert!(paths.iter().flatten().all(|&a| (a as usize) < modules), "a path leaves the bank");
        let mut counts: BTreeMap<&[u32], usize> = BTreeMap::new();
        for &sentence in order.owners() {
            let path = &paths[sentence as usize];
            (2..=path.len()).for_each(|end| *counts.entry(&path[..end]).or_default() += 1);
        }
        // Sorted, so that a beginning comes before what it begins.
        let mut joined: BTreeMap<&[u32], usize> = BTreeMap::new();
        let mut joints = Vec::new();
        for (path, _) in counts.into_iter().filter(|&(_, count)| 2 * count >= width) {
            let (last, begin) = path.split_last().expect("two modules at least");
            let before = joined.get(begin).copied().unwrap_or(begin[0] as usize);
            joined.insert(path, modules + joints.len());
            joints.push(Joint { before, module: *last as usize });
        }
        let route = |path: &Vec<u32>| -> Vec<usize> {
            let begin = |end: usize| joined.get(&path[..end]).map(|&map| (end, map));
            let (end, map) = match (2..=path.len()).rev().find_map(begin) {
                Some((end, map)) => (end, Some(map)),
                None => (0, None),
            };
            map.into_iter().chain(path[end..].iter().map(|&a| a as usize)).collect()
        };
        let routes: Vec<Vec<usize>> = paths.iter().map(route).collect();
        let deepest = routes.iter().map(Vec::len).max().unwrap_or(0);
        let maps = modules + joints.len();
        let depths = (0..deepest).map(|depth| Depth::new(order, &routes, depth, maps)).collect();
        Self { joints, depths, widest: order.rows(0).len() }
    }

    /// Maps that are products of others, each after those that it is made of.
    pub fn joints(&self) -> &[Joint] {
        &self.joints
    }

    /// The depths, T at most.
    pub fn depths(&self) -> &[Depth] {
        &self.depths
    }

    /// Most rows of a time step.
    pub fn widest(&self) -> usize {
        self.widest
    }
}

impl Depth {
    fn new(order: &Order, routes: &[Vec<usize>], depth: usize, maps: usize) -> Self {
        let map = |row: usize| routes[order.owners()[row] as usize].get(depth).copied();
        let mut next = vec![0usize; maps + 1];
        let mut count = 0;
        for map in (0..order.words()).filter_map(map) {
            next[map + 1] += 1;
            count += 1;
        }
        for at in 0..maps {
            next[at + 1] += next[at];
        }
        let ranges = next.windows(2).map(|ends| ends[0]..ends[1]).collect();
        let mut places = vec![NONE; order.words()];
        let mut local = vec![NONE; order.words()];
        let mut steps = Vec::with_capacity(order.steps());
        for step in 0..order.steps() {
            let (rows, before) = (order.rows(step), next.clone());
            for row in rows.clone() {
                if let Some(map) = map(row) {
                    places[row] = next[map] as u32;
                    next[map] += 1;
                }
            }
            let mut first = 0;
            let mut blocks = Vec::new();
            let mut firsts = vec![0; maps];
            for map in (0..maps).filter(|&map| next[map] > before[map]) {
                firsts[map] = first;
                blocks.push(Block { map, places: before[map]..next[map], first });
                first += next[map] - before[map];
            }
            for row in rows {
                if let Some(map) = map(row) {
                    local[row] = (firsts[map] + places[row] as usize - before[map]) as u32;
                }
            }
            steps.push(blocks);
        }
        Self { places, local, steps, maps: ranges, count }
    }
}
