//! Multi-task classification on the host: images or sentence pairs stored once, tasks that refer to
//! them, and batches that are filled again and again without allocation.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::error::DataError;
use crate::image_shape::ImageShape;
use crate::parts::{Parts, check, drop_unused, moments};
use crate::streams::Streams;
use crate::text::{Sentences, Texts};

/// One sample: an image or a pair of sentences, asked about by a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// Number of the image, or of the pair, in its [`TaskSet`].
    pub item: u32,
    /// The task, below [`TaskSet::tasks`].
    pub task: u16,
    /// The right answer, below [`TaskSet::classes`].
    pub label: u16,
}

/// Which samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// For a phase of training before the training proper; usually empty.
    Before,
    /// For training.
    Train,
    /// Held out of the training samples; empty unless asked for.
    Validation,
    /// For the report.
    Test,
}

impl Split {
    /// The number of a sample in records and random streams, the same in every epoch. Those of the
    /// phase before are apart from those of the training proper.
    fn sample(self, index: u32) -> u64 {
        u64::from(index) + (u64::from(self == Self::Before) << 32)
    }
}

/// A multi-task classification data set: of images (T 5.2.1), or of sentence pairs (T 5.3).
#[derive(Clone, Debug)]
pub struct TaskSet {
    /// Name of the data set.
    pub name: String,
    /// What the samples are and where they come from, in a line.
    pub source: String,
    /// Shape of every image; empty where the samples are sentence pairs.
    pub shape: ImageShape,
    /// The sentence pairs, where the samples are pairs.
    pub texts: Option<Texts>,
    /// Number of tasks.
    pub tasks: usize,
    /// Name of each task.
    pub task_names: Vec<String>,
    /// Outputs of every task's head.
    pub classes: usize,
    /// Names of each task's classes.
    pub class_names: Vec<Vec<String>>,
    pub(crate) pixels: Arc<[u8]>,
    pub(crate) before: Vec<Example>,
    pub(crate) train: Vec<Example>,
    pub(crate) validation: Vec<Example>,
    pub(crate) test: Vec<Example>,
    pub(crate) mean: Vec<f32>,
    pub(crate) std: Vec<f32>,
    /// Per channel the standardised value of each byte.
    pub(crate) tables: Vec<[f32; 256]>,
}

/// Samples side by side, as a training step takes them. Reuse one from step to step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// \[B, C·H·W\]: standardised pixels, (byte − mean) / std of the channel.
    pub images: Vec<f32>,
    /// Premise and hypothesis of each sample: 2B sentences; none where the samples are images.
    pub sentences: Sentences,
    /// \[B\]: tasks.
    pub tasks: Vec<u32>,
    /// \[B\]: labels.
    pub labels: Vec<u32>,
    /// \[B\]: the sample's number in its split, the same in every epoch.
    pub samples: Vec<u64>,
}

impl TaskSet {
    /// Puts a data set together. Images that no sample uses are dropped; mean and standard
    /// deviation are those of the distinct images of the training samples.
    ///
    /// # Errors
    /// No training or test sample; a sample whose image, task or label does not exist; tasks with
    /// different numbers of classes; pixels that are no whole number of images.
    pub fn new(shape: ImageShape, mut parts: Parts) -> Result<Self, DataError> {
        let classes = check(shape, &parts)?;
        drop_unused(shape, &mut parts);
        let (mean, std) = moments(shape, &parts.pixels, &parts.train);
        let table = |(&mean, &std): (&f64, &f64)| {
            std::array::from_fn(|byte| ((byte as f64 - mean) / std) as f32)
        };
        Ok(Self {
            name: parts.name,
            source: String::new(),
            shape,
            texts: None,
            tasks: parts.task_names.len(),
            task_names: parts.task_names,
            classes,
            class_names: parts.class_names,
            pixels: parts.pixels.into(),
            before: Vec::new(),
            train: parts.train,
            validation: parts.validation,
            test: parts.test,
            tables: mean.iter().zip(&std).map(table).collect(),
            mean: mean.into_iter().map(|mean| mean as f32).collect(),
            std: std.into_iter().map(|std| std as f32).collect(),
        })
    }

    /// The samples of a split.
    pub fn examples(&self, split: Split) -> &[Example] {
        match split {
            Split::Before => &self.before,
            Split::Train => &self.train,
            Split::Validation => &self.validation,
            Split::Test => &self.test,
        }
    }

    /// The bytes of one image, channel-major.
    ///
    /// # Panics
    /// If there is no such image.
    pub fn image(&self, image: u32) -> &[u8] {
        let len = self.shape.len();
        &self.pixels[image as usize * len..][..len]
    }

    /// Number of images that the samples refer to.
    pub fn images(&self) -> usize {
        self.pixels.len().checked_div(self.shape.len()).unwrap_or(0)
    }

    /// Mean of each channel over the training images, in units of a byte.
    pub fn mean(&self) -> &[f32] {
        &self.mean
    }

    /// Standard deviation of each channel over the training images, in units of a byte; 1 for a
    /// constant channel.
    pub fn std(&self) -> &[f32] {
        &self.std
    }

    /// Replaces the content of `out` by the samples `indices` of `split`, in this order. Nothing is
    /// allocated once `out` has held a batch as large.
    ///
    /// # Panics
    /// If an index is not below the number of samples.
    pub fn fill(&self, split: Split, indices: &[u32], out: &mut Batch) {
        out.images.clear();
        out.sentences.clear();
        out.tasks.clear();
        out.labels.clear();
        out.samples.clear();
        let examples = self.examples(split);
        for &index in indices {
            let example = examples[index as usize];
            match &self.texts {
                Some(texts) => texts.push(example.item, &mut out.sentences),
                None => self.push_image(example.item, &mut out.images),
            }
            out.tasks.push(u32::from(example.task));
            out.labels.push(u32::from(example.label));
            out.samples.push(split.sample(index));
        }
    }

    /// Appends an image, standardised.
    fn push_image(&self, image: u32, out: &mut Vec<f32>) {
        out.reserve(self.shape.len());
        let plane = self.shape.height * self.shape.width;
        let channels = self.image(image).chunks_exact(plane);
        for (bytes, table) in channels.zip(&self.tables) {
            out.extend(bytes.iter().map(|&byte| table[usize::from(byte)]));
        }
    }

    /// A random order of the training samples, one for each epoch.
    pub fn epoch_order(&self, streams: &Streams, epoch: u64) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.train.len() as u32).collect();
        streams.stream("epoch-order", epoch).shuffle(&mut order);
        order
    }

    /// SHA-256, in hexadecimal, over everything that training and testing see: shape, tasks,
    /// classes, samples of all splits, pixels, mean and standard deviation.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"pathweave task set 1");
        let mut number = |n: u64| hash.update(n.to_le_bytes());
        let shape = [self.shape.channels, self.shape.height, self.shape.width];
        for size in shape.into_iter().chain([self.tasks, self.classes]) {
            number(size as u64);
        }
        for value in self.mean.iter().chain(&self.std) {
            number(u64::from(value.to_bits()));
        }
        if let Some(texts) = &self.texts {
            texts.hash(&mut hash);
        }
        let mut number = |n: u64| hash.update(n.to_le_bytes());
        let before = Some(&self.before).filter(|before| !before.is_empty());
        let splits = before.into_iter().chain([&self.train, &self.validation, &self.test]);
        for split in splits {
            number(split.len() as u64);
            for example in split {
                number(u64::from(example.item));
                number(u64::from(example.task) << 16 | u64::from(example.label));
            }
        }
        hash.update(&self.pixels);
        hex(&hash.finalize())
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
