//! IDX, the layout of the MNIST family (<http://yann.lecun.com/exdb/mnist/>): a magic number (two
//! zero bytes, the element type, the number of dimensions), the dimensions as big-endian 32 bit
//! numbers, then the bytes. Gzip or raw, told apart by the first bytes, whatever the name.

use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::{Images, read_file, unreadable};
use crate::error::{DataError, DataErrors, Faults};
use crate::image_shape::ImageShape;

const IMAGES: u32 = 0x0000_0803;
const LABELS: u32 = 0x0000_0801;

/// Images of one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grey {
    /// Shape of every image.
    pub shape: ImageShape,
    /// Number of images, at least one.
    pub count: usize,
    /// The images one after another.
    pub pixels: Vec<u8>,
}

/// Reads a file of images.
///
/// # Errors
/// Unreadable, wrong magic, truncated, longer than its header says, empty.
pub fn images(file: &Path) -> Result<Grey, DataError> {
    images_from(file, read_file(file)?)
}

/// Reads a file of labels.
///
/// # Errors
/// Those of [`images`], and a label that is not below `classes`.
pub fn labels(file: &Path, classes: u16) -> Result<Vec<u16>, DataError> {
    labels_from(file, read_file(file)?, classes)
}

/// Reads images and their labels from two files.
///
/// # Errors
/// Those of [`images`] and [`labels`], of both files together; different counts.
pub fn read_pair(image_file: &Path, label_file: &Path, classes: u16) -> Result<Images, DataErrors> {
    pair((image_file, images(image_file)), (label_file, labels(label_file, classes)))
}

/// [`read_pair`] on the contents of the two files.
pub(crate) fn pair(
    (image_file, images): (&Path, Result<Grey, DataError>),
    (label_file, labels): (&Path, Result<Vec<u16>, DataError>),
) -> Result<Images, DataErrors> {
    let mut faults = Faults::default();
    let both = faults.take(images).zip(faults.take(labels));
    if let Some((Grey { shape, count, pixels }, labels)) = both {
        if labels.len() == count {
            return Ok(Images { shape, pixels, labels, coarse: None });
        }
        faults.push(DataError::Size {
            file: label_file.to_path_buf(),
            found: format!("{} labels", labels.len()),
            allowed: format!("{count}, the number of images in {}", image_file.display()),
        });
    }
    Err(faults.into_errors())
}

/// [`images`] on a file's bytes.
pub(crate) fn images_from(file: &Path, bytes: Vec<u8>) -> Result<Grey, DataError> {
    let (sizes, pixels) = parse(file, bytes, IMAGES)?;
    let shape = ImageShape { channels: 1, height: sizes[1], width: sizes[2] };
    Ok(Grey { shape, count: sizes[0], pixels })
}

/// [`labels`] on a file's bytes.
pub(crate) fn labels_from(
    file: &Path,
    bytes: Vec<u8>,
    classes: u16,
) -> Result<Vec<u16>, DataError> {
    let (_, labels) = parse(file, bytes, LABELS)?;
    in_range(file, labels, classes)
}

fn in_range(file: &Path, labels: Vec<u8>, classes: u16) -> Result<Vec<u16>, DataError> {
    let labels: Vec<u16> = labels.into_iter().map(u16::from).collect();
    match labels.iter().position(|&label| label >= classes) {
        None => Ok(labels),
        Some(row) => Err(DataError::Label {
            file: file.to_path_buf(),
            row,
            found: labels[row].to_string(),
            allowed: format!("0 to {}", classes - 1),
        }),
    }
}

/// The dimensions and the content of a file of the kind `wanted`.
fn parse(file: &Path, bytes: Vec<u8>, wanted: u32) -> Result<(Vec<usize>, Vec<u8>), DataError> {
    let mut bytes = decompress(file, bytes)?;
    match bytes.first_chunk::<4>().map(|&magic| u32::from_be_bytes(magic)) {
        Some(magic) if magic == wanted => {}
        Some(magic) => {
            return Err(DataError::Magic {
                file: file.to_path_buf(),
                found: format!("{magic:#010x}"),
                allowed: format!("{wanted:#010x}"),
            });
        }
        None if bytes.is_empty() => {
            return Err(DataError::Empty { file: file.to_path_buf() });
        }
        None => return Err(truncated(file, &bytes, 4)),
    }
    // The magic number's last byte counts the dimensions.
    let header = 4 + 4 * (wanted & 0xff) as usize;
    if bytes.len() < header {
        return Err(truncated(file, &bytes, header as u128));
    }
    let sizes: Vec<usize> = bytes[4..header]
        .chunks_exact(4)
        .map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize)
        .collect();
    // Three 32 bit numbers can overflow 64 bits, not 128.
    let content = sizes.iter().map(|&size| size as u128).product::<u128>();
    let promised = header as u128 + content;
    if (bytes.len() as u128) < promised {
        return Err(truncated(file, &bytes, promised));
    }
    if bytes.len() as u128 > promised {
        return Err(DataError::Size {
            file: file.to_path_buf(),
            found: format!("{} bytes", bytes.len()),
            allowed: format!("{promised}, as its header says"),
        });
    }
    if content == 0 {
        return Err(DataError::Empty { file: file.to_path_buf() });
    }
    bytes.drain(..header);
    Ok((sizes, bytes))
}

/// The content of a gzip stream, or the bytes as they are.
fn decompress(file: &Path, bytes: Vec<u8>) -> Result<Vec<u8>, DataError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut content = Vec::new();
    match MultiGzDecoder::new(&bytes[..]).read_to_end(&mut content) {
        Ok(_) => Ok(content),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Err(unreadable(file, "the gzip stream is truncated"))
        }
        Err(error) => Err(unreadable(file, error)),
    }
}

fn truncated(file: &Path, bytes: &[u8], expected: u128) -> DataError {
    DataError::Truncated {
        file: file.to_path_buf(),
        found: bytes.len() as u64,
        expected: u64::try_from(expected).unwrap_or(u64::MAX),
    }
}
