//! Losses that take some of their own numbers as constant: bootstrapped targets, baselines,
//! importance weights, old policies. Differences are taken of a restatement from the documents in
//! which those numbers are held still.

use burn::tensor::{Tensor, activation};
use pathweave::decision::{
    AdvantageActorCriticSpec, AdvantageLearningSpec, AlgorithmKind, AlgorithmSettings, Baseline,
    Decision, DecisionAlgorithm, EpsilonReinforceSpec, ReinforceSpec,
};
use pathweave::init::Init;
use pathweave::policy::{PolicyKind, PolicyShape};
use pathweave::trajectory::{Choice, Heads, Rows, Seen, Site};
use pathweave_data::Streams;

use super::differences::{check_frozen, device, draws, leaf, whole};

const ACTIONS: [i32; 5] = [2, 0, 1, 1, 0];
const NEXT: [i32; 5] = [1, 1, 0, 2, 2];

fn decision(kind: AlgorithmKind, settings: &AlgorithmSettings) -> Decision {
    let streams = Streams::new(6);
    let policy = PolicyKind::Mlp;
    let shape = PolicyShape { kind: policy, agents: 2, slots: 1, state: 3, hidden: 4, actions: 3 };
    Decision::new(kind, settings, &shape, 3, &Init::new(&streams, &device()))
}

/// Rows that go on, but for the second, which ends here; the last had ended before.
fn seen() -> Seen {
    let flags = |flags: [f64; 5]| Tensor::from_data(flags, &device());
    Seen {
        choice: Choice { probability: draws::<1>("probability", [5]).abs() + 0.1, ..certain() },
        next_action: Some(whole(&NEXT)),
        reward: draws("reward", [5]),
        returns: draws("returns", [5]),
        terminal: flags([0.0, 1.0, 0.0, 0.0, 1.0]),
        alive: flags([1.0, 1.0, 1.0, 1.0, 0.0]),
        discount: 0.5,
    }
}

fn certain() -> Choice {
    Choice::certain(whole(&ACTIONS))
}

fn heads(decision: &Decision, state: Tensor<2>) -> Heads {
    let rows = Rows { contexts: vec![0, 1, 1, 0, 1], samples: (0..5).collect() };
    let agents = whole(&[0, 1, 1, 0, 1]);
    decision.heads(&Site { depth: 0, agents, state: Some(state), rows: &rows })
}

fn pick(values: &Tensor<2>, actions: &[i32]) -> Tensor<1> {
    values.clone().gather(1, whole(actions).unsqueeze_dim(1)).squeeze_dim(1)
}

fn log_pi(heads: &Heads) -> Tensor<1> {
    pick(&activation::log_softmax(heads.action.clone(), 1), &ACTIONS)
}

fn value(heads: &Heads) -> Tensor<1> {
    heads.critic.clone().expect("a critic")
}

/// r + γ v, r alone for rows that end
fn target(v: Tensor<1>) -> Tensor<1> {
    let seen = seen();
    seen.reward + (-seen.terminal + 1.0) * v * 0.5
}

/// Compares the algorithm's loss, its next heads made by the same parameters from another state,
/// with `restated(now, now held still, next held still)`.
#[track_caller]
fn compare(
    kind: AlgorithmKind,
    settings: &AlgorithmSettings,
    restated: impl Fn(&Heads, &Heads, &Heads) -> Tensor<1>,
) {
    let decision = decision(kind, settings);
    let state = leaf("state", [5, 3]);
    let next = |decision: &Decision| heads(decision, draws("next state", [5, 3]));
    let still = |heads: Heads| Heads {
        action: heads.action.detach(),
        critic: heads.critic.map(Tensor::detach),
    };
    let (now_still, next_still) = (still(heads(&decision, state.val())), still(next(&decision)));
    check_frozen(
        &(state, decision),
        |(state, decision)| {
            let seen = seen();
            let now = heads(decision, state.val());
            let loss = decision.loss(&now, Some(&next(decision)), &seen).expect("a loss");
            (loss * seen.alive).sum()
        },
        |(state, decision)| {
            let now = heads(decision, state.val());
            (restated(&now, &now_still, &next_still) * seen().alive).sum()
        },
    );
}

#[test]
fn bootstrapped_action_values() {
    let settings = AlgorithmSettings::default();
    compare(AlgorithmKind::QLearning, &settings, |now, _, next| {
        let best = next.action.clone().max_dim(1).squeeze_dim(1);
        (pick(&now.action, &ACTIONS) - target(best)).square()
    });
    compare(AlgorithmKind::Sarsa, &settings, |now, _, next| {
        (pick(&now.action, &ACTIONS) - target(pick(&next.action, &NEXT))).square()
    });
}

#[test]
fn advantages_and_values_from_returns_and_bootstrapped() {
    for bootstrap in [false, true] {
        let settings = AlgorithmSettings {
            advantage_learning: AdvantageLearningSpec { bootstrap },
            advantage_actor_critic: AdvantageActorCriticSpec { bootstrap, value_coefficient: 0.75 },
            ..AlgorithmSettings::default()
        };
        let g = |next: &Heads| if bootstrap { target(value(next)) } else { seen().returns };
        compare(AlgorithmKind::AdvantageLearning, &settings, |now, still, next| {
            let better = g(next) - value(still);
            (value(now) - g(next)).square() + (pick(&now.action, &ACTIONS) - better).square()
        });
        compare(AlgorithmKind::AdvantageActorCritic, &settings, |now, still, next| {
            let critic = (value(now) - g(next)).square() * 0.75;
            critic - log_pi(now) * (g(next) - value(still))
        });
    }
}

#[test]
fn learned_baselines_and_importance_weights() {
    let baseline = Baseline::Value;
    let settings = AlgorithmSettings {
        reinforce: ReinforceSpec { baseline, alpha: 0.1, value_coefficient: 0.25 },
        epsilon_reinforce: EpsilonReinforceSpec { baseline, alpha: 0.1, value_coefficient: 0.25 },
        ..AlgorithmSettings::default()
    };
    let critic = |now: &Heads| (value(now) - seen().returns).square() * 0.25;
    compare(AlgorithmKind::Reinforce, &settings, |now, still, _| {
        critic(now) - log_pi(now) * (seen().returns - value(still))
    });
    compare(AlgorithmKind::EpsilonReinforce, &settings, |now, still, _| {
        let weight = log_pi(still).exp() / seen().choice.probability;
        critic(now) - log_pi(now) * (seen().returns - value(still)) * weight
    });
}

#[test]
fn a_later_epoch_of_ppo() {
    let (decision, state) =
        (decision(AlgorithmKind::Ppo, &Default::default()), leaf("state", [5, 3]));
    // Old logits from which some ratios are clipped and some are not.
    let then = Heads { action: draws("then", [5, 3]), critic: Some(draws("old value", [5])) };
    let parts = |now: &Heads| {
        let ratio = (log_pi(now) - log_pi(&then)).exp();
        let advantage = seen().returns - value(&then);
        (ratio.clone() * advantage.clone(), ratio.clamp(1.0f32 - 0.2, 1.0f32 + 0.2) * advantage)
    };
    let (free, clipped) = parts(&heads(&decision, state.val()));
    let which: Vec<bool> = free.lower(clipped).to_data().iter::<bool>().collect();
    assert!(which.contains(&true) && which.contains(&false), "{which:?}");
    check_frozen(
        &(state, decision),
        |(state, decision)| {
            decision.again(&heads(decision, state.val()), &then, &seen()).expect("a loss").sum()
        },
        |(state, decision)| {
            let now = heads(decision, state.val());
            let (free, clipped) = parts(&now);
            let least = clipped.clone().mask_where(free.clone().lower(clipped), free);
            ((value(&now) - seen().returns).square() * 0.5 - least).sum()
        },
    );
}

#[test]
fn projected_targets() {
    compare(AlgorithmKind::Wpl, &AlgorithmSettings::default(), |now, still, _| {
        let delta = seen().returns - value(still);
        let chosen = pick(&still.action, &ACTIONS);
        let falls = delta.clone().lower_elem(0.0);
        let scale = chosen.clone().mask_where(falls, -chosen + 1.0);
        let columns = Tensor::<1, burn::tensor::Int>::arange(0..3, &device()).unsqueeze::<2>();
        let hot = columns.equal(whole(&ACTIONS).unsqueeze_dim(1)).float();
        let moved = still.action.clone() + hot * (delta * scale).unsqueeze_dim::<2>(1);
        let clipped = moved.clamp(0.0, 1.0);
        let target = clipped.clone() / clipped.sum_dim(1);
        let actor = (now.action.clone() - target).square().sum_dim(1).squeeze_dim::<1>(1) / 3.0;
        (value(now) - seen().returns).square() + actor
    });
}
