//! Training switches against what the thesis says they do.

use burn::tensor::Tensor;
use pathweave::decision::AlgorithmKind;
use pathweave::model::{Forward, Input, cross_entropy};
use pathweave::noise::Noise;
use pathweave::policy::PolicyKind;
use pathweave::spec::{OptimizerKind, RunSpec};
use pathweave::train::optimizer::{self, OptimizerState, Used};
use pathweave::train::{ModuleSplit, NamedArray, Trainer, arrays};
use pathweave::trajectory::{Mode, Rows};
use pathweave_data::{Batch, Split, TaskSet};

use crate::support::{all_bits, assert_close, cpu, spec, tape, task_set, tensor, vector};

const TASKS: usize = 3;

fn data() -> TaskSet {
    task_set(TASKS, 3, 22)
}

/// ε-greedy tables, explored often.
fn explorer() -> RunSpec {
    let mut spec = spec();
    spec.router.algorithm = AlgorithmKind::QLearning;
    spec
}

fn trainer(spec: RunSpec) -> Trainer {
    Trainer::new(&spec.check().expect("a good spec"), &data(), &cpu()).expect("fits")
}

fn batch(indices: &[u32]) -> Batch {
    let mut batch = Batch::default();
    data().fill(Split::Train, indices, &mut batch);
    batch
}

/// The forward pass that the trainer's next step will make.
fn forward(trainer: &Trainer, batch: &Batch) -> Forward {
    let rows = Rows { contexts: batch.tasks.clone(), samples: batch.samples.clone() };
    let images: Vec<f64> = batch.images.iter().map(|&pixel| pixel.into()).collect();
    let images = tensor(&images, [batch.labels.len(), 1, 2, 2], &tape());
    let noise = Noise::new(trainer.streams(), trainer.step);
    let mode = Mode::Train { exploration: trainer.exploration() };
    trainer.network.forward_train(Input::Images(images), &rows, mode, &noise).0
}

fn of_router(array: &&NamedArray) -> bool {
    optimizer::owner(&array.name) == optimizer::Owner::Router
}

/// Modules after one step of plain SGD on Σ_r w_r L_r.
fn after(trainer: &Trainer, batch: &Batch, spec: &RunSpec, weights: &[f64]) -> Vec<NamedArray> {
    let losses = cross_entropy(forward(trainer, batch).logits, &batch.labels);
    let mut gradients = (losses * vector(weights, &tape())).sum().backward();
    let mut state = OptimizerState::default();
    let network = trainer.network.clone();
    let network =
        optimizer::step(network, &mut gradients, &spec.train, 1.0, &Used::new(), &mut state);
    arrays(&network).into_iter().filter(|array| !of_router(&array)).collect()
}

#[track_caller]
fn assert_modules(trainer: &Trainer, wanted: &[NamedArray]) {
    let got: Vec<NamedArray> =
        arrays(&trainer.network).into_iter().filter(|array| !of_router(&array)).collect();
    assert_eq!(got.len(), wanted.len());
    for (got, wanted) in got.iter().zip(wanted) {
        let wide = |array: &NamedArray| array.values.iter().map(|&v| v.into()).collect::<Vec<_>>();
        assert_close(&wide(got), &wide(wanted), 1e-6);
    }
}

/// α_exp of each row: (1 − exploratory / length)^κ, 0⁰ = 1.
fn alphas(out: &Forward, kappa: f64) -> Vec<f64> {
    let trajectory = out.trajectory.as_ref().expect("decisions");
    let rows = trajectory.agents.len();
    let (mut explored, mut length) = (vec![0.0; rows], vec![0.0; rows]);
    for step in &trajectory.steps {
        let flags = step.choice.exploratory.to_data();
        for (row, flag) in flags.iter::<bool>().enumerate().filter(|(row, _)| step.alive[*row]) {
            explored[row] += f64::from(u8::from(flag));
            length[row] += 1.0;
        }
    }
    explored.iter().zip(&length).map(|(e, n): (&f64, &f64)| (1.0 - e / n).powf(kappa)).collect()
}

#[test]
fn squashing_weighs_each_trajectory_by_equation_7_4() {
    let batch = batch(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    for (kappa, terminate) in [(0.5, false), (1.0, true), (3.0, false), (40.0, true)] {
        let mut spec = explorer();
        spec.train.squash = kappa;
        spec.router.terminate = terminate;
        if terminate {
            spec.model.output = pathweave::spec::Output::Shared;
        }
        let mut trainer = trainer(spec.clone());
        let alphas = alphas(&forward(&trainer, &batch), kappa);
        assert!(alphas.iter().any(|&alpha| alpha < 1.0) && alphas.contains(&1.0), "{alphas:?}");
        let weights: Vec<f64> = alphas.iter().map(|alpha| alpha / 12.0).collect();
        let wanted = after(&trainer, &batch, &spec, &weights);
        trainer.step(&batch).expect("a finite step");
        assert_modules(&trainer, &wanted);
    }
}

#[test]
fn squashing_by_zero_changes_no_bit() {
    let mut kept = trainer(explorer());
    let mut spec = explorer();
    spec.train.squash = 0.0;
    let mut other = trainer(spec);
    for indices in [[0, 1, 2, 3], [4, 5, 6, 7]] {
        kept.step(&batch(&indices)).expect("a finite step");
        other.step(&batch(&indices)).expect("a finite step");
    }
    assert_eq!(all_bits(&arrays(&kept.network)), all_bits(&arrays(&other.network)));
}

/// Which of these samples train the modules, by the streams that the run names.
fn parts(trainer: &Trainer, split: ModuleSplit, batch: &Batch, share: f32) -> Vec<bool> {
    let streams = trainer.streams();
    let mut draws = vec![0.0; batch.samples.len()];
    match split {
        ModuleSplit::EachStep => {
            streams.stream("train/split", trainer.step).fill_uniform(&mut draws);
        }
        ModuleSplit::BySample => {
            for (draw, &sample) in draws.iter_mut().zip(&batch.samples) {
                *draw = streams.stream("train/split-by-sample", sample).uniform();
            }
        }
    }
    draws.iter().map(|&draw| draw < share).collect()
}

#[test]
fn a_sample_trains_modules_or_router() {
    let batch = batch(&[0, 1, 2, 3, 4, 5]);
    for split in [ModuleSplit::EachStep, ModuleSplit::BySample] {
        for optimizer in [OptimizerKind::Sgd, OptimizerKind::Adam] {
            let mut spec = explorer();
            (spec.train.module_share, spec.train.module_split) = (0.5, split);
            (spec.train.optimizer, spec.train.router_optimizer) = (optimizer, optimizer);
            let mut trainer = trainer(spec.clone());
            let (mut before, mut moved) = (Vec::new(), false);
            for _ in 0..8 {
                let parts = parts(&trainer, split, &batch, 0.5);
                let count = parts.iter().filter(|trains| **trains).count();
                let weights: Vec<f64> =
                    parts.iter().map(|&t| f64::from(u8::from(t)) / count.max(1) as f64).collect();
                let wanted = after(&trainer, &batch, &spec, &weights);
                let old = arrays(&trainer.network);
                trainer.step(&batch).expect("a finite step");
                if optimizer == OptimizerKind::Sgd {
                    assert_modules(&trainer, &wanted);
                }
                for (old, new) in
                    old.iter().zip(arrays(&trainer.network)).filter(|(o, _)| of_router(o))
                {
                    let width = old.values.len() / TASKS;
                    let rows = old.values.chunks(width).zip(new.values.chunks(width));
                    for (agent, (old, new)) in rows.enumerate() {
                        let mut own = batch.tasks.iter().zip(&parts);
                        let learns = own.any(|(&task, trains)| task as usize == agent && !trains);
                        assert!(learns || old == new, "agent {agent}, {split:?}");
                        moved |= old != new;
                    }
                }
                before.push(parts);
            }
            assert!(moved, "{split:?}: the router learned nothing");
            let stable = before.iter().all(|parts| *parts == before[0]);
            assert_eq!(stable, split == ModuleSplit::BySample);
        }
    }
}

#[test]
fn a_full_share_changes_no_bit() {
    for split in [ModuleSplit::EachStep, ModuleSplit::BySample] {
        let mut spec = explorer();
        spec.train.module_split = split;
        let (mut whole, mut plain) = (trainer(spec), trainer(explorer()));
        whole.step(&batch(&[0, 1, 2, 3])).expect("a finite step");
        plain.step(&batch(&[0, 1, 2, 3])).expect("a finite step");
        assert_eq!(all_bits(&arrays(&whole.network)), all_bits(&arrays(&plain.network)));
    }
}

/// A table of zeros has H = ln A at each of the three depths.
#[test]
fn the_entropy_bonus_is_subtracted_and_anneals_to_nothing() {
    let loss = |weight: f64, anneal_epochs: u32, step: u64| {
        let mut spec = spec();
        spec.router.algorithm = AlgorithmKind::Reinforce;
        spec.router.entropy.weight = weight;
        spec.router.entropy.anneal_epochs = anneal_epochs;
        let mut trainer = trainer(spec);
        trainer.step = step;
        f64::from(trainer.step(&batch(&[0, 1, 2, 3])).expect("a finite step").router_loss)
    };
    let entropy = 3.0 * (TASKS as f64).ln();
    // Six steps an epoch: steps 3 and 6 are half an epoch and a whole one.
    for (anneal, step, share) in [(0, 0, 1.0), (0, 6, 1.0), (1, 0, 1.0), (1, 3, 0.5), (1, 6, 0.0)] {
        let bonus = loss(0.0, 0, step) - loss(0.4, anneal, step);
        assert_close(&[bonus], &[0.4 * share * entropy], 1e-5);
    }
}

/// What is frozen in the first epoch, of six steps, moves in the second.
#[test]
fn frozen_parts_stay_to_the_bit_and_then_move() {
    for (algorithm, policy) in [
        (AlgorithmKind::Wpl, PolicyKind::Tabular),
        (AlgorithmKind::Reinforce, PolicyKind::Mlp),
        (AlgorithmKind::QLearning, PolicyKind::Tabular),
    ] {
        for router in [true, false] {
            let mut spec = spec();
            (spec.router.algorithm, spec.router.policy) = (algorithm, policy);
            spec.train.freeze_router_epochs = u32::from(router);
            spec.train.freeze_modules_epochs = u32::from(!router);
            spec.train.optimizer = OptimizerKind::Adam;
            spec.train.router_optimizer = OptimizerKind::Adam;
            let mut trainer = trainer(spec);
            let (mut moved, mut free) = (false, false);
            for step in 0..8 {
                let before = trainer.snapshot();
                trainer.step(&batch(&[0, 1, 2, 3, 4, 5])).expect("a finite step");
                let after = trainer.snapshot();
                let split = |arrays: &[NamedArray], of: bool| -> Vec<NamedArray> {
                    arrays.iter().filter(|a| of_router(a) == of).cloned().collect()
                };
                let same = |of: bool| {
                    all_bits(&split(&before.network, of)) == all_bits(&split(&after.network, of))
                };
                if step < 6 {
                    assert!(same(router), "{algorithm:?} step {step}: what is frozen moved");
                    assert!(split(&after.optimizer, router).is_empty());
                    moved |= !same(!router);
                } else {
                    free |= !same(router);
                }
            }
            assert!(moved && free, "{algorithm:?}, router frozen: {router}");
        }
    }
}

/// T 7.4.5: off by default, and then the modules learn from the task alone.
#[test]
fn the_router_loss_moves_modules_only_where_asked() {
    let step = |gradient_to_modules: Option<bool>| {
        let mut spec = spec();
        (spec.router.algorithm, spec.router.policy) = (AlgorithmKind::Reinforce, PolicyKind::Mlp);
        if let Some(flows) = gradient_to_modules {
            spec.router.gradient_to_modules = flows;
        }
        let mut trainer = trainer(spec.clone());
        let batch = batch(&[0, 1, 2, 3]);
        let wanted = after(&trainer, &batch, &spec, &[0.25; 4]);
        trainer.step(&batch).expect("a finite step");
        let modules = arrays(&trainer.network);
        let modules: Vec<NamedArray> =
            modules.into_iter().filter(|array| !of_router(&array)).collect();
        let far = |(a, b): (&NamedArray, &NamedArray)| {
            a.values.iter().zip(&b.values).any(|(a, b)| (a - b).abs() > 1e-5)
        };
        modules.iter().zip(&wanted).any(far)
    };
    assert_eq!([step(None), step(Some(false)), step(Some(true))], [false, false, true]);
}

/// dH/dz_i = −π_i (ln π_i + H), also where a probability vanishes.
#[test]
fn the_gradient_of_the_entropy() {
    use pathweave::decision::DecisionAlgorithm;
    let decision = crate::support::tabular(AlgorithmKind::Reinforce, 1, 3, &tape());
    for logits in [[0.3, -1.0, 0.8], [0.0, 0.0, 0.0], [2.0, -300.0, 1.0]] {
        let z: Tensor<2> = tensor(&logits, [1, 3], &tape()).require_grad();
        let heads = pathweave::trajectory::Heads { action: z.clone(), critic: None };
        let policy = decision.policy(&heads).expect("a policy");
        let gradients = pathweave::decision::entropy(policy).sum().backward();
        let exps = logits.map(f64::exp);
        let pi = exps.map(|e| e / exps.iter().sum::<f64>());
        let plogp = |p: f64| if p > 0.0 { p * p.ln() } else { 0.0 };
        let h: f64 = -pi.iter().map(|&p| plogp(p)).sum::<f64>();
        let wanted = pi.map(|p| -plogp(p) - p * h);
        let got = crate::support::numbers(&z.grad(&gradients).expect("a gradient"));
        assert_close(&got, &wanted, 1e-6);
    }
}
