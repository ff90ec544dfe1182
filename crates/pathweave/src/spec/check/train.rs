//! Settings of the optimisation, its switches and its records.

use super::Faults;
use crate::spec::{ModelKind, RunSpec};
use crate::train::Curriculum;

impl RunSpec {
    pub(super) fn check_train(&self, faults: &mut Faults) {
        let t = &self.train;
        let counts = [
            ("train.epochs", u64::from(t.epochs)),
            ("train.batch", t.batch as u64),
            ("train.evaluate_every", u64::from(t.evaluate_every)),
        ];
        for (key, count) in counts {
            faults.unless(count > 0, key, count, "a whole number of at least 1");
        }
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let natural = |value: f64| value >= 0.0 && value.is_finite();
        let (rate, decay) = (t.learning_rate, t.decay_factor);
        faults.unless(positive(rate), "train.learning_rate", rate, "a number above 0");
        faults.unless(positive(decay), "train.decay_factor", decay, "a number above 0");
        let naturals = [
            ("train.router_learning_rate", t.router_learning_rate),
            ("train.weight_decay", t.weight_decay),
            ("train.clip_norm", t.clip_norm),
        ];
        for (key, value) in naturals {
            faults.unless(natural(value), key, value, "a number of at least 0");
        }
        let momentum = t.momentum;
        let allowed = "a number from 0 to below 1";
        faults.unless((0.0..1.0).contains(&momentum), "train.momentum", momentum, allowed);
        self.check_switches(faults);
    }

    pub(super) fn check_switches(&self, faults: &mut Faults) {
        let (t, entropy) = (&self.train, &self.router.entropy);
        let natural = |value: f64| value >= 0.0 && value.is_finite();
        for (key, value) in [("train.squash", t.squash), ("router.entropy.weight", entropy.weight)]
        {
            faults.unless(natural(value), key, value, "a number of at least 0");
        }
        let share = t.module_share;
        let allowed = "a number above 0, at most 1";
        faults.unless(share > 0.0 && share <= 1.0, "train.module_share", share, allowed);
        let both = t.freeze_router_epochs > 0 && t.freeze_modules_epochs > 0;
        let allowed = "0 where train.freeze_router_epochs is above 0: something has to learn";
        let frozen = t.freeze_modules_epochs;
        faults.unless(!both, "train.freeze_modules_epochs", frozen, allowed);
        let paced = t.curriculum == Curriculum::None || t.curriculum_epochs > 0;
        let allowed = "a whole number of at least 1 where train.curriculum is set";
        faults.unless(paced, "train.curriculum_epochs", t.curriculum_epochs, allowed);
        let bonus = entropy.weight > 0.0 && self.model.kind == ModelKind::Routed;
        let good = !bonus || self.router.algorithm.learns_policy(self.router.policy);
        let allowed = "0 unless router.algorithm learns a stochastic policy by gradient, as \
                       \"reinforce\" does";
        faults.unless(good, "router.entropy.weight", entropy.weight, allowed);
    }

    pub(super) fn check_record(&self, faults: &mut Faults) {
        let (t, routed) = (&self.train, self.model.kind == ModelKind::Routed);
        let allowed = "false unless model.kind = \"routed\"";
        faults.unless(routed || !t.record_routing, "train.record_routing", true, allowed);
        let allowed = "\"\" unless model.kind = \"routed\"";
        faults.unless(
            routed || t.replay.is_empty(),
            "train.replay",
            format!("{:?}", t.replay),
            allowed,
        );
        let online = routed && self.router.dispatcher.is_online();
        let allowed =
            "\"\" where router.dispatcher learns: a record holds what sub-routers decided";
        faults.unless(
            !online || t.replay.is_empty(),
            "train.replay",
            format!("{:?}", t.replay),
            allowed,
        );
        let sha = &t.replay_sha256;
        let digest = sha.len() == 64 && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
        let allowed = "64 hexadecimal digits where train.replay is set, or nothing";
        let good = sha.is_empty() || digest && !t.replay.is_empty();
        faults.unless(good, "train.replay_sha256", format!("{sha:?}"), allowed);
        let samples = self.router.em.samples;
        faults.unless(samples > 0, "router.em.samples", samples, "a whole number of at least 1");
    }
}
