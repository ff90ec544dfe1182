//! The reading half of the Parquet form.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::ChunkReader;
use serde_json::Value;

use super::arrays::{float_lists, integers};
use super::columns::HEADER_KEY;
use super::fault::{Faults, LogError};
use super::header::LogHeader;
use super::row::{Choice, RoutingRow};
use super::{RoutingLog, check, header_json};

const INTEGERS: &str = "a column of integers";
const CHOICES: &str = "exactly one of module, action and weights";

/// Reads a log from a file or from bytes; `name` is the file's name in faults.
///
/// # Errors
///
/// [`LogError::Faults`] when the file is damaged or not a log, with every fault found, those of
/// [`RoutingLog::new`] included; rows are counted from 1.
pub fn read(from: impl ChunkReader + 'static, name: &str) -> Result<RoutingLog, LogError> {
    let mut faults = Faults::new(name);
    let mut rows = Vec::new();
    let header = match read_rows(from, &mut rows, &mut faults) {
        Ok(header) => header,
        Err(damage) => {
            faults.add(None, "file", damage, "a whole Parquet file");
            None
        }
    };
    // A damaged file or header is reported once, not again by each row.
    if header.is_some() || faults.is_empty() {
        let header = header.unwrap_or_else(|| LogHeader::inferred(&rows));
        check::header(&header, &mut faults);
        check::rows(&header, &rows, |index| index as u64 + 1, &mut faults);
        return Ok(faults.into_result(RoutingLog { header, rows })?);
    }
    Err(faults.into())
}

/// Rows and bytes, without compression, that a file's metadata names: to refuse a file that is small
/// on the disk and large in memory before it is read. None where the metadata cannot be read.
pub fn extent(from: impl ChunkReader + 'static) -> Option<(u64, u64)> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(from).ok()?;
    let metadata = builder.metadata();
    let rows = u64::try_from(metadata.file_metadata().num_rows()).ok()?;
    let sizes = metadata.row_groups().iter().map(|g| u64::try_from(g.total_byte_size()).ok());
    Some((rows, sizes.collect::<Option<Vec<u64>>>()?.into_iter().sum()))
}

fn read_rows(
    from: impl ChunkReader + 'static,
    rows: &mut Vec<RoutingRow>,
    faults: &mut Faults,
) -> Result<Option<LogHeader>, String> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(from).map_err(|e| e.to_string())?;
    let metadata = builder.metadata().file_metadata().key_value_metadata();
    let text = metadata
        .and_then(|entries| entries.iter().find(|entry| entry.key == HEADER_KEY))
        .and_then(|entry| entry.value.clone());
    let mut header = None;
    if let Some(text) = text {
        match serde_json::from_str(&text) {
            Ok(Value::Object(object)) => header = header_json::read(&object, None, faults),
            _ => faults.add(None, HEADER_KEY, text, "a JSON object"),
        }
    }
    let mut first = 1;
    for batch in builder.build().map_err(|e| e.to_string())? {
        let batch = batch.map_err(|e| e.to_string())?;
        let Some(columns) = Columns::of(&batch, faults) else {
            break;
        };
        for row in 0..batch.num_rows() {
            rows.extend(columns.row(row, first + row as u64, faults));
        }
        first += batch.num_rows() as u64;
    }
    Ok(header)
}

struct Columns {
    sample: Vec<Option<i128>>,
    depth: Vec<Option<i128>>,
    /// Context, condition, agent, module.
    indices: [Option<Vec<Option<i128>>>; 4],
    action: Option<Vec<Option<String>>>,
    weights: Option<Vec<Option<Vec<f32>>>>,
}

const INDICES: [&str; 4] = ["context", "condition", "agent", "module"];

impl Columns {
    fn of(batch: &RecordBatch, faults: &mut Faults) -> Option<Self> {
        let mut sound = true;
        let mut column = |name: &str, allowed: &str, fits: fn(&DataType) -> bool| {
            let column = batch.column_by_name(name)?;
            if fits(column.data_type()) {
                return Some(column);
            }
            sound = false;
            faults.add(None, name, format_args!("a column of {}", column.data_type()), allowed);
            None
        };
        let whole = |kind: &DataType| kind.is_integer() || kind.is_null();
        let sample = column("sample", INTEGERS, whole).and_then(integers);
        let depth = column("depth", INTEGERS, whole).and_then(integers);
        let indices = INDICES.map(|name| column(name, INTEGERS, whole).and_then(integers));
        let text = |kind: &DataType| kind.is_string() || kind.is_null();
        let action = column("action", "a column of texts", text).map(texts);
        let weights = column("weights", "a column of float lists", |_| true);
        let lists = weights.and_then(float_lists);
        if let Some(column) = weights.filter(|_| lists.is_none()) {
            let found = format!("a column of {}", column.data_type());
            faults.add(None, "weights", found, "a column of float lists");
            return None;
        }
        for (name, missing) in [
            ("sample", batch.column_by_name("sample").is_none()),
            ("depth", batch.column_by_name("depth").is_none()),
        ] {
            if missing {
                faults.add(None, name, "nothing", INTEGERS);
            }
        }
        let columns = Self { sample: sample?, depth: depth?, indices, action, weights: lists };
        sound.then_some(columns)
    }

    fn row(&self, row: usize, line: u64, faults: &mut Faults) -> Option<RoutingRow> {
        let sample = self.sample[row].and_then(|value| u64::try_from(value).ok());
        if sample.is_none() {
            faults.add(line, "sample", found(self.sample[row]), "an integer of 0 or more");
        }
        let depth = self.depth[row].and_then(|value| u32::try_from(value).ok());
        if depth.is_none() {
            faults.add(line, "depth", found(self.depth[row]), "an integer from 0 to 4294967295");
        }
        let mut sound = true;
        let mut optional = |which: usize| {
            let value = self.indices[which].as_ref().and_then(|column| column[row])?;
            let index = u32::try_from(value).ok();
            if index.is_none() {
                sound = false;
                let allowed = "an integer from 0 to 4294967295, or nothing";
                faults.add(line, INDICES[which], value, allowed);
            }
            index
        };
        let (context, condition, agent) = (optional(0), optional(1), optional(2));
        let module = optional(3);
        if !sound {
            return None;
        }
        let action = self.action.as_ref().and_then(|column| column[row].as_deref());
        let weights = self.weights.as_ref().and_then(|column| column[row].as_ref());
        let choice = match (module, action, weights) {
            (Some(module), None, None) => Choice::Module(module),
            (None, Some("skip"), None) => Choice::Skip,
            (None, Some("end"), None) => Choice::End,
            (None, None, Some(weights)) => Choice::Weights(weights.clone()),
            (None, Some(other), None) => {
                faults.add(line, "action", other, "skip or end, or nothing");
                return None;
            }
            (module, action, weights) => {
                let given = [module.is_some(), action.is_some(), weights.is_some()];
                let count = given.iter().filter(|&&given| given).count();
                faults.add(line, "choice", format_args!("{count} of them"), CHOICES);
                return None;
            }
        };
        Some(RoutingRow { sample: sample?, depth: depth?, context, condition, agent, choice })
    }
}

fn texts(column: &ArrayRef) -> Vec<Option<String>> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().iter().map(owned).collect(),
        DataType::LargeUtf8 => column.as_string::<i64>().iter().map(owned).collect(),
        DataType::Utf8View => column.as_string_view().iter().map(owned).collect(),
        _ => vec![None; column.len()],
    }
}

fn found(value: Option<i128>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| value.to_string())
}
