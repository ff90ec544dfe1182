//! What is wrong with the settings of rule data.

use super::pairs;
use super::settings::{RuleFamily, RulesSpec};

/// Rules that a task may have: their contexts are one-hot inputs.
const MOST_RULES: usize = 4096;
/// The same where every pair of them is listed.
const MOST_COMPOSED: usize = 256;

impl RulesSpec {
    /// What is wrong with the settings: (key, found, allowed).
    pub fn faults(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut faults = Vec::new();
        let mut check = |right: bool, key: &'static str, found: String, allowed: &'static str| {
            if !right {
                faults.push((key, found, allowed));
            }
        };
        let (most, allowed) = if self.depth == 2 {
            (MOST_COMPOSED, "1 to 256 with depth 2")
        } else {
            (MOST_RULES, "1 to 4096")
        };
        check((1..=most).contains(&self.rules), "rules", self.rules.to_string(), allowed);
        let (right, allowed) = match self.family {
            RuleFamily::Mlp => (true, ""),
            RuleFamily::Mha => {
                (self.length >= 2, "at least 2 for mha, which searches other tokens")
            }
            RuleFamily::Rnn => (self.length >= 1, "at least 1"),
        };
        check(right, "length", self.length.to_string(), allowed);
        let listed = self.frequencies.is_empty() || self.frequencies.len() == self.rules;
        let found = format!("{} numbers", self.frequencies.len());
        check(listed, "frequencies", found, "none, or as many as rules");
        let sum: f64 = self.frequencies.iter().sum();
        let positive = self.frequencies.is_empty() || (sum > 0.0 && sum.is_finite());
        let shares = positive && self.frequencies.iter().all(|share| *share >= 0.0);
        let allowed = "finite numbers of at least 0, not all 0";
        check(shares, "frequencies", format!("{:?}", self.frequencies), allowed);
        let skew = (0.0..=20.0).contains(&self.skew);
        check(skew, "skew", self.skew.to_string(), "0 to 20");
        for (key, value) in
            [("context_noise", self.context_noise), ("context_missing", self.context_missing)]
        {
            check((0.0..=1.0).contains(&value), key, value.to_string(), "0 to 1");
        }
        let depth = self.depth == 1 || (self.depth == 2 && self.family == RuleFamily::Mlp);
        check(depth, "depth", self.depth.to_string(), "1, or 2 for mlp");
        let held = if self.depth == 2 {
            (0.0..1.0).contains(&self.held_out)
        } else {
            self.held_out == 0.0
        };
        let allowed = "0, or with depth 2 at least 0 and less than 1";
        check(held, "held_out", self.held_out.to_string(), allowed);
        check(self.steps_per_epoch >= 1, "steps_per_epoch", "0".into(), "at least 1");
        check(self.eval_samples >= 1, "eval_samples", "0".into(), "at least 1");
        let adapts = self.adaptation_draws == 0 || self.adaptation_samples >= 1;
        let allowed = "at least 1 where adaptation_draws is not 0";
        check(adapts, "adaptation_samples", "0".into(), allowed);
        if faults.is_empty() && !self.some_pair_is_seen() {
            let allowed = "a share that leaves training a pair of rules with positive frequencies";
            faults.push(("held_out", self.held_out.to_string(), allowed));
        }
        faults
    }

    fn some_pair_is_seen(&self) -> bool {
        let shares = self.shares();
        let seen = |(pair, held): (usize, &bool)| {
            !held && shares[pair / self.rules] * shares[pair % self.rules] > 0.0
        };
        self.depth != 2 || pairs::held_out(self).iter().enumerate().any(seen)
    }
}
