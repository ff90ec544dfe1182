//! The files of a run that is complete.

use std::collections::BTreeMap;

use pathweave::dispatcher::offline::Fit;
use pathweave::spec::CheckedSpec;
use pathweave::train::Complete;
use pathweave::train::TaskScore;
use pathweave_data::{Split, TaskSet};
use pathweave_eval::curves::Curves;
use pathweave_eval::log::{columns, jsonl};
use pathweave_eval::record::{DatasetRecord, RunRecord, TaskResult};
use pathweave_eval::tensorboard::EventWriter;
use pathweave_eval::timing::{TIMING_VERSION, Timing};
use pathweave_store::{
    CURVES, EVENTS, MODEL, RECORD, ROUTING_JSONL, ROUTING_PARQUET, RunFolder, TIMING, write_atomic,
    write_text,
};
use serde_json::{Value, json};

use super::checkpoint::Progress;
use super::watcher::Watched;
use super::{arrays, host, metrics};
use crate::device::DeviceName;
use crate::error::CliError;
use crate::run_id::spec_json;

/// Writes every file, the record last.
///
/// # Errors
/// Where one cannot be written.
pub fn write(
    spec: &CheckedSpec,
    folder: &RunFolder,
    data: &TaskSet,
    device: DeviceName,
    complete: &Complete,
    Watched { progress, curves, fit }: Watched,
) -> Result<(), CliError> {
    arrays::write(&folder.file(MODEL), &complete.snapshot.network, &folder.id)?;
    write_atomic(&folder.file(CURVES), |to| curves.to_csv(to))?;
    write_atomic(&folder.file(EVENTS), |to| events(&curves, &progress, to))?;
    if let Some(log) = &complete.last.test.log {
        write_atomic(&folder.file(ROUTING_JSONL), |to| jsonl::write(log, to))?;
        write_atomic(&folder.file(ROUTING_PARQUET), |to| columns::write(log, to, ROUTING_PARQUET))?;
    }
    write_text(&folder.file(TIMING), &timing(spec, data, complete, &progress).to_json())?;
    let mut record = record(spec, &folder.id, data, device, complete, &curves);
    if let Some(Fit { clusters, noise, largest }) = fit {
        for (name, value) in [("clusters", clusters as f64), ("noise", noise), ("largest", largest)]
        {
            record.metrics.insert(format!("dispatch_fit/{name}"), value);
        }
    }
    if !progress.alarms.is_empty() {
        record.extra.insert("alarms".into(), json!(progress.alarms));
    }
    Ok(write_text(&folder.file(RECORD), &record.to_json())?)
}

/// Writes curves as TensorBoard reads them.
///
/// # Errors
/// Where they cannot be written.
pub fn events(
    curves: &Curves,
    progress: &Progress,
    to: &mut impl std::io::Write,
) -> std::io::Result<()> {
    let first = progress.times.first().map_or(0.0, |&(_, time)| time);
    let mut writer = EventWriter::new(to, first)?;
    for tag in curves.tags() {
        for (step, value) in curves.series(tag) {
            let at = progress.times.iter().find(|&&(of, _)| of == step).map_or(first, |&(_, t)| t);
            writer.scalar(tag, step, at, value as f32)?;
        }
    }
    writer.flush()
}

fn timing(spec: &CheckedSpec, data: &TaskSet, complete: &Complete, progress: &Progress) -> Timing {
    let steps = complete.snapshot.counters.step as f64;
    let train = progress.train_seconds;
    let tasks_and_epochs = f64::from(spec.train.epochs) * data.tasks as f64;
    Timing {
        version: TIMING_VERSION,
        wall_seconds: progress.wall_seconds,
        train_seconds: train,
        eval_seconds: progress.eval_seconds,
        steps_per_second: if train > 0.0 { steps / train } else { 0.0 },
        seconds_per_task_epoch: train / tasks_and_epochs,
        peak_rss_bytes: host::peak_memory(),
        threads: 1,
        host_cpu: host::cpu(),
        extra: Default::default(),
    }
}

fn result((task, score): (&String, &TaskScore)) -> TaskResult {
    TaskResult {
        task: task.clone(),
        accuracy: score.accuracy(),
        loss: score.mean_loss(),
        n: score.samples,
        extra: Default::default(),
    }
}

/// What is to be known of sentence pairs besides what every record has.
fn of_dataset(data: &TaskSet) -> BTreeMap<String, Value> {
    let mut extra = BTreeMap::new();
    if !data.source.is_empty() {
        extra.insert("source".into(), json!(data.source));
    }
    if let Some(texts) = &data.texts {
        extra.insert("before".into(), json!(data.examples(Split::Before).len()));
        extra.insert("validation".into(), json!(data.examples(Split::Validation).len()));
        extra.insert("vocabulary".into(), json!(texts.vocabulary.len()));
        extra.insert("words_with_vectors".into(), json!(texts.found));
    }
    extra
}

fn record(
    spec: &CheckedSpec,
    id: &str,
    data: &TaskSet,
    device: DeviceName,
    complete: &Complete,
    curves: &Curves,
) -> RunRecord {
    let test = &complete.last.test;
    let total = test.total();
    let mut record = RunRecord::new(id, &spec.name);
    record.seed = spec.train.seed;
    record.spec = spec_json(spec);
    record.dataset = DatasetRecord {
        name: data.name.clone(),
        fingerprint: data.fingerprint(),
        train: data.examples(Split::Train).len() as u64,
        test: data.examples(Split::Test).len() as u64,
        tasks: data.tasks as u64,
        extra: of_dataset(data),
    };
    record.program = concat!("pathweave ", env!("CARGO_PKG_VERSION")).into();
    record.device = device.to_string();
    record.steps = complete.snapshot.counters.step;
    record.epochs = u64::from(spec.train.epochs);
    record.parameters = complete.parameters;
    record.per_task = data.task_names.iter().zip(&test.tasks).map(result).collect();
    let groups = data.texts.iter().flat_map(|texts| &texts.groups).zip(&test.groups);
    let named = groups.filter(|(name, score)| !name.is_empty() && score.samples > 0);
    record.per_group = named.map(result).collect();
    let metrics = &mut record.metrics;
    metrics.insert("accuracy".into(), total.accuracy());
    metrics.insert("loss".into(), total.mean_loss());
    metrics.insert("accuracy_mean_task".into(), metrics::mean_task_accuracy(test));
    if let Some(validation) = &complete.last.validation {
        metrics.insert("validation_accuracy".into(), validation.total().accuracy());
        metrics.insert("validation_loss".into(), validation.total().mean_loss());
    }
    // From the curves, which a resumed run has whole.
    for (name, tag) in [
        ("train_loss", "train/loss"),
        ("train_accuracy", "train/accuracy"),
        ("train_router_loss", "train/router_loss"),
        ("exploratory_share", "explore/share"),
        ("decision_fluctuation", "routing/decision_fluctuation"),
        ("path_fluctuation", "routing/path_fluctuation"),
    ] {
        if let Some(&(_, value)) = curves.series(tag).last() {
            metrics.insert(name.into(), value);
        }
    }
    if let Some(log) = &test.log {
        metrics.extend(metrics::of_log(log));
    }
    record
}
