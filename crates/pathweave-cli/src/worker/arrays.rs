//! Named arrays as safetensors files.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use pathweave::train::NamedArray;
use pathweave_store::{FORMAT, write_atomic};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde_json::json;

use crate::error::CliError;

/// Writes arrays. The same arrays and id give the same bytes.
///
/// # Errors
/// Where the file cannot be written.
pub fn write(path: &Path, arrays: &[NamedArray], id: &str) -> Result<(), CliError> {
    let bytes: Vec<Vec<u8>> = arrays
        .iter()
        .map(|array| array.values.iter().flat_map(|value| value.to_le_bytes()).collect())
        .collect();
    let views: Result<Vec<(&str, TensorView<'_>)>, _> = arrays
        .iter()
        .zip(&bytes)
        .map(|(array, bytes)| {
            TensorView::new(Dtype::F32, array.shape.clone(), bytes)
                .map(|view| (array.name.as_str(), view))
        })
        .collect();
    // One entry: safetensors writes several in an order that changes from process to process.
    let about = json!({"format": FORMAT, "run": id}).to_string();
    let about = HashMap::from([("pathweave".to_owned(), about)]);
    let file = views
        .and_then(|views| safetensors::serialize(views, Some(about)))
        .map_err(|error| CliError::file(path, error))?;
    Ok(write_atomic(path, |to| to.write_all(&file))?)
}

/// Reads arrays, sorted by name.
///
/// # Errors
/// Where the file cannot be read or holds something else than 32-bit floats.
pub fn read(path: &Path) -> Result<Vec<NamedArray>, CliError> {
    let failed = |error: &dyn std::fmt::Display| CliError::file(path, error);
    let file = fs::read(path).map_err(|error| failed(&error))?;
    let tensors = SafeTensors::deserialize(&file).map_err(|error| failed(&error))?;
    let mut arrays = Vec::new();
    for (name, view) in tensors.tensors() {
        if view.dtype() != Dtype::F32 {
            return Err(failed(&format!("{name}: found {}, allowed: F32", view.dtype())));
        }
        let float = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        let values = view.data().chunks_exact(4).map(float).collect();
        arrays.push(NamedArray { name, shape: view.shape().to_vec(), values });
    }
    arrays.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(arrays)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_come_back_to_the_bit_and_sorted() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.safetensors");
        let array = |name: &str, shape: &[usize], values: &[f32]| NamedArray {
            name: name.into(),
            shape: shape.into(),
            values: values.into(),
        };
        let arrays = [
            array("b", &[2, 1], &[f32::MIN_POSITIVE, -0.0]),
            array("a#1", &[1], &[1e-42]),
            array("a#0", &[0, 3], &[]),
        ];
        write(&path, &arrays, "id").expect("written");
        let once = fs::read(&path).expect("read");
        let back = read(&path).expect("read");
        let names: Vec<&str> = back.iter().map(|array| array.name.as_str()).collect();
        assert_eq!(names, ["a#0", "a#1", "b"]);
        assert_eq!(back[2].values.map_bits(), arrays[0].values.map_bits());
        write(&path, &arrays, "id").expect("written");
        assert_eq!(fs::read(&path).expect("read"), once);
    }

    trait Bits {
        fn map_bits(&self) -> Vec<u32>;
    }

    impl Bits for Vec<f32> {
        fn map_bits(&self) -> Vec<u32> {
            self.iter().map(|value| value.to_bits()).collect()
        }
    }

    #[test]
    fn a_cut_file_is_an_error() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a");
        let arrays = [NamedArray { name: "a".into(), shape: vec![2], values: vec![1.0, 2.0] }];
        write(&path, &arrays, "id").expect("written");
        let bytes = fs::read(&path).expect("read");
        fs::write(&path, &bytes[..bytes.len() - 1]).expect("written");
        assert!(read(&path).is_err());
    }
}
