//! A routed layer: thesis algorithm 3.1.

use burn::module::Module;
use burn::tensor::{Int, Tensor, TensorData};

use crate::bank::Bank;
use crate::decision::DecisionAlgorithm;
use crate::noise::Noise;
use crate::router::Router;
use crate::train::optimizer::Used;
use crate::trajectory::{Mode, Rows, Seen, Site, Step, Trajectory, upload};

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
    pub fn forward(
        &self,
        mut h: Tensor<2>,
        rows: &Rows,
        mode: Mode,
        noise: &Noise,
    ) -> (Tensor<2>, Trajectory) {
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
            let choice = decision.choose(&heads, &site, mode, noise);
            let actions: Vec<u32> =
                choice.action.to_data().iter::<i64>().map(|action| action as u32).collect();
            let action = self.applied(depth, &choice.action, &alive);
            h = self.bank(depth).apply(h, &action);
            let was_alive = alive.clone();
            if let Some(end) = self.terminating(depth) {
                for (alive, &action) in alive.iter_mut().zip(&actions) {
                    *alive &= action != end;
                }
            }
            let agents = agents.clone();
            trajectory.steps.push(Step { depth, agents, heads, choice, actions, alive: was_alive });
        }
        (h, trajectory)
    }

    /// The actions that the bank is given: rows that have ended choose no module.
    fn applied(&self, depth: usize, action: &Tensor<1, Int>, alive: &[bool]) -> Tensor<1, Int> {
        if !alive.contains(&false) {
            return action.clone();
        }
        let ended: Vec<bool> = alive.iter().map(|alive| !alive).collect();
        let mask = Tensor::from_data(TensorData::new(ended, [alive.len()]), &action.device());
        action.clone().mask_fill(mask, self.bank(depth).modules() as i64)
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
