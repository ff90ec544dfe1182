//! A whole training step of the rule benchmark's recurrent models, against PyTorch.
//!
//! Timed of all: drawing a batch of data, forward pass, backward pass through time, the gradient
//! clipped to norm 1, Adam.

mod harness;

use std::hint::black_box;

use harness::{Case, Report};
use pathweave::rule::fused::{FusedEngine, Rnn};
use pathweave::rule::{Engine, RuleKind, RuleShape, Update};
use pathweave_data::dataset::RulesSpec;
use pathweave_data::dataset::rules::{Draw, RuleBatch, RuleFamily, RuleTask};
use pathweave_data::{Stream, Streams};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Samples a step.
const BATCH: usize = 256;

const UPDATE: Update = Update { rate: 1e-4, clip_norm: 1.0, epoch: 0.0 };

fn main() -> std::io::Result<()> {
    let heading = "regression of the state, 8 rules, E = 128, H = 128, batch 256, 10 tokens";
    let mut report = Report::start("rule_rnn", heading, 7);
    for (name, kind) in [("Modular", RuleKind::Modular), ("GtModular", RuleKind::GtModular)] {
        let mut training = Training::new(kind);
        let ask = |way: &str| format!("{}-{way}", name.to_lowercase());
        let medians = report.case(Case {
            name: name.into(),
            repeat: 2,
            ours: vec![("pathweave", &mut || training.step())],
            asked: vec![
                (ask("published"), "PyTorch, as published"),
                (ask("eager"), "PyTorch, our algebra"),
                (ask("compiled"), "PyTorch, our algebra compiled"),
            ],
        });
        for (who, wanted) in [
            ("PyTorch, as published", 3.0),
            ("PyTorch, our algebra", 1.0),
            ("PyTorch, our algebra compiled", 1.0),
        ] {
            let ratio = medians.of(who).map(|(_, ratio)| ratio);
            report.target(&format!("{name}: {who} over ours"), ratio, wanted..);
        }
    }
    report.finish()
}

struct Training {
    task: RuleTask,
    stream: Stream,
    batch: RuleBatch,
    engine: FusedEngine<Rnn>,
}

impl Training {
    fn new(kind: RuleKind) -> Self {
        let spec = RulesSpec { family: RuleFamily::Rnn, rules: 8, ..Default::default() };
        let (streams, shape) = (Streams::new(0), RuleShape::new(&spec, kind, 0, [128, 128]));
        Self {
            task: RuleTask::new(&spec),
            stream: streams.stream("batches", 0),
            batch: RuleBatch::default(),
            engine: FusedEngine::new(&shape, &streams).expect("a recurrent shape"),
        }
    }

    fn step(&mut self) {
        let draw = Draw::training(self.task.spec(), BATCH);
        self.task.draw(&mut self.stream, &draw, &mut self.batch);
        black_box(self.engine.step(&self.batch, &UPDATE));
    }
}
