//! The same decisions drawn again, made at random, and made perfectly.

use super::RESAMPLES;
use super::evidence::{Decisions, Depth, Evidence};
use crate::joint::{Draws, Joint, JointBuilder};

impl Evidence {
    /// [`RESAMPLES`] draws of the joint activations; none where the number of decisions at a depth
    /// is not known.
    pub(super) fn simulate(
        &self,
        name: &str,
        one: fn(&Depth, &[Decisions], &mut Draws) -> Option<Joint>,
    ) -> Option<Vec<Vec<Joint>>> {
        let mut draws = Draws::new(name, 0);
        let mut draw = || -> Option<Vec<Joint>> {
            let of_depth = |depth: &Depth| one(depth, depth.rules.as_deref()?, &mut draws);
            self.depths.iter().map(of_depth).collect()
        };
        (0..RESAMPLES).map(|_| draw()).collect()
    }

    /// The decisions of each rule drawn from themselves, with replacement.
    pub(super) fn resample(depth: &Depth, rules: &[Decisions], draws: &mut Draws) -> Option<Joint> {
        filled(depth, rules, |decisions, counts| match decisions {
            Decisions::Hard(seen) => {
                let total = decisions.count();
                let shares: Vec<f64> = seen.iter().map(|&n| n as f64 / total as f64).collect();
                let drawn = draws.multinomial(total, &shares);
                counts.iter_mut().zip(drawn).for_each(|(to, count)| *to = count as f64);
            }
            Decisions::Soft(_, groups) => {
                for _ in 0..groups.len() {
                    let group = &groups[draws.below(groups.len())];
                    counts.iter_mut().zip(group).for_each(|(to, weight)| *to += weight);
                }
            }
        })
    }

    /// As many decisions of each rule, each for a module at random.
    pub(super) fn uniform(depth: &Depth, rules: &[Decisions], draws: &mut Draws) -> Option<Joint> {
        let even = vec![1.0 / depth.joint.modules() as f64; depth.joint.modules()];
        filled(depth, rules, |decisions, counts| {
            let drawn = draws.multinomial(decisions.count(), &even);
            counts.iter_mut().zip(drawn).for_each(|(to, count)| *to = count as f64);
        })
    }

    /// Each rule that was seen takes a module of its own while there are some.
    pub(super) fn oracle(&self) -> Vec<Joint> {
        let of_depth = |depth: &Depth| {
            let joint = &depth.joint;
            let (shares, modules) = (joint.rule_shares(), joint.modules());
            let mut matrix = vec![vec![0.0; modules]; shares.len()];
            for (place, rule) in joint.seen().into_iter().enumerate() {
                matrix[rule][place % modules] = shares[rule];
            }
            Joint::from_matrix(&matrix).ok()
        };
        self.depths.iter().filter_map(of_depth).collect()
    }
}

/// A table with what `fill` writes for each rule that has decisions.
fn filled(
    depth: &Depth,
    rules: &[Decisions],
    mut fill: impl FnMut(&Decisions, &mut [f64]),
) -> Option<Joint> {
    let modules = depth.joint.modules();
    let mut builder = JointBuilder::new(rules.len(), modules).ok()?;
    let mut counts = vec![0.0; modules];
    for (rule, decisions) in rules.iter().enumerate().filter(|(_, rule)| rule.count() > 0) {
        counts.fill(0.0);
        fill(decisions, &mut counts);
        builder.add_counts(rule, &counts);
    }
    builder.finish().ok()
}
