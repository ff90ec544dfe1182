//! The benchmark's models in ordinary tensors, and their twins with hard decisions.

mod fused;
mod plain;
mod routed;

use pathweave::rule::{RuleKind, RuleShape};
use pathweave_data::Streams;
use pathweave_data::dataset::RulesSpec;
use pathweave_data::dataset::rules::{Draw, RuleBatch, RuleFamily, RuleTarget, RuleTask};

const FAMILIES: [RuleFamily; 3] = [RuleFamily::Mlp, RuleFamily::Mha, RuleFamily::Rnn];
const KINDS: [RuleKind; 5] = [
    RuleKind::Monolithic,
    RuleKind::Modular,
    RuleKind::ModularOp,
    RuleKind::GtModular,
    RuleKind::Random,
];

/// Two rules, short sequences.
fn rules(family: RuleFamily, target: RuleTarget) -> RulesSpec {
    RulesSpec { family, target, rules: 2, length: 4, ..RulesSpec::default() }
}

/// The batch of a step.
fn batch(rules: &RulesSpec, samples: usize, step: u64) -> RuleBatch {
    let mut batch = RuleBatch::default();
    let mut stream = Streams::new(11).stream("train", step);
    RuleTask::new(rules).draw(&mut stream, &Draw::training(rules, samples), &mut batch);
    batch
}

/// A small model.
fn shape(rules: &RulesSpec, kind: RuleKind) -> RuleShape {
    RuleShape::new(rules, kind, 0, [8, 16])
}
