//! Modules that no row of a batch chose keep parameters and moments bit for bit.

use pathweave::block::BlockKind;
use pathweave::decision::AlgorithmKind;
use pathweave::policy::PolicyKind;
use pathweave::spec::{ModelKind, OptimizerKind};
use pathweave::train::optimizer::{Owner, owner};
use pathweave::train::{NamedArray, Trainer};
use pathweave_data::{Batch, Split, TaskSet};

use crate::support::{cpu, spec, task_set};

/// The first samples of one task; sample n belongs to task n modulo 3.
fn batch(data: &TaskSet, task: u32) -> Batch {
    let mut batch = Batch::default();
    data.fill(Split::Train, &[task, task + 3, task + 6], &mut batch);
    assert_eq!(batch.tasks, [task; 3]);
    batch
}

/// One module's part of every stacked parameter and moment of the banks, as bits.
fn module(arrays: &[NamedArray], modules: usize, which: usize) -> Vec<(String, Vec<u32>)> {
    let of_bank = |array: &&NamedArray| array.name.contains("banks");
    let part = |array: &NamedArray| {
        let size = array.values.len() / modules;
        let values = &array.values[which * size..][..size];
        (array.name.clone(), values.iter().map(|value| value.to_bits()).collect())
    };
    arrays.iter().filter(of_bank).map(part).collect()
}

fn optimizers() -> impl Iterator<Item = (OptimizerKind, f64)> {
    let all = OptimizerKind::ALL.iter().map(|&(kind, _, _)| (kind, 0.0));
    all.chain([(OptimizerKind::Sgd, 0.9)])
}

#[test]
fn with_every_optimizer_and_weight_decay() {
    let data = task_set(3, 2, 12);
    for (optimizer, momentum) in optimizers() {
        for kind in [BlockKind::Linear, BlockKind::Mlp] {
            let mut spec = spec();
            spec.router.algorithm = AlgorithmKind::Assigned;
            spec.model.modules = 4;
            spec.model.blocks = vec![kind];
            spec.train.optimizer = optimizer;
            spec.train.momentum = momentum;
            spec.train.weight_decay = 0.01;
            let checked = spec.check().expect("a good spec");
            let mut trainer = Trainer::new(&checked, &data, &cpu()).expect("fits");
            // The second round finds moments of the first.
            for task in [0, 1, 2, 0, 1] {
                let before = trainer.snapshot();
                trainer.step(&batch(&data, task)).expect("a finite step");
                let after = trainer.snapshot();
                for which in 0..4 {
                    let of = |arrays: &[NamedArray]| module(arrays, 4, which);
                    let same = of(&before.network) == of(&after.network);
                    assert_eq!(same, which != task as usize, "{optimizer:?} module {which}");
                    // A parameter's first moments are zero for the modules nobody chose.
                    if which != task as usize && before.optimizer.len() == after.optimizer.len() {
                        assert_eq!(of(&before.optimizer), of(&after.optimizer));
                    }
                }
            }
        }
    }
}

#[test]
fn with_blocks_of_different_architectures() {
    let data = task_set(3, 2, 12);
    let mut spec = spec();
    spec.router.algorithm = AlgorithmKind::Assigned;
    spec.model.blocks = vec![BlockKind::Linear, BlockKind::Mlp];
    spec.train.optimizer = OptimizerKind::Adam;
    spec.train.weight_decay = 0.01;
    let checked = spec.check().expect("a good spec");
    let mut trainer = Trainer::new(&checked, &data, &cpu()).expect("fits");
    for task in [0, 1, 2, 0, 1, 2] {
        let before = trainer.snapshot().network;
        trainer.step(&batch(&data, task)).expect("a finite step");
        for (old, new) in before.iter().zip(&trainer.snapshot().network) {
            let chosen = old.name.contains(&format!("blocks.{task}."));
            assert_eq!(old.values != new.values, chosen, "{} for task {task}", old.name);
        }
    }
}

/// An agent for each task: whoever has no row in the batch keeps its table row or perceptron.
#[test]
fn agents_that_decided_nothing() {
    let data = task_set(3, 2, 12);
    for (optimizer, momentum) in optimizers() {
        for (policy, soft) in [
            (PolicyKind::Tabular, false),
            (PolicyKind::Mlp, false),
            (PolicyKind::Tabular, true),
            (PolicyKind::Mlp, true),
        ] {
            let mut spec = spec();
            (spec.router.algorithm, spec.router.policy) = (AlgorithmKind::Reinforce, policy);
            spec.model.kind = if soft { ModelKind::SoftMixture } else { ModelKind::Routed };
            (spec.train.router_optimizer, spec.train.momentum) = (optimizer, momentum);
            let checked = spec.check().expect("a good spec");
            let mut trainer = Trainer::new(&checked, &data, &cpu()).expect("fits");
            for task in [0, 1, 2, 0, 1] {
                let before = trainer.snapshot();
                trainer.step(&batch(&data, task)).expect("a finite step");
                let after = trainer.snapshot();
                let mut moved = false;
                for agent in 0..3 {
                    let of = |arrays: &[NamedArray]| router(arrays, agent);
                    let same = of(&before.network) == of(&after.network);
                    if agent != task as usize {
                        assert!(same, "{optimizer:?} {policy:?} agent {agent}");
                    }
                    moved |= !same;
                }
                assert!(moved, "{optimizer:?} {policy:?} soft: {soft}");
            }
        }
    }
}

/// One agent's part of every stacked parameter of router or gates, as bits.
fn router(arrays: &[NamedArray], agent: usize) -> Vec<Vec<u32>> {
    let ours = |array: &&NamedArray| owner(&array.name) == Owner::Router && array.shape[0] == 3;
    let part = |array: &NamedArray| {
        let size = array.values.len() / 3;
        array.values[agent * size..][..size].iter().map(|value| value.to_bits()).collect()
    };
    arrays.iter().filter(ours).map(part).collect()
}
