//! MNIST and the sets in its layout: four IDX files, or Parquet files with `image` and `label`.

use std::path::Path;

use super::{Places, Pool, read_shards};
use crate::error::{DataErrors, Faults};
use crate::format::{Images, idx};

const PLACES: &[&str] = &["mnist", "mnist/mnist", "mnist/data", ""];
/// The files needed, in words.
pub(crate) const FILES: &str = "mnist/{train,t10k}-{images-idx3,labels-idx1}-ubyte[.gz], or \
                                mnist/{train,test}-*.parquet";

/// Reads the ten digits' images below `folder`.
pub(crate) fn load(folder: &Path) -> Result<Pool, DataErrors> {
    let places = Places { folder, below: PLACES };
    let mut faults = Faults::default();
    let train = faults.take(split(&places, "train", "train"));
    let test = faults.take(split(&places, "t10k", "test"));
    faults.finish()?;
    let (train, test) = train.zip(test).expect("no fault, so both were read");
    Pool::new(train, test, folder, (0..10).map(|digit| digit.to_string()).collect())
}

fn split(places: &Places, idx_name: &str, parquet_name: &str) -> Result<Images, DataErrors> {
    let images = names(idx_name, "images", 3);
    let labels = names(idx_name, "labels", 1);
    let found = (places.file(&images), places.file(&labels));
    if let (Some(images), Some(labels)) = &found {
        return idx::read_pair(images, labels, 10);
    }
    let shards = places.shards(parquet_name)?;
    if !shards.is_empty() {
        return Ok(read_shards(&shards, 10, |_, _| Ok(()))?);
    }
    let mut faults = Faults::default();
    for (kind, names, found) in [("images", images, found.0), ("labels", labels, found.1)] {
        if found.is_none() {
            let mut names = names;
            names.push(format!("{parquet_name}*.parquet"));
            faults.push(places.missing(&format!("MNIST {parquet_name} {kind}"), &names));
        }
    }
    Err(faults.into_errors())
}

/// The names under which a part is known: with a dash or a dot, compressed or not.
fn names(split: &str, kind: &str, dimensions: usize) -> Vec<String> {
    let spelled = |mark: &str| format!("{split}-{kind}{mark}idx{dimensions}-ubyte");
    ["-", "."].iter().flat_map(|mark| [spelled(mark), format!("{}.gz", spelled(mark))]).collect()
}
