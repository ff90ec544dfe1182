//! Labelled image sets in the folder that the user names: which files belong to them and how they
//! are found. What tasks are made of them is `dataset`'s business.

pub(crate) mod cifar100;
pub(crate) mod folder;
pub(crate) mod mnist;

use std::path::{Path, PathBuf};

use crate::error::{DataError, DataErrors};
use crate::format::image_folder::{entries, name_of};
use crate::format::{Images, parquet};
use crate::image_shape::ImageShape;

/// All images of a set, with the numbers of those for training and for testing.
pub(crate) struct Pool {
    pub(crate) shape: ImageShape,
    pub(crate) pixels: Vec<u8>,
    pub(crate) labels: Vec<u16>,
    pub(crate) class_names: Vec<String>,
    pub(crate) train: Vec<u32>,
    pub(crate) test: Vec<u32>,
}

impl Pool {
    /// Training images, then test images; `test_file` is named if their shapes differ.
    pub(crate) fn new(
        mut train: Images,
        test: Images,
        test_file: &Path,
        class_names: Vec<String>,
    ) -> Result<Self, DataErrors> {
        let first_test = train.len() as u32;
        train.append(test, test_file)?;
        let end = train.len() as u32;
        Ok(Self {
            shape: train.shape,
            pixels: train.pixels,
            labels: train.labels,
            class_names,
            train: (0..first_test).collect(),
            test: (first_test..end).collect(),
        })
    }

    /// The images among `of`, by label.
    pub(crate) fn by_class(&self, of: &[u32]) -> Vec<Vec<u32>> {
        let mut classes = vec![Vec::new(); self.class_names.len()];
        for &image in of {
            classes[usize::from(self.labels[image as usize])].push(image);
        }
        classes
    }
}

/// The places below the user's folder where a set may lie.
pub(crate) struct Places<'a> {
    pub(crate) folder: &'a Path,
    /// Relative folders, the preferred one first; "" is the folder itself.
    pub(crate) below: &'a [&'a str],
}

impl Places<'_> {
    /// The first existing file of any of `names`, place by place.
    pub(crate) fn file(&self, names: &[String]) -> Option<PathBuf> {
        let inside = |below: &&str| {
            names.iter().map(|name| self.folder.join(below).join(name)).find(|file| file.is_file())
        };
        self.below.iter().find_map(inside)
    }

    /// The Parquet files of the first place that has some whose names begin with `split`.
    pub(crate) fn shards(&self, split: &str) -> Result<Vec<PathBuf>, DataError> {
        for below in self.below {
            let place = self.folder.join(below);
            if !place.is_dir() {
                continue;
            }
            let mut shards = entries(&place)?;
            shards.retain(|file| {
                name_of(file).starts_with(split) && file.extension().is_some_and(|e| e == "parquet")
            });
            if !shards.is_empty() {
                return Ok(shards);
            }
        }
        Ok(Vec::new())
    }

    /// The fault that names every file that would have done.
    pub(crate) fn missing(&self, what: &str, names: &[String]) -> DataError {
        let all = |below: &&str| {
            let prefix = if below.is_empty() { String::new() } else { format!("{below}/") };
            names.iter().map(move |name| format!("{prefix}{name}")).collect::<Vec<_>>()
        };
        DataError::Missing {
            folder: self.folder.to_path_buf(),
            what: what.to_owned(),
            looked_for: self.below.iter().flat_map(all).collect(),
        }
    }
}

/// Reads Parquet files one after another into one set.
pub(crate) fn read_shards(
    shards: &[PathBuf],
    classes: u16,
    check: impl Fn(&Path, &Images) -> Result<(), DataError>,
) -> Result<Images, DataError> {
    let mut all: Option<Images> = None;
    for file in shards {
        let images = parquet::read(file, classes)?;
        check(file, &images)?;
        match &mut all {
            Some(all) => all.append(images, file)?,
            None => all = Some(images),
        }
    }
    Ok(all.expect("called with at least one file"))
}
