//! What surrounds a network's decisions: who decides, and what it is shown.

use super::build::Plan;
use crate::decision::Decision;
use crate::dispatcher::Dispatcher;
use crate::dispatcher::autoencoder::{Autoencoder, AutoencoderShape};
use crate::dispatcher::online::Online;
use crate::init::Init;
use crate::policy::{PolicyKind, PolicyShape};
use crate::router::{Sight, StateShape};

impl Plan<'_> {
    /// G, agents among which rows are distributed.
    pub(super) fn agents(&self) -> usize {
        let r = &self.spec.router;
        r.dispatcher.agents(self.tasks, r.dispatch.agents)
    }

    /// A dispatcher over the activation that enters the trunk.
    pub(super) fn online(&self, init: &Init) -> Online {
        let (r, agents, width) = (&self.spec.router, self.agents(), self.dispatched);
        let dispatch = &r.dispatch;
        let shape = PolicyShape {
            kind: PolicyKind::Mlp,
            agents: 1,
            slots: 1,
            state: width,
            hidden: r.hidden,
            actions: agents,
        };
        let init_policy = init.at("policy");
        let settings = self.spec.router.settings();
        let decision = Decision::new(dispatch.algorithm, &settings, &shape, agents, &init_policy);
        let autoencoder = (r.dispatcher == Dispatcher::Autoencoder).then(|| {
            let (projected, bottleneck) = (r.hidden, dispatch.bottleneck);
            let shape = AutoencoderShape { width, projected, bottleneck, agents };
            Autoencoder::new(shape, dispatch.alpha, &init.at("autoencoder"))
        });
        Online::new(decision, autoencoder, agents, dispatch.after_epochs == 0, init)
    }

    pub(super) fn policy(&self, actions: usize) -> PolicyShape {
        let r = &self.spec.router;
        PolicyShape {
            kind: r.policy,
            agents: self.agents(),
            slots: 1,
            state: self.state().width(),
            hidden: r.hidden,
            actions,
        }
    }

    pub(super) fn state(&self) -> StateShape {
        StateShape {
            activation: self.seen,
            contexts: if self.spec.router.sees_context { self.tasks } else { 0 },
            depths: self.depths,
        }
    }

    pub(super) fn sight(&self) -> Sight {
        let r = &self.spec.router;
        Sight {
            dispatcher: r.dispatcher,
            state: (r.policy == PolicyKind::Mlp).then(|| self.state()),
            gradient_to_modules: r.gradient_to_modules,
        }
    }
}
