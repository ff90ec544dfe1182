//! Whole runs on rule data: bits, the best model, patience, test sets.

mod faults;
mod measures;
mod model;
mod resume;

use pathweave::rule::{
    RuleComplete, RuleFinished, RuleMoment, RuleSnapshot, Watch, run, run_engine,
};
use pathweave::spec::{ModelKind, OptimizerKind, RunSpec};
use pathweave::train::Control;
use pathweave_data::dataset::{DatasetSpec, RulesSpec};

use self::model::Bias;
use crate::support::cpu;

/// Two rules, a small model, three epochs of four steps.
fn spec() -> RunSpec {
    let rules = RulesSpec {
        rules: 2,
        steps_per_epoch: 4,
        eval_samples: 300,
        adaptation_draws: 3,
        adaptation_samples: 200,
        ..RulesSpec::default()
    };
    let mut spec = crate::support::spec();
    spec.data = DatasetSpec::Rules(rules);
    spec.model = Default::default();
    spec.model.kind = ModelKind::Modular;
    (spec.model.rules.encoder, spec.model.rules.width) = (4, 8);
    spec.router = Default::default();
    spec.train = Default::default();
    (spec.train.epochs, spec.train.batch, spec.train.decay_every) = (3, 16, 2);
    (spec.train.optimizer, spec.train.learning_rate) = (OptimizerKind::Adam, 0.01);
    spec
}

fn rules(spec: &mut RunSpec) -> &mut RulesSpec {
    match &mut spec.data {
        DatasetSpec::Rules(rules) => rules,
        _ => panic!("rule data"),
    }
}

/// Keeps what it is told; stops after a step, looks every `pace` steps.
#[derive(Default)]
struct Seen {
    pace: u64,
    stop: Option<u64>,
    stop_in_finals: bool,
    moments: Vec<RuleMoment>,
    snapshots: Vec<RuleSnapshot>,
}

impl Watch for Seen {
    fn pace(&self) -> u64 {
        self.pace
    }

    fn steps(&mut self, step: u64) -> Control {
        match self.stop {
            Some(stop) if step >= stop => Control::Stop,
            _ => Control::Checkpoint,
        }
    }

    fn evaluated(&mut self, moment: &RuleMoment) {
        self.moments.push(moment.clone());
    }

    fn snapshot(&mut self, snapshot: &RuleSnapshot) {
        self.snapshots.push(snapshot.clone());
    }

    fn stops(&mut self) -> bool {
        self.stop_in_finals
    }
}

fn complete(finished: RuleFinished) -> RuleComplete {
    match finished {
        RuleFinished::Complete(complete) => *complete,
        RuleFinished::Stopped { step } => panic!("stopped after step {step}"),
    }
}

fn finish(spec: RunSpec, watch: &mut dyn Watch) -> RuleComplete {
    let spec = spec.check().expect("a good spec");
    complete(run(&spec, &cpu(), None, watch).expect("it runs"))
}

/// A run of the model whose error is known in advance.
fn finish_bias(spec: RunSpec, model: &mut Bias, watch: &mut dyn Watch) -> RuleComplete {
    let spec = spec.check().expect("a good spec");
    complete(run_engine(&spec, model, None, watch).expect("it runs"))
}

/// Everything that records are made of.
fn told(complete: &RuleComplete) -> String {
    let (last, best) = (&complete.last, &complete.best);
    format!("{last:?} {best:?} {:?} {}", complete.snapshot, complete.parameters)
}
