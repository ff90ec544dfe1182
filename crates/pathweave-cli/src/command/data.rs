//! `data list`, `data check`, `data get`.

mod texts;

use std::path::{Path, PathBuf};

use pathweave::spec::RunSpec;
use pathweave_data::check::{FileCheck, check};
use pathweave_data::dataset::rules::{RuleTask, RulesSpec};
use pathweave_data::{DATASETS, DatasetInfo, DatasetSpec, Loader, Split, TaskSet};
use serde_json::{Value, json};

use crate::cli::{DataArgs, DataCommand};
use crate::error::CliError;
use crate::hub::{self, REMOTES};
use crate::options::RunOptions;
use crate::output;
use crate::spec_file::{Plan, nearest};

/// How deep below the data folder files are looked for.
const DEPTH: usize = 3;

/// Lists, checks or fetches.
///
/// # Errors
/// [`CliError::Usage`] for an unknown data set or where no data folder is named;
/// [`CliError::Data`] for faults of the files, and of the hub.
pub fn run(args: &DataArgs, options: &RunOptions) -> Result<(), CliError> {
    match &args.command {
        DataCommand::List => list(options),
        DataCommand::Check { name: Some(name), overrides } => {
            check_set(info(name)?, overrides, options)
        }
        DataCommand::Check { name: None, .. } => check_files(options),
        DataCommand::Get { name } => get(info(name)?, options),
    }
}

fn info(name: &str) -> Result<&'static DatasetInfo, CliError> {
    DATASETS.iter().find(|info| info.name == name).ok_or_else(|| {
        let names: Vec<&str> = DATASETS.iter().map(|info| info.name).collect();
        let hint = nearest(name, &names).map(|near| format!("; did you mean {near}?"));
        let hint = hint.unwrap_or_default();
        let names = names.join(", ");
        CliError::Usage(format!("{name}: no such data set{hint} There are: {names}"))
    })
}

fn folder(options: &RunOptions) -> Result<&Path, CliError> {
    options.data().ok_or_else(|| {
        let text = "name the folder of the data files with --data FOLDER or the variable \
                    PATHWEAVE_DATA";
        CliError::Usage(text.into())
    })
}

fn list(options: &RunOptions) -> Result<(), CliError> {
    let files = options.data().map(|folder| files_below(folder, DEPTH)).unwrap_or_default();
    let found = |info: &DatasetInfo| match info.loader {
        Loader::Embedded => "part of the program".to_owned(),
        Loader::Drawn => "drawn for every step".to_owned(),
        Loader::Files => files
            .iter()
            .find(|file| may_hold(info.name, file))
            .map_or("no".into(), |file| file.display().to_string()),
    };
    if options.json {
        let row = |info: &DatasetInfo| {
            let mut row = json!(info);
            row["found"] = json!(found(info));
            row
        };
        return output::json(&DATASETS.iter().map(row).collect());
    }
    let row = |info: &DatasetInfo| {
        [info.name, info.what, info.source, info.licence]
            .map(str::to_owned)
            .into_iter()
            .chain([found(info)])
            .collect()
    };
    let rows: Vec<Vec<String>> = DATASETS.iter().map(row).collect();
    let mut text = output::columns(&["name", "what", "source", "licence", "found"], &rows);
    text.push('\n');
    for info in DATASETS.iter().filter(|info| info.loader == Loader::Files) {
        text += &format!("{} needs {}\n", info.name, info.files.join(",\n    or "));
    }
    if options.data().is_none() {
        text += "\nNo data folder is named: --data FOLDER or the variable PATHWEAVE_DATA.\n";
    }
    output::text(&text)
}

/// Paths below `folder`, sorted. What cannot be read is left out: a list is no check.
fn files_below(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(folder, Path::new(""), depth, &mut found);
    found.sort();
    found
}

fn walk(folder: &Path, below: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder.join(below)).into_iter().flatten().flatten() {
        let path = below.join(entry.file_name());
        if !folder.join(&path).is_dir() {
            found.push(path);
        } else if depth > 0 {
            walk(folder, &path, depth - 1, found);
        }
    }
}

/// Whether a file's path promises training samples of the data set.
fn may_hold(dataset: &str, file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let folders = file.parent().unwrap_or(Path::new("")).to_string_lossy();
    let parquet = name.starts_with("train") && name.ends_with(".parquet");
    let in_folder = |part: &str| folders.is_empty() || folders.contains(part);
    match dataset {
        "mnist-mtl" => {
            name.starts_with("train-images-idx3-ubyte") || (parquet && in_folder("mnist"))
        }
        "multi-nli" => in_folder("multinli") && (parquet || name.starts_with("multinli_1.0_train")),
        "snli" => in_folder("snli") && (parquet || name.starts_with("snli_1.0_train")),
        "sci" => {
            let joint = name.starts_with("joint.train.tsv");
            joint && (in_folder("sci") || in_folder("implicatives"))
        }
        "nli-tsv" => name.ends_with(".tsv") || name.ends_with(".tsv.gz"),
        _ => name == "train.bin" || (parquet && in_folder("cifar")),
    }
}

fn check_set(
    info: &DatasetInfo,
    overrides: &[String],
    options: &RunOptions,
) -> Result<(), CliError> {
    let spec = spec_of(info, overrides)?;
    if let Some(rules) = spec.rules() {
        return check_rules(info, rules, options);
    }
    if spec.is_text() {
        return texts::check(info, &spec, options);
    }
    let data = spec.load(options.data());
    let data = data.map_err(|errors| CliError::Data(errors.to_string()))?;
    let splits = [("train", Split::Train), ("test", Split::Test)];
    if options.json {
        let [(_, train), (_, test)] =
            splits.map(|(name, split)| (name, data.examples(split).len()));
        return output::json(&json!({
            "dataset": info.name,
            "tasks": data.task_names,
            "classes": data.classes,
            "shape": shape(&data),
            "images": data.images(),
            "train": train,
            "test": test,
            "fingerprint": data.fingerprint(),
        }));
    }
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (task, name) in data.task_names.iter().enumerate() {
        let count = |split| {
            let of_task = data.examples(split).iter().filter(|e| usize::from(e.task) == task);
            of_task.count().to_string()
        };
        rows.push(vec![name.clone(), count(Split::Train), count(Split::Test)]);
    }
    let table = output::columns(&["task", "train", "test"], &rows);
    let [channels, height, width] = shape(&data);
    let (images, print) = (data.images(), data.fingerprint());
    output::text(&format!(
        "{}: {images} images of {channels}x{height}x{width}, fingerprint {print}\n\n{table}",
        info.name
    ))
}

/// A data set with settings of the user's.
fn spec_of(info: &DatasetInfo, overrides: &[String]) -> Result<DatasetSpec, CliError> {
    // A reward that fits every set: rules may have no right answers.
    let plain = json!({"data": {"name": info.name}, "reward": {"final": "negative-loss"}});
    let defaults: RunSpec =
        serde_json::from_value(plain).map_err(|error| CliError::Internal(error.to_string()))?;
    let mut plan = Plan::of(&defaults);
    plan.apply(overrides, None)?;
    Ok(plan.specs()?.swap_remove(0).data)
}

/// Rule data have no files: what there is to know of the default task.
fn check_rules(
    info: &DatasetInfo,
    rules: &RulesSpec,
    options: &RunOptions,
) -> Result<(), CliError> {
    let print = RuleTask::new(rules).fingerprint();
    if options.json {
        let (name, rules) = (info.name, rules.rules);
        return output::json(&json!({"dataset": name, "rules": rules, "fingerprint": print}));
    }
    output::text(&format!(
        "{}: drawn for every step, no files; {} rules by default, fingerprint {print}\n",
        info.name, rules.rules
    ))
}

fn shape(data: &TaskSet) -> [usize; 3] {
    [data.shape.channels, data.shape.height, data.shape.width]
}

fn check_files(options: &RunOptions) -> Result<(), CliError> {
    let folder = folder(options)?;
    let found = check(folder).map_err(|errors| CliError::Data(errors.to_string()))?;
    if options.json {
        output::json(&json!(found))?;
    } else {
        output::text(&files_text(&found.files))?;
    }
    let faulty: Vec<String> = (found.files.iter())
        .flat_map(|file| file.faults.iter().map(|fault| one_fault(&file.file, fault)))
        .collect();
    if faulty.is_empty() { Ok(()) } else { Err(CliError::Data(faulty.join("\n"))) }
}

/// A fault with its file, where it does not name it itself.
fn one_fault(file: &Path, fault: &str) -> String {
    let file = file.display().to_string();
    if fault.contains(&file) { fault.to_owned() } else { format!("{file}: {fault}") }
}

fn files_text(files: &[FileCheck]) -> String {
    let row = |file: &FileCheck| {
        let state = if file.faults.is_empty() { "sound" } else { "faulty" };
        let labels: Vec<String> = file.labels.iter().map(histogram).collect();
        vec![
            file.file.display().to_string(),
            file.count.to_string(),
            state.into(),
            file.sha256.chars().take(16).collect(),
            labels.join("; "),
        ]
    };
    let rows: Vec<Vec<String>> = files.iter().map(row).collect();
    output::columns(&["file", "samples", "state", "sha256", "labels"], &rows)
}

/// A histogram in a few words: one number where all labels are equally frequent.
fn histogram(labels: &pathweave_data::check::Histogram) -> String {
    let (name, counts) = (&labels.name, &labels.counts);
    let (least, most) = (counts.iter().min().unwrap_or(&0), counts.iter().max().unwrap_or(&0));
    let kinds = counts.len();
    if least == most {
        format!("{kinds} {name}s, {most} each")
    } else {
        format!("{kinds} {name}s, {least} to {most} each")
    }
}

fn get(info: &DatasetInfo, options: &RunOptions) -> Result<(), CliError> {
    let Some(remote) = REMOTES.iter().find(|remote| remote.datasets.contains(&info.name)) else {
        if info.loader == Loader::Files {
            let files = info.files.join("; or ");
            let text = format!("{} cannot be fetched by this command; it needs {files}", info.name);
            return Err(CliError::Usage(text));
        }
        if options.json {
            return output::json(&json!({"dataset": info.name, "files": Value::Array(Vec::new())}));
        }
        let why = match info.loader {
            Loader::Drawn => "drawn for every step",
            _ => "part of the program",
        };
        return output::text(&format!("{} is {why}: nothing to fetch\n", info.name));
    };
    let fetched = hub::fetch(remote, folder(options)?, options)?;
    if options.json {
        let file = |one: &hub::Fetched| {
            json!({
                "file": one.file,
                "was_there": one.was_there,
                "samples": one.contents.count,
                "sha256": one.contents.sha256,
            })
        };
        let files: Vec<Value> = fetched.iter().map(file).collect();
        return output::json(&json!({"dataset": info.name, "files": files}));
    }
    let row = |one: &hub::Fetched| {
        let state = if one.was_there { "was there" } else { "fetched" };
        let contents = &one.contents;
        vec![
            one.file.display().to_string(),
            state.into(),
            contents.count.to_string(),
            contents.sha256.chars().take(16).collect(),
        ]
    };
    let rows: Vec<Vec<String>> = fetched.iter().map(row).collect();
    output::text(&output::columns(&["file", "state", "samples", "sha256"], &rows))
}
