//! A decision algorithm of your own.
//!
//! ```text
//! cargo run --release -p pathweave --example own_decision
//! ```
//!
//! The algorithm: Q-learning that explores by Boltzmann's distribution, so that actions of nearly
//! equal value are tried nearly as often, where the built-in one is ε-greedy. The problem: numbers
//! of four contexts, each to be multiplied by +1 or −1, and two linear modules; the router must find
//! out which contexts belong together. Both algorithms run through the same loop, which is generic
//! in how the layer decides.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use pathweave::bank::Bank;
use pathweave::block::{Activation, BlockKind};
use pathweave::decision::{DecisionAlgorithm, QLearning, choose, pick, stream};
use pathweave::dispatcher::Dispatcher;
use pathweave::init::Init;
use pathweave::noise::Noise;
use pathweave::policy::{Policy, PolicyKind, PolicyShape};
use pathweave::reward::{FinalReward, RewardSpec, Rewards};
use pathweave::routed_layer::{ExtraActions, RoutedLayer};
use pathweave::router::{Router, Sight};
use pathweave::spec::TrainSpec;
use pathweave::train::optimizer::{self, OptimizerState};
use pathweave::trajectory::{Choice, Heads, Mode, Rows, Seen, Site};
use pathweave_data::Streams;

/// Action values, explored by Boltzmann's distribution.
#[derive(Module, Debug)]
pub struct Boltzmann {
    /// Q(s, ·): a table or a perceptron, as the shape says. Parameters in a `Policy` are updated
    /// only for agents that decided
    policy: Policy,
    /// A
    actions: usize,
    /// τ: how much better an action must be to be preferred
    #[module(skip)]
    temperature: f32,
}

impl Boltzmann {
    fn new(shape: &PolicyShape, temperature: f32, init: &Init) -> Self {
        let policy = Policy::new(shape, shape.actions, init);
        Self { policy, actions: shape.actions, temperature }
    }
}

impl DecisionAlgorithm for Boltzmann {
    /// What is computed for every row before it is decided: here Q(s, ·) [R, A].
    fn heads(&self, site: &Site) -> Heads {
        self.policy.heads(site, self.actions)
    }

    /// The action of every row. No gradient flows through it; random numbers come from `noise`
    /// under the site's name, so that a run repeats bit for bit.
    fn choose(&self, heads: &Heads, site: &Site, mode: Mode, noise: &Noise) -> Choice {
        let values = heads.action.clone().detach();
        match mode {
            Mode::Train { .. } => choose::sample(values / self.temperature, &stream(site), noise),
            Mode::Greedy => choose::greedy(values),
        }
    }

    /// (Q(s, a) − G)² of every row \[R\], not reduced: the layer masks and adds.
    fn loss(&self, now: &Heads, _next: Option<&Heads>, seen: &Seen) -> Option<Tensor<1>> {
        let q = pick(now.action.clone(), &seen.choice.action);
        Some((q - seen.returns.clone()).square())
    }
}

/// The factor of each context.
const FACTORS: [f32; 4] = [1.0, -1.0, -1.0, 1.0];
const MODULES: usize = 2;
const STEPS: u64 = 300;

/// Trains a layer that decides by `algorithm`; its error and the module of each context.
fn train<D: DecisionAlgorithm>(
    algorithm: impl Fn(&PolicyShape, &Init) -> D,
    streams: &Streams,
) -> (f32, Vec<u32>) {
    let device = Device::flex().autodiff();
    let init = Init::new(streams, &device);
    let shape = PolicyShape {
        kind: PolicyKind::Tabular,
        agents: FACTORS.len(),
        slots: 1,
        state: 0,
        hidden: 0,
        actions: MODULES,
    };
    let sight = Sight { dispatcher: Dispatcher::Meta, state: None, gradient_to_modules: false };
    let router = Router::new(vec![algorithm(&shape, &init.at("router"))], sight);
    let kinds = [BlockKind::Linear];
    let bank = Bank::new(MODULES, &kinds, 1, 1, Activation::Identity, &init.at("bank"));
    let mut layer = RoutedLayer::new(router, vec![bank], 1, ExtraActions::default());

    // The reward is the negative loss.
    let last = FinalReward::NegativeLoss;
    let rewards = Rewards::new(RewardSpec { last, ..RewardSpec::default() });
    let spec = TrainSpec { learning_rate: 0.1, router_learning_rate: 0.2, ..TrainSpec::default() };
    let mut state = OptimizerState::default();
    let rows = 64;
    let contexts: Vec<u32> = (0..rows as u32).map(|row| row % FACTORS.len() as u32).collect();
    let rows_of = Rows { contexts: contexts.clone(), samples: (0..rows as u64).collect() };
    let wanted: Vec<f32> = contexts.iter().map(|&context| FACTORS[context as usize]).collect();
    let wanted = Tensor::<2>::from_data(TensorData::new(wanted, [rows, 1]), &device);
    let (mut error, mut modules) = (0.0, Vec::new());
    for step in 0..=STEPS {
        let noise = Noise::new(streams, step);
        let x = noise.normal("x", rows, 1, &device);
        // The last step only looks.
        let mode = if step < STEPS { Mode::Train { exploration: 0.1 } } else { Mode::Greedy };
        let (y, trajectory) = layer.forward(x.clone(), &rows_of, mode, &noise);
        let losses = (y - x * wanted.clone()).square().squeeze_dim::<1>(1);
        let host: Vec<f32> = losses.to_data().iter::<f32>().collect();
        error = host.iter().sum::<f32>() / rows as f32;
        modules = trajectory.steps[0].actions[..FACTORS.len()].to_vec();
        if step == STEPS {
            break;
        }
        let place = |depth| layer.router.index(depth);
        let returns = rewards.score(0.0, &trajectory, place, (&host, &vec![false; rows]));
        let seen = Seen::of(&trajectory, &returns, rewards.discount());
        let decisions = layer.router_loss(&trajectory, &seen).expect("it has a loss");
        let mut gradients = (losses.mean() + decisions.mean()).backward();
        let used = layer.used(&trajectory);
        layer = optimizer::step(layer, &mut gradients, &spec, 1.0, &used, &mut state);
        layer.observe(&trajectory, &rows_of, &seen);
    }
    (error, modules)
}

/// Trains with both algorithms and compares them.
pub fn main() {
    let mut found = 0;
    for seed in 0..5 {
        let streams = Streams::new(seed);
        let own = train(|shape, init| Boltzmann::new(shape, 0.1, init), &streams);
        let built_in = train(QLearning::new, &streams);
        for (name, (error, modules)) in [("Boltzmann", &own), ("ε-greedy", &built_in)] {
            println!("seed {seed}, {name:<9}: error {error:.4}, modules by context {modules:?}");
        }
        // Two contexts share a module exactly where they share a factor.
        let same = |modules: &[u32]| modules[0] == modules[3] && modules[1] == modules[2];
        found += u32::from(same(&own.1) && own.0 < 0.01);
    }
    println!("\nBoltzmann's exploration found the two groups in {found} of 5 runs");
    assert!(found >= 3);
}
