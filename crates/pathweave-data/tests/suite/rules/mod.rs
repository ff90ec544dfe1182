//! Rule data: labels against the document's equations, what is drawn how often, what repeats.

mod drawing;
mod labels;
mod settings;

use pathweave_data::Streams;
use pathweave_data::dataset::rules::{Draw, RuleBatch, RuleFamily, RuleTask, RulesSpec, Search};

/// A batch of what `change` makes of a training draw.
fn drawn<'a>(spec: &RulesSpec, seed: u64, change: impl FnOnce(&mut Draw<'a>)) -> RuleBatch {
    let mut draw = Draw::training(spec, 64);
    change(&mut draw);
    let mut batch = RuleBatch::default();
    let mut stream = Streams::new(seed).stream("test", 0);
    RuleTask::new(spec).draw(&mut stream, &draw, &mut batch);
    batch
}

/// One of each kind of data.
fn kinds(rules: usize) -> [RulesSpec; 4] {
    [
        (RuleFamily::Mlp, Search::Scalar),
        (RuleFamily::Mha, Search::Scalar),
        (RuleFamily::Mha, Search::Vector),
        (RuleFamily::Rnn, Search::Scalar),
    ]
    .map(|(family, search)| RulesSpec { family, search, rules, ..RulesSpec::default() })
}
