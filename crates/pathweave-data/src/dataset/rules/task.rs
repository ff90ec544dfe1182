//! The rules of a task and the drawing of batches.

use sha2::{Digest, Sha256};

use super::batch::RuleBatch;
use super::coefficients::Coefficients;
use super::draw::{Draw, Pairs};
use super::settings::{Regressed, RuleFamily, RuleTarget, RulesSpec};
use super::shares::Chooser;
use super::{mha, mlp, pairs, rnn};
use crate::streams::{Stream, Streams};

/// A task: its settings, its rules' coefficients and, where training data are limited, the data.
///
/// ```
/// use pathweave_data::dataset::rules::{Draw, RuleBatch, RuleTask, RulesSpec};
/// let spec = RulesSpec { rules: 4, ..RulesSpec::default() };
/// let (task, mut batch) = (RuleTask::new(&spec), RuleBatch::default());
/// let mut stream = pathweave_data::Streams::new(7).stream("train", 0);
/// task.draw(&mut stream, &Draw::training(&spec, 256), &mut batch);
/// assert_eq!((batch.rows(), batch.x.len(), batch.y.len()), (256, 512, 256));
/// ```
///
/// # Deviations
/// - M draws fresh data for every step. With `samples` above 0 the training set is drawn once, by
///   the task's seed, contexts and their noise included, and batches are drawn from it with
///   replacement.
/// - M always shows the rule. `context_missing` is drawn first, `context_noise` for contexts that
///   are not missing, and a context drawn at random may be the rule's own.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleTask {
    spec: RulesSpec,
    coefficients: Coefficients,
    /// Which pairs of rules are held out; empty where rules are not composed. [R²]
    held_out: Vec<bool>,
    /// Of rules, or of the pairs of `All`, `Seen`, `HeldOut`
    choosers: [Option<Chooser>; 3],
    /// The limited training set
    pool: RuleBatch,
}

impl RuleTask {
    /// The task that the settings name. Settings with [`RulesSpec::faults`] may panic.
    pub fn new(spec: &RulesSpec) -> Self {
        Self::with_coefficients(spec, Coefficients::new(spec))
    }

    /// A task with rules of one's own.
    ///
    /// # Panics
    /// If a list has another length than the settings ask for.
    pub fn with_coefficients(spec: &RulesSpec, coefficients: Coefficients) -> Self {
        coefficients.assert_sizes(spec);
        let held_out = pairs::held_out(spec);
        let pool = RuleBatch::default();
        let mut task = Self {
            spec: spec.clone(),
            coefficients,
            held_out,
            choosers: [const { None }; 3],
            pool,
        };
        let shares = spec.shares();
        task.choosers =
            [Pairs::All, Pairs::Seen, Pairs::HeldOut].map(|pairs| task.chooser(&shares, pairs));
        task.fill_pool();
        task
    }

    /// The settings.
    pub fn spec(&self) -> &RulesSpec {
        &self.spec
    }

    /// The rules' coefficients.
    pub fn coefficients(&self) -> &Coefficients {
        &self.coefficients
    }

    /// SHA-256 of the coefficients and of the settings that change the data, in hexadecimal.
    /// Settings that are void for the family do not count.
    pub fn fingerprint(&self) -> String {
        let (spec, family) = (&self.spec, self.spec.family);
        let search = (family == RuleFamily::Mha).then_some(spec.search);
        let regressed = (family == RuleFamily::Rnn).then_some(spec.regressed);
        let mut settings = format!("pathweave rules 1 {family:?} {} {:?}", spec.rules, spec.target);
        settings += &format!(" {search:?} {regressed:?} {} {}", spec.tokens(), spec.depth);
        let mut hash = Sha256::new().chain_update(settings);
        let shares = self.spec.shares();
        let numbers = [spec.context_noise, spec.context_missing, spec.samples as f64];
        for number in shares.iter().chain(&numbers) {
            hash.update(number.to_le_bytes());
        }
        if spec.samples > 0 {
            hash.update(spec.task.to_le_bytes());
        }
        hash.update(self.held_out.iter().map(|held| u8::from(*held)).collect::<Vec<u8>>());
        for coefficient in self.coefficients.iter() {
            hash.update(coefficient.to_le_bytes());
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Draws a batch; everything in `batch` is overwritten, its memory reused.
    ///
    /// # Panics
    /// If there are frequencies and not one for each rule.
    pub fn draw(&self, stream: &mut Stream, draw: &Draw, batch: &mut RuleBatch) {
        if draw.pool && self.spec.samples > 0 {
            return self.draw_from_pool(stream, draw.samples, batch);
        }
        let own = draw.frequencies.map(|frequencies| {
            assert_eq!(frequencies.len(), self.spec.rules, "a frequency for each rule");
            self.chooser(frequencies, draw.pairs)
        });
        let chooser = own.as_ref().unwrap_or(&self.choosers[draw.pairs as usize]);
        let length = if self.spec.family == RuleFamily::Mlp { 1 } else { draw.length.max(1) };
        self.prepare(batch, if chooser.is_some() { draw.samples } else { 0 }, length);
        let rows = batch.rows();
        if let Some(chooser) = chooser {
            for _ in 0..rows {
                self.push_rules(chooser.draw(stream), batch);
            }
        }
        batch.x.resize(rows * batch.features, 0.0);
        stream.fill_normal_ziggurat(&mut batch.x);
        if self.spec.family == RuleFamily::Mha {
            mha::normalise(self.spec.search, &mut batch.x);
        }
        if draw.scale != 1.0 {
            batch.x.iter_mut().for_each(|value| *value *= draw.scale);
        }
        self.show(stream, draw.clean, batch);
        self.label(batch);
    }

    /// Labels the rows of a batch by their rules; only the rule that applies is computed.
    pub fn label(&self, batch: &mut RuleBatch) {
        let classify = self.spec.target == RuleTarget::Classification;
        batch.y.clear();
        match self.spec.family {
            RuleFamily::Mlp => mlp::label(&self.coefficients, batch),
            RuleFamily::Mha => mha::label(&self.coefficients, self.spec.search, batch),
            RuleFamily::Rnn => {
                let project = classify || self.spec.regressed == Regressed::Projection;
                rnn::label(&self.coefficients, project, batch);
            }
        }
        if classify {
            batch.y.iter_mut().for_each(|y| *y = f32::from(u8::from(*y >= 0.0)));
        }
    }

    fn chooser(&self, shares: &[f64], pairs: Pairs) -> Option<Chooser> {
        if self.spec.depth != 2 {
            return Chooser::new(shares);
        }
        let weight = |(pair, held): (usize, &bool)| {
            let drawn = pairs == Pairs::All || (pairs == Pairs::HeldOut) == *held;
            let product = shares[pair / self.spec.rules] * shares[pair % self.spec.rules];
            if drawn { product } else { 0.0 }
        };
        Chooser::new(&self.held_out.iter().enumerate().map(weight).collect::<Vec<f64>>())
    }

    fn prepare(&self, batch: &mut RuleBatch, samples: usize, length: usize) {
        (batch.samples, batch.length) = (samples, length);
        (batch.features, batch.depth) = (self.spec.features(), self.spec.depth);
        batch.rule.clear();
        batch.context.clear();
        batch.x.clear();
        batch.y.clear();
    }

    fn push_rules(&self, drawn: usize, batch: &mut RuleBatch) {
        if self.spec.depth == 2 {
            let rules = [drawn / self.spec.rules, drawn % self.spec.rules];
            batch.rule.extend(rules.map(|rule| rule as u32));
        } else {
            batch.rule.push(drawn as u32);
        }
    }

    /// The contexts: the rules, but for noise.
    fn show(&self, stream: &mut Stream, clean: bool, batch: &mut RuleBatch) {
        let RulesSpec { rules, context_noise: noise, context_missing: missing, .. } = self.spec;
        batch.context.extend_from_slice(&batch.rule);
        if clean || (noise == 0.0 && missing == 0.0) {
            return;
        }
        for context in &mut batch.context {
            if f64::from(stream.uniform()) < missing {
                *context = rules as u32;
            } else if f64::from(stream.uniform()) < noise {
                *context = stream.below(rules) as u32;
            }
        }
    }

    /// Sample i of the limited data comes from a stream of its own: more samples leave it as it is.
    fn fill_pool(&mut self) {
        let (streams, mut one) = (Streams::new(self.spec.task), RuleBatch::default());
        let mut pool = std::mem::take(&mut self.pool);
        self.prepare(&mut pool, self.spec.samples, self.spec.tokens());
        let draw = Draw::evaluation(&self.spec, 1);
        for sample in 0..self.spec.samples as u64 {
            self.draw(&mut streams.stream("rules/pool", sample), &draw, &mut one);
            pool.x.extend_from_slice(&one.x);
            pool.rule.extend_from_slice(&one.rule);
            pool.context.extend_from_slice(&one.context);
            pool.y.extend_from_slice(&one.y);
        }
        self.pool = pool;
    }

    fn draw_from_pool(&self, stream: &mut Stream, samples: usize, batch: &mut RuleBatch) {
        fn copy<T: Copy>(from: &[T], samples: usize, sample: usize, into: &mut Vec<T>) {
            let width = from.len() / samples;
            into.extend_from_slice(&from[sample * width..][..width]);
        }
        let pool = &self.pool;
        self.prepare(batch, samples, pool.length);
        for _ in 0..samples {
            let sample = stream.below(pool.samples);
            copy(&pool.x, pool.samples, sample, &mut batch.x);
            copy(&pool.rule, pool.samples, sample, &mut batch.rule);
            copy(&pool.context, pool.samples, sample, &mut batch.context);
            copy(&pool.y, pool.samples, sample, &mut batch.y);
        }
    }
}
