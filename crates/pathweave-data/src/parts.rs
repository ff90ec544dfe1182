//! What a task set is made of: the checks, the images that are kept, their moments.

use crate::batch::Example;
use crate::error::DataError;
use crate::image_shape::ImageShape;

/// What a [`TaskSet`](crate::TaskSet) is made of.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// Name of the data set.
    pub name: String,
    /// Name of each task.
    pub task_names: Vec<String>,
    /// For each task the names of its classes, equally many for all.
    pub class_names: Vec<Vec<String>>,
    /// The images one after another, channel-major.
    pub pixels: Vec<u8>,
    /// Training samples, at least one.
    pub train: Vec<Example>,
    /// Validation samples.
    pub validation: Vec<Example>,
    /// Test samples, at least one.
    pub test: Vec<Example>,
}

/// The number of classes of every task, if the parts fit together.
pub(crate) fn check(shape: ImageShape, parts: &Parts) -> Result<usize, DataError> {
    let setting = |field, found: String, allowed: String| DataError::Setting {
        dataset: parts.name.clone(),
        field,
        found,
        allowed,
    };
    if shape.is_empty() || !parts.pixels.len().is_multiple_of(shape.len()) {
        let allowed = format!("a multiple of {shape}, not zero");
        return Err(setting("pixels", parts.pixels.len().to_string(), allowed));
    }
    let tasks = parts.task_names.len();
    let classes = parts.class_names.first().map_or(0, Vec::len);
    if parts.class_names.len() != tasks || parts.class_names.iter().any(|c| c.len() != classes) {
        let found = format!("{:?}", parts.class_names.iter().map(Vec::len).collect::<Vec<_>>());
        let allowed = format!("{tasks} lists, as many as tasks, all of one length");
        return Err(setting("class_names", found, allowed));
    }
    let images = parts.pixels.len() / shape.len();
    for (what, examples) in [("train", &parts.train), ("test", &parts.test)] {
        if examples.is_empty() {
            let (dataset, what) = (parts.name.clone(), format!("{what} samples"));
            return Err(DataError::TooFew { dataset, what, found: 0, needed: 1 });
        }
    }
    for example in parts.train.iter().chain(&parts.validation).chain(&parts.test) {
        let exists = (example.item as usize) < images
            && usize::from(example.task) < tasks
            && usize::from(example.label) < classes;
        if !exists {
            let allowed = format!("below {images} images, {tasks} tasks, {classes} classes");
            return Err(setting("examples", format!("{example:?}"), allowed));
        }
    }
    Ok(classes)
}

/// Keeps the images that samples refer to, in their order, and renumbers the samples.
pub(crate) fn drop_unused(shape: ImageShape, parts: &mut Parts) {
    const UNUSED: u32 = u32::MAX;
    let mut number = vec![UNUSED; parts.pixels.len() / shape.len()];
    let splits = [&mut parts.train, &mut parts.validation, &mut parts.test];
    for example in splits.iter().flat_map(|split| split.iter()) {
        number[example.item as usize] = 0;
    }
    let mut kept = 0;
    for (image, slot) in number.iter_mut().enumerate().filter(|(_, slot)| **slot != UNUSED) {
        *slot = kept as u32;
        parts
            .pixels
            .copy_within(image * shape.len()..(image + 1) * shape.len(), kept * shape.len());
        kept += 1;
    }
    parts.pixels.truncate(kept * shape.len());
    for example in splits.into_iter().flatten() {
        example.item = number[example.item as usize];
    }
}

/// Mean and standard deviation of each channel over the distinct images of `train`. The sums are
/// those of whole numbers, so that their order does not matter.
pub(crate) fn moments(shape: ImageShape, pixels: &[u8], train: &[Example]) -> (Vec<f64>, Vec<f64>) {
    let plane = shape.height * shape.width;
    let mut seen = vec![false; pixels.len() / shape.len()];
    let mut sums = vec![(0u64, 0u64); shape.channels];
    let mut count = 0u64;
    for example in train {
        let image = example.item as usize;
        if std::mem::replace(&mut seen[image], true) {
            continue;
        }
        count += plane as u64;
        let channels = pixels[image * shape.len()..][..shape.len()].chunks_exact(plane);
        for (bytes, (sum, squares)) in channels.zip(&mut sums) {
            *sum += bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>();
            *squares += bytes.iter().map(|&byte| u64::from(byte).pow(2)).sum::<u64>();
        }
    }
    let one = |(sum, squares): (u64, u64)| {
        // n Σx² − (Σx)² is exact in 128 bits; no cancellation is left to rounding.
        let spread = u128::from(count) * u128::from(squares) - u128::from(sum) * u128::from(sum);
        let std = (spread as f64).sqrt() / count as f64;
        (sum as f64 / count as f64, if spread == 0 { 1.0 } else { std })
    };
    sums.into_iter().map(one).unzip()
}
