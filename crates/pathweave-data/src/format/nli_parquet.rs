//! Sentence pairs in Parquet as on the Hugging Face hub: `premise`, `hypothesis`, `label` (0
//! entailment, 1 neutral, 2 contradiction, −1 none) and, in MultiNLI, `genre`.

use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::pair_file::PairFile;
use super::parquet::integers;
use super::unreadable;
use crate::error::DataError;
use crate::text::{Label, Pair};

/// Rows read together.
const ROWS: usize = 8192;

/// Reads a file. The genre, where there is one, becomes the context.
///
/// A row without a premise or hypothesis is bad.
///
/// # Errors
/// Unreadable or not Parquet, a missing column (all columns found are named) or one of another
/// type, a label that is none of those above, more bad rows than `bad_share`, no pair.
pub fn read(file: &Path, bad_share: f64) -> Result<PairFile, DataError> {
    let opened = File::open(file).map_err(|error| unreadable(file, error))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(opened)
        .map_err(|error| unreadable(file, format!("not a whole Parquet file: {error}")))?;
    let names: Vec<String> = builder.schema().fields().iter().map(|f| f.name().clone()).collect();
    let place = |wanted: &str| names.iter().position(|name| name == wanted);
    for wanted in ["premise", "hypothesis", "label"] {
        place(wanted).ok_or_else(|| DataError::Column {
            file: file.to_path_buf(),
            found: names.join(", "),
            allowed: format!("{wanted} among them"),
        })?;
    }
    let wanted = ["premise", "hypothesis", "label", "genre"].into_iter().filter_map(place);
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
    let reader = builder
        .with_projection(mask)
        .with_batch_size(ROWS)
        .build()
        .map_err(|error| unreadable(file, error))?;

    let (mut found, mut first) = (PairFile::default(), 0);
    for batch in reader {
        let batch = batch.map_err(|error| unreadable(file, error))?;
        let column = |name: &str| batch.column_by_name(name);
        let texts = |name| column(name).map(|column| texts(file, name, column)).transpose();
        let (Some(premises), Some(hypotheses)) = (texts("premise")?, texts("hypothesis")?) else {
            return Err(unreadable(file, "the columns were not read"));
        };
        let genres = texts("genre")?;
        let labels = column("label").and_then(integers).ok_or_else(|| DataError::Column {
            file: file.to_path_buf(),
            found: "label of another type".to_owned(),
            allowed: "label of an integer type".to_owned(),
        })?;
        for (at, label) in labels.into_iter().enumerate() {
            let row = first + at;
            let label = match label {
                Some(0) => Label::Entails,
                Some(1) => Label::Permits,
                Some(2) => Label::Contradicts,
                Some(-1) | None => {
                    found.unlabelled += 1;
                    continue;
                }
                Some(other) => {
                    return Err(DataError::Label {
                        file: file.to_path_buf(),
                        row,
                        found: other.to_string(),
                        allowed: "0 entailment, 1 neutral, 2 contradiction, -1 none".to_owned(),
                    });
                }
            };
            let (Some(premise), Some(hypothesis)) = (premises[at], hypotheses[at]) else {
                found.bad.push((row, "no premise or no hypothesis".to_owned()));
                continue;
            };
            let context = genres.as_ref().and_then(|genres| genres[at]).unwrap_or_default();
            found.pairs.push(Pair {
                premise: premise.to_owned(),
                hypothesis: hypothesis.to_owned(),
                label,
                context: context.to_owned(),
                group: String::new(),
            });
        }
        first += batch.num_rows();
    }
    found.finish(file, bad_share)
}

/// The texts of a column, of any of the types that texts have.
fn texts<'a>(
    file: &Path,
    name: &str,
    column: &'a ArrayRef,
) -> Result<Vec<Option<&'a str>>, DataError> {
    Ok(match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().iter().collect(),
        DataType::LargeUtf8 => column.as_string::<i64>().iter().collect(),
        DataType::Utf8View => column.as_string_view().iter().collect(),
        other => {
            return Err(DataError::Column {
                file: file.to_path_buf(),
                found: format!("{name} of type {other}"),
                allowed: format!("{name} as text"),
            });
        }
    })
}
