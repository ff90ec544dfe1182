//! The tensors of a safetensors file, each to be taken once.

use std::collections::BTreeMap;

use pathweave::train::NamedArray;
use safetensors::{Dtype, SafeTensors};

/// A tensor, whatever its precision in the file.
pub struct Array {
    pub shape: Vec<usize>,
    pub values: Vec<f64>,
}

/// Tensors by name.
pub struct Tensors(BTreeMap<String, Array>);

/// Reads a file of 32 and 64 bit numbers.
pub fn read(bytes: &[u8]) -> Result<Tensors, String> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let mut tensors = BTreeMap::new();
    for (name, view) in file.iter() {
        let data = view.data();
        let values = match view.dtype() {
            Dtype::F32 => {
                let number = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().expect("four"));
                data.chunks_exact(4).map(|bytes| f64::from(number(bytes))).collect()
            }
            Dtype::F64 => {
                let number = |bytes: &[u8]| f64::from_le_bytes(bytes.try_into().expect("eight"));
                data.chunks_exact(8).map(number).collect()
            }
            other => return Err(format!("{name}: {other:?} is not understood")),
        };
        tensors.insert(name.to_owned(), Array { shape: view.shape().to_vec(), values });
    }
    Ok(Tensors(tensors))
}

impl Tensors {
    /// Takes the tensor of that name.
    pub fn take(&mut self, name: &str) -> Result<Array, String> {
        self.0.remove(name).ok_or_else(|| format!("{name}: missing"))
    }

    /// Takes the tensor of that name, which must have this shape.
    pub fn take_shaped(&mut self, name: &str, shape: &[usize]) -> Result<Array, String> {
        let array = self.take(name)?;
        if array.shape != shape {
            return Err(format!("{name}: found {:?}, expected {shape:?}", array.shape));
        }
        Ok(array)
    }

    /// Takes every tensor whose name begins with the prefix, which is dropped.
    pub fn take_prefixed(&mut self, prefix: &str) -> Vec<NamedArray> {
        let names: Vec<String> =
            self.0.keys().filter(|name| name.starts_with(prefix)).cloned().collect();
        let take = |name: String| {
            let array = self.0.remove(&name).expect("a key of the map");
            let values = array.values.iter().map(|value| *value as f32).collect();
            NamedArray { name: name[prefix.len()..].into(), shape: array.shape, values }
        };
        names.into_iter().map(take).collect()
    }

    /// Fails if a tensor was not taken: nothing checked it.
    pub fn finish(self) -> Result<(), String> {
        let left: Vec<&str> = self.0.keys().map(String::as_str).collect();
        if left.is_empty() { Ok(()) } else { Err(format!("not understood: {}", left.join(", "))) }
    }
}

/// Largest magnitude.
pub fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, value| value.abs().max(most))
}

/// Fails where a number differs by more than `bound`, or is not finite.
pub fn compare(what: &str, found: &[f32], wanted: &[f64], bound: f64) -> Result<(), String> {
    if found.len() != wanted.len() {
        return Err(format!("{what}: {} numbers, expected {}", found.len(), wanted.len()));
    }
    let apart = |(found, wanted): (&f32, &f64)| (f64::from(*found) - wanted).abs();
    let differences: Vec<f64> = found.iter().zip(wanted).map(apart).collect();
    match differences.iter().position(|difference| difference.is_nan() || *difference > bound) {
        None => Ok(()),
        Some(at) => Err(format!(
            "{what}: number {at} is {}, expected {} within {bound:e}; largest difference {:e}",
            found[at],
            wanted[at],
            largest(&differences)
        )),
    }
}

/// Rules of one-hot rows.
pub fn one_hot(what: &str, values: &[f64], rules: usize) -> Result<Vec<u32>, String> {
    let rule = |row: &[f64]| {
        let ones = row.iter().filter(|value| **value == 1.0).count();
        let zeros = row.iter().filter(|value| **value == 0.0).count();
        let at = row.iter().position(|value| *value == 1.0)?;
        ((ones, zeros) == (1, rules - 1)).then_some(at as u32)
    };
    let rules: Option<Vec<u32>> = values.chunks(rules).map(rule).collect();
    rules.ok_or_else(|| format!("{what}: a row is not one-hot"))
}
