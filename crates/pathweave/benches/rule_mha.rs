//! A whole training step of the rule benchmark's attention models against PyTorch: data drawn,
//! forward, backward, Adam.

mod harness;

use std::hint::black_box;

use harness::{Case, Report};
use pathweave::rule::fused::FusedEngine;
use pathweave::rule::fused::mha::FusedMha;
use pathweave::rule::{Engine, RuleKind, RuleShape, Update};
use pathweave_data::dataset::rules::{Draw, RuleBatch, RuleFamily, RuleTask, RulesSpec};
use pathweave_data::{Stream, Streams};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::io::Result<()> {
    let heading = "8 rules, dim 128, attention 512, 256 samples of 10 tokens";
    let mut report = Report::start("rule_mha", heading, 10);
    let kinds = [
        ("Modular", "modular", RuleKind::Modular, 1.6),
        ("ModularOp", "op", RuleKind::ModularOp, 1.6),
        ("GtModular", "gt", RuleKind::GtModular, 4.0),
        ("Monolithic", "monolithic", RuleKind::Monolithic, 1.2),
    ];
    for (name, twin, kind, published) in kinds {
        let mut training = Training::new(kind);
        let forms = [
            ("published", "PyTorch, published"),
            ("algebra", "PyTorch, our products"),
            ("compiled", "PyTorch, compiled"),
        ];
        let medians = report.case(Case {
            name: name.into(),
            repeat: 2,
            ours: vec![("pathweave", &mut || training.step())],
            asked: forms.map(|(form, about)| (format!("{twin}-{form}"), about)).into(),
        });
        for ((_, about), least) in forms.into_iter().zip([published, 1.0, 1.0]) {
            let under = medians.of(about).map(|(_, ratio)| ratio);
            report.target(&format!("{name}: {about} over ours"), under, least..);
        }
    }
    report.finish()
}

struct Training {
    engine: FusedEngine<FusedMha>,
    spec: RulesSpec,
    task: RuleTask,
    stream: Stream,
    batch: RuleBatch,
}

impl Training {
    fn new(kind: RuleKind) -> Self {
        let spec = RulesSpec { family: RuleFamily::Mha, rules: 8, ..RulesSpec::default() };
        let shape = RuleShape::new(&spec, kind, 0, [128, 512]);
        let streams = Streams::new(0);
        Self {
            engine: FusedEngine::new(&shape, &streams).expect("a shape of this family"),
            task: RuleTask::new(&spec),
            stream: streams.stream("batch", 0),
            batch: RuleBatch::default(),
            spec,
        }
    }

    fn step(&mut self) {
        let draw = Draw::training(&self.spec, 256);
        self.task.draw(&mut self.stream, &draw, &mut self.batch);
        let update = Update { rate: 1e-4, clip_norm: 0.0, epoch: 0.0 };
        black_box(self.engine.step(&self.batch, &update));
    }
}
