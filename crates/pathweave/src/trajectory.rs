//! What a routed forward pass leaves behind: batch arrays, no per-sample objects.

use std::fmt::Debug;

use burn::tensor::{Bool, Device, Int, Tensor, TensorData};

use crate::decision::DecisionAlgorithm;
use crate::dispatcher::encoding::Premises;
use crate::noise::Noise;
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
    /// Action values, logits or probabilities, as the algorithm defines [R, A]; logits ⧺ action
    /// values where it learns both [R, 2A].
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
    /// What the chosen block's output is multiplied with, where the decision itself is trained by
    /// the module loss
    pub gate: Option<Gate>,
    /// The random numbers behind the draw, where the algorithm's loss needs them again
    pub relaxed: Option<Relaxed>,
}

/// Straight-through weights: equal to the hard choice, with the gradient of a soft one.
#[derive(Clone, Debug)]
pub enum Gate {
    /// Of the chosen block alone: 1, with the gradient of its soft weight. \[R\]
    Chosen(Tensor<1>),
    /// Of every block: one-hot, with the gradient of all soft weights; every block runs. [R, A]
    All(Tensor<2>),
}

impl Gate {
    /// Of these rows. \[N\] in 0..R
    pub(crate) fn select(&self, rows: Tensor<1, Int>) -> Self {
        match self {
            Self::Chosen(gate) => Self::Chosen(gate.clone().select(0, rows)),
            Self::All(gate) => Self::All(gate.clone().select(0, rows)),
        }
    }
}

/// Uniform numbers in (0, 1) of a reparameterised draw.
#[derive(Clone, Debug)]
pub struct Relaxed {
    /// u: the action is argmax of logits − log(−log u). [R, A]
    pub uniform: Tensor<2>,
    /// v, independent of u: for the draw conditional on the action. [R, A]
    pub conditional: Tensor<2>,
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

/// Decides in the place of the sub-routers: replayed paths, interventions on a trained network.
pub trait Instead: Debug {
    /// The actions at a depth, given those that the sub-router would greedily take. \[R\]
    ///
    /// One for each row. An action that is neither a module nor an extra action leaves its row as
    /// it is, like skip, and needs what skip needs: equal widths before and after.
    fn actions(&self, depth: usize, rows: &Rows, greedy: &[u32]) -> Vec<u32>;
}

/// Who decides in a forward pass.
#[derive(Clone, Copy, Debug)]
pub enum Drive<'a> {
    /// The sub-routers themselves
    Own(Mode),
    /// Somebody else; their decisions count as certain
    Instead(&'a dyn Instead),
    /// The dispatcher in this mode, the sub-routers greedily: trains a dispatcher behind a finished
    /// network (T 5.3.3)
    Dispatcher(Mode),
}

impl From<Mode> for Drive<'_> {
    fn from(mode: Mode) -> Self {
        Self::Own(mode)
    }
}

impl Drive<'_> {
    /// How a dispatcher that learns decides: greedily where somebody else routes.
    pub(crate) fn dispatcher(self) -> Mode {
        match self {
            Self::Own(mode) | Self::Dispatcher(mode) => mode,
            Self::Instead(_) => Mode::Greedy,
        }
    }

    /// The actions of a sub-router at a site, or those taken instead.
    pub(crate) fn choose(
        self,
        decision: &impl DecisionAlgorithm,
        heads: &Heads,
        site: &Site,
        noise: &Noise,
    ) -> (Choice, Vec<u32>) {
        let host = |choice: &Choice| -> Vec<u32> {
            choice.action.to_data().iter::<i64>().map(|action| action as u32).collect()
        };
        match self {
            Self::Dispatcher(_) => Drive::Own(Mode::Greedy).choose(decision, heads, site, noise),
            Self::Own(mode) => {
                let choice = decision.choose(heads, site, mode, noise);
                let actions = host(&choice);
                (choice, actions)
            }
            Self::Instead(instead) => {
                let greedy = decision.choose(heads, site, Mode::Greedy, noise);
                let actions = instead.actions(site.depth, site.rows, &host(&greedy));
                (Choice::certain(upload(&actions, &site.agents.device())), actions)
            }
        }
    }
}

impl Choice {
    /// A choice that leaves nothing to chance. \[R\]
    pub fn certain(action: Tensor<1, Int>) -> Self {
        Self {
            exploratory: action.clone().lower_elem(0),
            probability: Tensor::ones(action.dims(), &action.device()),
            action,
            gate: None,
            relaxed: None,
        }
    }
}

/// One depth of a trajectory.
#[derive(Clone, Debug)]
pub struct Step {
    /// Depth t.
    pub depth: usize,
    /// Agent of each row. \[R\]
    pub agents: Tensor<1, Int>,
    /// What an approximated policy saw. [R, S]
    pub state: Option<Tensor<2>>,
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
    /// The decision that named the agents, where a dispatcher learns; its depth is the number of
    /// depths
    pub dispatch: Option<Step>,
    /// What the dispatcher read, where it has an encoder of its own
    pub read: Option<Premises>,
    /// Steps in order of depth; fewer than the depth limit where all rows terminated before.
    pub steps: Vec<Step>,
}

impl Trajectory {
    /// Number of decisions each row made; 0 where the depth limit is 0. \[R\]
    pub fn lengths(&self) -> Vec<u32> {
        let mut lengths = vec![0; self.agents.len()];
        for step in &self.steps {
            for (length, &alive) in lengths.iter_mut().zip(&step.alive) {
                *length += u32::from(alive);
            }
        }
        lengths
    }

    /// How many rows that had not ended made each choice at each depth, for `choices[t]` choices at
    /// depth t \[T\]\[A\].
    pub fn counts(&self, choices: &[usize]) -> Vec<Vec<u64>> {
        let mut counts: Vec<Vec<u64>> = choices.iter().map(|&choices| vec![0; choices]).collect();
        for step in &self.steps {
            for (&action, _) in step.actions.iter().zip(&step.alive).filter(|(_, alive)| **alive) {
                counts[step.depth][action as usize] += 1;
            }
        }
        counts
    }
}

/// What one depth's decisions led to: input of a decision algorithm's loss.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What was chosen.
    pub choice: Choice,
    /// Action taken at the next depth, if there is one. \[R\]
    pub next_action: Option<Tensor<1, Int>>,
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
    /// Of every depth, from its decisions and what they returned.
    pub fn of(trajectory: &Trajectory, returns: &[Returns], discount: f32) -> Vec<Self> {
        let next = |depth: usize| Some(trajectory.steps.get(depth + 1)?.choice.action.clone());
        let steps = trajectory.steps.iter().zip(returns).enumerate();
        steps
            .map(|(depth, (step, returns))| Self::new(step, next(depth), returns, discount))
            .collect()
    }

    fn new(
        step: &Step,
        next_action: Option<Tensor<1, Int>>,
        returns: &Returns,
        discount: f32,
    ) -> Self {
        let device = step.agents.device();
        let upload = |values: Vec<f32>| {
            let rows = values.len();
            Tensor::<1>::from_data(TensorData::new(values, [rows]), &device)
        };
        let flags = |flags: &[bool]| upload(flags.iter().map(|&flag| f32::from(flag)).collect());
        Self {
            choice: step.choice.clone(),
            next_action,
            reward: upload(returns.reward.clone()),
            returns: upload(returns.returns.clone()),
            terminal: flags(&returns.terminal),
            alive: flags(&step.alive),
            discount,
        }
    }
}
