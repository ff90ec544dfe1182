//! A model's loss, errors and activation on a set that is drawn chunk by chunk and never held.

use pathweave_data::Streams;
use pathweave_data::dataset::rules::{Draw, RuleBatch, RuleTask};
use pathweave_eval::joint::{Joint, JointBuilder};

use super::engine::{Engine, Prediction};

/// Samples drawn at once, at most, and rows: a chunk is no larger than the steps of the document's
/// training, so that an evaluation needs no more memory than a step.
const SAMPLES: usize = 1000;
const ROWS: usize = 2560;

/// Sums over rows of a set.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RuleScore {
    /// Rows
    pub rows: u64,
    /// Loss, summed over rows
    pub loss: f64,
    /// Rows whose sign was wrong; 0 in regression
    pub wrong: u64,
}

impl RuleScore {
    /// Mean loss; NaN without rows.
    pub fn mean_loss(&self) -> f64 {
        self.loss / self.rows as f64
    }

    /// Share of wrong signs; NaN without rows.
    pub fn error(&self) -> f64 {
        self.wrong as f64 / self.rows as f64
    }

    fn add(&mut self, loss: f64, wrong: bool) {
        self.rows += 1;
        self.loss += loss;
        self.wrong += u64::from(wrong);
    }
}

/// What a model reached on a set.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleEvaluation {
    /// All rows
    pub total: RuleScore,
    /// The rows of each rule; a row with several rules counts for each. \[R\]
    pub rules: Vec<RuleScore>,
    /// p(m, r), modules' activation by rules; none for `Monolithic`
    pub joint: Option<Joint>,
    /// Whether signs are what is learned
    pub classification: bool,
}

impl RuleEvaluation {
    /// What M calls performance: the error in classification, the loss in regression.
    pub fn performance(&self) -> f64 {
        if self.classification { self.total.error() } else { self.total.mean_loss() }
    }
}

/// Buffers and sources of evaluations.
pub struct Evaluator<'a> {
    task: &'a RuleTask,
    streams: Streams,
    batch: RuleBatch,
    prediction: Prediction,
}

impl<'a> Evaluator<'a> {
    /// Sets are drawn from streams of their own: they are the same for every model.
    pub fn new(task: &'a RuleTask, streams: Streams) -> Self {
        Self { task, streams, batch: RuleBatch::default(), prediction: Prediction::default() }
    }

    /// Evaluates a model on `draw.samples` samples of the streams `name`. `sees` is shown each
    /// chunk with what the model makes of it.
    pub fn evaluate(
        &mut self,
        engine: &mut dyn Engine,
        name: &str,
        draw: &Draw<'_>,
        mut sees: impl FnMut(&RuleBatch, &Prediction),
    ) -> RuleEvaluation {
        let (rules, modules) = (engine.shape().rules, engine.shape().modules);
        let classification = engine.shape().classification;
        let (mut total, mut by_rule) = (RuleScore::default(), vec![RuleScore::default(); rules]);
        // A table too large to keep is not kept.
        let keeps = engine.shape().kind.is_modular();
        let mut joint = keeps.then(|| JointBuilder::new(rules, modules).ok()).flatten();
        let at_once = (ROWS / draw.length.max(1)).clamp(1, SAMPLES);
        let chunks = (0..draw.samples).step_by(at_once).enumerate();
        for (chunk, first) in chunks {
            let part = Draw { samples: at_once.min(draw.samples - first), ..*draw };
            let mut stream = self.streams.stream(name, chunk as u64);
            self.task.draw(&mut stream, &part, &mut self.batch);
            engine.predict(&self.batch, &mut self.prediction);
            let (batch, prediction) = (&self.batch, &self.prediction);
            sees(batch, prediction);
            let outputs = engine.shape().outputs;
            let labels = batch.y.chunks_exact(outputs);
            let rows = prediction.output.chunks_exact(outputs).zip(labels);
            let rules = batch.rule.chunks_exact(batch.depth.max(1));
            for ((output, label), rules) in rows.zip(rules) {
                let (loss, wrong) = score(output, label, classification);
                total.add(loss, wrong);
                for &rule in rules {
                    by_rule[rule as usize].add(loss, wrong);
                }
            }
            if let Some(joint) = &mut joint {
                activate(joint, batch, prediction, modules);
            }
        }
        // Activation that is not finite, as a diverged model's is, has no joint distribution.
        let joint = joint.and_then(|joint| joint.finish().ok());
        RuleEvaluation { total, rules: by_rule, joint, classification }
    }
}

/// Loss of a row, and whether its sign is wrong.
fn score(output: &[f32], label: &[f32], classification: bool) -> (f64, bool) {
    let pairs = output.iter().zip(label).map(|(&o, &y)| (f64::from(o), f64::from(y)));
    if classification {
        let wrong = output.iter().zip(label).any(|(&o, &y)| (o >= 0.0) != (y >= 0.5));
        // Binary cross entropy on a logit, in the form that does not overflow.
        let loss = pairs.map(|(o, y)| o.max(0.0) - o * y + (-o.abs()).exp().ln_1p());
        (loss.sum::<f64>() / output.len() as f64, wrong)
    } else {
        (pairs.map(|(o, y)| (o - y).abs()).sum::<f64>() / output.len() as f64, false)
    }
}

/// Adds the modules' activation of a chunk: one for each rule of a row.
fn activate(joint: &mut JointBuilder, batch: &RuleBatch, prediction: &Prediction, modules: usize) {
    for (weights, &rule) in prediction.activation.chunks_exact(modules).zip(&batch.rule) {
        // Without a context the module that the rule names is none.
        if weights.iter().any(|&weight| weight != 0.0) {
            joint.add(rule as usize, weights);
        }
    }
}
