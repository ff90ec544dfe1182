//! The routed learner of formulas: a recursive router that says where to reduce, by which module,
//! and when to stop (T figure 3.4 a; Chang et al. 2019).
//!
//! # Deviations
//! - Chang et al.'s controller reads the whole expression with a recurrent network. Here one
//!   perceptron looks at each operator with the two tokens on both sides, the same one at every
//!   place and depth, so that it can be asked about formulas longer than those of training; ⊥ and
//!   the state's value are read from the mean of its hidden layers.
//! - A window is an operator with its two neighbours: windows around a digit are no actions.
//! - ⊥ before one token is left answers with the first token. A formula of one token ends by
//!   itself.
//! - The router's view carries no gradient to the modules (T 7.4.5's default).

use burn::module::Module;
use burn::tensor::{Bool, Device, Tensor, TensorData, activation};
use pathweave_data::dataset::formula::{DIGITS, Formula, TOKENS};

use super::spec::FormulaToySpec;
use super::tokens::{Reduction, Tokens};
use crate::bank::{Bank, MlpBank};
use crate::block::{Activation, LinearBlock};
use crate::decision::{Decision, DecisionAlgorithm};
use crate::init::Init;
use crate::noise::Noise;
use crate::policy::{PolicyKind, PolicyShape};
use crate::train::optimizer::Used;
use crate::trajectory::{Heads, Mode, Rows, Seen, Site, Step, Trajectory, upload};

/// Stands for −∞ in the logits of windows that a row does not have: it keeps gradients finite.
const NEVER: f32 = -1e9;

/// What the router saw at a depth, free of gradient.
#[derive(Clone, Debug)]
pub struct View {
    /// What surrounds each operator. [R · P, 5 · V]
    surroundings: Tensor<2>,
    /// Operators left in each row. \[R\]
    operators: Vec<usize>,
}

/// What a pass leaves behind.
#[derive(Clone, Debug)]
pub struct Pass {
    /// Probabilities of the ten digits. [R, 10]
    pub digits: Tensor<2>,
    /// The decisions
    pub trajectory: Trajectory,
    /// What the router saw, a view a step
    pub views: Vec<View>,
}

/// Scores every window of every row.
#[derive(Module, Debug)]
pub struct FormulaRouter {
    /// [5 · V, hidden], ReLU
    pub first: LinearBlock,
    /// [hidden, M]
    pub window: LinearBlock,
    /// [hidden, 2]: ⊥ and V(s)
    pub whole: LinearBlock,
    /// Chooses among the scores and learns from what followed; its own policy is not used
    pub decision: Decision,
}

impl FormulaRouter {
    fn new(spec: &FormulaToySpec, init: &Init) -> Self {
        let hidden = spec.router_hidden;
        let block = |input, output, f, name| LinearBlock::new(input, output, f, &init.at(name));
        // The heads are computed here: the number of actions follows the formulas' length.
        let shape = PolicyShape {
            kind: PolicyKind::Tabular,
            agents: 1,
            slots: 1,
            state: 0,
            hidden: 0,
            actions: 1,
        };
        let settings = &spec.settings;
        Self {
            first: block(5 * TOKENS, hidden, Activation::Relu, "first"),
            window: block(hidden, spec.modules, Activation::Identity, "window"),
            whole: block(hidden, 2, Activation::Identity, "whole"),
            decision: Decision::new(spec.algorithm, settings, &shape, 1, &init.at("decision")),
        }
    }

    /// A = P · M + 1 columns: window by window a module each, then ⊥. [R, A], V(s) \[R\]
    fn heads(&self, view: &View) -> Heads {
        let rows = view.operators.len();
        let windows = view.surroundings.dims()[0] / rows.max(1);
        let device = view.surroundings.device();
        let hidden = self.first.forward(view.surroundings.clone());
        let width = hidden.dims()[1];
        let scores = self.window.forward(hidden.clone());
        let modules = scores.dims()[1];
        let (mut absent, mut weight) = (Vec::new(), Vec::new());
        for &operators in &view.operators {
            for window in 0..windows {
                let here = window < operators;
                absent.extend(std::iter::repeat_n(!here, modules));
                weight.push(if here { 1.0 / operators as f32 } else { 0.0 });
            }
        }
        let absent = TensorData::new(absent, [rows, windows * modules]);
        let absent = Tensor::<2, Bool>::from_data(absent, &device);
        let weight = TensorData::new(weight, [rows, windows, 1]);
        let weight = Tensor::<3>::from_data(weight, &device);
        let pooled = hidden.reshape([rows, windows, width]) * weight;
        let whole = self.whole.forward(pooled.sum_dim(1).squeeze_dim::<2>(1));
        let scores = scores.reshape([rows, windows * modules]).mask_fill(absent, NEVER);
        Heads {
            action: Tensor::cat(vec![scores, whole.clone().narrow(1, 0, 1)], 1),
            critic: Some(whole.narrow(1, 1, 1).squeeze_dim(1)),
        }
    }
}

/// Router and modules.
#[derive(Module, Debug)]
pub struct RoutedFormula {
    /// Where, which, and when to stop
    pub router: FormulaRouter,
    /// M modules: three tokens to a digit. [R, 3 · V] → [R, 10] logits
    pub bank: Bank,
}

impl RoutedFormula {
    /// Fresh parameters.
    pub fn new(spec: &FormulaToySpec, init: &Init) -> Self {
        let widths = [3 * TOKENS, spec.hidden, DIGITS];
        let f = Activation::Identity;
        Self {
            router: FormulaRouter::new(spec, &init.at("router")),
            bank: Bank::Mlp(MlpBank::new(spec.modules, widths, f, &init.at("bank"))),
        }
    }

    /// Reduces formulas until all have ended.
    pub fn forward(
        &self,
        formulas: &[Formula],
        mode: Mode,
        noise: &Noise,
        device: &Device,
    ) -> Pass {
        let mut tokens = Tokens::new(formulas, device);
        let count = formulas.len();
        let rows = rows(count);
        let agents = upload(&vec![0; count], device);
        let modules = self.bank.modules();
        let end = (tokens.windows() * modules) as u32;
        let mut alive: Vec<bool> = tokens.operators.iter().map(|left| *left > 0).collect();
        let mut trajectory = Trajectory { agents: vec![0; count], ..Trajectory::default() };
        let mut views = Vec::new();
        for depth in 0..tokens.windows() {
            if !alive.contains(&true) {
                break;
            }
            let view = View {
                surroundings: tokens.surroundings().detach(),
                operators: tokens.operators.clone(),
            };
            let heads = self.router.heads(&view);
            views.push(view);
            let site = Site { depth, agents: agents.clone(), state: None, rows: &rows };
            let choice = self.router.decision.choose(&heads, &site, mode, noise);
            let actions: Vec<u32> =
                choice.action.to_data().iter::<i64>().map(|action| action as u32).collect();
            let reductions = reductions(&actions, &alive, end, modules as u32);
            self.reduce(&mut tokens, &reductions);
            let was_alive = alive.clone();
            for (row, alive) in alive.iter_mut().enumerate() {
                *alive &= actions[row] != end && tokens.operators[row] > 0;
            }
            let agents = agents.clone();
            let (state, alive) = (None, was_alive);
            trajectory.steps.push(Step { depth, agents, state, heads, choice, actions, alive });
        }
        let first = tokens.values.narrow(1, 0, 1).squeeze_dim::<2>(1);
        Pass { digits: first.narrow(1, 0, DIGITS), trajectory, views }
    }

    fn reduce(&self, tokens: &mut Tokens, reductions: &[Reduction]) {
        if reductions.is_empty() {
            return;
        }
        let device = tokens.values.device();
        let modules: Vec<u32> = reductions.iter().map(|reduction| reduction.module).collect();
        let logits = self.bank.apply(tokens.chosen(reductions), &upload(&modules, &device));
        let digits = activation::softmax(logits, 1);
        let no_operator = Tensor::zeros([reductions.len(), TOKENS - DIGITS], &device);
        tokens.replace(reductions, Tensor::cat(vec![digits, no_operator], 1));
    }

    /// Router loss of each row, summed over its decisions. \[R\]
    pub fn router_loss(&self, trajectory: &Trajectory, seen: &[Seen]) -> Option<Tensor<1>> {
        let losses = trajectory.steps.iter().zip(seen).enumerate().filter_map(|(index, pair)| {
            let (step, seen) = pair;
            let next = trajectory.steps.get(index + 1).map(|next| &next.heads);
            Some(self.router.decision.loss(&step.heads, next, seen)? * seen.alive.clone())
        });
        losses.reduce(|total, loss| total + loss)
    }

    /// Router loss of each row in a later epoch of the same decisions. \[R\]
    pub fn router_loss_again(&self, pass: &Pass, seen: &[Seen]) -> Option<Tensor<1>> {
        let steps = pass.trajectory.steps.iter().zip(&pass.views).zip(seen);
        let losses = steps.filter_map(|((step, view), seen)| {
            let now = self.router.heads(view);
            Some(self.router.decision.again(&now, &step.heads, seen)? * seen.alive.clone())
        });
        losses.reduce(|total, loss| total + loss)
    }

    /// Lets the router make its updates that are no gradient steps.
    pub fn observe(&mut self, trajectory: &Trajectory, seen: &[Seen]) {
        let rows = rows(trajectory.agents.len());
        for (step, seen) in trajectory.steps.iter().zip(seen) {
            let agents = step.agents.clone();
            let site = Site { depth: step.depth, agents, state: None, rows: &rows };
            self.router.decision.observe(&site, seen);
        }
    }

    /// Which modules some row chose, for the optimizer.
    pub fn used(&self, trajectory: &Trajectory) -> Used {
        let mut used = Used::new();
        let modules = self.bank.modules();
        let mut chosen = vec![false; modules];
        for step in &trajectory.steps {
            let end = (step.heads.action.dims()[1] - 1) as u32;
            for reduction in reductions(&step.actions, &step.alive, end, modules as u32) {
                chosen[reduction.module as usize] = true;
            }
        }
        self.bank.mark(&chosen, &mut used);
        used
    }
}

/// The replacements that living rows chose.
fn reductions(actions: &[u32], alive: &[bool], end: u32, modules: u32) -> Vec<Reduction> {
    let reduction = |(row, (&action, _)): (usize, (&u32, &bool))| Reduction {
        row,
        place: (action / modules) as usize,
        module: action % modules,
    };
    let living = actions.iter().zip(alive).enumerate();
    living.filter(|(_, (action, alive))| **alive && **action != end).map(reduction).collect()
}

fn rows(count: usize) -> Rows {
    Rows { contexts: vec![0; count], samples: (0..count as u64).collect() }
}
