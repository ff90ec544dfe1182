//! A whole run on rule data: steps on fresh samples, evaluations, the best model kept.

use burn::tensor::Device;
use pathweave_data::Streams;
use pathweave_data::dataset::rules::{Draw, RuleBatch, RuleTask, RulesSpec};

use super::build;
use super::engine::{Engine, EngineState, Update};
use super::evaluate::Evaluator;
use super::finals::finals;
use super::watch::{
    Best, RuleComplete, RuleFinished, RuleMoment, RuleRunError, RuleSnapshot, Watch,
};
use crate::spec::{CheckedSpec, TrainSpec};
use crate::train::Control;

/// Trains a model from the start, or from a snapshot to the same bits.
///
/// An epoch is `data.steps_per_epoch` steps; a step's samples come from a stream named by the step.
///
/// # Deviations
/// - M stops no run early: `train.patience` is off unless it is set.
/// - M does not say how large its validation and test sets are: `data.eval_samples`, by default
///   10,000. They are drawn from streams of their own, the same ones for every model of a seed.
///
/// # Errors
/// See [`RuleRunError`].
pub fn run(
    spec: &CheckedSpec,
    device: &Device,
    resume: Option<&RuleSnapshot>,
    watch: &mut dyn Watch,
) -> Result<RuleFinished, RuleRunError> {
    run_engine(spec, &mut *build(spec, device), resume, watch)
}

/// As [`run`], with a model at hand.
///
/// # Errors
/// See [`RuleRunError`].
pub fn run_engine(
    spec: &CheckedSpec,
    engine: &mut dyn Engine,
    resume: Option<&RuleSnapshot>,
    watch: &mut dyn Watch,
) -> Result<RuleFinished, RuleRunError> {
    let rules = spec.data.rules().ok_or(RuleRunError::NoRules)?;
    let task = RuleTask::new(rules);
    let mut now = resume.cloned().unwrap_or_default();
    if let Some(snapshot) = resume {
        engine.restore(&snapshot.state)?;
    }
    let mut run = Run {
        train: &spec.train,
        rules,
        evaluator: Evaluator::new(&task, Streams::new(spec.train.seed)),
        task: &task,
        streams: Streams::new(spec.train.seed),
        draw: Draw::training(rules, spec.train.batch),
        batch: RuleBatch::default(),
    };
    watch.start(run.total(), now.counters.step, engine.parameters());
    while !run.is_over(&now) {
        run.some_steps(engine, &mut now, watch.pace())?;
        run.evaluate_if_due(engine, &mut now, watch);
        match watch.steps(now.counters.step) {
            Control::Stop if !run.is_over(&now) => {
                now.state = engine.state();
                watch.snapshot(&now);
                return Ok(RuleFinished::Stopped { step: now.counters.step });
            }
            Control::Checkpoint => {
                now.state = engine.state();
                watch.snapshot(&now);
            }
            Control::Continue | Control::Stop => {}
        }
    }
    now.state = engine.state();
    watch.snapshot(&now);
    run.finish(engine, now, watch)
}

struct Run<'a> {
    train: &'a TrainSpec,
    rules: &'a RulesSpec,
    task: &'a RuleTask,
    evaluator: Evaluator<'a>,
    streams: Streams,
    draw: Draw<'a>,
    batch: RuleBatch,
}

impl Run<'_> {
    fn total(&self) -> u64 {
        u64::from(self.train.epochs) * self.rules.steps_per_epoch
    }

    /// All epochs were run, or the patience is at its end.
    fn is_over(&self, now: &RuleSnapshot) -> bool {
        let patience = u64::from(self.train.patience);
        let tired = patience > 0 && now.counters.stale() >= patience;
        now.counters.step >= self.total() || tired
    }

    /// At most `pace` steps, and none beyond the epoch's end.
    fn some_steps(
        &mut self,
        engine: &mut dyn Engine,
        now: &mut RuleSnapshot,
        pace: u64,
    ) -> Result<(), RuleRunError> {
        let counters = &mut now.counters;
        let epoch = counters.step / self.rules.steps_per_epoch;
        let rate = self.train.learning_rate * self.train.decay(epoch);
        let mut update = Update { rate, clip_norm: self.train.clip_norm, epoch: 0.0 };
        let end = (epoch + 1) * self.rules.steps_per_epoch;
        let until = end.min(counters.step.saturating_add(pace.max(1)));
        while counters.step < until {
            update.epoch = counters.step as f64 / self.rules.steps_per_epoch as f64;
            let mut stream = self.streams.stream("train", counters.step);
            self.task.draw(&mut stream, &self.draw, &mut self.batch);
            let loss = engine.step(&self.batch, &update);
            if !loss.is_finite() {
                return Err(RuleRunError::Diverged { step: counters.step, loss });
            }
            counters.step += 1;
            counters.loss_sum += loss;
            counters.losses += 1;
        }
        Ok(())
    }

    /// Evaluates at the end of an epoch that asks for it, and keeps a better model.
    fn evaluate_if_due(
        &mut self,
        engine: &mut dyn Engine,
        now: &mut RuleSnapshot,
        watch: &mut dyn Watch,
    ) {
        let step = now.counters.step;
        let epoch = step / self.rules.steps_per_epoch;
        let ends = step.is_multiple_of(self.rules.steps_per_epoch);
        let due = epoch.is_multiple_of(u64::from(self.train.evaluate_every));
        if !ends || !due && epoch != u64::from(self.train.epochs) {
            return;
        }
        watch.evaluating(true);
        let draw = Draw::evaluation(self.rules, self.rules.eval_samples);
        let validation = self.evaluator.evaluate(engine, "validation", &draw, |_, _| {});
        let counters = &mut now.counters;
        let loss = validation.total.mean_loss();
        counters.evaluated = epoch;
        if loss.is_finite() && counters.best.is_none_or(|best| loss < best.loss) {
            counters.best = Some(Best { epoch, loss });
            now.best = engine.state().parameters;
        }
        let train_loss = counters.loss_sum / counters.losses as f64;
        (counters.loss_sum, counters.losses) = (0.0, 0);
        watch.evaluating(false);
        watch.evaluated(&RuleMoment { step, epoch, train_loss, validation });
    }

    fn finish(
        &self,
        engine: &mut dyn Engine,
        snapshot: RuleSnapshot,
        watch: &mut dyn Watch,
    ) -> Result<RuleFinished, RuleRunError> {
        let step = snapshot.counters.step;
        let stopped = Ok(RuleFinished::Stopped { step });
        let epoch = step / self.rules.steps_per_epoch;
        watch.evaluating(true);
        let at = (self.task, self.streams);
        let Some(last) = finals(self.rules, at, engine, (epoch, true), watch) else {
            return stopped;
        };
        let mut best = last.clone();
        let found = snapshot.counters.best.map_or(epoch, |best| best.epoch);
        if found != epoch {
            let state = EngineState { parameters: snapshot.best.clone(), ..snapshot.state.clone() };
            engine.restore(&state)?;
            let Some(scores) = finals(self.rules, at, engine, (found, false), watch) else {
                return stopped;
            };
            best = scores;
        }
        watch.evaluating(false);
        let parameters = engine.parameters();
        let fingerprint = self.task.fingerprint();
        let complete = RuleComplete { last, best, parameters, snapshot, fingerprint };
        Ok(RuleFinished::Complete(Box::new(complete)))
    }
}
