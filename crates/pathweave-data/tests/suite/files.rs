//! Small files in the public layouts, made up for the tests. Every image is different.

use std::fs::{self, File};
use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray, Int64Array, RecordBatch, StringArray, StructArray};
use arrow_schema::{DataType, Field};
use flate2::{Compression, write::GzEncoder};
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression as Codec;
use parquet::file::properties::WriterProperties;

/// `len` bytes that begin with `number` and vary.
pub fn pixels(number: usize, len: usize) -> Vec<u8> {
    let bytes = (number as u32).to_le_bytes();
    (0..len).map(|at| if at < 4 { bytes[at] } else { (number * 7 + at * 31) as u8 }).collect()
}

pub fn idx_images(count: usize, height: usize, width: usize, first: usize) -> Vec<u8> {
    let mut file = 0x0803u32.to_be_bytes().to_vec();
    for size in [count, height, width] {
        file.extend((size as u32).to_be_bytes());
    }
    file.extend((0..count).flat_map(|at| pixels(first + at, height * width)));
    file
}

pub fn idx_labels(labels: &[u8]) -> Vec<u8> {
    let mut file = 0x0801u32.to_be_bytes().to_vec();
    file.extend((labels.len() as u32).to_be_bytes());
    file.extend(labels);
    file
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn png(rgb: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let encoder = PngEncoder::new(&mut file);
    encoder.write_image(rgb, width, height, ExtendedColorType::Rgb8).unwrap();
    file.into_inner()
}

/// MNIST below `folder`: `train` and `test` images of 4×4 for each digit.
pub fn mnist(folder: &Path, train: usize, test: usize) {
    let place = folder.join("mnist");
    fs::create_dir_all(&place).unwrap();
    for (split, each, first) in [("train", train, 0), ("t10k", test, 10 * train)] {
        let labels: Vec<u8> = (0..10 * each).map(|at| (at % 10) as u8).collect();
        let images = idx_images(labels.len(), 4, 4, first);
        fs::write(place.join(format!("{split}-images-idx3-ubyte.gz")), gzip(&images)).unwrap();
        fs::write(place.join(format!("{split}-labels-idx1-ubyte")), idx_labels(&labels)).unwrap();
    }
}

/// The coarse label of a fine label, from the official list of the classes by coarse label.
pub fn coarse_of(fine: usize) -> u8 {
    const MEMBERS: [[usize; 5]; 20] = [
        [4, 30, 55, 72, 95],
        [1, 32, 67, 73, 91],
        [54, 62, 70, 82, 92],
        [9, 10, 16, 28, 61],
        [0, 51, 53, 57, 83],
        [22, 39, 40, 86, 87],
        [5, 20, 25, 84, 94],
        [6, 7, 14, 18, 24],
        [3, 42, 43, 88, 97],
        [12, 17, 37, 68, 76],
        [23, 33, 49, 60, 71],
        [15, 19, 21, 31, 38],
        [34, 63, 64, 66, 75],
        [26, 45, 77, 79, 99],
        [2, 11, 35, 46, 98],
        [27, 29, 44, 78, 93],
        [36, 50, 65, 74, 80],
        [47, 52, 56, 59, 96],
        [8, 13, 48, 58, 90],
        [41, 69, 81, 85, 89],
    ];
    MEMBERS.iter().position(|members| members.contains(&fine)).unwrap() as u8
}

/// The binary layout of CIFAR-100, `each` images of each fine label.
pub fn cifar_bin(each: usize, first: usize) -> Vec<u8> {
    (0..100 * each)
        .flat_map(|at| {
            let fine = at % 100;
            [vec![coarse_of(fine), fine as u8], pixels(first + at, 3072)].concat()
        })
        .collect()
}

/// CIFAR-100 in the binary layout below `folder`.
pub fn cifar100(folder: &Path, train: usize, test: usize) {
    let place = folder.join("cifar-100-binary");
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join("train.bin"), cifar_bin(train, 0)).unwrap();
    fs::write(place.join("test.bin"), cifar_bin(test, 100 * train)).unwrap();
}

/// A Parquet file as on the Hugging Face hub.
pub fn parquet(file: &Path, image: &str, images: &[Option<Vec<u8>>], labels: &[(&str, Vec<i64>)]) {
    let bytes: BinaryArray = images.iter().map(Option::as_deref).collect();
    let path: StringArray = images.iter().map(|_| None::<&str>).collect();
    let image_column: ArrayRef = Arc::new(StructArray::from(vec![
        (Arc::new(Field::new("bytes", DataType::Binary, true)), Arc::new(bytes) as ArrayRef),
        (Arc::new(Field::new("path", DataType::Utf8, true)), Arc::new(path) as ArrayRef),
    ]));
    let mut columns = vec![(image, image_column)];
    for (name, values) in labels {
        columns.push((name, Arc::new(Int64Array::from(values.clone())) as ArrayRef));
    }
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_compression(Codec::SNAPPY)
        .set_max_row_group_row_count(Some(7))
        .build();
    let to = File::create(file).unwrap();
    let mut writer = ArrowWriter::try_new(to, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// A Parquet file without sentences or images.
pub fn parquet_without_pairs(file: &Path) {
    let column: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let batch = RecordBatch::try_from_iter([("count", column)]).unwrap();
    let mut writer =
        ArrowWriter::try_new(File::create(file).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}
