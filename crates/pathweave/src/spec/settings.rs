//! Settings of every decision algorithm, as the router's spec has them.

use super::RouterSpec;
use crate::decision::AlgorithmSettings;

impl RouterSpec {
    /// Settings of the algorithms that have some.
    pub(crate) fn settings(&self) -> AlgorithmSettings {
        AlgorithmSettings {
            advantage_learning: self.advantage_learning.clone(),
            reinforce: self.reinforce.clone(),
            epsilon_reinforce: self.epsilon_reinforce.clone(),
            advantage_actor_critic: self.advantage_actor_critic.clone(),
            ppo: self.ppo.clone(),
            wpl: self.wpl.clone(),
            gumbel: self.gumbel.clone(),
            rebar: self.rebar.clone(),
            relax: self.relax.clone(),
        }
    }
}
