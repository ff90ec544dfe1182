//! A routed layer: thesis algorithm 3.1.

use burn::module::Module;
use burn::tensor::{Bool, Tensor, TensorData};

use crate::bank::Bank;
use crate::decision::DecisionAlgorithm;
use crate::noise::Noise;
use crate::router::Router;
use crate::train::optimizer::Used;
use crate::trajectory::{Choice, Drive, Gate, Rows, Seen, Site, Step, Trajectory, upload};

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

/// A router and the banks it chooses from, up to a depth limit.
#[derive(Module, Debug)]
pub struct RoutedLayer {
    /// Chooses
    pub router: Router,
    /// One bank a depth, or one for every depth (recursive routing)
    pub banks: Vec<Bank>,
    depths: usize,
    #[module(skip)]
    extra: ExtraActions,
}

impl RoutedLayer {
    /// `depths` is the limit T. One bank is used at every depth, else there must be T of them.
    pub fn new(router: Router, banks: Vec<Bank>, depths: usize, extra: ExtraActions) -> Self {
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
        mut h: Tensor<2>,
        rows: &Rows,
        drive: impl Into<Drive<'a>>,
        noise: &Noise,
    ) -> (Tensor<2>, Trajectory) {
        let drive = drive.into();
        let mut trajectory =
            Trajectory { agents: self.router.sight.dispatcher.assign(rows), steps: Vec::new() };
        let agents = upload(&trajectory.agents, &h.device());
        let mut alive = vec![true; rows.len()];
        for depth in 0..self.depths {
            if !alive.contains(&true) && !alive.is_empty() {
                break;
            }
            let decision = self.router.at(depth);
            let site = self.router.sight.site(depth, agents.clone(), rows, &h);
            let heads = decision.heads(&site);
            let (choice, actions) = drive.choose(decision, &heads, &site, noise);
            let state = site.state;
            h = self.compose(depth, h, &choice, &alive);
            let was_alive = alive.clone();
            if let Some(end) = self.terminating(depth) {
                for (alive, &action) in alive.iter_mut().zip(&actions) {
                    *alive &= action != end;
                }
            }
            let agents = agents.clone();
            let alive = was_alive;
            trajectory.steps.push(Step { depth, agents, state, heads, choice, actions, alive });
        }
        (h, trajectory)
    }

    /// The blocks of a depth, their outputs gated where the decision is trained through them.
    /// Rows that have ended keep h, whatever their sub-router said. [R, in] → [R, out]
    fn compose(&self, depth: usize, h: Tensor<2>, choice: &Choice, alive: &[bool]) -> Tensor<2> {
        let bank = self.bank(depth);
        let ended = alive.contains(&false).then(|| {
            let ended: Vec<bool> = alive.iter().map(|alive| !alive).collect();
            Tensor::<1, Bool>::from_data(TensorData::new(ended, [alive.len()]), &h.device())
        });
        let action = match &ended {
            Some(ended) => choice.action.clone().mask_fill(ended.clone(), bank.modules() as i64),
            None => choice.action.clone(),
        };
        let gated = match &choice.gate {
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

    /// Router loss of each row, summed over its decisions \[R\]; `None` where nothing is trained by
    /// gradient.
    pub fn router_loss(&self, trajectory: &Trajectory, seen: &[Seen]) -> Option<Tensor<1>> {
        let mut total: Option<Tensor<1>> = None;
        for (index, (step, seen)) in trajectory.steps.iter().zip(seen).enumerate() {
            let next = trajectory.steps.get(index + 1).map(|next| &next.heads);
            let Some(loss) = self.router.at(step.depth).loss(&step.heads, next, seen) else {
                continue;
            };
            let loss = loss * seen.alive.clone();
            total = Some(match total {
                Some(total) => total + loss,
                None => loss,
            });
        }
        total
    }

    /// How often the router learns from the decisions of one batch.
    pub fn epochs(&self) -> u32 {
        self.router.sub_routers.iter().map(DecisionAlgorithm::epochs).max().unwrap_or(1)
    }

    /// Router loss of each row in a later epoch, summed over its decisions \[R\]; `None` where
    /// there is none. The heads are computed again from what the sub-routers saw, which is taken
    /// as constant: no gradient reaches the modules.
    pub fn router_loss_again(
        &self,
        trajectory: &Trajectory,
        rows: &Rows,
        seen: &[Seen],
    ) -> Option<Tensor<1>> {
        let losses = trajectory.steps.iter().zip(seen).filter_map(|(step, seen)| {
            let (agents, state) = (step.agents.clone(), step.state.clone().map(Tensor::detach));
            let site = Site { depth: step.depth, agents, state, rows };
            let decision = self.router.at(step.depth);
            let loss = decision.again(&decision.heads(&site), &step.heads, seen)?;
            Some(loss * seen.alive.clone())
        });
        losses.reduce(|total, loss| total + loss)
    }

    /// Lets every sub-router make its updates that are no gradient steps.
    pub fn observe(&mut self, trajectory: &Trajectory, rows: &Rows, seen: &[Seen]) {
        for (step, seen) in trajectory.steps.iter().zip(seen) {
            let agents = step.agents.clone();
            let site = Site { depth: step.depth, agents, state: None, rows };
            self.router.at_mut(step.depth).observe(&site, seen);
        }
    }

    /// Which modules some row chose, for [`crate::train::optimizer::step`].
    pub fn used(&self, trajectory: &Trajectory) -> Used {
        let mut used = Used::new();
        for step in &trajectory.steps {
            let bank = self.bank(step.depth);
            let mut chosen = vec![false; bank.modules()];
            for (&action, _) in step.actions.iter().zip(&step.alive).filter(|(_, alive)| **alive) {
                if let Some(chosen) = chosen.get_mut(action as usize) {
                    *chosen = true;
                }
            }
            bank.mark(&chosen, &mut used);
        }
        used
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
    mixed + h * gate.clone().narrow(1, modules, actions - modules).sum_dim(1)
}
