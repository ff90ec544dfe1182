//! `intervene`: what a trained network loses when somebody else decides.

use std::fs;

use pathweave::intervention::{Scores, Variant, examine, usage};
use pathweave_data::Split;
use pathweave_store::{ACTIVATION, write_text};
use serde_json::json;

use crate::cli::{InterveneArgs, SplitArg};
use crate::error::CliError;
use crate::intervene::{Answer, Asked, Kind, Page, Wish, asked, compare, standard, text};
use crate::options::RunOptions;
use crate::output;
use crate::store::StoredRun;

/// Evaluates a finished run's network under the interventions that are named, or all standard ones.
///
/// # Errors
/// [`CliError::Usage`] where nothing is routed in the run, or it has no such split or module;
/// [`CliError::Data`] where the data are not those that it was trained on.
pub fn run(args: &InterveneArgs, options: &RunOptions) -> Result<(), CliError> {
    let run = StoredRun::find(&args.run, &options.out)?;
    if run.spec.data.rules().is_some() {
        let text = format!(
            "{}: a run on rule data; interventions need a network for images. What its modules do \
             for each rule is in {}",
            run.id,
            run.folder.join(ACTIVATION).display()
        );
        return Err(CliError::Usage(text));
    }
    let data = run.spec.data.load(options.data());
    let data = data.map_err(|errors| CliError::Data(errors.to_string()))?;
    if data.fingerprint() != run.record.dataset.fingerprint {
        let text = format!("{}: the data are not those that it was trained on", run.id);
        return Err(CliError::Data(text));
    }
    let (split, split_name) = match args.split {
        SplitArg::Train => (Split::Train, "train"),
        SplitArg::Validation => (Split::Validation, "validation"),
        SplitArg::Test => (Split::Test, "test"),
    };
    let samples = data.examples(split).len();
    if samples == 0 {
        return Err(CliError::Usage(format!("{}: its data have no {split_name} split", run.id)));
    }
    let device = options.device.open();
    let network = run.network(&data, &device)?;
    let Some(used) = usage(&network, &data, split, &device) else {
        let text = format!("{}: nothing is routed in it, so nobody else can decide", run.id);
        return Err(CliError::Usage(text));
    };
    let wishes: Vec<Wish> = args.wishes();
    let lines = match wishes.is_empty() {
        true => standard(&network, &used, args.draws.get()),
        false => asked(&wishes, &network, &used)?,
    };
    let lines = results(lines, |variants| examine(&network, variants, &data, split, &device));
    let lines = compare(lines, data.tasks);
    let answer = Answer::of(&lines);
    let (id, name, tasks) = (run.id.as_str(), run.spec.name.as_str(), &data.task_names[..]);
    let page = Page { id, name, split: split_name, tasks, samples, lines: &lines, answer };

    let folder = options.out.join("reports").join(format!("intervene-{id}-{split_name}"));
    fs::create_dir_all(&folder).map_err(|error| CliError::file(&folder, error))?;
    let report = page.report();
    let html = folder.join("report.html");
    let mut data = page.json();
    data["report"] = json!(html);
    write_text(&folder.join("report.md"), &report.to_markdown(""))?;
    write_text(&folder.join("rows.json"), &format!("{data:#}\n"))?;
    write_text(&html, &report.to_html())?;
    match options.json {
        true => output::json(&data),
        false => output::text(&format!("{}\nreport: {}\n", text(&page), html.display())),
    }
}

/// What became of each line's draws; all are examined together.
fn results(
    lines: Vec<Asked>,
    examine: impl FnOnce(&[Variant]) -> Vec<Scores>,
) -> Vec<(String, String, Kind, Vec<Scores>)> {
    let mut variants = Vec::new();
    let mut heads = Vec::new();
    for line in lines {
        heads.push((line.name, line.note, line.kind, line.variants.len()));
        variants.extend(line.variants);
    }
    let mut scores = examine(&variants).into_iter();
    let head = |(name, note, kind, draws): (String, String, Kind, usize)| {
        (name, note, kind, scores.by_ref().take(draws).collect())
    };
    heads.into_iter().map(head).collect()
}
