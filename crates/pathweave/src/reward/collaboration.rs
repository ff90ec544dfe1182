//! The collaboration reward's memory: C(a), the share of an action among recent decisions
//! (T 3.1.2.2).

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

/// Whose decisions a window holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CollaborationOver {
    /// Those of one sub-router: of one agent, at one depth where depths have their own
    #[default]
    SubRouter,
    /// Those of all agents at a depth: rewards agents for agreeing with each other
    AllAgents,
}

/// The last w actions of one sub-router, with their counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Window {
    recent: VecDeque<u32>,
    counts: Vec<u32>,
}

/// A window for each sub-router and agent that has decided something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Windows {
    length: usize,
    over: CollaborationOver,
    /// A list in files, since JSON has texts only as keys.
    #[serde(with = "pairs")]
    windows: BTreeMap<(usize, u32), Window>,
}

mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Window;

    type Map = BTreeMap<(usize, u32), Window>;

    pub fn serialize<S: Serializer>(map: &Map, to: S) -> Result<S::Ok, S::Error> {
        map.iter().collect::<Vec<_>>().serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Map, D::Error> {
        Ok(Vec::<((usize, u32), Window)>::deserialize(from)?.into_iter().collect())
    }
}

impl Windows {
    /// Empty windows of `length` decisions.
    pub fn new(length: usize, over: CollaborationOver) -> Self {
        Self { length, over, windows: BTreeMap::new() }
    }

    fn key(&self, sub_router: usize, agent: u32) -> (usize, u32) {
        match self.over {
            CollaborationOver::SubRouter => (sub_router, agent),
            CollaborationOver::AllAgents => (sub_router, 0),
        }
    }

    /// C(a) in [0, 1]; 0 where nothing was decided yet.
    pub fn share(&self, sub_router: usize, agent: u32, action: usize) -> f32 {
        let Some(window) = self.windows.get(&self.key(sub_router, agent)) else {
            return 0.0;
        };
        let count = window.counts.get(action).copied().unwrap_or(0);
        count as f32 / window.recent.len().max(1) as f32
    }

    /// The remembered actions of every agent of the first sub-router, the oldest first.
    pub(crate) fn recent(&self) -> impl Iterator<Item = (u32, Vec<u32>)> {
        let of_first = self.windows.iter().filter(|((sub_router, _), _)| *sub_router == 0);
        of_first.map(|((_, agent), window)| (*agent, window.recent.iter().copied().collect()))
    }

    /// Remembers a decision and forgets the one w before it.
    pub fn push(&mut self, sub_router: usize, agent: u32, action: usize) {
        let key = self.key(sub_router, agent);
        let window = self.windows.entry(key).or_default();
        if window.recent.len() == self.length
            && let Some(oldest) = window.recent.pop_front()
        {
            window.counts[oldest as usize] -= 1;
        }
        if window.counts.len() <= action {
            window.counts.resize(action + 1, 0);
        }
        window.counts[action] += 1;
        window.recent.push_back(action as u32);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Oracle: count over the tail of the whole history.
        #[test]
        fn share_is_that_of_the_last_w(actions in prop::collection::vec(0usize..4, 0..60), w in 1usize..9) {
            let mut windows = Windows::new(w, CollaborationOver::SubRouter);
            for &action in &actions {
                windows.push(0, 0, action);
            }
            let tail = &actions[actions.len().saturating_sub(w)..];
            for action in 0..4 {
                let count = tail.iter().filter(|&&a| a == action).count();
                let expected = count as f32 / tail.len().max(1) as f32;
                prop_assert_eq!(windows.share(0, 0, action), expected);
            }
        }
    }

    #[test]
    fn agents_share_a_window_only_where_asked() {
        for (over, expected) in
            [(CollaborationOver::SubRouter, 0.0), (CollaborationOver::AllAgents, 1.0)]
        {
            let mut windows = Windows::new(8, over);
            windows.push(2, 0, 1);
            assert_eq!(windows.share(2, 5, 1), expected);
        }
    }
}
