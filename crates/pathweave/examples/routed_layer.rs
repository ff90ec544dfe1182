//! One routed layer in a Burn model of your own, trained in a loop of your own.
//!
//! ```text
//! cargo run --release -p pathweave --example routed_layer
//! ```
//!
//! The data are ten tasks on handwritten digits ("is it a three?"). A linear layer of Burn's reads
//! the pixels; then, twice, a router sends each image to one of four modules; another linear layer
//! answers. Each task has an agent of its own, which is rewarded for right answers.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Int, Tensor, TensorData, activation};
use pathweave::bank::Bank;
use pathweave::block::{Activation, BlockKind};
use pathweave::decision::{AlgorithmKind, AlgorithmSettings, Decision};
use pathweave::dispatcher::Dispatcher;
use pathweave::init::Init;
use pathweave::noise::Noise;
use pathweave::policy::{PolicyKind, PolicyShape};
use pathweave::reward::{RewardSpec, Rewards};
use pathweave::routed_layer::{ExtraActions, RoutedLayer};
use pathweave::router::{Router, Sight};
use pathweave::spec::{OptimizerKind, TrainSpec};
use pathweave::train::optimizer::{self, OptimizerState};
use pathweave::trajectory::{Mode, Rows, Seen, Trajectory};
use pathweave_data::{Batch, DatasetSpec, Split, Streams, TaskSet};

const WIDTH: usize = 32;
const MODULES: usize = 4;
const DEPTHS: usize = 2;
const EPOCHS: u64 = 4;

/// Your model: any Burn module with a `RoutedLayer` in it.
#[derive(Module, Debug)]
struct Model {
    /// Pixels to features
    base: Linear,
    /// Features to features, through modules that a router chooses
    routed: RoutedLayer,
    /// Features to answers
    head: Linear,
}

impl Model {
    fn new(data: &TaskSet, init: &Init) -> Self {
        // The modules of each depth: M linear blocks with ReLU. All have equal widths here, but
        // they may differ from depth to depth.
        let bank = |depth: usize| {
            let init = init.at("bank").at(depth);
            Bank::new(MODULES, &[BlockKind::Linear], WIDTH, WIDTH, Activation::Relu, &init)
        };
        // The router: one agent a task, each with a table of values, one row a depth.
        let dispatcher = Dispatcher::Meta;
        let shape = PolicyShape {
            kind: PolicyKind::Tabular,
            agents: dispatcher.agents(data.tasks, 0),
            slots: DEPTHS,
            state: 0,
            hidden: 0,
            actions: MODULES,
        };
        let settings = AlgorithmSettings::default();
        let kind = AlgorithmKind::QLearning;
        let decision = Decision::new(kind, &settings, &shape, MODULES, &init.at("router"));
        // Tables see who decides and how deep, not the features: no state.
        let sight = Sight { dispatcher, state: None, gradient_to_modules: false };
        let router = Router::new(vec![decision], sight);
        let banks = (0..DEPTHS).map(bank).collect();
        Self {
            base: linear(data.shape.len(), WIDTH, &init.at("base")),
            routed: RoutedLayer::new(router, banks, DEPTHS, ExtraActions::default()),
            head: linear(WIDTH, data.classes, &init.at("head")),
        }
    }

    /// [B, pixels] → logits [B, classes], and what the router decided.
    fn forward(
        &self,
        images: Tensor<2>,
        rows: &Rows,
        mode: Mode,
        noise: &Noise,
    ) -> (Tensor<2>, Trajectory) {
        let features = activation::relu(self.base.forward(images));
        let (features, trajectory) = self.routed.forward(features, rows, mode, noise);
        (self.head.forward(features), trajectory)
    }
}

/// Burn's layer, its numbers drawn from named streams: equal on every machine. Burn's own
/// initializers work as well, if runs need not repeat.
fn linear(input: usize, output: usize, init: &Init) -> Linear {
    let bias: Param<Tensor<1>> = init.at("bias").fan_in([output], input);
    Linear { weight: init.at("weight").fan_in([input, output], input), bias: Some(bias) }
}

/// A batch as tensors: images [B, pixels], labels [B], and what the router may know of the rows.
fn upload(batch: &Batch, device: &Device) -> (Tensor<2>, Tensor<1, Int>, Rows) {
    let count = batch.labels.len();
    let pixels = batch.images.len() / count;
    let images = Tensor::from_data(TensorData::new(batch.images.clone(), [count, pixels]), device);
    let labels: Vec<i32> = batch.labels.iter().map(|&label| label as i32).collect();
    let labels = Tensor::from_data(TensorData::new(labels, [count]), device);
    (images, labels, Rows { contexts: batch.tasks.clone(), samples: batch.samples.clone() })
}

/// Cross entropy of each row \[B\], and which answers are right.
fn judge(logits: Tensor<2>, labels: &Tensor<1, Int>) -> (Tensor<1>, Vec<bool>) {
    let right = logits.clone().argmax(1).squeeze_dim::<1>(1).equal(labels.clone());
    let log = activation::log_softmax(logits, 1);
    let losses = -log.gather(1, labels.clone().unsqueeze_dim(1)).squeeze_dim::<1>(1);
    (losses, right.to_data().iter::<bool>().collect())
}

/// Share of right answers on the test samples, and what the agents choose by now \[T\]\[tasks\].
fn test(model: &Model, data: &TaskSet, streams: &Streams) -> (f64, Vec<Vec<u32>>) {
    let all: Vec<u32> = (0..data.examples(Split::Test).len() as u32).collect();
    let mut batch = Batch::default();
    data.fill(Split::Test, &all, &mut batch);
    let (images, labels, rows) = upload(&batch, &Device::flex());
    // Greedy decisions on a model without autodiff: nothing is drawn.
    let noise = Noise::new(streams, 0);
    let (logits, trajectory) = model.valid().forward(images, &rows, Mode::Greedy, &noise);
    let (_, right) = judge(logits, &labels);
    let share = right.iter().filter(|right| **right).count() as f64 / right.len() as f64;
    let mut chosen = vec![vec![0; data.tasks]; DEPTHS];
    for step in &trajectory.steps {
        for (&task, &action) in rows.contexts.iter().zip(&step.actions) {
            chosen[step.depth][task as usize] = action;
        }
    }
    (share, chosen)
}

/// Trains the model, tests it after every epoch, and shows where the samples go.
pub fn main() {
    let data = DatasetSpec::named("digits-mtl").expect("a data set");
    let data = data.load(None).expect("it is part of the library");
    // Every random number comes from a stream that a seed, a name and a step number name.
    let streams = Streams::new(1);
    let device = Device::flex().autodiff();
    let mut model = Model::new(&data, &Init::new(&streams, &device));

    // The optimizer tells the router's parameters from the others by their path in the model: the
    // router's have `router` in it. Each has a rate of its own.
    let train = TrainSpec {
        optimizer: OptimizerKind::Adam,
        learning_rate: 0.003,
        router_optimizer: OptimizerKind::Sgd,
        router_learning_rate: 0.5,
        ..TrainSpec::default()
    };
    let mut state = OptimizerState::default();
    let mut rewards = Rewards::new(RewardSpec::default());
    let mut batch = Batch::default();
    let mut step = 0;
    for epoch in 0..EPOCHS {
        let exploration = if epoch == 0 { 0.3 } else { 0.03 };
        for indices in data.epoch_order(&streams, epoch).chunks(128) {
            data.fill(Split::Train, indices, &mut batch);
            let (images, labels, rows) = upload(&batch, &device);
            let noise = Noise::new(&streams, step);
            let mode = Mode::Train { exploration };
            let (logits, trajectory) = model.forward(images, &rows, mode, &noise);
            let (losses, right) = judge(logits, &labels);

            // From outcomes to rewards and returns, on the host: rewards carry no gradient.
            let router = &model.routed.router;
            let host: Vec<f32> = losses.to_data().iter::<f32>().collect();
            let place = |depth| router.index(depth);
            let returns = rewards.score(epoch as f64, &trajectory, place, (&host, &right));
            let seen = Seen::of(&trajectory, &returns, rewards.discount());

            // One backward pass for modules and router.
            let mut total = losses.mean();
            if let Some(losses) = model.routed.router_loss(&trajectory, &seen) {
                total = total + losses.mean();
            }
            let mut gradients = total.backward();
            // Modules that no row chose, and agents that decided nothing, stay as they are.
            let used = model.routed.used(&trajectory);
            model = optimizer::step(model, &mut gradients, &train, 1.0, &used, &mut state);

            // What some algorithms and rewards remember beside parameters.
            rewards.remember(&trajectory, |depth| model.routed.router.index(depth));
            model.routed.observe(&trajectory, &rows, &seen);
            step += 1;
        }
        let (share, _) = test(&model, &data, &streams);
        println!("epoch {epoch}: {:.1} % of the test answers are right", 100.0 * share);
    }
    let (share, chosen) = test(&model, &data, &streams);
    println!("\nmodules that each task's samples pass:");
    println!("  task     {}", data.task_names.join("  "));
    for (depth, chosen) in chosen.iter().enumerate() {
        let line: Vec<String> = chosen.iter().map(|module| format!("{module:>3}")).collect();
        println!("  depth {depth} {}", line.join(" "));
    }
    // Nine of ten answers are "no": always saying so is right in 90 %.
    assert!(share > 0.95, "the model learned: {share}");
}
