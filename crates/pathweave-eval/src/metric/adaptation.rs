//! How well the use of the modules follows the frequency of the rules (M section 5, equation 20).
//!
//! The mean over [`DRAWS`] rule frequencies p, uniform over all (Dirichlet with parameters 1), of
//! ½ Σ_i |sort(p)_i − sort(q)_i|, with q the modules' shares under p; the metric of a log is the mean
//! over depths. 0 is a module of its own for each rule. Uniform routing of R rules to R modules has
//! the mean distance of sorted frequencies to 1/R. The frequencies drawn are the same ones each time.
//!
//! # Deviations
//!
//! - M measures q on data drawn with the frequencies p (10 batches of 1000 samples in the authors'
//!   code). From one log, q = p·A is the expectation of it: exact where a decision depends on its own
//!   sample's rule alone, without sampling noise. [`of_pairs`] takes measured pairs.
//! - M assumes as many modules as rules. With more modules, p is filled up with zeros, so that perfect
//!   routing still has 0. With fewer, perfect routing is impossible and sorting matches nothing: no
//!   value.
//! - Rules that no row shows do not count.

use super::{Better, MetricDef, MetricError};
use crate::joint::{Draws, Joint, over_depths_with_rules};
use crate::log::RoutingLog;

/// The registry's entry.
pub const DEF: MetricDef = MetricDef {
    name: "adaptation",
    equation: "mean over t and p ~ Dirichlet(1) of ½ Σ_i |sort(p)_i − sort(p·A_t)_i|",
    better: Better::Lower,
    range: |_| 0.0..=1.0,
    needs_context: false,
    needs_condition: true,
    compute: adaptation,
};

/// How many rule frequencies are drawn.
pub const DRAWS: usize = 100;

/// The mean over depths.
///
/// # Errors
///
/// [`MetricError::Empty`] without rows, [`MetricError::NeedsRule`] where a row has no rule,
/// [`MetricError::NoModule`] where none applies a module, those of [`of_joint`].
pub fn adaptation(log: &RoutingLog) -> Result<f64, MetricError> {
    over_depths_with_rules(log, of_joint)
}

/// Of one joint activation, with q = p·A.
///
/// # Errors
///
/// [`MetricError::OneRule`], [`MetricError::FewerModulesThanRules`].
pub fn of_joint(joint: &Joint) -> Result<f64, MetricError> {
    let conditional = joint.conditional();
    let (rules, modules) = (conditional.len(), joint.modules());
    if rules < 2 {
        return Err(MetricError::OneRule);
    }
    if modules < rules {
        return Err(MetricError::FewerModulesThanRules { rules, modules });
    }
    let of_draw = |p: Vec<f64>| {
        let mut q = vec![0.0; modules];
        for (share, row) in p.iter().zip(&conditional) {
            q.iter_mut().zip(row).for_each(|(sum, of_module)| *sum += share * of_module);
        }
        distance(p, q)
    };
    Ok((frequencies(rules).map(of_draw).sum::<f64>() / DRAWS as f64).min(1.0))
}

/// The rule frequencies that are drawn: [`DRAWS`] of them \[R\], the same ones each time.
pub fn frequencies(rules: usize) -> impl Iterator<Item = Vec<f64>> {
    let mut draws = Draws::new("adaptation", 0);
    (0..DRAWS).map(move |_| draws.simplex(rules))
}

/// The mean over measured pairs: rule frequencies p \[R\], and the modules' shares q \[M\] on data that
/// was drawn with them.
///
/// # Errors
///
/// [`MetricError::Empty`] without pairs, [`MetricError::BadPairs`] where a pair has more rules than
/// modules or no rule, [`MetricError::NotFinite`] where a number is negative or none.
pub fn of_pairs(pairs: &[(Vec<f64>, Vec<f64>)]) -> Result<f64, MetricError> {
    if pairs.is_empty() {
        return Err(MetricError::Empty);
    }
    let mut sum = 0.0;
    for (p, q) in pairs {
        if p.is_empty() || q.len() < p.len() {
            return Err(MetricError::BadPairs("a pair needs a rule, and a module for each rule"));
        }
        if !p.iter().chain(q).all(|share| share.is_finite() && *share >= 0.0) {
            return Err(MetricError::NotFinite);
        }
        sum += distance(p.clone(), q.clone());
    }
    Ok(sum / pairs.len() as f64)
}

/// ½ Σ_i |sort(p)_i − sort(q)_i|, the shorter one filled up with zeros.
fn distance(mut p: Vec<f64>, mut q: Vec<f64>) -> f64 {
    let size = p.len().max(q.len());
    p.resize(size, 0.0);
    q.resize(size, 0.0);
    p.sort_unstable_by(f64::total_cmp);
    q.sort_unstable_by(f64::total_cmp);
    0.5 * p.iter().zip(&q).map(|(p, q)| (p - q).abs()).sum::<f64>()
}
