//! Losses that are broken on purpose, one fault each.

use burn::tensor::{Tensor, activation};

use self::Shows::{InCritic, InPolicy};
use super::Trial;

/// A loss of each row. \[R\]
pub type Twin = fn(&Trial) -> Tensor<1>;

/// Which components a fault shows in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// Logits; a twin has no loss for values and critic
    InPolicy,
    /// The critic alone
    InCritic,
}

/// Twins, each with the name of its fault.
pub type Twins = &'static [(&'static str, Shows, Twin)];

/// Of a policy gradient whose baseline has no loss of its own.
pub const PLAIN: Twins = &[
    ("the sign", InPolicy, wrong_sign),
    ("a baseline that knows the action", InPolicy, action_baseline),
];

/// Of a policy gradient with a critic.
pub const CRITIC: Twins = &[
    ("the sign", InPolicy, wrong_sign),
    ("a baseline that knows the action", InPolicy, action_baseline),
    ("the advantage reaches the critic", InCritic, attached_critic),
];

/// Of a policy gradient with importance weights.
pub const WEIGHTED: Twins = &[
    ("the sign", InPolicy, wrong_sign),
    ("no importance weight", InPolicy, unweighted),
    ("the weight upside down", InPolicy, inverse_weight),
    ("the weight by a log-probability", InPolicy, log_weight),
];

/// Of a control variate of relaxed actions.
pub const RELAXED: Twins = &[
    ("the sign", InPolicy, wrong_sign),
    ("no ∇c(z)", InPolicy, |trial| relaxed(trial, [1.0, 0.0, 1.0])),
    ("no ∇c(z̃)", InPolicy, |trial| relaxed(trial, [1.0, 1.0, 0.0])),
    ("no c(z̃) in the score's factor", InPolicy, |trial| relaxed(trial, [0.0, 1.0, 1.0])),
    ("the conditional draw is the draw itself", InPolicy, same_draw),
];

fn log_pi(trial: &Trial) -> Tensor<2> {
    let logits = trial.heads.action.clone().narrow(1, 0, trial.bandit.actions());
    activation::log_softmax(logits, 1)
}

fn chosen(trial: &Trial, values: Tensor<2>) -> Tensor<1> {
    let action = trial.seen.choice.action.clone().unsqueeze_dim(1);
    values.gather(1, action).squeeze_dim(1)
}

/// π of the chosen action over the probability that it was drawn with; 1 for what samples π.
fn weight(trial: &Trial) -> Tensor<1> {
    chosen(trial, log_pi(trial)).detach().exp() / trial.seen.choice.probability.clone()
}

fn wrong_sign(trial: &Trial) -> Tensor<1> {
    -trial.loss()
}

/// b = G/2.
fn action_baseline(trial: &Trial) -> Tensor<1> {
    -chosen(trial, log_pi(trial)) * weight(trial) * trial.seen.returns.clone() * 0.5
}

fn attached_critic(trial: &Trial) -> Tensor<1> {
    let value = trial.heads.critic.clone().expect("a critic");
    let error = value.clone() - trial.seen.returns.clone();
    -chosen(trial, log_pi(trial)) * (trial.seen.returns.clone() - value) + error.square() * 0.5
}

fn unweighted(trial: &Trial) -> Tensor<1> {
    -chosen(trial, log_pi(trial)) * trial.seen.returns.clone()
}

fn inverse_weight(trial: &Trial) -> Tensor<1> {
    unweighted(trial) / weight(trial)
}

fn log_weight(trial: &Trial) -> Tensor<1> {
    let log_pi = chosen(trial, log_pi(trial)).detach();
    unweighted(trial) * log_pi / trial.seen.choice.probability.clone()
}

/// The loss of REBAR and RELAX by the logits, at τ = 0.5 and η = 1, with a factor on
/// c(z̃) ∇ log π, ∇c(z) and ∇c(z̃).
pub fn relaxed(trial: &Trial, [score, free, conditional]: [f64; 3]) -> Tensor<1> {
    let uniform = trial.seen.choice.relaxed.as_ref().expect("a relaxed draw");
    relaxed_with(trial, [score, free, conditional], &uniform.conditional)
}

/// z̃ from the numbers that drew z.
fn same_draw(trial: &Trial) -> Tensor<1> {
    let uniform = trial.seen.choice.relaxed.as_ref().expect("a relaxed draw");
    relaxed_with(trial, [1.0, 1.0, 1.0], &uniform.uniform)
}

fn relaxed_with(trial: &Trial, factors: [f64; 3], v: &Tensor<2>) -> Tensor<1> {
    let (log_pi, actions) = (log_pi(trial), trial.bandit.actions());
    let uniform = trial.seen.choice.relaxed.as_ref().expect("a relaxed draw");
    let q = trial.heads.action.clone().detach().narrow(1, actions, actions);
    let soft =
        |z: Tensor<2>| (activation::softmax(z * 2.0, 1) * q.clone()).sum_dim(1).squeeze_dim::<1>(1);
    let log = |u: &Tensor<2>| u.clone().clamp_min(1e-30).log();
    let z = log_pi.clone() - (-log(&uniform.uniform)).log();
    // z̃_b = −ln(−ln v_b); z̃_i = −ln(−ln v_i / π_i − ln v_b).
    let log_v = log(v);
    let best = chosen(trial, log_v.clone()).unsqueeze_dim::<2>(1);
    let others = -(-log_v / log_pi.clone().exp() - best.clone()).log();
    let hot: Tensor<2> = trial.seen.choice.action.clone().one_hot::<2>(actions).float();
    let given = others.mask_where(hot.greater_elem(0.5), (-(-best).log()).expand(log_pi.dims()));
    let (c, given) = (soft(z), soft(given));
    let returns = trial.seen.returns.clone();
    let left = returns - given.clone().detach() * factors[0];
    -(left * chosen(trial, log_pi) + c * factors[1] - given * factors[2])
}
