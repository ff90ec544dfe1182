//! Who decides in a forward pass on rule data, and what is remembered of it.

use burn::tensor::{Tensor, TensorData};
use pathweave_data::dataset::rules::{RuleBatch, RuleFamily};

use crate::decision::{Decision, DecisionAlgorithm};
use crate::dispatcher::Dispatcher;
use crate::noise::Noise;
use crate::rule::network::{Contexts, Guide, Weights};
use crate::rule::shape::RuleShape;
use crate::spec::{CheckedSpec, RouterSpec};
use crate::trajectory::{Choice, Gate, Heads, Mode, Relaxed, Rows, Site, Step, Trajectory, upload};

/// What sub-routers are shown of a row.
#[derive(Clone, Debug)]
pub(super) struct RuleSight {
    dispatcher: Dispatcher,
    /// Width of the one-hot context behind the encoding; `None` for tables, which see no state
    contexts: Option<usize>,
    /// Whether the router's loss reaches the encoders
    pub gradient_to_modules: bool,
}

impl RuleSight {
    pub fn new(spec: &CheckedSpec, shape: &RuleShape) -> Self {
        let r: &RouterSpec = &spec.router;
        let contexts = if r.sees_context { shape.rules } else { 0 };
        Self {
            dispatcher: r.dispatcher,
            contexts: (r.policy == crate::policy::PolicyKind::Mlp).then_some(contexts),
            gradient_to_modules: r.gradient_to_modules,
        }
    }

    /// S, width of the state behind an encoding.
    pub fn width(&self, encoding: usize) -> usize {
        encoding + self.contexts.unwrap_or(0)
    }

    /// Encoding ⧺ one-hot(c), zeros where it is missing. [R, E] → [R, S]
    fn state(&self, encoding: &Tensor<2>, contexts: &[u32]) -> Option<Tensor<2>> {
        let width = self.contexts?;
        let seen = match self.gradient_to_modules {
            true => encoding.clone(),
            false => encoding.clone().detach(),
        };
        if width == 0 {
            return Some(seen);
        }
        let mut hot = vec![0.0f32; contexts.len() * width];
        for (row, &context) in hot.chunks_exact_mut(width).zip(contexts) {
            if let Some(entry) = row.get_mut(context as usize) {
                *entry = 1.0;
            }
        }
        let hot = TensorData::new(hot, [contexts.len(), width]);
        let hot = Tensor::from_data(hot, &encoding.device());
        Some(Tensor::cat(vec![seen, hot], 1))
    }
}

/// The decisions of one place: a depth, or a token of every sample.
struct Taken {
    rows: Rows,
    agents: Vec<u32>,
    state: Option<Tensor<2>>,
    heads: Heads,
    choice: Choice,
    actions: Vec<u32>,
}

/// A sub-router that guides a network.
pub(super) struct Deciding<'a> {
    decision: &'a Decision,
    sight: &'a RuleSight,
    /// Of each row. \[R\]
    samples: Vec<u64>,
    /// Tokens that are decided one after the other; 1 where all are decided at once
    length: usize,
    mode: Mode,
    noise: Noise<'a>,
    taken: Vec<Taken>,
}

impl<'a> Deciding<'a> {
    pub fn new(
        (decision, sight): (&'a Decision, &'a RuleSight),
        batch: &RuleBatch,
        family: RuleFamily,
        (mode, noise): (Mode, Noise<'a>),
    ) -> Self {
        Self {
            decision,
            sight,
            samples: batch.x.chunks_exact(batch.features).map(number).collect(),
            length: if family == RuleFamily::Rnn { batch.length } else { 1 },
            mode,
            noise,
            taken: Vec::new(),
        }
    }

    /// All decisions as one depth of a trajectory: those of a row's depths, or of a sample's
    /// tokens, follow each other.
    pub fn finish(self) -> (Rows, Trajectory) {
        let rows = Rows {
            contexts: woven(&self.taken, |taken| &taken.rows.contexts),
            samples: woven(&self.taken, |taken| &taken.rows.samples),
        };
        let agents = woven(&self.taken, |taken| &taken.agents);
        let actions = woven(&self.taken, |taken| &taken.actions);
        let device = self.taken[0].heads.action.device();
        let all = |of: &dyn Fn(&Taken) -> Option<Tensor<2>>| -> Option<Tensor<2>> {
            let parts: Option<Vec<_>> = self.taken.iter().map(of).collect();
            parts.map(woven_rows)
        };
        let column = |of: &dyn Fn(&Taken) -> Option<Tensor<1>>| -> Option<Tensor<1>> {
            let part = |taken: &Taken| Some(of(taken)?.unsqueeze_dim::<2>(1));
            Some(all(&part)?.squeeze_dim(1))
        };
        let explored = column(&|taken| Some(taken.choice.exploratory.clone().float()));
        let relaxed = |of: &dyn Fn(&Relaxed) -> Tensor<2>| {
            all(&|taken| taken.choice.relaxed.as_ref().map(of))
        };
        let uniform = relaxed(&|relaxed| relaxed.uniform.clone());
        let choice = Choice {
            action: upload(&actions, &device),
            exploratory: explored.expect("every choice says so").greater_elem(0.5),
            probability: column(&|taken| Some(taken.choice.probability.clone()))
                .expect("every choice has one"),
            gate: None,
            relaxed: uniform
                .zip(relaxed(&|relaxed| relaxed.conditional.clone()))
                .map(|(uniform, conditional)| Relaxed { uniform, conditional }),
        };
        let heads = Heads {
            action: all(&|taken| Some(taken.heads.action.clone())).expect("every site has heads"),
            critic: column(&|taken| taken.heads.critic.clone()),
        };
        let step = Step {
            depth: 0,
            agents: upload(&agents, &device),
            state: all(&|taken| taken.state.clone()),
            heads,
            choice,
            alive: vec![true; actions.len()],
            actions,
        };
        (rows, Trajectory { agents, steps: vec![step], ..Trajectory::default() })
    }
}

impl Guide for Deciding<'_> {
    fn weights(&mut self, at: usize, encoding: &Tensor<2>, contexts: &Contexts) -> Weights {
        let token = if self.length > 1 { at } else { 0 };
        let rows = Rows {
            contexts: contexts.host.clone(),
            samples: self.samples.iter().skip(token).step_by(self.length).copied().collect(),
        };
        let agents = self.sight.dispatcher.assign(&rows).expect("agents by context");
        let state = self.sight.state(encoding, &rows.contexts);
        let site = Site {
            depth: at,
            agents: upload(&agents, &encoding.device()),
            state: state.clone(),
            rows: &rows,
        };
        let heads = self.decision.heads(&site);
        let choice = self.decision.choose(&heads, &site, self.mode, &self.noise);
        let actions = choice.action.to_data().iter::<i64>().map(|action| action as u32).collect();
        let action = choice.action.clone();
        let weights = match &choice.gate {
            None => Weights::One { action, factor: None },
            Some(Gate::Chosen(gate)) => Weights::One { action, factor: Some(gate.clone()) },
            Some(Gate::All(gate)) => Weights::Soft(gate.clone()),
        };
        self.taken.push(Taken { rows, agents, state, heads, choice, actions });
        weights
    }
}

/// A number of a row that follows from what it holds (FNV-1a over the numbers' bits): rows that are
/// drawn anew have no other.
fn number(x: &[f32]) -> u64 {
    x.iter().fold(0xcbf2_9ce4_8422_2325, |hash, x| {
        (hash ^ u64::from(x.to_bits())).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Numbers of each site as numbers of each row: entry r · sites + s is row r of site s.
fn woven<T: Copy>(taken: &[Taken], of: impl Fn(&Taken) -> &Vec<T>) -> Vec<T> {
    let rows = of(&taken[0]).len();
    (0..rows)
        .flat_map(|row| taken.iter().map(move |taken| (row, taken)))
        .map(|(row, taken)| of(taken)[row])
        .collect()
}

/// As [`woven`]. \[S\] of [R, D] → [R · S, D]
fn woven_rows(parts: Vec<Tensor<2>>) -> Tensor<2> {
    let sites = parts.len();
    let [rows, width] = parts[0].dims();
    if sites == 1 {
        return parts.into_iter().next().expect("one site");
    }
    Tensor::<2>::stack::<3>(parts, 1).reshape([rows * sites, width])
}
