//! Weighted policy learner, tabular (T algorithm 5.1; Abdallah and Lesser 2006).

use burn::module::{Module, Param};
use burn::tensor::{IndexingUpdateOp, Int, Tensor};
use serde::{Deserialize, Serialize};

use super::{DecisionAlgorithm, choose};
use crate::init::Init;
use crate::noise::Noise;
use crate::policy::{PolicyShape, table_rows};
use crate::trajectory::{Choice, Heads, Mode, Seen, Site};

/// How Δ is scaled by the probability of its action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Weighting {
    /// T algorithm 5.1: positive Δ by π(a), negative by 1 − π(a)
    #[default]
    Thesis,
    /// Abdallah and Lesser 2006: positive Δ by 1 − π(a), negative by π(a)
    Original,
}

/// Settings of [`Wpl`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct WplSpec {
    /// Which way round Δ is scaled
    pub weighting: Weighting,
    /// λ_π, step of a table's policy and of its average return. Not decayed: it is no gradient
    /// step. Void for approximated policies, which learn at the router's learning rate.
    pub rate: f32,
}

impl Default for WplSpec {
    fn default() -> Self {
        Self { weighting: Weighting::default(), rate: 0.01 }
    }
}

/// A table of action probabilities, moved without gradient descent.
///
/// # Deviations
/// - T writes R̂_i, "the historical average return for each action a_i", a_i being the i-th action
///   of the trajectory: it is kept here for each (agent, depth). (An average for each action of the
///   bank would make Δ vanish for every action, good or bad.)
/// - T updates after each trajectory. A batch's trajectories were all drawn from the same π, so
///   their updates are added and projected once; R̂ moves as n successive averages of their mean
///   would move it. For one trajectory an agent this is the algorithm to the letter.
#[derive(Module, Debug)]
pub struct Wpl {
    /// π(a | agent, depth). [slots · G, A]
    pub probabilities: Param<Tensor<2>>,
    /// R̂(agent, depth). [slots · G]
    pub mean_return: Param<Tensor<1>>,
    agents: usize,
    slots: usize,
    #[module(skip)]
    spec: WplSpec,
}

impl Wpl {
    /// π starts uniform, R̂ at 0.
    pub fn new(shape: &PolicyShape, spec: WplSpec, init: &Init) -> Self {
        let rows = shape.agents * shape.slots;
        Self {
            probabilities: init.state([rows, shape.actions], 1.0 / shape.actions as f32),
            mean_return: init.state([rows], 0.0),
            agents: shape.agents,
            slots: shape.slots,
            spec,
        }
    }

    fn rows(&self, site: &Site) -> Tensor<1, Int> {
        table_rows(site, self.agents, self.slots)
    }
}

impl DecisionAlgorithm for Wpl {
    fn heads(&self, site: &Site) -> Heads {
        let table = self.probabilities.val().detach();
        Heads { action: table.select(0, self.rows(site)), critic: None }
    }

    fn choose(&self, heads: &Heads, site: &Site, mode: Mode, noise: &Noise) -> Choice {
        match mode {
            Mode::Train { .. } => {
                choose::sample(heads.action.clone().log(), &super::stream(site), noise)
            }
            Mode::Greedy => choose::greedy(heads.action.clone()),
        }
    }

    /// No gradient descent: the table is moved by [`DecisionAlgorithm::observe`].
    fn loss(&self, _now: &Heads, _next: Option<&Heads>, _seen: &Seen) -> Option<Tensor<1>> {
        None
    }

    /// R̂ ← R̂ + (1 − (1 − λ)ⁿ)(mean G − R̂); Δ = G − R̂, scaled; π ← projection(π + λ Σ 1(a) Δ).
    fn observe(&mut self, site: &Site, seen: &Seen) {
        let rows = self.rows(site);
        let (probabilities, mean_return) =
            (self.probabilities.val().detach(), self.mean_return.val().detach());
        let [table_rows, actions] = probabilities.dims();
        let device = probabilities.device();
        let add = IndexingUpdateOp::Add;

        let zeros = Tensor::<1>::zeros([table_rows], &device);
        let count = zeros.clone().select_assign(0, rows.clone(), seen.alive.clone(), add);
        let weighted = seen.returns.clone() * seen.alive.clone();
        let sum = zeros.select_assign(0, rows.clone(), weighted, IndexingUpdateOp::Add);
        let mean = sum / count.clone().clamp_min(1.0);
        let absent = count.clone().lower_equal_elem(0.0).unsqueeze_dim::<2>(1);
        let kept = (count * (1.0 - self.spec.rate).ln()).exp();
        let mean_return = mean_return * kept.clone() + mean * (-kept + 1.0);

        let delta = (seen.returns.clone() - mean_return.clone().select(0, rows.clone()))
            * seen.alive.clone();
        let chosen = seen.choice.action.clone();
        let flat = rows * actions as i64 + chosen.clone();
        let pi = probabilities.clone().reshape([table_rows * actions]).select(0, flat.clone());
        let delta = scaled(delta, pi, self.spec.weighting);
        let moved = probabilities
            .clone()
            .reshape([table_rows * actions])
            .select_assign(0, flat, delta * self.spec.rate, IndexingUpdateOp::Add)
            .reshape([table_rows, actions]);

        // To project again would move the last bits of rows that nobody used.
        let absent = absent.expand([table_rows, actions]);
        let moved = project(moved).mask_where(absent, probabilities);
        self.probabilities = self.probabilities.clone().map(|_| moved);
        self.mean_return = self.mean_return.clone().map(|_| mean_return);
    }
}

/// Δ times the probability of its action or the rest of it, by the sign of Δ. \[R\], \[R\] → \[R\]
pub(super) fn scaled(delta: Tensor<1>, pi: Tensor<1>, weighting: Weighting) -> Tensor<1> {
    let rises = delta.clone().greater_elem(0.0).float();
    let share = match weighting {
        Weighting::Thesis => pi,
        Weighting::Original => -pi + 1.0,
    };
    delta * (rises.clone() * share.clone() + (-rises + 1.0) * (-share + 1.0))
}

/// clip(π) / Σ clip(π), clip to [0, 1] (T 5.1). A row that is clipped to nothing becomes uniform.
/// [G, A] → [G, A]
pub fn project(table: Tensor<2>) -> Tensor<2> {
    let actions = table.dims()[1];
    let clipped = table.clamp(0.0, 1.0);
    let sum = clipped.clone().sum_dim(1);
    // Added, not filled in: a mask cannot be expanded over no rows.
    let empty = sum.clone().lower_equal_elem(0.0).float();
    clipped / (sum + empty.clone()) + empty / actions as f32
}
