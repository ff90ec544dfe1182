//! Decisions made before anything is composed: a recurrence follows its path at every time step
//! (T 5.3.1.2).

use burn::tensor::Tensor;

use super::RoutedLayer;
use crate::decision::DecisionAlgorithm;
use crate::noise::Noise;
use crate::trajectory::{Drive, Rows, Trajectory, upload};

impl<D: DecisionAlgorithm> RoutedLayer<D> {
    /// All decisions of each row, which no module's output informs.
    ///
    /// `seen` [R, D] is what an approximated sub-router sees at every depth.
    ///
    /// # Deviations
    /// - T 5.3.1.2 does not say what an approximated router sees before a recurrence, whose states do
    ///   not exist yet: it is the mean of the decision's word vectors, the same at every depth.
    ///   `router.gradient_to_modules` then reaches the word vectors, where they learn, and no module.
    pub fn decide_ahead(
        &self,
        agents: Vec<u32>,
        seen: &Tensor<2>,
        rows: &Rows,
        (drive, noise): (Drive<'_>, &Noise),
    ) -> Trajectory {
        let mut trajectory = Trajectory { agents, ..Trajectory::default() };
        let agents = upload(&trajectory.agents, &seen.device());
        let mut alive = vec![true; rows.len()];
        for depth in 0..self.depths {
            if !alive.contains(&true) && !alive.is_empty() {
                break;
            }
            let step = self.decide(depth, (&agents, rows), seen, &mut alive, (drive, noise));
            trajectory.steps.push(step);
        }
        trajectory
    }

    /// The composition that was decided for each row, applied. `of` names the decision of each row of
    /// `h`. [R', in], \[R'\] → [R', out]
    pub fn follow(&self, mut h: Tensor<2>, of: &[u32], decided: &Trajectory) -> Tensor<2> {
        let index = upload(of, &h.device());
        h = self.bank(0).pass(h);
        for step in &decided.steps {
            let action = step.choice.action.clone().select(0, index.clone());
            let gate = step.choice.gate.as_ref().map(|gate| gate.select(index.clone()));
            let alive: Vec<bool> = of.iter().map(|&row| step.alive[row as usize]).collect();
            h = self.compose(step.depth, h, (&action, gate.as_ref()), &alive);
        }
        h
    }

    /// The modules that were decided on, in the order of their application, skipped depths left out
    /// and the end filled with M. `of` names the decision of each row \[S\]. → [S, T]
    pub fn paths(&self, of: &[u32], decided: &Trajectory) -> Vec<u32> {
        let none = self.bank(0).modules() as u32;
        let mut paths = vec![none; of.len() * self.depths];
        for (&row, path) in of.iter().zip(paths.chunks_exact_mut(self.depths.max(1))) {
            let row = row as usize;
            let taken = decided.steps.iter().filter(|step| step.alive[row]);
            let modules = taken.map(|step| step.actions[row]).filter(|&action| action < none);
            path.iter_mut().zip(modules).for_each(|(slot, module)| *slot = module);
        }
        paths
    }
}
