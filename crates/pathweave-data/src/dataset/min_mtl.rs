//! MIN-MTL (T 5.2.1): random disjoint tasks of a few classes each, of any labelled image set.
//!
//! # Deviations
//! The thesis takes 50 labels of mini-ImageNet with 800 training and 50 test images each. Any image
//! set is taken here, CIFAR-100's fine labels unless another is named; a class with fewer training
//! or test images gives all it has (CIFAR-100: 500).

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::construct::{Chooser, Chosen, Settings, Wanted, assemble};
use crate::batch::TaskSet;
use crate::error::DataErrors;
use crate::source::{Pool, cifar100, folder, mnist};
use crate::streams::Streams;

const NAME: &str = "min-mtl";

/// The image set that classes are taken from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The 100 fine labels of CIFAR-100.
    #[default]
    Cifar100,
    /// The ten digits of MNIST.
    Mnist,
    /// Folders of images by class.
    Folder,
}

/// Settings of `min-mtl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct MinMtlSpec {
    /// Seed of every random choice of the construction.
    pub seed: u64,
    /// The image set.
    pub source: Source,
    /// Number of tasks.
    pub tasks: usize,
    /// Classes of each task; no class is in two tasks.
    pub classes_per_task: usize,
    /// Training images a class, or all there are.
    pub train_per_class: usize,
    /// Test images a class, or all there are.
    pub test_per_class: usize,
    /// Cap on the training samples a task, for reduced scales; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_per_task: Option<usize>,
    /// Cap on the test samples a task, for reduced scales; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_per_task: Option<usize>,
    /// Share of the training images of each class that is held out for validation, in [0, 1).
    pub validation_share: f64,
    /// For folders: scale every image to this width and height; none by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<u32>,
    /// For folders without `train` and `test`: the share of each class that is for testing.
    pub folder_test_share: f64,
}

impl Default for MinMtlSpec {
    fn default() -> Self {
        Self {
            seed: 0,
            source: Source::default(),
            tasks: 10,
            classes_per_task: 5,
            train_per_class: 800,
            test_per_class: 50,
            train_per_task: None,
            test_per_task: None,
            validation_share: 0.0,
            side: None,
            folder_test_share: 0.2,
        }
    }
}

impl MinMtlSpec {
    /// Reads the image set below `folder` and makes the tasks.
    ///
    /// # Errors
    /// Faults of the settings or the files; fewer classes than the tasks need; a chosen class
    /// without a training or test image.
    pub fn load(&self, folder: &Path) -> Result<TaskSet, DataErrors> {
        self.check()?;
        let streams = Streams::new(self.seed);
        let pool = match self.source {
            Source::Cifar100 => cifar100::load(folder)?,
            Source::Mnist => mnist::load(folder)?,
            Source::Folder => folder::load(folder, self.side, self.folder_test_share, &streams)?,
        };
        let chosen = self.choose(&pool, &streams)?;
        assemble(NAME, pool, chosen, self.validation_share, &streams)
    }

    fn check(&self) -> Result<(), DataErrors> {
        let mut settings = Settings::of(NAME);
        for (field, value) in [
            ("tasks", self.tasks),
            ("classes_per_task", self.classes_per_task),
            ("train_per_class", self.train_per_class),
            ("test_per_class", self.test_per_class),
        ] {
            settings.positive(field, value);
        }
        settings.positive("train_per_task", self.train_per_task);
        settings.positive("test_per_task", self.test_per_task);
        settings.positive("side", self.side.map(|side| side as usize));
        settings.share("validation_share", self.validation_share);
        settings.share("folder_test_share", self.folder_test_share);
        settings.faults.finish()
    }

    fn choose(&self, pool: &Pool, streams: &Streams) -> Result<Chosen, DataErrors> {
        let classes = pool.class_names.len();
        if self.tasks.checked_mul(self.classes_per_task).is_none_or(|needed| needed > classes) {
            let mut settings = Settings::of(NAME);
            settings.fault(
                "tasks",
                format!("{} tasks of {} classes", self.tasks, self.classes_per_task),
                format!("tasks × classes_per_task at most {classes}, the classes of the image set"),
            );
            return Err(settings.faults.into_errors());
        }
        let chooser = |split, images: &[u32]| Chooser {
            dataset: NAME,
            split,
            wanted: Wanted::UpTo,
            class_names: &pool.class_names,
            by_class: pool.by_class(images),
            streams: *streams,
        };
        let (train, test) = (chooser("train", &pool.train), chooser("test", &pool.test));
        let mut order: Vec<usize> = (0..classes).collect();
        streams.stream("classes", 0).shuffle(&mut order);
        let mut chosen = Chosen {
            task_names: (0..self.tasks).map(|task| format!("task {task}")).collect(),
            class_names: Vec::new(),
            train: Vec::new(),
            test: Vec::new(),
        };
        for (task, members) in (0..).zip(order.chunks(self.classes_per_task).take(self.tasks)) {
            let groups = |count| -> Vec<(usize, u16, usize)> {
                (0..).zip(members).map(|(label, &class)| (class, label, count)).collect()
            };
            let (train_groups, test_groups) =
                (groups(self.train_per_class), groups(self.test_per_class));
            train.choose(task, &train_groups, self.train_per_task, &mut chosen.train)?;
            test.choose(task, &test_groups, self.test_per_task, &mut chosen.test)?;
            let name = |&class: &usize| pool.class_names[class].clone();
            chosen.class_names.push(members.iter().map(name).collect());
        }
        Ok(chosen)
    }
}
