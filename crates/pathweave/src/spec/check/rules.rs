//! Rule data and the models for them.

use pathweave_data::dataset::RulesSpec;
use pathweave_data::dataset::rules::{RuleFamily, RuleTarget};
use pathweave_eval::alarm::AlarmSpec;

use super::Faults;
use crate::decision::AlgorithmKind;
use crate::reward::FinalReward;
use crate::rule::{HEADS, RuleKind, RuleShape};
use crate::spec::{ModelKind, RunSpec};

impl RunSpec {
    pub(super) fn check_rules(&self, faults: &mut Faults) {
        let kind = self.model.kind;
        let name = ModelKind::ALL.iter().find(|row| row.0 == kind).map_or("", |row| row.1);
        let name = format!("\"{name}\"");
        let Some(rules) = self.data.rules() else {
            let allowed = "a model for images, or data.name = \"rules\"";
            faults.unless(kind.rule_kind().is_none(), "model.kind", name, allowed);
            let patience = self.train.patience;
            let allowed = "0 unless data.name = \"rules\"";
            faults.unless(patience == 0, "train.patience", patience, allowed);
            return;
        };
        let own = rules.faults();
        for (key, found, allowed) in &own {
            faults.add(&format!("data.{key}"), found, allowed);
        }
        if kind.rule_kind().is_none() && kind != ModelKind::Routed {
            let allowed = "\"monolithic\", \"modular\", \"modular-op\", \"gt-modular\", \
                           \"random\", \"routed\" where data.name = \"rules\"";
            faults.add("model.kind", name, allowed);
        } else if own.is_empty() {
            self.check_rule_model(rules, faults);
        }
        self.check_rule_records(faults);
        let told = self.alarms == AlarmSpec::default() || self.alarms.is_off();
        let allowed = "left as they are where data.name = \"rules\": no alarm watches such a run; \
                       `pathweave metrics RUN` tells what its modules do";
        faults.unless(told, "alarms", "settings", allowed);
        if kind == ModelKind::Routed {
            self.check_rule_router(rules, faults);
        }
    }

    fn check_rule_model(&self, rules: &RulesSpec, faults: &mut Faults) {
        let m = &self.model;
        let (encoder, width) = (m.rules.encoder, m.rules.width);
        let allowed = "a whole number of at least 1";
        faults.unless(encoder > 0, "model.rules.encoder", encoder, allowed);
        faults.unless(width > 0, "model.rules.width", width, allowed);
        let modules = if m.modules == 0 { rules.rules } else { m.modules };
        if encoder == 0 || width == 0 {
            return;
        }
        // The twin with hard decisions has modules of the same sizes as the soft model.
        let kind = m.kind.rule_kind().unwrap_or(RuleKind::ModularOp);
        let shape = RuleShape::new(rules, kind, m.modules, [encoder, width]);
        let fits = |unit: usize| width.is_multiple_of(unit);
        match rules.family {
            RuleFamily::Mlp => {
                let good = !kind.is_modular() || fits(modules);
                let allowed = format!("a multiple of the {modules} modules");
                faults.unless(good, "model.rules.width", width, &allowed);
            }
            RuleFamily::Mha => {
                let unit = HEADS * modules;
                let allowed = format!("a multiple of {unit}: {HEADS} heads for each module");
                faults.unless(fits(unit), "model.rules.width", width, &allowed);
                let narrow = kind.is_modular() && fits(unit) && shape.inner_width() == 0;
                let allowed = "enough for modules with one hidden unit each";
                faults.unless(!narrow, "model.rules.width", width, allowed);
            }
            RuleFamily::Rnn => {
                let allowed = "enough for a state of at least one number";
                faults.unless(shape.state_width() > 0, "model.rules.width", width, allowed);
            }
        }
    }

    /// A hard twin makes one decision a row.
    fn check_rule_router(&self, rules: &RulesSpec, faults: &mut Faults) {
        let r = &self.router;
        let allowed = "an algorithm without an E-step where data.name = \"rules\"";
        faults.unless(r.algorithm != AlgorithmKind::Em, "router.algorithm", "em", allowed);
        let given = !r.dispatcher.is_offline() && !r.dispatcher.is_online();
        let allowed = "\"single\" or \"meta\" where data.name = \"rules\"";
        faults.unless(given, "router.dispatcher", r.dispatcher.name(), allowed);
        let allowed = "false where data.name = \"rules\": a row takes one module";
        faults.unless(!r.skip, "router.skip", true, allowed);
        faults.unless(!r.terminate, "router.terminate", true, allowed);
        let frozen = &self.model.frozen;
        let allowed = "[] where data.name = \"rules\"";
        faults.unless(frozen.is_empty(), "model.frozen", format!("{frozen:?}"), allowed);
        let rewarded = rules.target == RuleTarget::Classification
            || self.reward.last == FinalReward::NegativeLoss;
        let allowed = "\"negative-loss\" where data.target = \"regression\": no answer is right \
                       or wrong";
        faults.unless(rewarded, "reward.final", "\"correct\"", allowed);
    }

    fn check_rule_records(&self, faults: &mut Faults) {
        let t = &self.train;
        let allowed = "false where data.name = \"rules\"";
        faults.unless(!t.record_routing, "train.record_routing", true, allowed);
        let (replay, allowed) = (format!("{:?}", t.replay), "\"\" where data.name = \"rules\"");
        faults.unless(t.replay.is_empty(), "train.replay", replay, allowed);
    }
}
