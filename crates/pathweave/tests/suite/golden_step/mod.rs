//! One training step of a tiny network, every number of it listed. The numbers come from
//! `golden_step.py` beside this file, which knows nothing of this crate.
//!
//! Two depths, two modules, two tasks, an agent for each task and depth, batch 3, no base:
//! h¹ = relu(x W⁰[a⁰] + b⁰[a⁰]), z = h¹ W¹[a¹] + b¹[a¹], L = −log softmax(z)[y],
//! r_t = −cost(a_t), plus ±1 at t = 1, G_0 = r_0 + γ r_1, G_1 = r_1 (γ = 0.5).

mod numbers;

use pathweave::decision::AlgorithmKind;
use pathweave::model::{Input, cross_entropy};
use pathweave::noise::Noise;
use pathweave::reward::{RewardSpec, Rewards};
use pathweave::spec::{BaseSpec, ModelSpec, RouterSpec, RunSpec, TrainSpec};
use pathweave::train::{NamedArray, Trainer, arrays, load};
use pathweave::trajectory::{Mode, Rows};
use pathweave_data::{Batch, Example, ImageShape, Parts, Split, TaskSet};

use crate::support::{assert_close, cpu, numbers as host, tape, tensor};
use numbers::{Golden, Q_LEARNING, REINFORCE, WPL};

/// Initial parameters: bank weights [M, in, out] and biases [M, out] of depth 0 and 1, then for
/// each depth the table [G, A] (probabilities, logits or action values) and the mean returns.
const W: [[f32; 8]; 2] =
    [[0.5, -0.3, 0.2, 0.4, -0.6, 0.1, 0.3, 0.7], [0.8, -0.5, -0.4, 0.6, 0.3, 0.9, 0.7, -0.2]];
const B: [[f32; 4]; 2] = [[0.1, 0.2, -0.1, 0.05], [0.0, 0.1, 0.2, -0.3]];
const TABLE: [[f32; 4]; 2] = [[0.6, 0.4, 0.3, 0.7], [0.5, 0.5, 0.2, 0.8]];
/// R̂ of the two agents (WPL).
const MEAN_OF_AGENTS: [[f32; 2]; 2] = [[0.2, -0.1], [0.0, 0.3]];
/// Baseline (REINFORCE).
const MEAN: [f32; 2] = [0.25, -0.5];

/// Bytes 0 and 200, three each: mean 100, deviation 100, so that pixels become −1 and 1.
fn data() -> TaskSet {
    let example = |item, task, label| Example { item, task, label };
    let examples = vec![example(0, 0, 1), example(1, 1, 0), example(2, 1, 1)];
    let names = || vec!["a".to_string(), "b".to_string()];
    let parts = Parts {
        name: "golden".into(),
        task_names: names(),
        class_names: vec![names(), names()],
        pixels: vec![0, 200, 200, 0, 0, 200],
        train: examples.clone(),
        validation: Vec::new(),
        test: examples,
    };
    TaskSet::new(ImageShape { channels: 1, height: 1, width: 2 }, parts).expect("parts that fit")
}

fn spec(algorithm: AlgorithmKind) -> RunSpec {
    let mut router = RouterSpec { algorithm, ..RouterSpec::default() };
    router.wpl.rate = 0.1;
    RunSpec {
        model: ModelSpec {
            base: BaseSpec { blocks: 0, filters: 1 },
            hidden: vec![2],
            ..ModelSpec::default()
        },
        router,
        reward: RewardSpec { cost: vec![0.1, 0.2], discount: 0.5, ..RewardSpec::default() },
        train: TrainSpec {
            batch: 3,
            learning_rate: 0.1,
            router_learning_rate: 0.2,
            ..TrainSpec::default()
        },
        ..crate::support::spec()
    }
}

fn initial(array: &NamedArray) -> Vec<f32> {
    let depth = usize::from(array.name.contains(".1."));
    let last = array.name.rsplit('.').next().expect("a name");
    match (last, array.values.len()) {
        ("weight", 8) => W[depth].to_vec(),
        ("bias", 4) => B[depth].to_vec(),
        ("table" | "probabilities", 4) => TABLE[depth].to_vec(),
        ("mean_return", 2) => MEAN_OF_AGENTS[depth].to_vec(),
        ("mean_return", 1) => vec![MEAN[depth]],
        other => panic!("{}: {other:?} is not in the list", array.name),
    }
}

fn updated(golden: &Golden, array: &NamedArray) -> Vec<f64> {
    let depth = usize::from(array.name.contains(".1."));
    match array.name.rsplit('.').next().expect("a name") {
        "weight" => golden.weight[depth].to_vec(),
        "bias" => golden.bias[depth].to_vec(),
        "mean_return" => golden.mean_return[depth].to_vec(),
        _ => golden.table[depth].to_vec(),
    }
}

fn check(algorithm: AlgorithmKind, golden: &Golden) {
    let (data, spec) = (data(), spec(algorithm).check().expect("a good spec"));
    let mut trainer = Trainer::new(&spec, &data, &cpu()).expect("fits");
    let mut first = arrays(&trainer.network);
    first.iter_mut().for_each(|array| array.values = initial(array));
    trainer.network = load(trainer.network, &first, &tape()).expect("the same names");

    let mut batch = Batch::default();
    data.fill(Split::Train, &[0, 1, 2], &mut batch);
    assert_eq!(batch.images, [-1.0, 1.0, 1.0, -1.0, -1.0, 1.0]);
    let rows = Rows { contexts: batch.tasks.clone(), samples: batch.samples.clone() };
    let images = batch.images.iter().map(|&pixel| f64::from(pixel)).collect::<Vec<_>>();
    let images = tensor(&images, [3, 1, 1, 2], &tape());
    let mode = Mode::Train { exploration: 0.3 };
    let noise = Noise::new(trainer.streams(), 0);
    let (out, _) = trainer.network.forward_train(Input::Images(images), &rows, mode, &noise);
    let trajectory = out.trajectory.expect("decisions");
    let actions: Vec<_> = trajectory.steps.iter().map(|step| step.actions.clone()).collect();
    assert_eq!(actions, golden.actions);
    assert_close(&host(&out.logits), golden.logits.as_flattened(), 1e-6);
    let losses = cross_entropy(out.logits, &batch.labels);
    assert_close(&host(&losses), &golden.losses, 1e-6);

    let losses: Vec<f32> = losses.to_data().iter::<f32>().collect();
    let rewards = Rewards::new(spec.reward.clone());
    let scored = rewards.score(0.0, &trajectory, |depth| depth, (&losses, &golden.correct));
    for (depth, step) in scored.iter().enumerate() {
        let wide = |values: &[f32]| values.iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
        assert_close(&wide(&step.reward), &golden.rewards[depth], 1e-6);
        assert_close(&wide(&step.returns), &golden.returns[depth], 1e-6);
    }

    let report = trainer.step(&batch).expect("a finite step");
    assert_close(&[report.loss.into()], &[golden.losses.iter().sum::<f64>() / 3.0], 1e-6);
    assert_close(&[report.router_loss.into()], &[golden.router_loss], 1e-6);
    let right = golden.correct.iter().filter(|&&correct| correct).count();
    assert_close(&[report.accuracy.into()], &[right as f64 / 3.0], 1e-6);
    let after = arrays(&trainer.network);
    assert_eq!(after.len(), first.len());
    for array in &after {
        let got: Vec<f64> = array.values.iter().map(|&value| value.into()).collect();
        assert_close(&got, &updated(golden, array), 1e-6);
    }
}

#[test]
fn wpl() {
    check(AlgorithmKind::Wpl, &WPL);
}

#[test]
fn reinforce_with_a_running_mean() {
    check(AlgorithmKind::Reinforce, &REINFORCE);
}

#[test]
fn q_learning() {
    check(AlgorithmKind::QLearning, &Q_LEARNING);
}
