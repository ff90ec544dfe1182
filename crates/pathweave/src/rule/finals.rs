//! What a trained model reaches: every test set, its routing, and how it adapts.

use pathweave_data::Streams;
use pathweave_data::dataset::rules::{Draw, RuleTask, RulesSpec};
use pathweave_eval::log::{Choice, LogHeader, RoutingLog, RoutingRow};
use pathweave_eval::metric::adaptation::of_pairs;

use super::engine::Engine;
use super::evaluate::{Evaluator, RuleEvaluation};
use super::test_sets::test_sets;
use super::watch::Watch;

/// Test rows whose activation is kept one by one.
const KEPT: usize = 2048;

/// Scores of a trained model.
#[derive(Clone, Debug)]
pub struct RuleFinals {
    /// Epochs of training before it
    pub epoch: u64,
    /// In distribution
    pub test: RuleEvaluation,
    /// The other test sets: name, whether out of distribution, scores
    pub others: Vec<(String, bool, RuleEvaluation)>,
    /// Adaptation (M equation 20); none where there are fewer modules than
    /// rules, or no draws are asked for
    pub adaptation: Option<f64>,
    /// Activation on the first rows of the test set, the rule as condition; none for `Monolithic`
    pub log: Option<RoutingLog>,
}

impl RuleFinals {
    /// Mean performance on the sets out of distribution; NaN where there is none.
    pub fn out_of_distribution(&self) -> f64 {
        let sets = || self.others.iter().filter(|(_, ood, _)| *ood);
        let sum: f64 = sets().map(|(.., scores)| scores.performance()).sum();
        sum / sets().count() as f64
    }
}

/// Evaluates a model on every test set; none where the observer stops it.
pub fn finals(
    spec: &RulesSpec,
    (task, streams): (&RuleTask, Streams),
    engine: &mut dyn Engine,
    (epoch, keep): (u64, bool),
    watch: &mut dyn Watch,
) -> Option<RuleFinals> {
    let mut evaluator = Evaluator::new(task, streams);
    let (mut test, mut others) = (None, Vec::new());
    let mut rows = Vec::new();
    let kind = engine.shape().kind;
    let modules = engine.shape().modules;
    for set in test_sets(spec) {
        if watch.stops() {
            return None;
        }
        if test.is_some() {
            let stream = format!("test/{}", set.name);
            let scores = evaluator.evaluate(engine, &stream, &set.draw, |_, _| {});
            // Where so few pairs of rules are held out that there is none.
            if scores.total.rows > 0 {
                others.push((set.name, set.ood, scores));
            }
            continue;
        }
        let keeps = if keep && kind.is_modular() { KEPT } else { 0 };
        test = Some(evaluator.evaluate(engine, "test", &set.draw, |batch, prediction| {
            let weights = prediction.activation.chunks_exact(modules).zip(&batch.rule);
            // Without a context the module that the rule names is none: all weights are zero.
            let some = weights.filter(|(weights, _)| weights.iter().any(|&weight| weight != 0.0));
            for (weights, &rule) in some.take(keeps - rows.len()) {
                rows.push(RoutingRow {
                    sample: rows.len() as u64,
                    depth: 0,
                    context: None,
                    condition: Some(rule),
                    agent: None,
                    choice: Choice::Weights(weights.to_vec()),
                });
            }
        }));
    }
    let log = (!rows.is_empty()).then(|| log(spec, modules, epoch, rows)).flatten();
    let adaptation = adaptation(spec, &mut evaluator, streams, engine, watch)?;
    Some(RuleFinals { epoch, test: test?, others, adaptation, log })
}

/// The activation of each row, its rule as condition. Composed rules are decisions of their own,
/// since they share their modules.
fn log(spec: &RulesSpec, modules: usize, epoch: u64, rows: Vec<RoutingRow>) -> Option<RoutingLog> {
    let mut header = LogHeader::new(vec![modules]);
    header.conditions = (0..spec.rules).map(|rule| format!("rule {rule}")).collect();
    header.source = "pathweave".into();
    header.epoch = Some(epoch);
    // Activation that is not finite, as a diverged model's is, makes no log.
    RoutingLog::new(header, rows).ok()
}

/// How far the modules' use follows rules whose frequencies change: pairs of drawn frequencies p and
/// the modules' mean activation q on samples drawn with them. The outer `None` says that the
/// observer stopped it, the inner that it is not defined.
fn adaptation(
    spec: &RulesSpec,
    evaluator: &mut Evaluator<'_>,
    streams: Streams,
    engine: &mut dyn Engine,
    watch: &mut dyn Watch,
) -> Option<Option<f64>> {
    let shape = engine.shape();
    if !shape.kind.is_modular() || shape.modules < spec.rules {
        return Some(None);
    }
    let mut pairs = Vec::with_capacity(spec.adaptation_draws);
    for at in 0..spec.adaptation_draws {
        if watch.stops() {
            return None;
        }
        let wanted = dirichlet(streams, at as u64, spec.rules);
        let draw = Draw::evaluation(spec, spec.adaptation_samples);
        let draw = Draw { frequencies: Some(&wanted), ..draw };
        let stream = format!("adaptation/{at}");
        let scores = evaluator.evaluate(engine, &stream, &draw, |_, _| {});
        let Some(joint) = scores.joint else { return Some(None) };
        let used = joint.marginal();
        pairs.push((wanted, used));
    }
    Some(of_pairs(&pairs).ok())
}

/// A point of the simplex, uniformly: exponentials divided by their sum.
fn dirichlet(streams: Streams, at: u64, rules: usize) -> Vec<f64> {
    let mut stream = streams.stream("adaptation/frequencies", at);
    let draw = |_| -(1.0 - f64::from(stream.uniform())).ln();
    let mut shares: Vec<f64> = (0..rules).map(draw).collect();
    let sum = shares.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    shares.iter_mut().for_each(|share| *share /= sum);
    shares
}
