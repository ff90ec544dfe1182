//! Ordered pairs of rules that training never shows.

use super::settings::RulesSpec;
use crate::streams::Streams;

/// Marks the pairs that are held out, ⌊held_out · R²⌋ of them chosen by the task's seed; none where
/// rules are not composed. Pair (c₁, c₂) is number c₁ · R + c₂.
///
/// As long as the share allows it each rule stays, first, in a seen pair of each place, else in a
/// seen pair.
pub(super) fn held_out(spec: &RulesSpec) -> Vec<bool> {
    let rules = spec.rules;
    if spec.depth != 2 {
        return Vec::new();
    }
    let mut held = vec![false; rules * rules];
    let count = ((spec.held_out * held.len() as f64) as usize).min(held.len().saturating_sub(1));
    let mut order: Vec<usize> = (0..held.len()).collect();
    Streams::new(spec.task).stream("rules/held_out", 0).shuffle(&mut order);
    // Seen pairs of each rule in the first place, and in the second.
    let mut seen = [vec![rules; rules], vec![rules; rules]];
    let mut chosen = 0;
    for care in [Care::EachPlace, Care::SomePlace, Care::None] {
        for &pair in &order {
            let (first, second) = (pair / rules, pair % rules);
            if chosen < count && !held[pair] && care.allows(&seen, first, second) {
                held[pair] = true;
                seen[0][first] -= 1;
                seen[1][second] -= 1;
                chosen += 1;
            }
        }
    }
    held
}

/// What a rule must keep when one of its pairs goes.
#[derive(Clone, Copy)]
enum Care {
    EachPlace,
    SomePlace,
    None,
}

impl Care {
    fn allows(self, seen: &[Vec<usize>; 2], first: usize, second: usize) -> bool {
        let kept = |rule: usize| {
            let lost = usize::from(rule == first) + usize::from(rule == second);
            // The pair of a rule with itself is counted in both places.
            seen[0][rule] + seen[1][rule] > lost
        };
        match self {
            Self::EachPlace => seen[0][first] > 1 && seen[1][second] > 1,
            Self::SomePlace => kept(first) && kept(second),
            Self::None => true,
        }
    }
}
