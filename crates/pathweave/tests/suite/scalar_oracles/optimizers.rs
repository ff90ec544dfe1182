//! Optimizers against PyTorch's formulas, number by number, over several steps.

use burn::module::Module;
use burn::tensor::Tensor;
use pathweave::bank::LinearBank;
use pathweave::block::Activation;
use pathweave::init::Init;
use pathweave::spec::{OptimizerKind, TrainSpec};
use pathweave::train::optimizer::{self, OptimizerState, Owner, Used, owner};
use pathweave_data::Streams;
use proptest::prelude::*;

use crate::support::{Draw, assert_close, bits, numbers, tape, tensor};

/// One bank of each owner. [3, 2, 2] weights and [3, 2] biases.
#[derive(Module, Debug)]
struct Pair {
    router: LinearBank,
    trunk: LinearBank,
}

const MODULES: usize = 3;
/// Numbers of one module's weights and of its biases.
const NUMBERS: [usize; 2] = [4, 2];

impl Pair {
    fn new() -> Self {
        let (device, streams) = (tape(), Streams::new(4));
        let init = Init::new(&streams, &device);
        let bank = |name| LinearBank::new(MODULES, 2, 2, Activation::Relu, &init.at(name));
        Self { router: bank("router"), trunk: bank("trunk") }
    }

    /// Router's weight and bias, trunk's weight and bias.
    fn values(&self) -> [Vec<f64>; 4] {
        let of = |bank: &LinearBank| [numbers(&bank.weight.val()), numbers(&bank.bias.val())];
        let ([a, b], [c, d]) = (of(&self.router), of(&self.trunk));
        [a, b, c, d]
    }

    /// A loss whose gradient is what it is given.
    fn linear_loss(&self, gradients: &[Vec<f64>; 4]) -> Tensor<1> {
        let device = tape();
        let term = |bank: &LinearBank, w: &[f64], b: &[f64]| {
            (bank.weight.val() * tensor(w, [MODULES, 2, 2], &device)).sum()
                + (bank.bias.val() * tensor(b, [MODULES, 2], &device)).sum()
        };
        term(&self.router, &gradients[0], &gradients[1])
            + term(&self.trunk, &gradients[2], &gradients[3])
    }
}

/// State of one number: moments and how often it was updated.
#[derive(Clone, Copy, Default)]
struct Moments {
    first: f64,
    second: f64,
    updates: i32,
}

/// η of the step, η of the parameter's first step, momentum of SGD.
#[derive(Clone, Copy)]
struct Rates {
    now: f64,
    first: f64,
    momentum: f64,
}

/// One update of one number, as torch.optim writes it.
fn update(kind: OptimizerKind, w: f64, g: f64, rates: Rates, s: &mut Moments) -> f64 {
    s.updates += 1;
    let (rate, fresh) = (rates.now, s.updates == 1);
    match kind {
        OptimizerKind::Sgd => {
            s.first = if fresh { g } else { rates.momentum * s.first + g };
            w - rate * s.first
        }
        OptimizerKind::Asgd => {
            let eta = rate / (1.0 + 1e-4 * rate * f64::from(s.updates - 1)).powf(0.75);
            w * (1.0 - 1e-4 * eta) - eta * g
        }
        OptimizerKind::Adadelta => {
            s.first = 0.9 * s.first + 0.1 * g * g;
            let delta = (s.second + 1e-6).sqrt() / (s.first + 1e-6).sqrt() * g;
            s.second = 0.9 * s.second + 0.1 * delta * delta;
            w - rate * delta
        }
        OptimizerKind::Adagrad => {
            s.first += g * g;
            w - rate * g / (s.first.sqrt() + 1e-10)
        }
        OptimizerKind::Adam => {
            s.first = 0.9 * s.first + 0.1 * g;
            s.second = 0.999 * s.second + 0.001 * g * g;
            let first = s.first / (1.0 - 0.9f64.powi(s.updates));
            let second = s.second / (1.0 - 0.999f64.powi(s.updates));
            w - rate * first / (second.sqrt() + 1e-8)
        }
        OptimizerKind::Adamax => {
            s.first = 0.9 * s.first + 0.1 * g;
            s.second = (0.999 * s.second).max(g.abs() + 1e-8);
            w - rate / (1.0 - 0.9f64.powi(s.updates)) * s.first / s.second
        }
        OptimizerKind::Rmsprop => {
            s.second = 0.99 * s.second + 0.01 * g * g;
            w - rate * g / (s.second.sqrt() + 1e-8)
        }
        OptimizerKind::Rprop => {
            let size = if fresh { rates.first } else { s.second };
            let turned = s.first * g < 0.0;
            let factor = if turned {
                0.5
            } else if s.first * g > 0.0 {
                1.2
            } else {
                1.0
            };
            s.second = (size * factor).clamp(1e-6, 50.0);
            s.first = if turned { 0.0 } else { g };
            if turned { w } else { w - g.signum() * s.second }
        }
    }
}

/// Numbers away from 0, so that a quotient of two of them is not all rounding.
fn gradients(draw: &mut Draw, used: &[bool]) -> [Vec<f64>; 4] {
    [0, 1, 2, 3].map(|array| {
        let each = NUMBERS[array % 2];
        let value = |(at, g): (usize, f64)| {
            let chosen = array < 2 || used[at / each];
            if chosen { g + 0.5 * g.signum() } else { 0.0 }
        };
        draw.signed(MODULES * each).into_iter().enumerate().map(value).collect()
    })
}

/// min(1, bound / (‖g‖ + 1e-6)) over both arrays of an owner.
fn clip(arrays: &[Vec<f64>], bound: f64) -> f64 {
    let norm = arrays.iter().flatten().map(|g| g * g).sum::<f64>().sqrt();
    if bound > 0.0 { (bound / (norm + 1e-6)).min(1.0) } else { 1.0 }
}

fn compare(spec: &TrainSpec, masked: bool, seed: u64) {
    let mut draw = Draw::new(seed);
    let mut pair = Pair::new();
    let mut wanted = pair.values();
    let mut moments = [0, 1, 2, 3].map(|a: usize| vec![Moments::default(); wanted[a].len()]);
    let mut state = OptimizerState::default();
    for step in 0..6 {
        let flags = if masked { draw.flags(MODULES) } else { vec![true; MODULES] };
        let given = gradients(&mut draw, &flags);
        let mut used = Used::new();
        if masked {
            used.insert(pair.trunk.weight.id, flags.clone());
            used.insert(pair.trunk.bias.id, flags.clone());
        }
        let decay = if step < 3 { 1.0 } else { 0.1 };
        let before = [bits(&pair.trunk.weight.val()), bits(&pair.trunk.bias.val())];
        let mut tape = pair.linear_loss(&given).backward();
        pair = optimizer::step(pair, &mut tape, spec, decay, &used, &mut state);

        let scales = [clip(&given[..2], spec.clip_norm), clip(&given[2..], spec.clip_norm)];
        for array in 0..4 {
            let of_router = array < 2;
            let (kind, rate, penalty) = if of_router {
                (spec.router_optimizer, spec.router_rate(), 0.0)
            } else {
                (spec.optimizer, spec.learning_rate, spec.weight_decay)
            };
            for at in 0..wanted[array].len() {
                if !of_router && !flags[at / NUMBERS[array % 2]] {
                    continue;
                }
                let w = wanted[array][at];
                let g = given[array][at] * scales[usize::from(!of_router)] + penalty * w;
                let s = &mut moments[array][at];
                let rates = Rates { now: rate * decay, first: rate, momentum: spec.momentum };
                wanted[array][at] = update(kind, w, g, rates, s);
            }
        }
        for (got, wanted) in pair.values().iter().zip(&wanted) {
            assert_close(got, wanted, 2e-5);
        }
        let after = [bits(&pair.trunk.weight.val()), bits(&pair.trunk.bias.val())];
        for (array, each) in NUMBERS.into_iter().enumerate() {
            for module in (0..MODULES).filter(|&module| !flags[module]) {
                let of = module * each..(module + 1) * each;
                assert_eq!(after[array][of.clone()], before[array][of], "module {module} moved");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_optimizer_of_modules_and_router(
        masked: bool, heavy: bool, penalised: bool, clipped: bool, own_rate: bool, seed: u64,
    ) {
        for (_, name, _) in OptimizerKind::ALL {
            let kind: OptimizerKind =
                serde_json::from_value(serde_json::Value::from(*name)).expect("a name");
            for router_optimizer in [OptimizerKind::Sgd, kind] {
                let spec = TrainSpec {
                    optimizer: kind,
                    router_optimizer,
                    learning_rate: 0.05,
                    router_learning_rate: if own_rate { 0.02 } else { 0.0 },
                    momentum: if heavy { 0.9 } else { 0.0 },
                    weight_decay: if penalised { 0.1 } else { 0.0 },
                    clip_norm: if clipped { 0.7 } else { 0.0 },
                    ..TrainSpec::default()
                };
                compare(&spec, masked, seed);
            }
        }
    }
}

#[test]
fn steps_decay_by_the_factor_every_so_many_epochs() {
    let spec = TrainSpec { decay_every: 20, decay_factor: 0.1, ..TrainSpec::default() };
    assert_eq!([spec.decay(0), spec.decay(19), spec.decay(20)], [1.0, 1.0, 0.1]);
    assert_close(&[spec.decay(59)], &[0.01], 1e-12);
    assert_eq!(TrainSpec { decay_every: 0, ..spec }.decay(100), 1.0);
}

#[test]
fn routers_and_gates_belong_to_the_router() {
    for (path, expected) in [
        ("trunk.Routed.router.sub_routers.0.QLearning.policy", Owner::Router),
        ("trunk.SoftMixture.gates.1.Mlp.first.weight", Owner::Router),
        ("trunk.Routed.banks.0.Linear.weight", Owner::Modules),
        ("base.blocks.0.weight", Owner::Modules),
        ("routers.weight", Owner::Modules),
    ] {
        assert_eq!(owner(path), expected, "{path}");
    }
}

#[test]
fn a_zero_gradient_is_not_clipped_to_nan() {
    let spec = TrainSpec { clip_norm: 1.0, ..TrainSpec::default() };
    let (pair, mut state) = (Pair::new(), OptimizerState::default());
    let before = pair.values();
    let zeros = before.clone().map(|array| vec![0.0; array.len()]);
    let mut tape = pair.linear_loss(&zeros).backward();
    let pair = optimizer::step(pair, &mut tape, &spec, 1.0, &Used::new(), &mut state);
    assert_eq!(pair.values(), before);
}

#[test]
fn a_frozen_owner_keeps_parameters_and_state() {
    for (frozen, still) in [(Owner::Router, 0..2), (Owner::Modules, 2..4)] {
        let kind = OptimizerKind::Adam;
        let spec = TrainSpec { optimizer: kind, router_optimizer: kind, ..TrainSpec::default() };
        let (mut pair, mut state) = (Pair::new(), OptimizerState::default());
        let mut draw = Draw::new(5);
        for step in 0..3 {
            let (before, counts) = (pair.values(), state.counts.clone());
            let mut tape = pair.linear_loss(&gradients(&mut draw, &[true; MODULES])).backward();
            if step == 1 {
                optimizer::freeze(&pair, frozen, &mut tape);
            }
            pair = optimizer::step(pair, &mut tape, &spec, 1.0, &Used::new(), &mut state);
            for (array, (old, new)) in before.iter().zip(&pair.values()).enumerate() {
                let kept = step == 1 && still.contains(&array);
                assert_eq!(old == new, kept, "{frozen:?}, step {step}, array {array}");
            }
            for (path, counts) in counts.iter().filter(|(path, _)| owner(path) == frozen) {
                assert_eq!(state.counts[path] == *counts, step == 1, "{path}");
            }
        }
    }
}
