//! `data check` of sentence pairs.

use pathweave_data::text::{Label, Texts};
use pathweave_data::{DatasetInfo, DatasetSpec, Split, TaskSet};
use serde_json::{Value, json};

use crate::error::CliError;
use crate::options::RunOptions;
use crate::output;

const SPLITS: [(&str, Split); 4] = [
    ("before", Split::Before),
    ("train", Split::Train),
    ("validation", Split::Validation),
    ("test", Split::Test),
];

/// Counts pairs by context, split and label, and tells what was left out on the way.
///
/// # Errors
/// [`CliError::Data`] for faults of the files.
pub fn check(info: &DatasetInfo, spec: &DatasetSpec, options: &RunOptions) -> Result<(), CliError> {
    let fault = |errors: pathweave_data::DataErrors| CliError::Data(errors.to_string());
    let (pairs, words) = spec.pairs(options.data()).zip(spec.words()).expect("a set of texts");
    let mut pairs = pairs.map_err(fault)?;
    let notes = std::mem::take(&mut pairs.notes);
    let data = TaskSet::of_pairs(info.name, pairs, words, options.data()).map_err(fault)?;
    let texts = data.texts.as_ref().expect("pairs become texts");
    if options.json {
        return output::json(&to_json(info, &data, texts, &notes));
    }
    let row = |(task, name): (usize, &String)| {
        let splits = SPLITS.map(|(_, split)| count(&data, split, task, None));
        let labels = Label::ALL.map(|(label, _)| of_label(&data, task, label));
        let counts = splits.into_iter().chain(labels).map(|count| count.to_string());
        std::iter::once(name.clone()).chain(counts).collect()
    };
    let rows: Vec<Vec<String>> = data.task_names.iter().enumerate().map(row).collect();
    let splits = SPLITS.iter().map(|(name, _)| *name);
    let labels = Label::ALL.iter().map(|(_, name)| *name);
    let headers: Vec<&str> = std::iter::once("context").chain(splits).chain(labels).collect();
    let table = output::columns(&headers, &rows);
    let notes: String = notes.iter().map(|note| format!("\n{note}")).collect();
    let notes = if notes.is_empty() { notes } else { format!("{notes}\n") };
    output::text(&format!(
        "{}: {}, {} pairs of {} sentences, {} words ({} with a vector from the file), \
         fingerprint {}\n\n{table}{notes}",
        info.name,
        data.source,
        texts.items(),
        texts.sentences(),
        texts.vocabulary.len(),
        texts.found,
        data.fingerprint(),
    ))
}

fn count(data: &TaskSet, split: Split, task: usize, label: Option<Label>) -> usize {
    let of_task = data.examples(split).iter().filter(|example| usize::from(example.task) == task);
    of_task.filter(|example| label.is_none_or(|label| label.number() == example.label)).count()
}

fn of_label(data: &TaskSet, task: usize, label: Label) -> usize {
    SPLITS.iter().map(|&(_, split)| count(data, split, task, Some(label))).sum()
}

fn to_json(info: &DatasetInfo, data: &TaskSet, texts: &Texts, notes: &[String]) -> Value {
    let context = |(task, name): (usize, &String)| {
        let mut row = json!({ "context": name });
        for (name, split) in SPLITS {
            row[name] = json!(count(data, split, task, None));
        }
        for (label, name) in Label::ALL {
            row[name] = json!(of_label(data, task, label));
        }
        row
    };
    let contexts: Vec<Value> = data.task_names.iter().enumerate().map(context).collect();
    let mut report = json!({
        "dataset": info.name,
        "source": data.source,
        "contexts": contexts,
        "sentences": texts.sentences(),
        "vocabulary": texts.vocabulary.len(),
        "words_with_vectors": texts.found,
        "groups": texts.groups.iter().filter(|name| !name.is_empty()).count(),
        "notes": notes,
        "fingerprint": data.fingerprint(),
    });
    for (name, split) in SPLITS {
        report[name] = json!(data.examples(split).len());
    }
    report
}
