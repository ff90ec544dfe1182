//! The routed bottleneck autoencoder behind a dispatcher.

use pathweave::decision::AlgorithmKind;
use pathweave::dispatcher::autoencoder::{Autoencoder, AutoencoderShape};
use pathweave::dispatcher::encoding::Target;
use pathweave::init::Init;
use pathweave::noise::Noise;
use pathweave::train::{NamedArray, arrays};
use pathweave::trajectory::Mode;
use pathweave_data::Streams;

use super::{layer, online};
use crate::support::{Draw, assert_close, numbers, rows, tape, tensor};

const SHAPE: AutoencoderShape =
    AutoencoderShape { width: 3, target: Target::Seen, projected: 4, bottleneck: 2, agents: 2 };

fn autoencoder(alpha: f32) -> Autoencoder {
    let (streams, device) = (Streams::new(6), tape());
    Autoencoder::new(SHAPE, alpha, &Init::new(&streams, &device))
}

/// x · W + b with W [in, out], row-major, of one of several stacked maps.
fn linear(x: &[f64], weight: &[f32], bias: &[f32], which: usize, out: usize) -> Vec<f64> {
    let weight = &weight[which * x.len() * out..][..x.len() * out];
    let column =
        |o: usize| x.iter().enumerate().map(move |(i, x)| x * f64::from(weight[i * out + o]));
    (0..out).map(|o| f64::from(bias[which * out + o]) + column(o).sum::<f64>()).collect()
}

/// Mean squared error of one row through the bottleneck of one agent.
fn error(x: &[f64], agent: usize, arrays: &[NamedArray]) -> f64 {
    let of =
        |name: &str| &arrays.iter().find(|array| array.name == name).expect("an array").values[..];
    let p = linear(x, of("encoder.weight"), of("encoder.bias"), 0, 4);
    let p: Vec<f64> = p.into_iter().map(|value| value.max(0.0)).collect();
    let code = linear(&p, of("narrow.weight"), of("narrow.bias"), agent, 2);
    let wide = linear(&code, of("widen.weight"), of("widen.bias"), agent, 4);
    let y = linear(&wide, of("decoder.weight"), of("decoder.bias"), 0, 3);
    y.iter().zip(x).map(|(y, x)| (y - x).powi(2)).sum::<f64>() / 3.0
}

#[test]
fn losses_and_rewards_are_those_of_equations_6_1_to_6_3() {
    for alpha in [0.0, 0.25, 1.0] {
        let (streams, place) = (Streams::new(0), rows(&[0; 6]));
        let autoencoder = autoencoder(alpha);
        let parameters = arrays(&autoencoder);
        let dispatcher = online(AlgorithmKind::QLearning, 3, 2, Some(autoencoder));
        let x = Draw::new(3).signed(18);
        let h = tensor(&x, [6, 3], &tape());
        let mode = Mode::Train { exploration: 0.5 };
        let noise = Noise::new(&streams, 0);
        let (agents, step) = dispatcher.dispatch(&h, &place, mode, &noise, 1);
        let step = step.expect("a decision");
        assert!(agents.contains(&0) && agents.contains(&1), "{agents:?}");
        let returns = [1.0, -1.0, 0.5, -0.5, 0.0, 2.0];
        let lesson = dispatcher.lesson(&step, None, &returns, 1.0);
        let (mut rewards, mut losses) = (Vec::new(), Vec::new());
        let q = numbers(&step.heads.action);
        for row in 0..6 {
            let agent = agents[row] as usize;
            let error = error(&x[row * 3..][..3], agent, &parameters);
            let alpha = f64::from(alpha);
            let reward = alpha * f64::from(returns[row]) + (1.0 - alpha) * -error;
            rewards.push(reward);
            losses.push((q[row * 2 + agent] - reward).powi(2) + error);
        }
        assert_close(&numbers(&lesson.seen.reward), &rewards, 1e-5);
        assert_close(&numbers(&lesson.seen.returns), &rewards, 1e-5);
        assert_close(&numbers(&lesson.loss.expect("a loss")), &losses, 1e-5);
    }
}

#[test]
fn its_loss_reaches_neither_modules_nor_sub_routers_nor_what_came_before() {
    let layer = layer(online(AlgorithmKind::Reinforce, 3, 2, Some(autoencoder(0.5))), 3, 2);
    let streams = Streams::new(0);
    let h = tensor(&Draw::new(1).signed(18), [6, 3], &tape()).require_grad();
    let noise = Noise::new(&streams, 0);
    let mode = Mode::Train { exploration: 0.5 };
    let (_, trajectory) = layer.forward(h.clone(), &rows(&[0; 6]), mode, &noise);
    let dispatcher = layer.router.dispatcher.as_ref().expect("a dispatcher");
    let step = trajectory.dispatch.as_ref().expect("a decision");
    let lesson = dispatcher.lesson(step, None, &[1.0; 6], 1.0);
    let gradients = lesson.loss.expect("a loss").mean().backward();
    assert!(h.grad(&gradients).is_none());
    for bank in &layer.banks {
        let pathweave::bank::Bank::Linear(bank) = bank else { panic!("linear banks") };
        assert!(bank.weight.val().grad(&gradients).is_none());
    }
    for sub_router in &layer.router.sub_routers {
        let pathweave::decision::Decision::Reinforce(sub_router) = sub_router else {
            panic!("reinforce")
        };
        let pathweave::policy::Policy::Tabular(policy) = &sub_router.policy else {
            panic!("tables")
        };
        assert!(policy.table.val().grad(&gradients).is_none());
    }
    let autoencoder = dispatcher.autoencoder.as_ref().expect("an autoencoder");
    assert!(autoencoder.encoder.weight.val().grad(&gradients).is_some());
    // The optimizer is told which bottlenecks were used.
    let used = layer.used(&trajectory);
    let flags = &used[&autoencoder.narrow.weight.id];
    for agent in 0..2 {
        assert_eq!(flags[agent as usize], trajectory.agents.contains(&agent));
    }
}
