//! A routed layer: thesis algorithm 3.1.

mod ahead;
mod distinct;
mod learn;
mod sequences;
pub mod words;

use burn::module::Module;
use burn::tensor::{Bool, Int, Tensor, TensorData};

pub use distinct::{Distinct, Level};

use crate::bank::Bank;
use crate::decision::{Decision, DecisionAlgorithm};
use crate::dispatcher::online::gated;
use crate::noise::Noise;
use crate::router::Router;
use crate::trajectory::{Drive, Gate, Rows, Site, Step, Trajectory, upload};

/// Actions beside the modules. They follow the modules in the order given here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExtraActions {
    /// Leave h and go on to the next depth
    pub skip: bool,
    /// ⊥: leave h and end the row's trajectory
    pub terminate: bool,
}

impl ExtraActions {
    /// How many there are.
    pub fn count(self) -> usize {
        usize::from(self.skip) + usize::from(self.terminate)
    }
}

/// A router and the banks it chooses from, up to a depth limit. `D` is how it decides, see [`Router`].
#[derive(Module, Debug)]
pub struct RoutedLayer<D = Decision> {
    /// Chooses
    pub router: Router<D>,
    /// One bank a depth, or one for every depth (recursive routing)
    pub banks: Vec<Bank>,
    depths: usize,
    #[module(skip)]
    extra: ExtraActions,
}

impl<D: DecisionAlgorithm> RoutedLayer<D> {
    /// `depths` is the limit T. One bank is used at every depth, else there must be T of them.
    /// A limit of 0 leaves h as it came and decides nothing.
    pub fn new(router: Router<D>, banks: Vec<Bank>, depths: usize, extra: ExtraActions) -> Self {
        assert!(
            banks.len() == 1 || banks.len() == depths,
            "one bank, or one for each of {depths} depths; found {}",
            banks.len()
        );
        Self { router, banks, depths, extra }
    }

    /// T, the depth limit.
    pub fn depths(&self) -> usize {
        self.depths
    }

    /// Which extra actions exist.
    pub fn extra(&self) -> ExtraActions {
        self.extra
    }

    /// The bank of a depth.
    pub fn bank(&self, depth: usize) -> &Bank {
        &self.banks[if self.banks.len() == 1 { 0 } else { depth }]
    }

    /// Number of the terminating action at a depth, if there is one.
    fn terminating(&self, depth: usize) -> Option<u32> {
        self.extra
            .terminate
            .then(|| (self.bank(depth).modules() + usize::from(self.extra.skip)) as u32)
    }

    /// Composes a function for each row and applies it (T algorithm 3.1, forward).
    ///
    /// `h` [R, in] → ([R, out], the decisions). Rows end at different depths; gradients flow
    /// through chosen modules only. Ends early where every row has terminated.
    pub fn forward<'a>(
        &self,
        h: Tensor<2>,
        rows: &Rows,
        drive: impl Into<Drive<'a>>,
        noise: &Noise,
    ) -> (Tensor<2>, Trajectory) {
        let drive = drive.into();
        let (agents, dispatch) = self.router.dispatch(&h, rows, drive, noise, self.depths);
        let (h, trajectory) = self.forward_of(agents, h, rows, drive, noise);
        let h = match &dispatch {
            Some(step) => gated(h, &step.choice),
            None => h,
        };
        (h, Trajectory { dispatch, ..trajectory })
    }

    /// As [`RoutedLayer::forward`], the agent of each row being known \[R\].
    pub fn forward_of(
        &self,
        agents: Vec<u32>,
        mut h: Tensor<2>,
        rows: &Rows,
        drive: Drive<'_>,
        noise: &Noise,
    ) -> (Tensor<2>, Trajectory) {
        let mut trajectory = Trajectory { agents, ..Trajectory::default() };
        let agents = upload(&trajectory.agents, &h.device());
        let mut alive = vec![true; rows.len()];
        for depth in 0..self.depths {
            if !alive.contains(&true) && !alive.is_empty() {
                break;
            }
            let step = self.decide(depth, (&agents, rows), &h, &mut alive, (drive, noise));
            let (action, gate) = (&step.choice.action, step.choice.gate.as_ref());
            h = self.compose(depth, h, (action, gate), &step.alive);
            trajectory.steps.push(step);
        }
        (h, trajectory)
    }

    /// The decisions of a depth for what it sees [R, D]; rows that end with it are `alive` no more.
    fn decide(
        &self,
        depth: usize,
        (agents, rows): (&Tensor<1, Int>, &Rows),
        seen: &Tensor<2>,
        alive: &mut [bool],
        (drive, noise): (Drive<'_>, &Noise),
    ) -> Step {
        let decision = self.router.at(depth);
        let site = self.router.sight.site(depth, agents.clone(), rows, seen);
        let heads = decision.heads(&site);
        let (choice, actions) = drive.choose(decision, &heads, &site, noise);
        let Site { agents, state, .. } = site;
        let step = Step { depth, agents, state, heads, choice, actions, alive: alive.to_vec() };
        if let Some(end) = self.terminating(depth) {
            for (alive, &action) in alive.iter_mut().zip(&step.actions) {
                *alive &= action != end;
            }
        }
        step
    }

    /// The blocks of a depth, their outputs gated where the decision is trained through them.
    /// Rows that have ended keep h, whatever their sub-router said. [R, in] → [R, out]
    fn compose(
        &self,
        depth: usize,
        h: Tensor<2>,
        (action, gate): (&Tensor<1, Int>, Option<&Gate>),
        alive: &[bool],
    ) -> Tensor<2> {
        let bank = self.bank(depth);
        let ended = alive.contains(&false).then(|| {
            let ended: Vec<bool> = alive.iter().map(|alive| !alive).collect();
            Tensor::<1, Bool>::from_data(TensorData::new(ended, [alive.len()]), &h.device())
        });
        let action = match &ended {
            Some(ended) => action.clone().mask_fill(ended.clone(), bank.modules() as i64),
            None => action.clone(),
        };
        let gated = match gate {
            None => return bank.apply(h, &action),
            Some(Gate::Chosen(gate)) => {
                bank.apply(h.clone(), &action) * gate.clone().unsqueeze_dim::<2>(1)
            }
            Some(Gate::All(gate)) => mix(bank, h.clone(), gate),
        };
        match ended {
            Some(ended) => {
                let ended = ended.unsqueeze_dim::<2>(1).expand(gated.dims());
                gated.mask_where(ended, h)
            }
            None => gated,
        }
    }

    /// The same layer with a smaller depth limit.
    pub(crate) fn first(&self, depths: usize) -> Self {
        Self { depths, ..self.clone() }
    }
}

/// Σ_m g_m f_m(h), and h for the actions beyond the modules. [R, in], [R, A] → [R, out]
fn mix(bank: &Bank, h: Tensor<2>, gate: &Tensor<2>) -> Tensor<2> {
    let (modules, actions) = (bank.modules(), gate.dims()[1]);
    let blocks = gate.clone().narrow(1, 0, modules).transpose().unsqueeze_dim::<3>(2);
    let mixed = (bank.apply_all(h.clone()) * blocks).sum_dim(0).squeeze_dim::<2>(0);
    if actions == modules {
        return mixed;
    }
    mixed + bank.pass(h) * gate.clone().narrow(1, modules, actions - modules).sum_dim(1)
}
