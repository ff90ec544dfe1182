//! Checks a spec as a whole; all faults are reported together.

use std::fmt;

use super::{Banks, ModelKind, Output, RunSpec};
use crate::block::BlockKind;

/// One thing wrong with a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecFault {
    /// Dotted key, for example `train.batch`
    pub key: String,
    /// The value found
    pub found: String,
    /// What would be allowed
    pub allowed: String,
}

impl fmt::Display for SpecFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: found {}, allowed: {}", self.key, self.found, self.allowed)
    }
}

/// Everything wrong with a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecFaults(pub Vec<SpecFault>);

impl fmt::Display for SpecFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SpecFaults {}

/// A spec whose settings agree with each other. Made by [`RunSpec::check`] only.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedSpec(RunSpec);

impl CheckedSpec {
    /// The spec itself.
    pub fn spec(&self) -> &RunSpec {
        &self.0
    }
}

impl std::ops::Deref for CheckedSpec {
    type Target = RunSpec;

    fn deref(&self) -> &RunSpec {
        &self.0
    }
}

struct Faults(Vec<SpecFault>);

impl Faults {
    fn add(&mut self, key: &str, found: impl fmt::Display, allowed: &str) {
        let (key, found, allowed) = (key.into(), found.to_string(), allowed.into());
        self.0.push(SpecFault { key, found, allowed });
    }

    fn unless(&mut self, good: bool, key: &str, found: impl fmt::Display, allowed: &str) {
        if !good {
            self.add(key, found, allowed);
        }
    }
}

impl RunSpec {
    /// Checks every setting and the settings against each other.
    ///
    /// # Errors
    /// All faults at once, each with its key, the value found and what is allowed.
    pub fn check(self) -> Result<CheckedSpec, SpecFaults> {
        let mut faults = Faults(Vec::new());
        self.check_train(&mut faults);
        self.check_model(&mut faults);
        self.check_router(&mut faults);
        self.check_algorithms(&mut faults);
        for (key, found, allowed) in self.reward.faults() {
            faults.add(&format!("reward.{key}"), found, allowed);
        }
        for (key, found, allowed) in self.exploration.faults() {
            faults.add(&format!("exploration.{key}"), found, allowed);
        }
        if faults.0.is_empty() { Ok(CheckedSpec(self)) } else { Err(SpecFaults(faults.0)) }
    }

    fn check_train(&self, faults: &mut Faults) {
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
    }

    fn check_model(&self, faults: &mut Faults) {
        let m = &self.model;
        let hidden = format!("{:?}", m.hidden);
        let widths = !m.hidden.is_empty() && m.hidden.iter().all(|&width| width > 0);
        faults.unless(widths, "model.hidden", &hidden, "at least one width, each at least 1");
        let filters = m.base.filters;
        faults.unless(filters > 0, "model.base.filters", filters, "a whole number of at least 1");
        faults.unless(!m.blocks.is_empty(), "model.blocks", "[]", "linear, mlp, identity");
        let own = m.stitch_own;
        faults.unless((0.0..=1.0).contains(&own), "model.stitch_own", own, "a number from 0 to 1");
        let routed = m.kind == ModelKind::Routed;
        if m.banks == Banks::Shared {
            let equal = m.hidden.windows(2).all(|pair| pair[0] == pair[1]);
            let allowed = "equal widths where model.banks = \"shared\"";
            faults.unless(equal, "model.hidden", &hidden, allowed);
            let allowed = "\"shared\" where model.banks = \"shared\"";
            faults.unless(m.output == Output::Shared, "model.output", "\"routed\"", allowed);
            let allowed = "\"per-depth\" unless model.kind = \"routed\"";
            faults.unless(routed, "model.banks", "\"shared\"", allowed);
        }
        if m.kind == ModelKind::CrossStitch {
            let linear = m.blocks == [BlockKind::Linear];
            let allowed = "[\"linear\"] where model.kind = \"cross-stitch\"";
            faults.unless(linear, "model.blocks", format!("{:?}", m.blocks), allowed);
        }
        if m.blocks.contains(&BlockKind::Identity) {
            // The first layer's input is known only with the data; a projection makes it equal
            // where banks are shared or rows may pass.
            let passes = self.rows_may_pass() || m.banks == Banks::Shared;
            let equal = m.hidden.windows(2).all(|pair| pair[0] == pair[1]);
            let good = passes && equal && m.output == Output::Shared;
            let allowed = "no \"identity\" unless all hidden widths are equal, model.output = \
                           \"shared\", and router.skip, router.terminate or model.banks = \
                           \"shared\" is set";
            faults.unless(good, "model.blocks", format!("{:?}", m.blocks), allowed);
        }
    }

    fn check_router(&self, faults: &mut Faults) {
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

    fn check_algorithms(&self, faults: &mut Faults) {
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
    }

    /// Whether some action leaves a row as it is.
    pub fn rows_may_pass(&self) -> bool {
        self.model.kind == ModelKind::Routed && (self.router.skip || self.router.terminate)
    }
}
