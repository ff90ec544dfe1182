//! What a routed forward pass leaves behind: batch arrays, no per-sample objects.

use burn::tensor::{Bool, Device, Int, Tensor, TensorData};

use crate::reward::Returns;

/// Which rows are routed: what a router may know of them besides their activation.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Meta-information m of each row, for example its task (T 5.1). \[R\]
    pub contexts: Vec<u32>,
    /// Stable number of each row's sample. \[R\]
    pub samples: Vec<u64>,
}

impl Rows {
    /// R
    pub fn len(&self) -> usize {
        self.contexts.len()
    }

    /// True where there is no row.
    pub fn is_empty(&self) -> bool {
        self.contexts.is_empty()
    }
}

/// Host numbers as an integer tensor. \[R\]
pub(crate) fn upload(numbers: &[u32], device: &Device) -> Tensor<1, Int> {
    let numbers: Vec<i32> = numbers.iter().map(|&number| number as i32).collect();
    let rows = numbers.len();
    Tensor::from_data(TensorData::new(numbers, [rows]), device)
}

/// Where a decision is made.
#[derive(Clone, Debug)]
pub struct Site<'a> {
    /// Depth t, from 0.
    pub depth: usize,
    /// Agent that decides for each row, as the dispatcher said. \[R\]
    pub agents: Tensor<1, Int>,
    /// h ⧺ one-hot(m) ⧺ one-hot(t) where the policy is approximated. [R, S]
    pub state: Option<Tensor<2>>,
    /// The rows themselves.
    pub rows: &'a Rows,
}

/// What a sub-router computes before it chooses.
#[derive(Clone, Debug)]
pub struct Heads {
    /// Action values, logits or probabilities, as the algorithm defines. [R, A]
    pub action: Tensor<2>,
    /// State value V(s) where the algorithm learns one. \[R\]
    pub critic: Option<Tensor<1>>,
}

/// What a sub-router chose.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Action a in 0..A. \[R\]
    pub action: Tensor<1, Int>,
    /// True where the action is not the greedy one. \[R\]
    pub exploratory: Tensor<1, Bool>,
    /// Probability that the behaviour gave to the chosen action. \[R\]
    pub probability: Tensor<1>,
}

/// How decisions are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    /// The algorithm's own exploration at rate ε.
    Train {
        /// ε, in [0, 1]
        exploration: f32,
    },
    /// The best action, ties to the first: deterministic.
    Greedy,
}

/// One depth of a trajectory.
#[derive(Clone, Debug)]
pub struct Step {
    /// Depth t.
    pub depth: usize,
    /// Agent of each row. \[R\]
    pub agents: Tensor<1, Int>,
    /// What the sub-router saw in its policy.
    pub heads: Heads,
    /// What it chose.
    pub choice: Choice,
    /// Host copy of the actions. \[R\]
    pub actions: Vec<u32>,
    /// True for rows that were not yet terminated when this decision was made. \[R\]
    pub alive: Vec<bool>,
}

/// A batch's decisions, depth by depth (T algorithm 3.1, line 4).
#[derive(Clone, Debug, Default)]
pub struct Trajectory {
    /// Agent that decided for each row. \[R\]
    pub agents: Vec<u32>,
    /// Steps in order of depth; fewer than the depth limit where all rows terminated before.
    pub steps: Vec<Step>,
}

impl Trajectory {
    /// Number of decisions each row made. \[R\]
    pub fn lengths(&self) -> Vec<u32> {
        let rows = self.steps.first().map_or(0, |step| step.alive.len());
        let mut lengths = vec![0; rows];
        for step in &self.steps {
            for (length, &alive) in lengths.iter_mut().zip(&step.alive) {
                *length += u32::from(alive);
            }
        }
        lengths
    }
}

/// What one depth's decisions led to: input of a decision algorithm's loss.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Action taken. \[R\]
    pub action: Tensor<1, Int>,
    /// Reward r_t, the final reward included in a trajectory's last step. \[R\]
    pub reward: Tensor<1>,
    /// Return G_t = Σ_{j≥t} γ^{j−t} r_j. \[R\]
    pub returns: Tensor<1>,
    /// 1 where this was the row's last decision, else 0. \[R\]
    pub terminal: Tensor<1>,
    /// 1 where the row made this decision, 0 where it had ended before. \[R\]
    pub alive: Tensor<1>,
    /// Discount γ.
    pub discount: f32,
}

impl Seen {
    /// From the decisions of one depth and what they returned.
    pub fn new(step: &Step, returns: &Returns, discount: f32) -> Self {
        let device = step.agents.device();
        let upload = |values: Vec<f32>| {
            let rows = values.len();
            Tensor::<1>::from_data(TensorData::new(values, [rows]), &device)
        };
        let flags = |flags: &[bool]| upload(flags.iter().map(|&flag| f32::from(flag)).collect());
        Self {
            action: step.choice.action.clone(),
            reward: upload(returns.reward.clone()),
            returns: upload(returns.returns.clone()),
            terminal: flags(&returns.terminal),
            alive: flags(&step.alive),
            discount,
        }
    }
}
