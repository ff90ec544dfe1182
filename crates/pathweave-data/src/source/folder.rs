//! Any images in folders by class, split by folders (`train/<class>/`, `test/<class>/`) or not
//! (`<class>/`, then a share of each class is for testing).

use std::path::Path;

use super::Pool;
use crate::error::{DataError, DataErrors, Faults};
use crate::format::image_folder;
use crate::streams::Streams;

const PLACES: &[&str] = &["", "images", "mini-imagenet"];
/// The files needed, in words.
pub(crate) const FILES: &str = "train/<class>/*.png and test/<class>/*.png, or <class>/*.png \
                                (.jpg and .jpeg as well)";

/// Reads the images below `folder`; an unsplit set gives `test_share` of each class (at least one
/// image), chosen by `streams`, to the test.
pub(crate) fn load(
    folder: &Path,
    side: Option<u32>,
    test_share: f64,
    streams: &Streams,
) -> Result<Pool, DataErrors> {
    for place in PLACES.iter().map(|below| folder.join(below)) {
        if place.join("train").is_dir() && place.join("test").is_dir() {
            return load_split(&place, side);
        }
    }
    for place in PLACES.iter().map(|below| folder.join(below)).filter(|place| place.is_dir()) {
        let names = image_folder::classes(&place)?;
        if !names.is_empty() {
            let images = image_folder::read(&place, &names, side)?;
            let everything: Vec<u32> = (0..images.len() as u32).collect();
            let mut pool = Pool {
                shape: images.shape,
                pixels: images.pixels,
                labels: images.labels,
                class_names: names,
                train: Vec::new(),
                test: Vec::new(),
            };
            for (class, mut images) in (0..).zip(pool.by_class(&everything)) {
                streams.stream("folder-split", class).shuffle(&mut images);
                let test = ((images.len() as f64 * test_share).round() as usize).max(1);
                let train = images.split_off(test.min(images.len()));
                pool.test.extend(images);
                pool.train.extend(train);
            }
            return Ok(pool);
        }
    }
    Err(DataErrors::from(DataError::Missing {
        folder: folder.to_path_buf(),
        what: "folders of images by class".to_owned(),
        looked_for: PLACES
            .iter()
            .map(|below| if below.is_empty() { ".".to_owned() } else { (*below).to_owned() })
            .map(|below| format!("{below}/train/<class>/*.png, {below}/<class>/*.png"))
            .collect(),
    }))
}

fn load_split(place: &Path, side: Option<u32>) -> Result<Pool, DataErrors> {
    let (train, test) = (place.join("train"), place.join("test"));
    let names = image_folder::classes(&train)?;
    let mut faults = Faults::default();
    let train = faults.take(image_folder::read(&train, &names, side));
    let test_images = faults.take(image_folder::read(&test, &names, side));
    faults.finish()?;
    let (train, test_images) = train.zip(test_images).expect("no fault, so both were read");
    Pool::new(train, test_images, &test, names)
}
