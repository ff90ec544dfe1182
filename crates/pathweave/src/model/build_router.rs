//! What surrounds a network's decisions: who decides, and what it is shown.

use pathweave_data::TaskSet;

use super::build::Plan;
use crate::decision::Decision;
use crate::dispatcher::Dispatcher;
use crate::dispatcher::autoencoder::{Autoencoder, AutoencoderShape};
use crate::dispatcher::encoding::{Encoding, EncodingShape, Target};
use crate::dispatcher::online::Online;
use crate::init::Init;
use crate::policy::{PolicyKind, PolicyShape};
use crate::router::{Sight, StateShape};
use crate::spec::CheckedSpec;

/// Widths of what a dispatcher may read; 0 where samples are no texts.
pub(super) fn words(spec: &CheckedSpec, data: &TaskSet) -> EncodingShape {
    let of = data.texts.as_ref().map_or((0, 0), |texts| (texts.vocabulary.len(), texts.width));
    EncodingShape { vocabulary: of.0, word: of.1, hidden: spec.router.hidden }
}

impl Plan<'_> {
    /// G, agents among which rows are distributed.
    pub(super) fn agents(&self) -> usize {
        let r = &self.spec.router;
        r.dispatcher.agents(self.tasks, r.dispatch.agents)
    }

    /// A dispatcher over the activation that enters the trunk, or over premises.
    pub(super) fn online(&self, init: &Init) -> Online {
        let (r, agents) = (&self.spec.router, self.agents());
        let dispatch = &r.dispatch;
        let encoding = Encoding::new(dispatch.encoding, self.words, &init.at("encoding"));
        let width = encoding.as_ref().map_or(self.dispatched, Encoding::width);
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
            let target = encoding.as_ref().map_or(Target::Seen, Encoding::target);
            let shape = AutoencoderShape { width, target, projected, bottleneck, agents };
            Autoencoder::new(shape, dispatch.alpha, &init.at("autoencoder"))
        });
        let decides = dispatch.after_epochs == 0;
        Online::new(decision, autoencoder, agents, decides, init).reading(encoding)
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
