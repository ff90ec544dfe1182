//! MNIST-MTL (T 5.2.1): ten tasks, each to tell one digit from the other nine.
//!
//! # Deviations
//! The text's counts, "1k instances of the positive class and 1k each of the remaining nine … for a
//! total of 10k", are read as 1,000 + 9 × 1,000; both numbers are settings. It does not say how the
//! 200 test samples a task are made up: here with the shares of the training samples, 20 a digit.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::construct::{Chooser, Chosen, Settings, Wanted, apportion, assemble};
use crate::batch::TaskSet;
use crate::error::DataErrors;
use crate::source::{Pool, mnist};
use crate::streams::Streams;

const NAME: &str = "mnist-mtl";

/// Settings of `mnist-mtl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct MnistMtlSpec {
    /// Seed of every random choice of the construction.
    pub seed: u64,
    /// Training images of a task's own digit.
    pub positives: usize,
    /// Training images of each other digit.
    pub negatives_per_class: usize,
    /// Cap on the training samples a task, for reduced scales; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_per_task: Option<usize>,
    /// Test samples a task.
    pub test_per_task: usize,
    /// Share of the training images of each digit that is held out for validation, in [0, 1).
    pub validation_share: f64,
}

impl Default for MnistMtlSpec {
    fn default() -> Self {
        Self {
            seed: 0,
            positives: 1000,
            negatives_per_class: 1000,
            train_per_task: None,
            test_per_task: 200,
            validation_share: 0.0,
        }
    }
}

impl MnistMtlSpec {
    /// Reads MNIST below `folder` and makes the tasks.
    ///
    /// # Errors
    /// Faults of the settings or the files; fewer images of a digit than the settings need.
    pub fn load(&self, folder: &Path) -> Result<TaskSet, DataErrors> {
        let mut settings = Settings::of(NAME);
        settings.positive("positives", self.positives);
        settings.positive("negatives_per_class", self.negatives_per_class);
        settings.positive("train_per_task", self.train_per_task);
        settings.positive("test_per_task", self.test_per_task);
        settings.share("validation_share", self.validation_share);
        settings.faults.finish()?;
        let plan = OneVsRest {
            name: NAME,
            wanted: Wanted::Exactly,
            positives: self.positives,
            negatives_per_class: self.negatives_per_class,
            train_per_task: self.train_per_task,
            test_per_task: Some(self.test_per_task),
            validation_share: self.validation_share,
        };
        plan.build(mnist::load(folder)?, &Streams::new(self.seed))
    }
}

/// One task a class: the class (label 1) against all others (label 0).
pub(super) struct OneVsRest {
    pub(super) name: &'static str,
    pub(super) wanted: Wanted,
    pub(super) positives: usize,
    pub(super) negatives_per_class: usize,
    pub(super) train_per_task: Option<usize>,
    /// All test images where not given.
    pub(super) test_per_task: Option<usize>,
    pub(super) validation_share: f64,
}

impl OneVsRest {
    pub(super) fn build(&self, pool: Pool, streams: &Streams) -> Result<TaskSet, DataErrors> {
        let classes = pool.class_names.len();
        let chooser = |split, images: &[u32]| Chooser {
            dataset: self.name,
            split,
            wanted: self.wanted,
            class_names: &pool.class_names,
            by_class: pool.by_class(images),
            streams: *streams,
        };
        let (train, test) = (chooser("train", &pool.train), chooser("test", &pool.test));
        let mut chosen = Chosen {
            task_names: pool.class_names.iter().map(|class| format!("{class} or not")).collect(),
            class_names: (pool.class_names.iter())
                .map(|class| vec![format!("not {class}"), class.clone()])
                .collect(),
            train: Vec::new(),
            test: Vec::new(),
        };
        for task in 0..classes {
            let counts: Vec<usize> = (0..classes)
                .map(|class| if class == task { self.positives } else { self.negatives_per_class })
                .collect();
            let groups = |counts: &[usize]| -> Vec<(usize, u16, usize)> {
                let group = |(class, &count)| (class, u16::from(class == task), count);
                counts.iter().enumerate().map(group).collect()
            };
            let test_counts = match self.test_per_task {
                Some(total) => apportion(total, &counts),
                None => test.by_class.iter().map(Vec::len).collect(),
            };
            let number = task as u16;
            train.choose(number, &groups(&counts), self.train_per_task, &mut chosen.train)?;
            test.choose(number, &groups(&test_counts), None, &mut chosen.test)?;
        }
        assemble(self.name, pool, chosen, self.validation_share, streams)
    }
}
