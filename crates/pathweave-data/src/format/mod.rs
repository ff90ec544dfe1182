//! Readers of the public file layouts. Each takes a path, names it in every fault and knows nothing
//! of data sets.

pub mod cifar_bin;
pub mod glove;
pub mod idx;
pub mod image_folder;
mod lines;
pub mod nli_jsonl;
pub mod nli_parquet;
pub mod nli_tsv;
mod pair_file;
pub mod parquet;

use std::path::Path;

pub use pair_file::PairFile;

use crate::error::DataError;
use crate::image_shape::ImageShape;

/// Labelled images as a file holds them, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    /// Shape of every image.
    pub shape: ImageShape,
    /// The images one after another, each channel by channel, row by row.
    pub pixels: Vec<u8>,
    /// The (fine) label of each image.
    pub labels: Vec<u16>,
    /// The coarse label of each image, where the file has one.
    pub coarse: Option<Vec<u16>>,
}

impl Images {
    /// Number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Appends the images of another file, which must be of the same shape and have the same
    /// kinds of labels; `file` is its name in the fault.
    pub(crate) fn append(&mut self, other: Images, file: &Path) -> Result<(), DataError> {
        if self.shape != other.shape {
            return Err(DataError::Size {
                file: file.to_path_buf(),
                found: other.shape.to_string(),
                allowed: format!("{}, as the files before it", self.shape),
            });
        }
        match (&mut self.coarse, other.coarse) {
            (Some(mine), Some(theirs)) => mine.extend(theirs),
            (None, None) => {}
            _ => {
                return Err(DataError::Column {
                    file: file.to_path_buf(),
                    found: "coarse labels in only some of the files".to_owned(),
                    allowed: "coarse labels in all of them or none".to_owned(),
                });
            }
        }
        self.pixels.extend(other.pixels);
        self.labels.extend(other.labels);
        Ok(())
    }
}

/// The whole file.
pub(crate) fn read_file(file: &Path) -> Result<Vec<u8>, DataError> {
    std::fs::read(file).map_err(|error| unreadable(file, error))
}

pub(crate) fn unreadable(file: &Path, error: impl std::fmt::Display) -> DataError {
    DataError::Unreadable { file: file.to_path_buf(), error: error.to_string() }
}

/// Decodes a PNG or JPEG image into channel-major bytes: one channel for grey images, otherwise
/// red, green, blue (an alpha channel is dropped). The fault is the decoder's words.
pub(crate) fn decode_image(encoded: &[u8], colour: Colour) -> Result<Decoded, String> {
    let picture = image::load_from_memory(encoded).map_err(|error| error.to_string())?;
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let grey = match colour {
        Colour::AsStored => !picture.color().has_color(),
        Colour::Rgb => false,
    };
    if grey {
        let shape = ImageShape { channels: 1, height, width };
        return Ok(Decoded { shape, pixels: picture.into_luma8().into_raw() });
    }
    let pixels = channel_major(&picture.into_rgb8().into_raw());
    Ok(Decoded { shape: ImageShape { channels: 3, height, width }, pixels })
}

/// Red, green, blue, red, … to all red, all green, all blue.
pub(crate) fn channel_major(interleaved: &[u8]) -> Vec<u8> {
    let plane = interleaved.len() / 3;
    let mut planes = vec![0; 3 * plane];
    for (at, colour) in interleaved.chunks_exact(3).enumerate() {
        for (channel, &value) in colour.iter().enumerate() {
            planes[channel * plane + at] = value;
        }
    }
    planes
}

/// How many channels a decoded image has.
#[derive(Clone, Copy)]
pub(crate) enum Colour {
    /// One for grey images, three for coloured ones.
    AsStored,
    /// Three for all.
    Rgb,
}

/// One decoded image, channel-major.
pub(crate) struct Decoded {
    pub(crate) shape: ImageShape,
    pub(crate) pixels: Vec<u8>,
}
