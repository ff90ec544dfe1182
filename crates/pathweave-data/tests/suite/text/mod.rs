//! Sentence pairs, words and vectors.

mod datasets;
mod formats;
mod glove;
mod numbers;
mod real;
mod tokens;

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use pathweave_data::text::{Label, Pair};

/// A pair without a group.
fn pair(premise: &str, hypothesis: &str, label: Label, context: &str) -> Pair {
    Pair {
        premise: premise.to_owned(),
        hypothesis: hypothesis.to_owned(),
        label,
        context: context.to_owned(),
        group: String::new(),
    }
}

/// The text of a fault, which must say `expected`.
fn fault<T, E: ToString>(found: Result<T, E>, expected: &str) {
    let text = found.err().expect("a fault").to_string();
    assert!(text.contains(expected), "{text:?} does not say {expected:?}");
}

/// A row as the hub's Parquet files have it: premise, hypothesis, label, genre.
type Row<'a> = (Option<&'a str>, &'a str, i64, &'a str);

fn parquet(file: &Path, rows: &[Row]) {
    let premises: StringArray = rows.iter().map(|row| row.0).collect();
    let hypotheses: StringArray = rows.iter().map(|row| Some(row.1)).collect();
    let labels: Int64Array = rows.iter().map(|row| Some(row.2)).collect();
    let genres: StringArray = rows.iter().map(|row| Some(row.3)).collect();
    let columns: [(&str, ArrayRef); 4] = [
        ("premise", Arc::new(premises)),
        ("hypothesis", Arc::new(hypotheses)),
        ("label", Arc::new(labels)),
        ("genre", Arc::new(genres)),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let out = std::fs::File::create(file).unwrap();
    let mut writer = ArrowWriter::try_new(out, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// A line of MultiNLI.
fn json_line(premise: &str, hypothesis: &str, label: &str, genre: &str) -> String {
    serde_json::json!({
        "annotator_labels": [label], "genre": genre, "gold_label": label, "pairID": "1e",
        "sentence1": premise, "sentence1_binary_parse": "( a ( b c ) )", "sentence2": hypothesis,
    })
    .to_string()
}
