//! Runs on an MLflow server: experiments, runs, parameters, metrics with steps, tags, by REST API 2.0.

mod client;
mod content;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use pathweave_store::RunFolder;
use serde_json::{Value, json};

use super::tables::curves;
use super::times::times;
use crate::cli::MlflowArgs;
use crate::error::CliError;
use crate::interrupt;
use crate::options::RunOptions;
use crate::output;
use crate::selection::{Selection, read};
use crate::ui::Ui;
use client::{Client, Fault};
use content::{Content, ID};

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    /// It is there now
    New,
    /// It was there before
    Known,
}

/// Sends runs to an MLflow server. A run that is there already is not sent again.
///
/// # Errors
/// [`CliError::Internal`] with the server's words where it refuses or cannot be reached, or where a
/// file of a run cannot be read; [`CliError::Interrupted`].
pub fn export(
    args: &MlflowArgs,
    selection: &Selection,
    options: &RunOptions,
) -> Result<(), CliError> {
    let client = Client::new(&args.url)?;
    let (experiment, is_new) = experiment(&client, &args.experiment)?;
    let (next, (to, from)) = (AtomicUsize::new(0), mpsc::channel());
    let bar = Ui::new(options).bar(&args.experiment, selection.runs.len() as u64);
    let sent: Result<Vec<Sent>, CliError> = thread::scope(|scope| {
        for _ in 0..options.workers(selection.runs.len()) {
            let (to, client, experiment, next) = (to.clone(), &client, &experiment, &next);
            scope.spawn(move || {
                while let Some(run) = selection.runs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let sent = match interrupt::stopping() {
                        true => Err(interrupted()),
                        false => one(client, experiment, is_new, run, !args.no_curves),
                    };
                    let ends = sent.is_err();
                    // Where nobody listens any more, another worker met an error.
                    if to.send(sent).is_err() || ends {
                        return;
                    }
                }
            });
        }
        drop(to);
        let mut done = Vec::new();
        for sent in from {
            done.push(sent.inspect_err(|_| next.store(selection.runs.len(), Ordering::Relaxed))?);
            bar.at(done.len() as u64);
            bar.note(&format!("{} of {} runs", done.len(), selection.runs.len()));
        }
        Ok(done)
    });
    bar.clear();
    let sent = sent?;
    let new = sent.iter().filter(|sent| **sent == Sent::New).count();
    let (known, url) = (sent.len() - new, args.url.trim_end_matches('/'));
    if options.json {
        let place = json!({"url": url, "experiment": args.experiment, "experiment_id": experiment});
        return output::json(
            &json!({"runs": sent.len(), "sent": new, "known": known, "to": place}),
        );
    }
    output::text(&format!(
        "{new} runs sent, {known} were there: {url}/#/experiments/{experiment}\n"
    ))
}

fn interrupted() -> CliError {
    let text = "interrupted: the same command goes on with the runs that are not there yet";
    CliError::Interrupted(text.into())
}

/// Id of the experiment of that name, made where there is none; and whether it was.
fn experiment(client: &Client, name: &str) -> Result<(String, bool), Fault> {
    let find = || client.get("experiments/get-by-name", &[("experiment_name", name)]);
    let id = |answer: &Value| text(&answer["experiment"]["experiment_id"], "experiment_id");
    match find() {
        Ok(found) => {
            if found["experiment"]["lifecycle_stage"] == "deleted" {
                let what =
                    format!("the experiment {name} is deleted there: restore it, or take another");
                return Err(Fault::said(what));
            }
            Ok((id(&found)?, false))
        }
        Err(fault) if fault.code == "RESOURCE_DOES_NOT_EXIST" => {
            match client.post("experiments/create", &json!({"name": name})) {
                Ok(made) => Ok((text(&made["experiment_id"], "experiment_id")?, true)),
                // Somebody made it meanwhile.
                Err(fault) if fault.code == "RESOURCE_ALREADY_EXISTS" => Ok((id(&find()?)?, false)),
                Err(fault) => Err(fault),
            }
        }
        Err(fault) => Err(fault),
    }
}

/// Sends one run: made, filled, and only then called finished.
fn one(
    client: &Client,
    experiment: &str,
    is_new: bool,
    run: &RunFolder,
    with_curves: bool,
) -> Result<Sent, CliError> {
    let known = if is_new { Known::No } else { known(client, experiment, &run.id)? };
    if known == Known::Finished {
        return Ok(Sent::Known);
    }
    let (record, timing) = read(run)?;
    let curves = if with_curves { Some(curves(run)?) } else { None };
    let times = times(run, timing.as_ref());
    let content = Content::new(&record, timing.as_ref(), curves.as_ref(), times);
    let mlflow_id = match known {
        Known::Begun(id) => id,
        _ => {
            let made = client.post_once("runs/create", &content.run(experiment))?;
            text(&made["run"]["info"]["run_id"], "run_id")?
        }
    };
    for batch in content.batches(&mlflow_id) {
        client.post("runs/log-batch", &batch)?;
    }
    client.post("runs/update", &content.end(&mlflow_id))?;
    Ok(Sent::New)
}

/// What the experiment has of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Known {
    No,
    /// An export was broken off
    Begun(String),
    Finished,
}

fn known(client: &Client, experiment: &str, id: &str) -> Result<Known, Fault> {
    let question = json!({
        "experiment_ids": [experiment],
        "filter": format!("tags.\"{ID}\" = '{id}'"),
        "max_results": 100,
    });
    let answer = client.post("runs/search", &question)?;
    let runs = answer["runs"].as_array().cloned().unwrap_or_default();
    let finished = |run: &Value| run["info"]["status"] == "FINISHED";
    if runs.iter().any(finished) {
        return Ok(Known::Finished);
    }
    let begun: BTreeSet<&str> =
        runs.iter().filter_map(|run| run["info"]["run_id"].as_str()).collect();
    Ok(begun.first().map_or(Known::No, |id| Known::Begun((*id).to_owned())))
}

fn text(value: &Value, name: &str) -> Result<String, Fault> {
    let said = || Fault::said(format!("the server's answer has no {name}: is it MLflow?"));
    value.as_str().map(str::to_owned).ok_or_else(said)
}
