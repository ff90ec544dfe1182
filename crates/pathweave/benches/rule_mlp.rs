//! A whole training step of the rule benchmark's MLP models, against PyTorch and against a step
//! written by hand over the `gemm` crate.
//!
//! Timed of all: drawing a batch of data, forward pass, backward pass, Adam.

#[path = "bare/mod.rs"]
mod bare;
#[path = "bare/rule_mlp.rs"]
mod bare_step;
mod harness;
#[path = "harness/rules.rs"]
mod rules;

use std::hint::black_box;

use bare_step::Bare;
use harness::{Case, Report};
use pathweave::rule::RuleKind;
use rules::{BATCH, Data, Training};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::io::Result<()> {
    let heading = "regression, batch 256; E = 32, D = 128 for 8 rules, E = 128, D = 512 for 32";
    let mut report = Report::start("rule_mlp", heading, 15);
    let small = [8, 32, 128];
    for (name, kind, sizes, wanted) in [
        ("Modular", RuleKind::Modular, small, 5.0),
        ("Modular", RuleKind::Modular, [32, 128, 512], 3.0),
        ("Monolithic", RuleKind::Monolithic, small, 3.0),
        ("GtModular", RuleKind::GtModular, small, 5.0),
    ] {
        let [r, e, d] = sizes;
        let mut training = Training::new(kind, sizes);
        let mut by_hand = ByHand { data: Data::new(r), step: Bare::new(sizes, BATCH) };
        let (mut ours, mut bare) = (|| training.step(), || by_hand.step());
        let mut contenders: Vec<harness::Ours> = vec![("pathweave", &mut ours)];
        if kind == RuleKind::Modular {
            contenders.push(("by hand over gemm", &mut bare));
        }
        let ask = |way: &str| format!("{}-{r}-{e}-{d}-{way}", name.to_lowercase());
        let label = format!("{name} R={r}");
        let medians = report.case(Case {
            name: label.clone(),
            repeat: if d > 128 { 3 } else { 40 },
            ours: contenders,
            asked: vec![
                (ask("published"), "PyTorch, as published"),
                (ask("eager"), "PyTorch, our algebra"),
                (ask("compiled"), "PyTorch, our algebra compiled"),
            ],
        });
        for (who, wanted) in [
            ("PyTorch, as published", wanted),
            ("PyTorch, our algebra", 1.0),
            ("PyTorch, our algebra compiled", 1.0),
            // Ours takes at most 1.4 times as long.
            ("by hand over gemm", 1.0 / 1.4),
        ] {
            let ratio = medians.of(who).map(|(_, ratio)| ratio);
            report.target(&format!("{label}: {who} over ours"), ratio, wanted..);
        }
    }
    report.finish()
}

struct ByHand {
    data: Data,
    step: Bare,
}

impl ByHand {
    fn step(&mut self) {
        black_box(self.step.step(self.data.next()));
    }
}
