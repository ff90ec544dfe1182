//! A routed layer in a Burn model of your own.
//!
//! Two tasks on one input: the sum and the difference of two numbers, each as a yes-or-no question.
//! One module cannot answer both; a router that sees the task learns to use two.
//!
//! `cargo run --release -p pathweave --example routed_layer`

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use pathweave::bank::Bank;
use pathweave::block::{Activation, BlockKind, LinearBlock};
use pathweave::decision::{AlgorithmKind, AlgorithmSettings, Decision};
use pathweave::dispatcher::Dispatcher;
use pathweave::init::Init;
use pathweave::model::cross_entropy;
use pathweave::noise::Noise;
use pathweave::policy::{PolicyKind, PolicyShape};
use pathweave::reward::{RewardSpec, Rewards};
use pathweave::routed_layer::{ExtraActions, RoutedLayer};
use pathweave::router::{Router, Sight};
use pathweave::spec::TrainSpec;
use pathweave::train::optimizer::{self, OptimizerState};
use pathweave::trajectory::{Mode, Rows, Seen};
use pathweave_data::Streams;

const BATCH: usize = 64;
const TASKS: usize = 2;
const MODULES: usize = 4;

/// A linear layer, a routed layer of one depth, a linear layer.
#[derive(Module, Debug)]
struct Model {
    first: LinearBlock,
    routed: RoutedLayer,
    last: LinearBlock,
}

impl Model {
    fn new(init: &Init) -> Self {
        // One table of action probabilities a task, over four modules.
        let shape = PolicyShape {
            kind: PolicyKind::Tabular,
            agents: TASKS,
            slots: 1,
            state: 0,
            hidden: 0,
            actions: MODULES,
        };
        let settings = AlgorithmSettings::default();
        let decision =
            Decision::new(AlgorithmKind::Wpl, &settings, &shape, MODULES, &init.at("router"));
        let sight = Sight { dispatcher: Dispatcher::Meta, state: None, gradient_to_modules: false };
        let router = Router::new(vec![decision], sight);
        let kinds = [BlockKind::Linear];
        let bank = Bank::new(MODULES, &kinds, 8, 8, Activation::Relu, &init.at("bank"));
        Self {
            first: LinearBlock::new(2, 8, Activation::Relu, &init.at("first")),
            routed: RoutedLayer::new(router, vec![bank], 1, ExtraActions::default()),
            last: LinearBlock::new(8, 2, Activation::Identity, &init.at("last")),
        }
    }
}

fn main() {
    let streams = Streams::new(0);
    let device = Device::flex().autodiff();
    let mut model = Model::new(&Init::new(&streams, &device));
    let mut rewards = Rewards::new(RewardSpec::default());
    let mut state = OptimizerState::default();
    let spec = TrainSpec { learning_rate: 0.1, ..TrainSpec::default() };

    for step in 0..2000u64 {
        // Fresh numbers, one task a row.
        let mut numbers = vec![0.0f32; 2 * BATCH];
        streams.stream("numbers", step).fill_normal(&mut numbers);
        let contexts: Vec<u32> = (0..BATCH).map(|row| (row % TASKS) as u32).collect();
        let answer = |(pair, &task): (&[f32], &u32)| {
            let value = if task == 0 { pair[0] + pair[1] } else { pair[0] - pair[1] };
            u32::from(value > 0.0)
        };
        let labels: Vec<u32> = numbers.chunks(2).zip(&contexts).map(answer).collect();
        let samples = (0..BATCH as u64).map(|row| step * BATCH as u64 + row).collect();
        let rows = Rows { contexts, samples };

        // Forward: the routed layer returns its output and its decisions.
        let x = Tensor::<2>::from_data(TensorData::new(numbers, [BATCH, 2]), &device);
        let noise = Noise::new(&streams, step);
        let mode = Mode::Train { exploration: 0.1 };
        let (h, trajectory) = model.routed.forward(model.first.forward(x), &rows, mode, &noise);
        let logits = model.last.forward(h);
        let losses = cross_entropy(logits.clone(), &labels);

        // Rewards: +1 for a right answer, -1 for a wrong one.
        let host: Vec<f32> = losses.to_data().iter::<f32>().collect();
        let answers = logits.argmax(1).into_data();
        let correct: Vec<bool> =
            answers.iter::<i64>().zip(&labels).map(|(a, &label)| a == i64::from(label)).collect();
        let router = &model.routed.router;
        let outcome = (host.as_slice(), correct.as_slice());
        let returns = rewards.score(0.0, &trajectory, |depth| router.index(depth), outcome);
        rewards.remember(&trajectory, |depth| router.index(depth));
        let seen = Seen::of(&trajectory, &returns, rewards.discount());

        // One backward pass on mean(module loss) + mean(router loss). WPL has no router loss.
        let mut total = losses.mean();
        if let Some(router_losses) = model.routed.router_loss(&trajectory, &seen) {
            total = total + router_losses.mean();
        }
        let mut gradients = total.backward();
        let used = model.routed.used(&trajectory);
        model = optimizer::step(model, &mut gradients, &spec, 1.0, &used, &mut state);
        model.routed.observe(&trajectory, &rows, &seen);

        if step % 400 == 399 {
            let right = correct.iter().filter(|right| **right).count();
            println!("step {:4}: {right}/{BATCH} right", step + 1);
        }
    }
    let Decision::Wpl(wpl) = model.routed.router.at(0) else { return };
    let table = wpl.probabilities.val().to_data();
    let table: Vec<f32> = table.iter::<f32>().collect();
    for (task, row) in ["sum > 0", "difference > 0"].iter().zip(table.chunks(MODULES)) {
        println!("{task:15} takes modules with probabilities {row:.2?}");
    }
}
