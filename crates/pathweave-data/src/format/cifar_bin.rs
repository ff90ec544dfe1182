//! CIFAR-100's binary layout (<https://www.cs.toronto.edu/~kriz/cifar.html>): 3,074 bytes a row,
//! namely the coarse label, the fine label, and 32×32 bytes each of red, green, blue.

use std::path::Path;

use super::{Images, read_file};
use crate::error::DataError;
use crate::image_shape::ImageShape;

const SHAPE: ImageShape = ImageShape { channels: 3, height: 32, width: 32 };
const ROW: usize = 2 + 3 * 32 * 32;

/// Reads `train.bin` or `test.bin`.
///
/// # Errors
/// Unreadable, empty, a size that is no multiple of a row, a coarse label above 19, a fine label
/// above 99.
pub fn read(file: &Path) -> Result<Images, DataError> {
    let bytes = read_file(file)?;
    if bytes.is_empty() {
        return Err(DataError::Empty { file: file.to_path_buf() });
    }
    if !bytes.len().is_multiple_of(ROW) {
        return Err(DataError::Size {
            file: file.to_path_buf(),
            found: format!("{} bytes, the last row is truncated", bytes.len()),
            allowed: format!("a multiple of {ROW} (coarse label, fine label, 3,072 pixels)"),
        });
    }
    let mut images = Images {
        shape: SHAPE,
        pixels: Vec::with_capacity(bytes.len()),
        labels: Vec::with_capacity(bytes.len() / ROW),
        coarse: Some(Vec::with_capacity(bytes.len() / ROW)),
    };
    for (at, row) in bytes.chunks_exact(ROW).enumerate() {
        let [coarse, fine] = [row[0], row[1]];
        let check = |name: &str, label: u8, highest: u8| {
            if label <= highest {
                return Ok(u16::from(label));
            }
            Err(DataError::Label {
                file: file.to_path_buf(),
                row: at,
                found: format!("{name} label {label}"),
                allowed: format!("0 to {highest}"),
            })
        };
        let coarse = check("coarse", coarse, 19)?;
        images.labels.push(check("fine", fine, 99)?);
        images.coarse.get_or_insert_default().push(coarse);
        images.pixels.extend_from_slice(&row[2..]);
    }
    Ok(images)
}
