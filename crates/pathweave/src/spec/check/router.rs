//! Settings of the router, its algorithms and its dispatcher.

use super::Faults;
use crate::decision::AlgorithmKind;
use crate::dispatcher::encoding::EncodingKind;
use crate::spec::{ModelKind, Output, RunSpec};

impl RunSpec {
    pub(super) fn check_router(&self, faults: &mut Faults) {
        let (m, r) = (&self.model, &self.router);
        faults.unless(r.hidden > 0, "router.hidden", r.hidden, "a whole number of at least 1");
        let depth = r.max_depth;
        faults.unless(depth > 0, "router.max_depth", depth, "a whole number of at least 1");
        if m.kind != ModelKind::Routed {
            return;
        }
        if self.rows_may_pass() {
            let allowed = "\"shared\" where router.skip or router.terminate is set: a row that \
                           passes keeps its width";
            faults.unless(m.output == Output::Shared, "model.output", "\"routed\"", allowed);
            let equal = m.hidden.windows(2).all(|pair| pair[0] == pair[1]);
            let allowed = "equal widths where router.skip or router.terminate is set";
            faults.unless(equal, "model.hidden", format!("{:?}", m.hidden), allowed);
        }
    }

    pub(super) fn check_algorithms(&self, faults: &mut Faults) {
        let r = &self.router;
        for (algorithm, alpha) in
            [("reinforce", r.reinforce.alpha), ("epsilon_reinforce", r.epsilon_reinforce.alpha)]
        {
            let good = alpha > 0.0 && alpha <= 1.0;
            let key = format!("router.{algorithm}.alpha");
            faults.unless(good, &key, alpha, "a number above 0, at most 1");
        }
        for (algorithm, c) in [
            ("reinforce", r.reinforce.value_coefficient),
            ("epsilon_reinforce", r.epsilon_reinforce.value_coefficient),
            ("advantage_actor_critic", r.advantage_actor_critic.value_coefficient),
            ("ppo", r.ppo.value_coefficient),
        ] {
            let key = format!("router.{algorithm}.value_coefficient");
            faults.unless(c >= 0.0 && c.is_finite(), &key, c, "a number of at least 0");
        }
        let (epochs, clip, rate) = (r.ppo.epochs, r.ppo.clip, r.wpl.rate);
        faults.unless(epochs > 0, "router.ppo.epochs", epochs, "a whole number of at least 1");
        let allowed = "a number above 0";
        faults.unless(clip > 0.0 && clip.is_finite(), "router.ppo.clip", clip, allowed);
        let allowed = "a number above 0, below 1";
        faults.unless(rate > 0.0 && rate < 1.0, "router.wpl.rate", rate, allowed);
        let settings = [
            ("gumbel", r.gumbel.faults()),
            ("rebar", r.rebar.faults()),
            ("relax", r.relax.faults()),
        ];
        for (algorithm, found) in settings {
            for (key, found, allowed) in found {
                faults.add(&format!("router.{algorithm}.{key}"), found, allowed);
            }
        }
    }

    pub(super) fn check_dispatch(&self, faults: &mut Faults) {
        let (kind, r) = (self.model.kind, &self.router);
        for (key, found, allowed) in r.dispatch.faults() {
            faults.add(&format!("router.dispatch.{key}"), found, allowed);
        }
        let given = !r.dispatcher.is_offline() && !r.dispatcher.is_online();
        let text = r.dispatcher.name();
        let gated = matches!(kind, ModelKind::SoftMixture | ModelKind::TopK | ModelKind::Switch);
        let allowed = "\"single\" or \"meta\" where model.kind mixes modules";
        faults.unless(!gated || given, "router.dispatcher", text, allowed);
        let encoding = r.dispatch.encoding;
        let reads = self.data.is_text() || encoding == EncodingKind::Activation;
        let allowed = "\"activation\" unless the data are texts";
        faults.unless(reads, "router.dispatch.encoding", encoding.name(), allowed);
        if kind != ModelKind::Routed || !r.dispatcher.is_online() {
            return;
        }
        let entry = r.dispatch.algorithm.entry();
        let allowed = "an algorithm that learns from rewards and has policy \"mlp\", see \
                       `pathweave list algorithms`";
        // `em` imitates what an E-step keeps, and there is none over dispatchers.
        let imitates = r.dispatch.algorithm == AlgorithmKind::Em;
        let learns = entry.trained && entry.approximated && !imitates;
        faults.unless(learns, "router.dispatch.algorithm", entry.name, allowed);
        let (after, epochs) = (r.dispatch.after_epochs, self.train.epochs);
        let allowed = "less than train.epochs, so that some remain for the dispatcher";
        let good = after == 0 || after < epochs;
        faults.unless(good, "router.dispatch.after_epochs", after, allowed);
    }
}
