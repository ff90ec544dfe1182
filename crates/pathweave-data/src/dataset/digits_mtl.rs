//! Digits-MTL: MNIST-MTL's construction (T 5.2.1) on the UCI handwritten digits, 1,797 images of
//! 8×8 pixels with values 0 to 16, which are part of the program.
//!
//! # Deviations
//! Not in the documents: a set small and free enough to be embedded. A fifth of each digit's images
//! is for testing, always the same; a task takes as many of the rest as there are.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::construct::{Settings, Wanted};
use super::mnist_mtl::OneVsRest;
use crate::batch::TaskSet;
use crate::error::DataErrors;
use crate::format::idx;
use crate::source::Pool;
use crate::streams::Streams;

const NAME: &str = "digits-mtl";
const IMAGES: &[u8] = include_bytes!("../../embedded/digits/images-idx3-ubyte.gz");
const LABELS: &[u8] = include_bytes!("../../embedded/digits/labels-idx1-ubyte.gz");
/// Every fifth image of a digit, in a fixed random order, is a test image.
const TEST_ONE_IN: usize = 5;
const SPLIT_SEED: u64 = 0;

/// Settings of `digits-mtl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct DigitsMtlSpec {
    /// Seed of every random choice of the construction, except which images are for testing.
    pub seed: u64,
    /// Training images of a task's own digit, or all there are (139 to 147).
    pub positives: usize,
    /// Training images of each other digit, or all there are.
    pub negatives_per_class: usize,
    /// Cap on the training samples a task, for reduced scales; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_per_task: Option<usize>,
    /// Test samples a task; all test images by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_per_task: Option<usize>,
    /// Share of the training images of each digit that is held out for validation, in [0, 1).
    pub validation_share: f64,
}

impl Default for DigitsMtlSpec {
    fn default() -> Self {
        Self {
            seed: 0,
            positives: 1000,
            negatives_per_class: 1000,
            train_per_task: None,
            test_per_task: None,
            validation_share: 0.0,
        }
    }
}

impl DigitsMtlSpec {
    /// Makes the tasks.
    ///
    /// # Errors
    /// Faults of the settings.
    pub fn load(&self) -> Result<TaskSet, DataErrors> {
        let mut settings = Settings::of(NAME);
        settings.positive("positives", self.positives);
        settings.positive("negatives_per_class", self.negatives_per_class);
        settings.positive("train_per_task", self.train_per_task);
        settings.positive("test_per_task", self.test_per_task);
        settings.share("validation_share", self.validation_share);
        settings.faults.finish()?;
        let plan = OneVsRest {
            name: NAME,
            wanted: Wanted::UpTo,
            positives: self.positives,
            negatives_per_class: self.negatives_per_class,
            train_per_task: self.train_per_task,
            test_per_task: self.test_per_task,
            validation_share: self.validation_share,
        };
        plan.build(digits()?, &Streams::new(self.seed))
    }
}

/// The embedded images with their fixed split.
fn digits() -> Result<Pool, DataErrors> {
    let file = Path::new("the embedded digits");
    let images = idx::images_from(file, IMAGES.to_vec());
    let images = idx::pair((file, images), (file, idx::labels_from(file, LABELS.to_vec(), 10)))?;
    let everything: Vec<u32> = (0..images.len() as u32).collect();
    let mut pool = Pool {
        shape: images.shape,
        pixels: images.pixels,
        labels: images.labels,
        class_names: (0..10).map(|digit| digit.to_string()).collect(),
        train: Vec::new(),
        test: Vec::new(),
    };
    let streams = Streams::new(SPLIT_SEED);
    for (digit, mut images) in (0..).zip(pool.by_class(&everything)) {
        streams.stream("digits-split", digit).shuffle(&mut images);
        let train = images.split_off(images.len() / TEST_ONE_IN);
        pool.test.extend(images);
        pool.train.extend(train);
    }
    Ok(pool)
}
