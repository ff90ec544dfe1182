//! Runs, rows of a comparison and curves as Parquet, for pandas, polars and DuckDB.

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Float64Builder, Int64Builder, StringDictionaryBuilder, UInt64Builder,
};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde_json::Value;

use super::compare::Row;
use super::frame::{Cells, Column, Frame};
use super::groups::Group;
use super::rows::{COUNTS, NUMBERS};
use crate::curves::Curves;

/// Writes one row a run: first what every run has (`id`, `name`, `seed`, …), then its settings by their
/// dotted keys, then its metrics, timings as `timing/…`. A setting is a column of whole numbers,
/// numbers or truth values where all its values are, and of texts otherwise, lists being JSON; texts
/// are dictionaries. What a run does not have is null, a metric that is not finite is kept.
///
/// # Errors
/// What `to` says.
pub fn write_runs(frame: &Frame, to: impl Write + Send) -> io::Result<()> {
    let runs = frame.len();
    let array = |(name, cells): (String, Cells<'_>)| match cells {
        Cells::Field(column) => (name, array(column, runs)),
        Cells::Metric(values) => {
            (name, floats((0..runs).map(|run| values.get(run).copied().flatten())))
        }
    };
    let columns = frame.table().into_iter().map(array).collect();
    write(columns, to)
}

/// Writes one row a row of a comparison, with the columns of [`super::rows::to_csv`].
///
/// # Errors
/// What `to` says.
pub fn write_rows(
    rows: &[Row],
    groups: &[Group],
    by: &[String],
    to: impl Write + Send,
) -> io::Result<()> {
    let mut columns =
        vec![("group".to_owned(), texts(rows.iter().map(|row| groups[row.group].name.as_str())))];
    for (at, key) in by.iter().enumerate() {
        let of_row = |row: &Row| groups[row.group].key[at].as_str();
        let name = if key == "group" { "key/group" } else { key };
        columns.push((name.to_owned(), texts(rows.iter().map(of_row))));
    }
    columns.push(("metric".into(), texts(rows.iter().map(|row| row.metric.as_str()))));
    for (name, of) in COUNTS {
        let mut builder = UInt64Builder::new();
        rows.iter().for_each(|row| builder.append_option(of(row)));
        columns.push((name.into(), Arc::new(builder.finish())));
    }
    for (name, of) in NUMBERS {
        columns.push((name.into(), floats(rows.iter().map(of))));
    }
    write(columns, to)
}

/// Writes curves in the long form: `run`, `tag`, `step`, `epoch`, `value`.
pub struct CurveWriter<W: Write + Send> {
    writer: ArrowWriter<W>,
    batch: Batch,
}

#[derive(Default)]
struct Batch {
    runs: StringDictionaryBuilder<Int32Type>,
    tags: StringDictionaryBuilder<Int32Type>,
    steps: UInt64Builder,
    epochs: Float64Builder,
    values: Float64Builder,
    rows: usize,
}

/// Rows turned into columns at a time.
const ROWS: usize = 1 << 18;

impl Batch {
    fn finish(&mut self) -> io::Result<RecordBatch> {
        self.rows = 0;
        let columns: Vec<(String, ArrayRef)> = vec![
            ("run".into(), Arc::new(self.runs.finish())),
            ("tag".into(), Arc::new(self.tags.finish())),
            ("step".into(), Arc::new(self.steps.finish())),
            ("epoch".into(), Arc::new(self.epochs.finish())),
            ("value".into(), Arc::new(self.values.finish())),
        ];
        batch(columns)
    }
}

impl<W: Write + Send> CurveWriter<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// What `to` says.
    pub fn new(to: W) -> io::Result<Self> {
        let schema = Batch::default().finish()?.schema();
        let writer =
            ArrowWriter::try_new(to, schema, Some(properties())).map_err(io::Error::other)?;
        Ok(Self { writer, batch: Batch::default() })
    }

    /// Adds the curves of a run.
    ///
    /// # Errors
    /// What the file says.
    pub fn push(&mut self, run: &str, curves: &Curves) -> io::Result<()> {
        for tag in curves.tags() {
            for point in curves.points(tag) {
                let batch = &mut self.batch;
                batch.runs.append_value(run);
                batch.tags.append_value(tag);
                batch.steps.append_value(point.step);
                batch.epochs.append_value(point.epoch);
                batch.values.append_value(point.value);
                batch.rows += 1;
            }
        }
        if self.batch.rows >= ROWS {
            self.writer.write(&self.batch.finish()?).map_err(io::Error::other)?;
        }
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// What the file says.
    pub fn finish(mut self) -> io::Result<()> {
        self.writer.write(&self.batch.finish()?).map_err(io::Error::other)?;
        self.writer.close().map_err(io::Error::other)?;
        Ok(())
    }
}

/// A column by the kind of its values.
fn array(column: &Column, runs: usize) -> ArrayRef {
    let values = || (0..runs).map(|run| column.value(run));
    let all = |fits: fn(&Value) -> bool| column.values.iter().all(fits);
    if all(Value::is_boolean) {
        let mut builder = BooleanBuilder::new();
        values().for_each(|value| builder.append_option(value.and_then(Value::as_bool)));
        Arc::new(builder.finish())
    } else if all(Value::is_i64) {
        let mut builder = Int64Builder::new();
        values().for_each(|value| builder.append_option(value.and_then(Value::as_i64)));
        Arc::new(builder.finish())
    } else if all(Value::is_u64) {
        // Seeds above i64.
        let mut builder = UInt64Builder::new();
        values().for_each(|value| builder.append_option(value.and_then(Value::as_u64)));
        Arc::new(builder.finish())
    } else if all(Value::is_number) {
        floats(values().map(|value| value.and_then(Value::as_f64)))
    } else {
        let mut builder = StringDictionaryBuilder::<Int32Type>::new();
        let text = |value: &Value| super::text(value);
        values().for_each(|value| builder.append_option(value.map(text)));
        Arc::new(builder.finish())
    }
}

fn floats(values: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    let mut builder = Float64Builder::new();
    values.for_each(|value| builder.append_option(value));
    Arc::new(builder.finish())
}

fn texts<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    let mut builder = StringDictionaryBuilder::<Int32Type>::new();
    values.for_each(|value| builder.append_value(value));
    Arc::new(builder.finish())
}

fn batch(columns: Vec<(String, ArrayRef)>) -> io::Result<RecordBatch> {
    let field = |(name, array): &(String, ArrayRef)| {
        Field::new(name.clone(), array.data_type().clone(), true)
    };
    let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(schema), arrays).map_err(io::Error::other)
}

fn write(columns: Vec<(String, ArrayRef)>, to: impl Write + Send) -> io::Result<()> {
    let batch = batch(columns)?;
    let mut writer =
        ArrowWriter::try_new(to, batch.schema(), Some(properties())).map_err(io::Error::other)?;
    writer.write(&batch).map_err(io::Error::other)?;
    writer.close().map_err(io::Error::other)?;
    Ok(())
}

fn properties() -> WriterProperties {
    WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RunRecord;
    use arrow_array::Array;
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float64Type, Int64Type, UInt64Type};
    use arrow_schema::DataType;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use serde_json::json;

    fn read(bytes: Vec<u8>) -> RecordBatch {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), bytes).expect("written");
        let open = std::fs::File::open(file.path()).expect("there");
        let builder = ParquetRecordBatchReaderBuilder::try_new(open).expect("Parquet");
        let mut reader = builder.build().expect("a reader");
        reader.next().expect("a batch").expect("sound")
    }

    #[test]
    fn settings_have_the_type_of_their_values() {
        let mut frame = Frame::new();
        for (id, spec) in [
            (
                "a",
                json!({"on": true, "k": 3, "rate": 1, "how": "x", "list": [1], "seed": 1_u64 << 63}),
            ),
            (
                "b",
                json!({"on": false, "k": -1, "rate": 0.5, "how": 4, "accuracy": "text", "seed": 0}),
            ),
        ] {
            let mut record = RunRecord::new(id, "n");
            record.spec = spec;
            record.metrics.insert("accuracy".into(), f64::NAN);
            frame.push(&record, None);
        }
        let mut bytes = Vec::new();
        write_runs(&frame, &mut bytes).expect("memory");
        let batch = read(bytes);
        let column = |name: &str| batch.column_by_name(name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(column("k").as_primitive::<Int64Type>().value(1), -1);
        assert_eq!(column("rate").as_primitive::<Float64Type>().value(0), 1.0);
        assert!(column("on").as_boolean().value(0));
        let how = column("how").as_dictionary::<Int32Type>();
        let how = how.downcast_dict::<arrow_array::StringArray>().expect("texts");
        assert_eq!([how.values().value(0), how.values().value(1)], ["x", "4"]);
        assert!(column("list").is_null(1) && column("accuracy").is_null(0));
        assert!(column("metric/accuracy").as_primitive::<Float64Type>().value(0).is_nan());
        assert_eq!(column("seed").data_type(), &DataType::Int64, "the record's seed");
        assert_eq!(batch.num_rows(), 2);
    }

    #[test]
    fn large_whole_numbers_and_no_runs() {
        let mut frame = Frame::new();
        let mut record = RunRecord::new("a", "n");
        record.seed = u64::MAX;
        frame.push(&record, None);
        let mut bytes = Vec::new();
        write_runs(&frame, &mut bytes).expect("memory");
        let seeds = read(bytes);
        let seeds = seeds.column_by_name("seed").expect("there").as_primitive::<UInt64Type>();
        assert_eq!(seeds.value(0), u64::MAX);
        write_runs(&Frame::new(), Vec::new()).expect_err("no column");
    }

    #[test]
    fn curves_come_back_in_the_long_form() {
        let mut curves = Curves::new();
        curves.push("loss", 1, 0.5, 2.0);
        curves.push("loss", 2, 1.0, f64::NAN);
        curves.push("accuracy", 2, 1.0, 0.25);
        let mut bytes = Vec::new();
        let mut writer = CurveWriter::new(&mut bytes).expect("memory");
        for run in ["a", "b"] {
            writer.push(run, &curves).expect("memory");
        }
        writer.finish().expect("memory");
        let batch = read(bytes);
        assert_eq!(batch.num_rows(), 6);
        let names: Vec<&str> =
            batch.schema_ref().fields().iter().map(|f| f.name().as_str()).collect();
        assert_eq!(names, ["run", "tag", "step", "epoch", "value"]);
        let steps = batch.column(2).as_primitive::<UInt64Type>();
        assert_eq!(steps.values()[..3], [2, 1, 2], "by tag and step");
        assert!(batch.column(4).as_primitive::<Float64Type>().value(2).is_nan());
        let empty = CurveWriter::new(Vec::new()).expect("memory");
        empty.finish().expect("no rows");
    }
}
