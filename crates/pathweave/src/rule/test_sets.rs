//! The sets that a trained model is tested on.

use pathweave_data::dataset::rules::{Draw, Pairs, RuleFamily, RulesSpec};

/// Lengths that models of sequences are tested at (M section 6).
const LENGTHS: [usize; 5] = [3, 5, 10, 20, 30];

/// A test set.
#[derive(Clone, Debug)]
pub struct TestSet<'a> {
    /// What records call it; empty for the one in distribution
    pub name: String,
    /// How it is drawn
    pub draw: Draw<'a>,
    /// Whether it lies outside of the training distribution
    pub ood: bool,
}

/// Every test set of some rule data, the one in distribution first.
///
/// # Deviations
/// - Settings beyond M's have sets of their own: with composed rules, the pairs that training never
///   shows (out of distribution); with noisy contexts, true contexts (not counted as out of
///   distribution).
pub fn test_sets(spec: &RulesSpec) -> Vec<TestSet<'static>> {
    let draw = Draw::evaluation(spec, spec.eval_samples);
    let set = |name: &str, ood, draw| TestSet { name: name.into(), draw, ood };
    let mut sets = vec![set("", false, draw), set("scale2", true, Draw { scale: 2.0, ..draw })];
    if spec.family != RuleFamily::Mlp {
        for length in LENGTHS {
            let ood = length != spec.tokens();
            sets.push(set(&format!("length_{length}"), ood, Draw { length, ..draw }));
        }
    }
    if spec.depth > 1 && spec.held_out > 0.0 {
        sets.push(set("held_out", true, Draw { pairs: Pairs::HeldOut, ..draw }));
    }
    if spec.context_noise > 0.0 || spec.context_missing > 0.0 {
        sets.push(set("clean", false, Draw { clean: true, ..draw }));
    }
    sets
}
