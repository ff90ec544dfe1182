//! Parquet files as other writers make them.

use std::io::{Seek, SeekFrom};
use std::sync::Arc;

use arrow_array::builder::{Float64Builder, LargeListBuilder};
use arrow_array::{ArrayRef, Float64Array, Int8Array, Int64Array, RecordBatch};
use parquet::arrow::ArrowWriter;

use super::*;

fn read(columns: Vec<(&str, ArrayRef)>) -> Result<RoutingLog, LogError> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut file = tempfile::tempfile().unwrap();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    columns::read(file, "other.parquet")
}

fn integers(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

#[test]
fn columns_may_have_any_width() {
    let mut weights = LargeListBuilder::new(Float64Builder::new());
    weights.append(false);
    weights.append_value([Some(0.25), Some(0.75)]);
    let module: ArrayRef = Arc::new(Int8Array::from(vec![Some(2), None]));
    let log = read(vec![
        ("sample", integers(&[0, 1])),
        ("depth", integers(&[0, 1])),
        ("module", module),
        ("weights", Arc::new(weights.finish())),
        ("score", Arc::new(Float64Array::from(vec![0.1, 0.2]))),
    ])
    .unwrap();
    assert_eq!(log.header().modules, [3, 2]);
    assert_eq!(log.rows()[1].choice, Choice::Weights(vec![0.25, 0.75]));
}

#[test]
fn wrong_columns_are_named() {
    let floats: ArrayRef = Arc::new(Float64Array::from(vec![0.5]));
    let error = read(vec![("depth", floats), ("module", integers(&[0]))]).unwrap_err().to_string();
    assert!(error.contains("other.parquet: depth: found a column of Float64"), "{error}");
    assert!(error.contains("other.parquet: sample: found nothing"), "{error}");
}

#[test]
fn rows_without_a_choice_and_negative_numbers_are_named() {
    let nothing = read(vec![("sample", integers(&[0])), ("depth", integers(&[0]))]).unwrap_err();
    assert!(nothing.to_string().contains("other.parquet:1: choice: found 0 of them"), "{nothing}");
    let columns = vec![
        ("sample", integers(&[-1])),
        ("depth", integers(&[0])),
        ("module", integers(&[-2])),
        ("agent", integers(&[1 << 40])),
    ];
    let error = read(columns).unwrap_err().to_string();
    for key in ["sample: found -1", "module: found -2", "agent: found 1099511627776"] {
        assert!(error.contains(key), "{error}");
    }
}
