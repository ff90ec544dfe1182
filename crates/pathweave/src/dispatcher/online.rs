//! Online dispatching: a policy assigns each row by its activation and learns from rewards
//! (T 6.2.2, figure 6.1 b; T 7.5.2).
//!
//! The dispatcher is a decision algorithm of its own over K agents. It sees the activation that
//! enters the routed layer, detached, or what an encoder of its own makes of a premise, and no
//! meta-information; its decision comes before all others and is rewarded with the trajectory's
//! return.
//!
//! # Deviations
//! - T 5.3.3 trains the dispatcher behind a finished network. Until then somebody must decide:
//!   contexts do, modulo the number of agents.
//! - A dispatcher of a reparameterised algorithm (T 7.5.2) has no block of its own to gate: its gate
//!   multiplies the output of the routed layer, which is what its agent composed.

use burn::module::{Module, Param};
use burn::tensor::{Int, Tensor, TensorData};

use super::autoencoder::Autoencoder;
use super::encoding::{Encoding, Premises};
use crate::decision::{Decision, DecisionAlgorithm};
use crate::init::Init;
use crate::noise::Noise;
use crate::train::optimizer::Used;
use crate::trajectory::{Choice, Gate, Mode, Rows, Seen, Site, Step};

/// A dispatcher that learns.
#[derive(Module, Debug)]
pub struct Online {
    /// Chooses among the agents
    pub decision: Decision,
    /// What it reads instead of the activation, if it does
    pub encoding: Option<Encoding>,
    /// Its objective besides the return, if it has one
    pub autoencoder: Option<Autoencoder>,
    /// 1 where it decides, 0 while contexts do; part of the network's state. \[1\]
    pub decides: Param<Tensor<1>>,
    agents: usize,
}

/// What a step of training does to a dispatcher.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// What its decision led to
    pub seen: Seen,
    /// Its loss of each row, the autoencoder's included \[R\]; `None` where there is none
    pub loss: Option<Tensor<1>>,
}

impl Online {
    /// `decision` has an action for each of `agents`; `decides` is whether it does from the start.
    pub fn new(
        decision: Decision,
        autoencoder: Option<Autoencoder>,
        agents: usize,
        decides: bool,
        init: &Init,
    ) -> Self {
        let decides = init.state([1], f32::from(u8::from(decides)));
        Self { decision, encoding: None, autoencoder, decides, agents }
    }

    /// With an encoder of its own, whose width its decision must have.
    pub fn reading(self, encoding: Option<Encoding>) -> Self {
        Self { encoding, ..self }
    }

    /// Lets it decide from now on.
    pub fn take_over(&mut self) {
        self.decides = self.decides.clone().map(|value| value.ones_like());
    }

    /// The agent of each row, and the decision behind it, if it decides already.
    ///
    /// `h` [R, D]; `depth` numbers the decision, and must be that of no sub-router.
    pub fn dispatch(
        &self,
        h: &Tensor<2>,
        rows: &Rows,
        mode: Mode,
        noise: &Noise,
        depth: usize,
    ) -> (Vec<u32>, Option<Step>) {
        self.decide(|| h.clone().detach(), rows, (mode, noise), depth)
    }

    /// As [`Online::dispatch`], from what its own encoder makes of the rows' premises.
    ///
    /// # Panics
    /// If it has no encoder.
    pub fn dispatch_premises(
        &self,
        premises: &Premises,
        rows: &Rows,
        (mode, noise): (Mode, &Noise),
        depth: usize,
    ) -> (Vec<u32>, Option<Step>) {
        let encoding = self.encoding.as_ref().expect("a dispatcher that reads has an encoder");
        self.decide(|| encoding.state(premises), rows, (mode, noise), depth)
    }

    fn decide(
        &self,
        state: impl FnOnce() -> Tensor<2>,
        rows: &Rows,
        (mode, noise): (Mode, &Noise),
        depth: usize,
    ) -> (Vec<u32>, Option<Step>) {
        if self.decides.val().into_scalar::<f32>() == 0.0 {
            let agents = self.agents as u32;
            return (rows.contexts.iter().map(|context| context % agents).collect(), None);
        }
        let state = state();
        let agents = Tensor::<1, Int>::zeros([rows.len()], &state.device());
        let site = Site { depth, agents, state: Some(state), rows };
        let heads = self.decision.heads(&site);
        let choice = self.decision.choose(&heads, &site, mode, noise);
        let actions: Vec<u32> = choice.action.to_data().iter::<i64>().map(|a| a as u32).collect();
        let Site { agents, state, .. } = site;
        let alive = vec![true; rows.len()];
        let step = Step { depth, agents, state, heads, choice, actions: actions.clone(), alive };
        (actions, Some(step))
    }

    /// What it learns from the returns G_0 of its rows \[R\]; `read` are the premises, if it read
    /// them.
    ///
    /// The decision is the only one of its trajectory: the reward is its return, whatever γ.
    pub fn lesson(
        &self,
        step: &Step,
        read: Option<&Premises>,
        returns: &[f32],
        discount: f32,
    ) -> Lesson {
        let external = self.autoencoder.as_ref().map(|autoencoder| autoencoder.loss(step, read));
        let rewards = match (&self.autoencoder, &external) {
            (Some(autoencoder), Some(loss)) => {
                let losses: Vec<f32> = loss.to_data().iter::<f32>().collect();
                let mixed = |(&dispatch, &loss): (&f32, &f32)| autoencoder.mix(dispatch, -loss);
                returns.iter().zip(&losses).map(mixed).collect()
            }
            _ => returns.to_vec(),
        };
        let device = step.agents.device();
        let reward = Tensor::<1>::from_data(TensorData::new(rewards, [returns.len()]), &device);
        let seen = Seen {
            choice: step.choice.clone(),
            next_action: None,
            returns: reward.clone(),
            terminal: reward.ones_like(),
            alive: reward.ones_like(),
            reward,
            discount,
        };
        let own = self.decision.loss(&step.heads, None, &seen);
        let loss = match (own, external) {
            (Some(own), Some(external)) => Some(own + external),
            (own, external) => own.or(external),
        };
        Lesson { seen, loss }
    }

    /// Lets its algorithm make the updates that are no gradient steps.
    pub fn observe(&mut self, step: &Step, rows: &Rows, seen: &Seen) {
        let (agents, state) = (step.agents.clone(), step.state.clone());
        self.decision.observe(&Site { depth: step.depth, agents, state, rows }, seen);
    }

    /// Notes which bottlenecks some row went through, and which words it read, for the optimizer.
    pub fn mark(&self, step: &Step, read: Option<&Premises>, used: &mut Used) {
        if let (Some(encoding), Some(premises)) = (&self.encoding, read) {
            encoding.mark(premises, used);
        }
        if let Some(autoencoder) = &self.autoencoder {
            autoencoder.mark(step, used);
        }
    }
}

/// The layer's output times the gate of the dispatcher's choice. [R, out] → [R, out]
pub fn gated(h: Tensor<2>, choice: &Choice) -> Tensor<2> {
    let gate = match &choice.gate {
        None => return h,
        Some(Gate::Chosen(gate)) => gate.clone().unsqueeze_dim(1),
        Some(Gate::All(gate)) => gate.clone().gather(1, choice.action.clone().unsqueeze_dim(1)),
    };
    h * gate
}
