//! Every combination of the settings that shape a network either is refused by the check or is
//! built and makes two steps.

use pathweave::block::BlockKind;
use pathweave::decision::ALGORITHMS;
use pathweave::policy::PolicyKind;
use pathweave::spec::{Banks, ModelKind, Output, RunSpec, SubRouters};
use pathweave::train::{Trainer, evaluate};
use pathweave_data::{Batch, Split, TaskSet};

use crate::support::{cpu, spec, task_set};

const FLAGS: [bool; 2] = [false, true];

/// All combinations of shape; algorithms vary only where something is routed.
fn combinations() -> Vec<RunSpec> {
    let mut list = Vec::new();
    for (kind, _, _) in ModelKind::ALL {
        for bits in 0..64u32 {
            let flag = |bit: u32| bits >> bit & 1 == 1;
            for blocks in [&[BlockKind::Linear][..], &[BlockKind::Mlp, BlockKind::Identity]] {
                for entry in ALGORITHMS {
                    let mut spec = spec();
                    spec.model.kind = *kind;
                    spec.model.blocks = blocks.to_vec();
                    spec.model.banks = [Banks::PerDepth, Banks::Shared][usize::from(flag(0))];
                    spec.model.output = [Output::Routed, Output::Shared][usize::from(flag(1))];
                    spec.router.skip = flag(2);
                    spec.router.terminate = flag(3);
                    spec.router.policy =
                        [PolicyKind::Tabular, PolicyKind::Mlp][usize::from(flag(4))];
                    spec.router.sub_routers =
                        [SubRouters::PerDepth, SubRouters::Single][usize::from(flag(5))];
                    spec.router.algorithm = entry.kind;
                    spec.router.max_depth = 2;
                    list.push(spec);
                }
            }
        }
    }
    list
}

fn two_steps(spec: RunSpec, data: &TaskSet) -> bool {
    let text = format!("{:?} {:?}", spec.model, spec.router);
    let Ok(checked) = spec.check() else { return false };
    let mut trainer =
        Trainer::new(&checked, data, &cpu()).unwrap_or_else(|e| panic!("{e}: {text}"));
    let mut batch = Batch::default();
    data.fill(Split::Train, &[0, 1, 2, 3], &mut batch);
    for _ in 0..2 {
        let report = trainer.step(&batch).unwrap_or_else(|e| panic!("{e}: {text}"));
        assert!(report.loss.is_finite(), "{text}");
    }
    true
}

#[test]
fn every_combination_is_refused_or_trains() {
    let data = task_set(2, 2, 4);
    let all = combinations();
    let count = all.len();
    let trained = all.into_iter().filter(|spec| two_steps(spec.clone(), &data)).count();
    assert_eq!(count, ModelKind::ALL.len() * 64 * 2 * ALGORITHMS.len());
    assert!(trained > count / 8 && trained < count, "{trained} of {count} trained");
}

#[test]
fn settings_that_go_with_every_kind() {
    let data = task_set(3, 2, 6);
    for (kind, _, _) in ModelKind::ALL.iter().filter(|row| row.0.rule_kind().is_none()) {
        for task_input in FLAGS {
            for modules in [0, 1, 2, 5] {
                for base in [0, 1] {
                    let mut spec = spec();
                    spec.model.kind = *kind;
                    spec.model.task_input = task_input;
                    spec.model.modules = modules;
                    spec.model.base.blocks = base;
                    spec.router.sees_context = task_input;
                    let text = format!("{kind:?} {task_input} {modules} {base}");
                    assert!(two_steps(spec.clone(), &data), "{text}");
                    let checked = spec.check().expect("a good spec");
                    let trainer = Trainer::new(&checked, &data, &cpu()).expect("fits");
                    let scores = evaluate(&trainer.network, &data, Split::Test, &cpu(), (0, 0));
                    assert_eq!(scores.total().samples, 6, "{text}");
                    assert_eq!(scores.log.is_none(), *kind == ModelKind::CrossStitch, "{text}");
                }
            }
        }
    }
}
