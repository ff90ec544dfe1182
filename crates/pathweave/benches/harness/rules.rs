//! Training of the rule benchmark's MLP models, data drawn for every step.

use std::hint::black_box;

use pathweave::rule::fused::{FusedEngine, FusedMlp};
use pathweave::rule::{Engine, RuleKind, RuleShape, Update};
use pathweave_data::dataset::RulesSpec;
use pathweave_data::dataset::rules::{Draw, RuleBatch, RuleTask};
use pathweave_data::{Stream, Streams};

/// Samples a step.
pub const BATCH: usize = 256;

const UPDATE: Update = Update { rate: 1e-4, clip_norm: 0.0, epoch: 0.0 };

/// Batches of so many rules.
pub struct Data {
    task: RuleTask,
    stream: Stream,
    batch: RuleBatch,
}

impl Data {
    pub fn new(rules: usize) -> Self {
        let spec = RulesSpec { rules, ..RulesSpec::default() };
        let (task, stream) = (RuleTask::new(&spec), Streams::new(0).stream("batches", 0));
        Self { task, stream, batch: RuleBatch::default() }
    }

    pub fn next(&mut self) -> &RuleBatch {
        let draw = Draw::training(self.task.spec(), BATCH);
        self.task.draw(&mut self.stream, &draw, &mut self.batch);
        &self.batch
    }
}

/// A model and its data.
pub struct Training {
    data: Data,
    engine: FusedEngine<FusedMlp>,
}

impl Training {
    /// Of [R, E, D].
    pub fn new(kind: RuleKind, [rules, encoder, width]: [usize; 3]) -> Self {
        let data = Data::new(rules);
        let shape = RuleShape::new(data.task.spec(), kind, 0, [encoder, width]);
        let engine = FusedEngine::new(&shape, &Streams::new(0)).expect("an MLP's shape");
        Self { data, engine }
    }

    pub fn step(&mut self) {
        black_box(self.engine.step(self.data.next(), &UPDATE));
    }
}
