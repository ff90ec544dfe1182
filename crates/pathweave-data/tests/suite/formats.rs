//! The readers on small files: what they read, and one clear fault for each way to be wrong.

use std::fs;
use std::path::Path;

use pathweave_data::format::{Images, cifar_bin, idx, parquet};

use super::files;

/// Writes `bytes` as `name` and hands the path to `read`; the error's text if it fails.
fn with<T, E: ToString>(
    name: &str,
    bytes: &[u8],
    read: impl Fn(&Path) -> Result<T, E>,
) -> Result<T, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, bytes).unwrap();
    read(&file).map_err(|error| {
        let text = error.to_string();
        assert!(text.contains(name), "the fault does not name the file: {text}");
        text
    })
}

fn fault<T>(found: Result<T, String>, expected: &str) {
    let text = found.err().expect("a fault");
    assert!(text.contains(expected), "{text:?} does not say {expected:?}");
}

#[test]
fn idx_is_read_raw_and_gzip_whatever_its_name() {
    let raw = files::idx_images(3, 2, 5, 0);
    for bytes in [raw.clone(), files::gzip(&raw)] {
        let grey = with("x", &bytes, idx::images).unwrap();
        assert_eq!((grey.count, grey.shape.height, grey.shape.width), (3, 2, 5));
        assert_eq!(grey.pixels, raw[16..]);
    }
    let labels = with("x.gz", &files::idx_labels(&[3, 0, 9]), |f| idx::labels(f, 10)).unwrap();
    assert_eq!(labels, [3, 0, 9]);
}

#[test]
fn faulty_idx_files_are_refused() {
    let good = files::idx_images(3, 2, 5, 0);
    let images = |bytes: &[u8]| with("images", bytes, idx::images);
    fault(images(&good[..45]), "truncated: found 45 bytes, its header promises 46");
    fault(images(&good[..9]), "truncated: found 9 bytes, its header promises 16");
    fault(images(&good[..3]), "truncated: found 3 bytes, its header promises 4");
    fault(images(&[good.clone(), vec![0]].concat()), "wrong size: found 47 bytes, allowed 46");
    fault(images(&files::idx_labels(&[1])), "wrong magic: found 0x00000801, allowed 0x00000803");
    fault(images(b"<html>"), "wrong magic: found 0x3c68746d");
    fault(images(&[]), "empty");
    fault(images(&files::idx_images(0, 2, 5, 0)), "empty");
    let huge = [0x0803u32, u32::MAX, u32::MAX, u32::MAX].map(u32::to_be_bytes).concat();
    fault(images(&huge), "truncated");
    let zipped = files::gzip(&good);
    fault(images(&zipped[..zipped.len() - 9]), "gzip stream is truncated");
    let labels = with("labels", &files::idx_labels(&[1, 10]), |f| idx::labels(f, 10));
    fault(labels, "row 1: label out of range: found 10, allowed 0 to 9");
    fault(idx::images(Path::new("nowhere/at-all")).map_err(|e| e.to_string()), "cannot be read");
}

#[test]
fn both_files_of_a_pair_are_reported_together() {
    let folder = tempfile::tempdir().unwrap();
    let (images, labels) = (folder.path().join("images"), folder.path().join("labels"));
    fs::write(&images, b"no").unwrap();
    fs::write(&labels, files::idx_labels(&[77])).unwrap();
    let errors = idx::read_pair(&images, &labels, 10).unwrap_err();
    assert_eq!(errors.as_slice().len(), 2, "{errors}");
    assert_eq!(errors.to_string().lines().count(), 2);
    fs::write(&images, files::idx_images(2, 1, 1, 0)).unwrap();
    fs::write(&labels, files::idx_labels(&[1, 2, 3])).unwrap();
    let text = idx::read_pair(&images, &labels, 10).unwrap_err().to_string();
    assert!(text.contains("found 3 labels, allowed 2, the number of images"), "{text}");
}

#[test]
fn cifar_rows_are_coarse_fine_pixels() {
    let images = with("train.bin", &files::cifar_bin(1, 5), cifar_bin::read).unwrap();
    assert_eq!((images.len(), images.shape.len()), (100, 3072));
    assert_eq!(images.labels, (0..100).collect::<Vec<u16>>());
    assert_eq!(images.coarse.unwrap()[..3], [4, 1, 14]);
    assert_eq!(images.pixels[3072..6144], files::pixels(6, 3072));
}

#[test]
fn faulty_cifar_files_are_refused() {
    let good = files::cifar_bin(1, 0);
    let read = |bytes: &[u8]| with("train.bin", bytes, cifar_bin::read);
    fault(read(&good[..good.len() - 1]), "wrong size: found 307399 bytes, the last row is trunc");
    fault(read(&[]), "empty");
    let with_byte = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        read(&bytes)
    };
    fault(with_byte(3074, 20), "row 1: label out of range: found coarse label 20, allowed 0 to 19");
    fault(with_byte(1, 100), "row 0: label out of range: found fine label 100, allowed 0 to 99");
}

/// Ten images of 3×2 in a Parquet file with the columns named so.
fn written(
    image: &str,
    labels: &[(&str, Vec<i64>)],
    change: Option<(usize, Option<Vec<u8>>)>,
) -> Result<Images, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("train-00000-of-00001.parquet");
    let mut images: Vec<Option<Vec<u8>>> =
        (0..10).map(|at| Some(files::png(&files::pixels(at, 18), 3, 2))).collect();
    if let Some((row, bytes)) = change {
        images[row] = bytes;
    }
    files::parquet(&file, image, &images, labels);
    parquet::read(&file, 100).map_err(|error| error.to_string())
}

#[test]
fn parquet_columns_are_found_by_their_names() {
    let labels: Vec<i64> = (0..10).rev().collect();
    for (image, label) in [("img", "fine_label"), ("image", "label")] {
        let columns = [(label, labels.clone()), ("coarse_label", vec![1; 10])];
        let images = written(image, &columns, None).unwrap();
        assert_eq!((images.shape.channels, images.shape.height, images.shape.width), (3, 2, 3));
        assert_eq!(images.labels, (0..10).rev().collect::<Vec<u16>>());
        assert_eq!(images.coarse, Some(vec![1; 10]));
        // Channel-major: the second image's green values are every third byte from the second.
        let stored = files::pixels(1, 18);
        let green: Vec<u8> = stored.iter().skip(1).step_by(3).copied().collect();
        assert_eq!(images.pixels[18 + 6..18 + 12], green);
    }
}

#[test]
fn faulty_parquet_files_are_refused() {
    let labels = |label: i64| [("label", vec![label; 10])];
    fault(written("picture", &labels(1), None), "found picture, label, allowed img or image");
    fault(written("img", &[("class", vec![0; 10])], None), "allowed fine_label or label");
    fault(written("img", &labels(100), None), "row 0: label out of range: found label 100");
    fault(written("img", &labels(-1), None), "found label -1, allowed 0 to 99");
    fault(written("img", &labels(1), Some((8, None))), "row 8: image cannot be decoded: no bytes");
    let half = files::png(&files::pixels(0, 18), 3, 2)[..40].to_vec();
    fault(written("img", &labels(1), Some((9, Some(half)))), "row 9: image cannot be decoded");
    let larger = files::png(&files::pixels(0, 27), 3, 3);
    let found = written("img", &labels(1), Some((2, Some(larger))));
    fault(found, "found an image of 3×3×3 (channels, height, width) in row 2, allowed 3×2×3");
    fault(with("a.parquet", b"PAR1", |f| parquet::read(f, 10)), "not a whole Parquet file");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none.parquet");
    files::parquet(&file, "img", &[], &[("label", vec![])]);
    fault(parquet::read(&file, 10).map_err(|e| e.to_string()), "empty");
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let read = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| written("img", &[("label", (0..10).collect())], None)).unwrap()
    };
    assert_eq!(read(1), read(4));
}
