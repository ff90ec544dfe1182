//! Image sets in Parquet as on the Hugging Face hub: an image column, a struct of `bytes` (a PNG or
//! JPEG file) and `path`, or plain bytes, and integer label columns.

use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rayon::prelude::*;

use super::{Colour, Decoded, Images, decode_image, unreadable};
use crate::error::DataError;

const IMAGE: &[&str] = &["img", "image", "images"];
const LABEL: &[&str] = &["fine_label", "label", "labels"];
const COARSE: &str = "coarse_label";
/// Rows decoded together: enough for every core, little beside the result.
const ROWS: usize = 4096;

/// Reads one file. The rows keep their order, whatever the number of threads that decode them.
///
/// The image column is the first of `img`, `image`, `images`, the label column the first of
/// `fine_label`, `label`, `labels` that exists; `coarse_label` is read where it exists.
///
/// # Errors
/// Unreadable or not Parquet, a missing column (all columns found are named), an image that cannot
/// be decoded or is not of the first image's shape, a label that is missing or not below `classes`,
/// no rows.
pub fn read(file: &Path, classes: u16) -> Result<Images, DataError> {
    let opened = File::open(file).map_err(|error| unreadable(file, error))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(opened)
        .map_err(|error| unreadable(file, format!("not a whole Parquet file: {error}")))?;
    let names: Vec<String> = builder.schema().fields().iter().map(|f| f.name().clone()).collect();
    let column = |allowed: &[&str]| {
        allowed.iter().find(|&&name| names.iter().any(|n| n == name)).map(|&name| name.to_owned())
    };
    let missing = |allowed: &[&str]| DataError::Column {
        file: file.to_path_buf(),
        found: names.join(", "),
        allowed: allowed.join(" or "),
    };
    let image = column(IMAGE).ok_or_else(|| missing(IMAGE))?;
    let label = column(LABEL).ok_or_else(|| missing(LABEL))?;
    let coarse = column(&[COARSE]);
    let wanted = names.iter().enumerate().filter_map(|(at, name)| {
        [Some(&image), Some(&label), coarse.as_ref()].contains(&Some(name)).then_some(at)
    });
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
    let reader = builder
        .with_projection(mask)
        .with_batch_size(ROWS)
        .build()
        .map_err(|error| unreadable(file, error))?;

    let mut all: Option<Images> = None;
    for batch in reader {
        let batch = batch.map_err(|error| unreadable(file, error))?;
        let first_row = all.as_ref().map_or(0, Images::len);
        let columns = Columns { file, batch: &batch, first_row };
        let decoded = columns.images(&image)?;
        let Some(first) = decoded.first() else {
            continue;
        };
        let images = all.get_or_insert_with(|| Images {
            shape: first.shape,
            pixels: Vec::new(),
            labels: Vec::new(),
            coarse: coarse.is_some().then(Vec::new),
        });
        for (at, one) in decoded.iter().enumerate() {
            if one.shape != images.shape {
                return Err(DataError::Size {
                    file: file.to_path_buf(),
                    found: format!("an image of {} in row {}", one.shape, first_row + at),
                    allowed: format!("{}, as the first image", images.shape),
                });
            }
            images.pixels.extend_from_slice(&one.pixels);
        }
        images.labels.extend(columns.labels(&label, classes)?);
        if let (Some(name), Some(labels)) = (&coarse, &mut images.coarse) {
            labels.extend(columns.labels(name, u16::MAX)?);
        }
    }
    all.ok_or_else(|| DataError::Empty { file: file.to_path_buf() })
}

/// The columns of one batch of rows.
struct Columns<'a> {
    file: &'a Path,
    batch: &'a RecordBatch,
    first_row: usize,
}

impl Columns<'_> {
    fn column(&self, name: &str) -> Result<ArrayRef, DataError> {
        self.batch
            .column_by_name(name)
            .cloned()
            .ok_or_else(|| unreadable(self.file, format!("column {name} was not read")))
    }

    fn images(&self, name: &str) -> Result<Vec<Decoded>, DataError> {
        let outer = self.column(name)?;
        let bytes = match outer.as_struct_opt() {
            Some(fields) => fields.column_by_name("bytes").cloned(),
            None => Some(outer.clone()),
        };
        let row = |at: usize| -> Option<Option<&[u8]>> {
            let bytes = bytes.as_ref()?;
            let valid = !outer.is_null(at) && !bytes.is_null(at);
            Some(match bytes.data_type() {
                DataType::Binary => valid.then(|| bytes.as_binary::<i32>().value(at)),
                DataType::LargeBinary => valid.then(|| bytes.as_binary::<i64>().value(at)),
                DataType::BinaryView => valid.then(|| bytes.as_binary_view().value(at)),
                _ => return None,
            })
        };
        // Collected in row order first, so that the fault reported is the first row's on any
        // number of threads.
        let decoded: Vec<Result<Decoded, DataError>> = (0..self.batch.num_rows())
            .into_par_iter()
            .map(|at| {
                let encoded = row(at).ok_or_else(|| DataError::Column {
                    file: self.file.to_path_buf(),
                    found: format!("{name} of type {}", outer.data_type()),
                    allowed: format!("{name} as a struct with `bytes`, or as bytes"),
                })?;
                encoded
                    .ok_or_else(|| "no bytes".to_owned())
                    .and_then(|encoded| decode_image(encoded, Colour::AsStored))
                    .map_err(|found| DataError::Image {
                        file: self.file.to_path_buf(),
                        row: self.first_row + at,
                        found,
                    })
            })
            .collect();
        decoded.into_iter().collect()
    }

    fn labels(&self, name: &str, classes: u16) -> Result<Vec<u16>, DataError> {
        let column = self.column(name)?;
        let numbers = integers(&column).ok_or_else(|| DataError::Column {
            file: self.file.to_path_buf(),
            found: format!("{name} of type {}", column.data_type()),
            allowed: format!("{name} of an integer type"),
        })?;
        let check = |(at, number): (usize, Option<i128>)| {
            let fits = number.and_then(|n| u16::try_from(n).ok()).filter(|&label| label < classes);
            fits.ok_or_else(|| DataError::Label {
                file: self.file.to_path_buf(),
                row: self.first_row + at,
                found: number.map_or("nothing".to_owned(), |n| format!("{name} {n}")),
                allowed: format!("0 to {}", classes - 1),
            })
        };
        numbers.into_iter().enumerate().map(check).collect()
    }
}

/// The numbers of a column of any integer type; a null is `None`.
pub(super) fn integers(column: &ArrayRef) -> Option<Vec<Option<i128>>> {
    macro_rules! as_type {
        ($kind:ty) => {
            column.as_primitive::<$kind>().iter().map(|n| n.map(i128::from)).collect()
        };
    }
    Some(match column.data_type() {
        DataType::Int8 => as_type!(Int8Type),
        DataType::Int16 => as_type!(Int16Type),
        DataType::Int32 => as_type!(Int32Type),
        DataType::Int64 => as_type!(Int64Type),
        DataType::UInt8 => as_type!(UInt8Type),
        DataType::UInt16 => as_type!(UInt16Type),
        DataType::UInt32 => as_type!(UInt32Type),
        DataType::UInt64 => as_type!(UInt64Type),
        _ => return None,
    })
}
