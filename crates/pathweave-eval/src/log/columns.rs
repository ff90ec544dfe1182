//! Logs as Parquet: one row a decision, the header in the file's metadata.
//!
//! Columns: `sample`, `depth`, `context`, `condition`, `agent` (integers), and for the choice
//! `module` (an integer), `action` (`"skip"` or `"end"`) and `weights` (a list of floats), of which
//! each row has exactly one. `sample`, `depth` and one of the three must be there; other columns are
//! passed over. Integer columns may have any width, float lists either; without metadata the header
//! is inferred.

use std::io::Write;
use std::sync::Arc;

use arrow_array::builder::{Float32Builder, ListBuilder};
use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt32Array, UInt64Array};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::fault::LogError;
use super::row::{Choice, RoutingRow};
use super::{RoutingLog, header_json};

pub use super::columns_read::{extent, read};

/// The bytes that every Parquet file begins with.
pub const MAGIC: &[u8] = b"PAR1";

/// The metadata key of the header.
pub const HEADER_KEY: &str = "pathweave.routing_log";

/// Rows turned into columns at a time: bounds the memory that writing takes beside the log.
const BATCH: usize = 1 << 16;

/// Writes `log`; `name` is the file's name in an error. The same log gives the same bytes.
///
/// # Errors
///
/// [`LogError::Io`] with what `to` reports.
pub fn write(log: &RoutingLog, to: impl Write + Send, name: &str) -> Result<(), LogError> {
    let failed = |error: parquet::errors::ParquetError| LogError::Io {
        file: name.to_owned(),
        source: std::io::Error::other(error),
    };
    let header = header_json::write(log.header()).to_string();
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_key_value_metadata(Some(vec![KeyValue::new(HEADER_KEY.to_owned(), header)]))
        .build();
    let schema = Arc::new(schema());
    let mut writer =
        ArrowWriter::try_new(to, Arc::clone(&schema), Some(properties)).map_err(failed)?;
    for rows in log.rows().chunks(BATCH) {
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays(rows))
            .map_err(|error| failed(error.into()))?;
        writer.write(&batch).map_err(failed)?;
    }
    writer.close().map_err(failed)?;
    Ok(())
}

fn schema() -> Schema {
    let item = Arc::new(Field::new("item", DataType::Float32, false));
    Schema::new(vec![
        Field::new("sample", DataType::UInt64, false),
        Field::new("depth", DataType::UInt32, false),
        Field::new("context", DataType::UInt32, true),
        Field::new("condition", DataType::UInt32, true),
        Field::new("agent", DataType::UInt32, true),
        Field::new("module", DataType::UInt32, true),
        Field::new("action", DataType::Utf8, true),
        Field::new("weights", DataType::List(item), true),
    ])
}

fn arrays(rows: &[RoutingRow]) -> Vec<ArrayRef> {
    let indices = |of: fn(&RoutingRow) -> Option<u32>| -> ArrayRef {
        Arc::new(rows.iter().map(of).collect::<UInt32Array>())
    };
    let actions: StringArray = rows
        .iter()
        .map(|row| match row.choice {
            Choice::Skip => Some("skip"),
            Choice::End => Some("end"),
            Choice::Module(_) | Choice::Weights(_) => None,
        })
        .collect();
    let item = Arc::new(Field::new("item", DataType::Float32, false));
    let mut weights = ListBuilder::new(Float32Builder::new()).with_field(item);
    for row in rows {
        if let Choice::Weights(values) = &row.choice {
            weights.values().append_slice(values);
            weights.append(true);
        } else {
            weights.append(false);
        }
    }
    vec![
        Arc::new(UInt64Array::from_iter_values(rows.iter().map(|row| row.sample))),
        Arc::new(UInt32Array::from_iter_values(rows.iter().map(|row| row.depth))),
        indices(|row| row.context),
        indices(|row| row.condition),
        indices(|row| row.agent),
        indices(|row| match row.choice {
            Choice::Module(module) => Some(module),
            _ => None,
        }),
        Arc::new(actions),
        Arc::new(weights.finish()),
    ]
}
