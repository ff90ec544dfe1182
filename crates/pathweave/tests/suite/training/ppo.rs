//! PPO's epochs: k updates of the router from one batch, and of nothing else.

use burn::tensor::{Tensor, TensorData};
use pathweave::decision::{AlgorithmKind, Decision};
use pathweave::model::{Input, Trunk};
use pathweave::noise::Noise;
use pathweave::policy::{Policy, PolicyKind};
use pathweave::spec::{BaseSpec, OptimizerKind, RunSpec};
use pathweave::train::{NamedArray, StepError, Trainer, arrays};
use pathweave::trajectory::{Mode, Rows};
use pathweave_data::{Batch, Split, TaskSet};

use crate::support::{all_bits, assert_close, cpu, numbers, spec, tape, task_set};

const RATE: f64 = 6.0;

fn data() -> TaskSet {
    task_set(3, 3, 24)
}

fn batch(data: &TaskSet) -> Batch {
    let mut batch = Batch::default();
    data.fill(Split::Train, &(0..24).collect::<Vec<_>>(), &mut batch);
    batch
}

fn ppo(epochs: u32) -> RunSpec {
    let mut spec = spec();
    spec.router.algorithm = AlgorithmKind::Ppo;
    spec.router.ppo.epochs = epochs;
    spec.reward.discount = 0.75;
    spec.train.router_learning_rate = RATE;
    spec
}

fn trainer(spec: RunSpec, data: &TaskSet) -> Trainer {
    Trainer::new(&spec.check().expect("a good spec"), data, &cpu()).expect("fits")
}

/// A depth's table [agents, actions + 1].
fn table(trainer: &Trainer, depth: usize) -> Vec<f64> {
    let Trunk::Routed(layer) = &trainer.network.trunk else { panic!("routed") };
    let Decision::Ppo(ppo) = layer.router.at(depth) else { panic!("PPO") };
    let Policy::Tabular(policy) = &ppo.policy else { panic!("a table") };
    numbers(&policy.table.val())
}

/// A decision as a scalar sees it: its table's row, its action, its return.
struct Decided {
    agent: usize,
    action: usize,
    returns: f64,
}

/// The decisions that the next step is about to make.
fn decisions(trainer: &Trainer, batch: &Batch) -> Vec<Vec<Decided>> {
    let rows = Rows { contexts: batch.tasks.clone(), samples: batch.samples.clone() };
    let dims = [batch.labels.len(), 1, 2, 2];
    let images = Tensor::<4>::from_data(TensorData::new(batch.images.clone(), dims), &tape());
    let noise = Noise::new(trainer.streams(), trainer.step);
    let mode = Mode::Train { exploration: 0.3 };
    let (out, _) = trainer.network.forward_train(Input::Images(images), &rows, mode, &noise);
    let answers: Vec<i64> = out.logits.argmax(1).to_data().iter::<i64>().collect();
    let trajectory = out.trajectory.expect("decisions");
    let last = trajectory.steps.len() - 1;
    let one = |(depth, step): (usize, &pathweave::trajectory::Step)| {
        let decided = |row: usize| {
            let right = answers[row] == i64::from(batch.labels[row]);
            let discount = 0.75f64.powi((last - depth) as i32);
            Decided {
                agent: trajectory.agents[row] as usize,
                action: step.actions[row] as usize,
                returns: discount * if right { 1.0 } else { -1.0 },
            }
        };
        (0..batch.labels.len()).map(decided).collect()
    };
    trajectory.steps.iter().enumerate().map(one).collect()
}

/// k epochs of gradient descent on a table [agents, actions + 1]; counts clipped decisions.
fn restated(table: &mut [f64], decided: &[Decided], epochs: u32, clipped: &mut u32) {
    let width = table.len() / 3;
    let actions = width - 1;
    let old = table.to_vec();
    let pi = |table: &[f64], agent: usize, action: usize| {
        let logits = &table[agent * width..][..actions];
        logits[action].exp() / logits.iter().map(|z| z.exp()).sum::<f64>()
    };
    for _ in 0..epochs {
        let mut slope = vec![0.0; table.len()];
        for Decided { agent, action, returns } in decided {
            let ratio = pi(table, *agent, *action) / pi(&old, *agent, *action);
            let advantage = returns - old[agent * width + actions];
            let free = ratio * advantage <= ratio.clamp(0.8, 1.2) * advantage;
            *clipped += u32::from(!free);
            for z in 0..actions {
                let chosen = f64::from(u8::from(z == *action));
                let up = ratio * advantage * (chosen - pi(table, *agent, z));
                slope[agent * width + z] -= if free { up } else { 0.0 };
            }
            slope[agent * width + actions] += table[agent * width + actions] - returns;
        }
        for (value, slope) in table.iter_mut().zip(slope) {
            *value -= RATE * slope / decided.len() as f64;
        }
    }
}

#[test]
fn a_step_is_k_epochs_of_scalar_gradient_descent() {
    let data = data();
    let batch = batch(&data);
    for epochs in [1, 2, 4] {
        let mut clipped = 0;
        let mut trainer = trainer(ppo(epochs), &data);
        for _ in 0..2 {
            let decided = decisions(&trainer, &batch);
            let mut tables: Vec<Vec<f64>> = (0..2).map(|depth| table(&trainer, depth)).collect();
            trainer.step(&batch).expect("a finite step");
            for (depth, wanted) in tables.iter_mut().enumerate() {
                restated(wanted, &decided[depth], epochs, &mut clipped);
                assert_close(&table(&trainer, depth), wanted, 2e-4);
            }
        }
        assert_eq!(clipped > 0, epochs > 1, "{epochs} epochs, {clipped} clipped");
    }
}

/// Everything but the router, or the router alone.
fn part(list: &[NamedArray], router: bool) -> Vec<NamedArray> {
    let of_router = |array: &&NamedArray| array.name.contains(".router.") == router;
    list.iter().filter(of_router).cloned().collect()
}

#[test]
fn later_epochs_move_the_router_alone() {
    let data = data();
    let batch = batch(&data);
    for policy in [PolicyKind::Tabular, PolicyKind::Mlp] {
        for optimizer in [OptimizerKind::Sgd, OptimizerKind::Adam] {
            let after = |epochs| {
                let mut spec = ppo(epochs);
                spec.model.base = BaseSpec { blocks: 1, filters: 2 };
                spec.router.policy = policy;
                spec.router.gradient_to_modules = true;
                spec.train.optimizer = optimizer;
                spec.train.router_optimizer = optimizer;
                spec.train.weight_decay = 0.01;
                spec.train.router_learning_rate = 0.1;
                let mut trainer = trainer(spec, &data);
                trainer.step(&batch).expect("a finite step");
                trainer.snapshot()
            };
            let (one, four) = (after(1), after(4));
            for (one, four) in [(&one.network, &four.network), (&one.optimizer, &four.optimizer)] {
                let same = |router| all_bits(&part(one, router)) == all_bits(&part(four, router));
                assert!(same(false), "{policy:?} {optimizer:?}: modules");
                assert_eq!(same(true), part(one, true).is_empty(), "{policy:?} {optimizer:?}");
            }
            for (path, counts) in &four.counters.updates {
                let expected = if path.contains(".router.") { 4 } else { 1 };
                assert!(counts.iter().all(|&n| n == expected || n == 0), "{path} {counts:?}");
            }
        }
    }
}

#[test]
fn a_later_epoch_that_diverges_leaves_the_network() {
    let data = data();
    let mut spec = ppo(3);
    spec.train.router_learning_rate = 1e30;
    let mut trainer = trainer(spec, &data);
    let before = trainer.snapshot();
    let error = trainer.step(&batch(&data)).expect_err("a loss that is not finite");
    let told = matches!(error, StepError::NotFinite { step: 0, which: "router loss", .. });
    assert!(told, "{error}");
    assert_eq!(all_bits(&arrays(&trainer.network)), all_bits(&before.network));
    assert_eq!(all_bits(&trainer.snapshot().optimizer), all_bits(&before.optimizer));
}
