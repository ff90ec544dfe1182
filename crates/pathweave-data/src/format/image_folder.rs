//! A folder of images by class: `<folder>/<class>/*.png` (or `.jpg`, `.jpeg`). Classes and files
//! are taken in the order of their names.

use std::path::{Path, PathBuf};

use image::imageops::FilterType;
use rayon::prelude::*;

use super::{Colour, Decoded, Images, channel_major, decode_image, read_file, unreadable};
use crate::error::{DataError, DataErrors, Faults};
use crate::image_shape::ImageShape;

/// The class folders of `folder` (those that hold at least one image file), by name.
///
/// # Errors
/// A folder that cannot be read.
pub fn classes(folder: &Path) -> Result<Vec<String>, DataError> {
    let mut found = Vec::new();
    for entry in entries(folder)? {
        if entry.is_dir() && !image_files(&entry)?.is_empty() {
            found.push(name_of(&entry));
        }
    }
    Ok(found)
}

/// Reads every image of the class folders `names` below `folder`; an image's label is the position
/// of its class in `names`. All images become red, green, blue, and with `side` are scaled to
/// `side` × `side` pixels (bilinear, antialiased).
///
/// # Errors
/// A folder or file that cannot be read or decoded (all such files are reported), an image that is
/// not of the first one's shape, no image at all.
pub fn read(folder: &Path, names: &[String], side: Option<u32>) -> Result<Images, DataErrors> {
    let mut listed: Vec<(u16, PathBuf)> = Vec::new();
    for (label, name) in (0..).zip(names) {
        listed.extend(image_files(&folder.join(name))?.into_iter().map(|file| (label, file)));
    }
    let decoded: Vec<Result<Decoded, DataError>> =
        listed.par_iter().map(|(_, file)| decode(file, side)).collect();
    let mut faults = Faults::default();
    let mut shape = None;
    let mut pixels = Vec::new();
    for (one, (_, file)) in decoded.into_iter().zip(&listed) {
        let Some(one) = faults.take(one) else {
            continue;
        };
        let expected = *shape.get_or_insert(one.shape);
        if one.shape == expected {
            pixels.extend(one.pixels);
        } else {
            faults.push(DataError::Size {
                file: file.clone(),
                found: one.shape.to_string(),
                allowed: format!("{expected}, as the first image; the setting `side` scales all"),
            });
        }
    }
    faults.finish()?;
    let shape = shape.ok_or_else(|| DataError::Empty { file: folder.to_path_buf() })?;
    let labels = listed.into_iter().map(|(label, _)| label).collect();
    Ok(Images { shape, pixels, labels, coarse: None })
}

/// The image files of one class folder, by name.
pub(crate) fn image_files(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let is_image = |file: &PathBuf| {
        let extension = file.extension().unwrap_or_default().to_ascii_lowercase();
        ["png", "jpg", "jpeg"].iter().any(|allowed| extension == *allowed) && file.is_file()
    };
    Ok(entries(folder)?.into_iter().filter(is_image).collect())
}

/// Everything in `folder`, by name.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let listed = std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))?;
    let mut paths = Vec::new();
    for entry in listed {
        paths.push(entry.map_err(|error| unreadable(folder, error))?.path());
    }
    paths.sort();
    Ok(paths)
}

/// The last part of a path.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn decode(file: &Path, side: Option<u32>) -> Result<Decoded, DataError> {
    let fault = |found: String| DataError::Image { file: file.to_path_buf(), row: 0, found };
    let encoded = read_file(file)?;
    if let Some(side) = side {
        let picture = image::load_from_memory(&encoded).map_err(|e| fault(e.to_string()))?;
        let scaled = picture.resize_exact(side, side, FilterType::Triangle).into_rgb8();
        let (width, height) = (scaled.width() as usize, scaled.height() as usize);
        let shape = ImageShape { channels: 3, height, width };
        return Ok(Decoded { shape, pixels: channel_major(&scaled.into_raw()) });
    }
    decode_image(&encoded, Colour::Rgb).map_err(fault)
}
