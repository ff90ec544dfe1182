//! The files of a complete run on rule data.

use std::collections::BTreeMap;
use std::io::Write;

use pathweave::rule::{RuleComplete, RuleEvaluation, RuleFinals, RuleScore};
use pathweave::spec::CheckedSpec;
use pathweave_data::dataset::RulesSpec;
use pathweave_eval::curves::Curves;
use pathweave_eval::joint::{JOINT_METRICS, Joint, JointMetricDef};
use pathweave_eval::log::columns;
use pathweave_eval::record::{DatasetRecord, RunRecord, TaskResult};
use pathweave_eval::timing::{TIMING_VERSION, Timing};
use pathweave_store::{
    ACTIVATION, BEST, CURVES, EVENTS, MODEL, RECORD, ROUTING_PARQUET, RunFolder, TIMING,
    write_atomic, write_text,
};

use crate::device::DeviceName;
use crate::error::CliError;
use crate::run_id::spec_json;
use crate::worker::checkpoint::Progress;
use crate::worker::finish::events;
use crate::worker::{arrays, host};

/// Writes every file, the record last.
///
/// # Errors
/// Where one cannot be written.
pub fn write(
    (spec, data): (&CheckedSpec, &RulesSpec),
    folder: &RunFolder,
    device: DeviceName,
    complete: &RuleComplete,
    (progress, curves): (&Progress, &Curves),
) -> Result<(), CliError> {
    let snapshot = &complete.snapshot;
    arrays::write(&folder.file(MODEL), &snapshot.state.parameters, &folder.id)?;
    let best = if snapshot.best.is_empty() { &snapshot.state.parameters } else { &snapshot.best };
    arrays::write(&folder.file(BEST), best, &folder.id)?;
    write_atomic(&folder.file(CURVES), |to| curves.to_csv(to))?;
    write_atomic(&folder.file(EVENTS), |to| events(curves, progress, to))?;
    if let Some(log) = &complete.last.log {
        write_atomic(&folder.file(ROUTING_PARQUET), |to| columns::write(log, to, ROUTING_PARQUET))?;
    }
    if let Some(joint) = &complete.last.test.joint {
        write_atomic(&folder.file(ACTIVATION), |to| activation(joint, to))?;
    }
    write_text(&folder.file(TIMING), &timing(data, complete, progress).to_json())?;
    let record = record((spec, data), &folder.id, device, complete, curves);
    Ok(write_text(&folder.file(RECORD), &record.to_json())?)
}

/// p(m, r) as a line for each rule and module.
fn activation(joint: &Joint, to: &mut impl Write) -> std::io::Result<()> {
    writeln!(to, "rule,module,p")?;
    for rule in 0..joint.rules() {
        for (module, p) in joint.of_rule(rule).iter().enumerate() {
            writeln!(to, "{rule},{module},{p:?}")?;
        }
    }
    Ok(())
}

/// Every metric of an activation that it allows, but adaptation, which is measured on samples.
pub fn of_joint(joint: &Joint) -> BTreeMap<&'static str, f64> {
    let value = |def: &JointMetricDef| Some((def.name, (def.compute)(joint).ok()?));
    let defs = JOINT_METRICS.iter().filter(|def| def.name != "adaptation");
    defs.filter_map(value).collect()
}

fn timing(data: &RulesSpec, complete: &RuleComplete, progress: &Progress) -> Timing {
    let steps = complete.snapshot.counters.step as f64;
    let epochs = steps / data.steps_per_epoch as f64;
    let train = progress.train_seconds;
    Timing {
        version: TIMING_VERSION,
        wall_seconds: progress.wall_seconds,
        train_seconds: train,
        eval_seconds: progress.eval_seconds,
        steps_per_second: if train > 0.0 { steps / train } else { 0.0 },
        seconds_per_task_epoch: train / (epochs * data.rules as f64),
        peak_rss_bytes: host::peak_memory(),
        threads: 1,
        host_cpu: host::cpu(),
        extra: Default::default(),
    }
}

fn record(
    (spec, data): (&CheckedSpec, &RulesSpec),
    id: &str,
    device: DeviceName,
    complete: &RuleComplete,
    curves: &Curves,
) -> RunRecord {
    let counters = &complete.snapshot.counters;
    let mut record = RunRecord::new(id, &spec.name);
    record.seed = spec.train.seed;
    record.spec = spec_json(spec);
    record.dataset = DatasetRecord {
        name: spec.data.name().into(),
        fingerprint: complete.fingerprint.clone(),
        train: match data.samples {
            0 => counters.step * spec.train.batch as u64,
            samples => samples as u64,
        },
        test: data.eval_samples as u64,
        tasks: data.rules as u64,
        extra: Default::default(),
    };
    record.program = concat!("pathweave ", env!("CARGO_PKG_VERSION")).into();
    record.device = device.to_string();
    record.steps = counters.step;
    record.epochs = complete.last.epoch;
    record.parameters = complete.parameters;
    let test = &complete.last.test;
    record.per_task = test.rules.iter().enumerate().map(|at| of_rule(at, test)).collect();
    let metrics = &mut record.metrics;
    insert(metrics, "", &complete.last);
    insert(metrics, "best/", &complete.best);
    // From the curves, which a resumed run has whole.
    for (name, tag) in [
        ("train_loss", "train/loss"),
        ("validation_loss", "validation/loss"),
        ("validation_error", "validation/error"),
    ] {
        if let Some(&(_, value)) = curves.series(tag).last() {
            metrics.insert(name.into(), value);
        }
    }
    if let Some(best) = counters.best {
        metrics.insert("best_validation_loss".into(), best.loss);
        metrics.insert("best_epoch".into(), best.epoch as f64);
    }
    record
}

/// A rule's rows of the test set; in regression there are no right answers.
fn of_rule((rule, score): (usize, &RuleScore), test: &RuleEvaluation) -> TaskResult {
    TaskResult {
        task: format!("rule {rule}"),
        accuracy: if test.classification { 1.0 - score.error() } else { f64::NAN },
        loss: score.mean_loss(),
        n: score.rows,
        extra: Default::default(),
    }
}

/// A model's metrics, their names after a prefix.
fn insert(metrics: &mut BTreeMap<String, f64>, prefix: &str, finals: &RuleFinals) {
    let mut put = |name: &str, value: f64| metrics.insert(format!("{prefix}{name}"), value);
    let test = &finals.test;
    put("loss", test.total.mean_loss());
    if test.classification {
        put("error", test.total.error());
    }
    put("performance", test.performance());
    for (name, _, scores) in &finals.others {
        put(&format!("performance_{name}"), scores.performance());
    }
    put("performance_ood", finals.out_of_distribution());
    for (name, value) in test.joint.iter().flat_map(of_joint) {
        put(name, value);
    }
    if let Some(adaptation) = finals.adaptation {
        put("adaptation", adaptation);
    }
}
