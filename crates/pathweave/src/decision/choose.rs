//! Ways to choose an action, shared by the algorithms. All work on detached numbers.
//!
//! A row of numbers with NaN among them still yields an action of the bank: [`greedy`] and the
//! samplers take the first NaN, [`epsilon_greedy`] takes action 0 where it exploits. Nothing is
//! hidden by that: the loss of such a row is NaN, which stops the run.

use burn::tensor::{Int, Tensor, activation};

use crate::noise::Noise;
use crate::trajectory::Choice;

/// The best action, ties to the first. [R, A] → choice of R
pub fn greedy(values: Tensor<2>) -> Choice {
    Choice::certain(values.argmax(1).squeeze_dim(1))
}

/// T equation 3.3: the best action with probability 1 − ε (ties at random), each other action
/// with ε/(A − 1). With one action there is nothing to explore. [R, A] → choice of R
pub fn epsilon_greedy(values: Tensor<2>, epsilon: f32, site: &str, noise: &Noise) -> Choice {
    let [rows, actions] = values.dims();
    let device = values.device();
    let best =
        best_at_random(values, &noise.uniform(&format!("{site}/ties"), rows, actions, &device));
    if actions == 1 {
        return Choice::certain(best.squeeze_dim(1));
    }
    let others = noise.uniform(&format!("{site}/other"), rows, actions, &device);
    let other = except(others, &best).argmax(1);
    let explores = noise.uniform(&format!("{site}/explore"), rows, 1, &device).lower_elem(epsilon);
    let probability = explores.clone().float() * (epsilon / (actions - 1) as f32)
        + explores.clone().bool_not().float() * (1.0 - epsilon);
    Choice {
        action: best.mask_where(explores.clone(), other).reshape([rows]),
        exploratory: explores.reshape([rows]),
        probability: probability.reshape([rows]),
        gate: None,
        relaxed: None,
    }
}

/// A draw from softmax(logits), by the largest of logits plus Gumbel noise. Logits may be −∞.
/// [R, A] → choice of R
pub fn sample(logits: Tensor<2>, site: &str, noise: &Noise) -> Choice {
    let [rows, actions] = logits.dims();
    let uniform = noise.uniform(&format!("{site}/sample"), rows, actions, &logits.device());
    // A draw of exactly 0 would be −∞ and let an action of probability 0 win a tie.
    let gumbel = -(-uniform.clamp_min(f32::MIN_POSITIVE).log()).log();
    let action = (logits.clone() + gumbel).argmax(1);
    let best = logits.clone().argmax(1);
    let probability = activation::softmax(logits, 1).gather(1, action.clone());
    Choice {
        exploratory: action.clone().not_equal(best).reshape([rows]),
        action: action.reshape([rows]),
        probability: probability.reshape([rows]),
        gate: None,
        relaxed: None,
    }
}

/// T equation 7.3: a draw from π^ε = (1 − ε) · 1(a = argmax π) + ε π, ties to the first; its
/// probability is that of π^ε. [R, A] logits → choice of R
///
/// # Deviations
/// - T 7.1.6 says in words that its ε-greedy REINFORCE takes the best action "ε of the time" and
///   samples π otherwise, while equation 7.3 gives the best action 1 − ε and samples π with ε. The
///   equation is implemented: ε = 0 is greedy, ε = 1 samples π.
pub fn epsilon_sample(logits: Tensor<2>, epsilon: f32, site: &str, noise: &Noise) -> Choice {
    let best = logits.clone().argmax(1);
    let columns = Tensor::<1, Int>::arange(0..logits.dims()[1] as i64, &logits.device());
    let best = columns.unsqueeze::<2>().equal(best).float();
    let behaviour = activation::softmax(logits, 1) * epsilon + best * (1.0 - epsilon);
    sample(behaviour.log(), site, noise)
}

/// Argmax with ties broken by the larger of `uniform`. [R, A], [R, A] → [R, 1]
fn best_at_random(values: Tensor<2>, uniform: &Tensor<2>) -> Tensor<2, Int> {
    let ties = values.clone().equal(values.max_dim(1));
    (uniform.clone() + 1.0).mask_fill(ties.bool_not(), 0.0).argmax(1)
}

/// `values` with −1 at one column a row, so that a maximum never falls there.
fn except(values: Tensor<2>, at: &Tensor<2, Int>) -> Tensor<2> {
    let columns = Tensor::<1, Int>::arange(0..values.dims()[1] as i64, &values.device());
    let here = columns.unsqueeze::<2>().equal(at.clone());
    values.mask_fill(here, -1.0)
}
