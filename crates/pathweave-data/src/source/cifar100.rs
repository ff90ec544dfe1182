//! CIFAR-100: the binary version (`train.bin`, `test.bin`) or Parquet files with `fine_label`.

use std::path::Path;

use super::{Places, Pool, read_shards};
use crate::error::{DataError, DataErrors, Faults};
use crate::format::{Images, cifar_bin};

const PLACES: &[&str] = &[
    "cifar100",
    "cifar100/cifar100",
    "cifar100/cifar-100-binary",
    "cifar-100-binary",
    "cifar100/data",
    "",
];
/// The files needed, in words.
pub(crate) const FILES: &str = "cifar100/{train,test}-*.parquet, or \
                                cifar-100-binary/{train,test}.bin";

/// The coarse labels' names, alphabetical, as official.
pub(crate) const COARSE_NAMES: [&str; 20] = [
    "aquatic mammals",
    "fish",
    "flowers",
    "food containers",
    "fruit and vegetables",
    "household electrical devices",
    "household furniture",
    "insects",
    "large carnivores",
    "large man-made outdoor things",
    "large natural outdoor scenes",
    "large omnivores and herbivores",
    "medium mammals",
    "non-insect invertebrates",
    "people",
    "reptiles",
    "small mammals",
    "trees",
    "vehicles 1",
    "vehicles 2",
];

/// The fine labels' names, alphabetical, as official.
#[rustfmt::skip]
pub(crate) const FINE_NAMES: [&str; 100] = [
    "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle",
    "bowl", "boy", "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle",
    "chair", "chimpanzee", "clock", "cloud", "cockroach", "couch", "crab", "crocodile", "cup",
    "dinosaur", "dolphin", "elephant", "flatfish", "forest", "fox", "girl", "hamster", "house",
    "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster", "man",
    "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange", "orchid",
    "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy",
    "porcupine", "possum", "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal",
    "shark", "shrew", "skunk", "skyscraper", "snail", "snake", "spider", "squirrel", "streetcar",
    "sunflower", "sweet_pepper", "table", "tank", "telephone", "television", "tiger", "tractor",
    "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf", "woman",
    "worm",
];

/// The coarse label of each fine label.
#[rustfmt::skip]
pub(crate) const COARSE_OF: [u16; 100] = [
     4,  1, 14,  8,  0,  6,  7,  7, 18,  3,  3, 14,  9, 18,  7, 11,  3,  9,  7, 11,
     6, 11,  5, 10,  7,  6, 13, 15,  3, 15,  0, 11,  1, 10, 12, 14, 16,  9, 11,  5,
     5, 19,  8,  8, 15, 13, 14, 17, 18, 10, 16,  4, 17,  4,  2,  0, 17,  4, 18, 17,
    10,  3,  2, 12, 12, 16, 12,  1,  9, 19,  2, 10,  0,  1, 16, 12,  9, 13, 15, 13,
    16, 19,  2,  4,  6, 19,  5,  5,  8, 19, 18,  1,  2, 15,  6,  0, 17,  8, 14, 13,
];

/// Reads the images below `folder`, labelled by their fine labels.
pub(crate) fn load(folder: &Path) -> Result<Pool, DataErrors> {
    let places = Places { folder, below: PLACES };
    let mut faults = Faults::default();
    let train = faults.take(split(&places, "train"));
    let test = faults.take(split(&places, "test"));
    faults.finish()?;
    let (train, test) = train.zip(test).expect("no fault, so both were read");
    Pool::new(train, test, folder, FINE_NAMES.map(str::to_owned).to_vec())
}

fn split(places: &Places, split: &str) -> Result<Images, DataError> {
    let binary = format!("{split}.bin");
    let images = if let Some(file) = places.file(std::slice::from_ref(&binary)) {
        let images = cifar_bin::read(&file)?;
        consistent(&file, &images)?;
        images
    } else {
        let shards = places.shards(split)?;
        if shards.is_empty() {
            let names = [format!("{split}*.parquet"), binary];
            return Err(places.missing(&format!("CIFAR-100 {split} images"), &names));
        }
        read_shards(&shards, 100, consistent)?
    };
    // Training and test files may differ in whether they carry it; it follows from the fine label.
    Ok(Images { coarse: None, ..images })
}

/// The coarse label, where there is one, must be that of the fine label.
pub(crate) fn consistent(file: &Path, images: &Images) -> Result<(), DataError> {
    let Some(coarse) = &images.coarse else {
        return Ok(());
    };
    for (row, (&coarse, &fine)) in coarse.iter().zip(&images.labels).enumerate() {
        let expected = COARSE_OF.get(usize::from(fine)).copied();
        if expected != Some(coarse) {
            return Err(DataError::Label {
                file: file.to_path_buf(),
                row,
                found: format!("coarse label {coarse} with fine label {fine}"),
                allowed: expected.map_or_else(
                    || "fine labels 0 to 99".to_owned(),
                    |expected| format!("coarse label {expected} with this fine label"),
                ),
            });
        }
    }
    Ok(())
}
