//! CIFAR-MTL (T 5.2.1): CIFAR-100 with one task for each of the 20 coarse labels, to tell its five
//! fine labels apart. A label is the rank of the fine label among those of its coarse label.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::construct::{Chooser, Chosen, Settings, Wanted, apportion, assemble};
use crate::batch::TaskSet;
use crate::error::DataErrors;
use crate::source::cifar100::{self, COARSE_NAMES, COARSE_OF, FINE_NAMES};
use crate::streams::Streams;

const NAME: &str = "cifar-mtl";

/// Settings of `cifar-mtl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CifarMtlSpec {
    /// Seed of every random choice of the construction.
    pub seed: u64,
    /// Training samples a task, equally many of each class.
    pub train_per_task: usize,
    /// Test samples a task, equally many of each class.
    pub test_per_task: usize,
    /// Share of the training images of each class that is held out for validation, in [0, 1).
    pub validation_share: f64,
}

impl Default for CifarMtlSpec {
    fn default() -> Self {
        Self { seed: 0, train_per_task: 2500, test_per_task: 500, validation_share: 0.0 }
    }
}

impl CifarMtlSpec {
    /// Reads CIFAR-100 below `folder` and makes the tasks.
    ///
    /// # Errors
    /// Faults of the settings or the files; fewer images of a class than the settings need.
    pub fn load(&self, folder: &Path) -> Result<TaskSet, DataErrors> {
        let mut settings = Settings::of(NAME);
        settings.positive("train_per_task", self.train_per_task);
        settings.positive("test_per_task", self.test_per_task);
        settings.share("validation_share", self.validation_share);
        settings.faults.finish()?;
        let pool = cifar100::load(folder)?;
        let streams = Streams::new(self.seed);
        let chooser = |split, images: &[u32]| Chooser {
            dataset: NAME,
            split,
            wanted: Wanted::Exactly,
            class_names: &pool.class_names,
            by_class: pool.by_class(images),
            streams,
        };
        let (train, test) = (chooser("train", &pool.train), chooser("test", &pool.test));
        let mut chosen = Chosen {
            task_names: COARSE_NAMES.map(str::to_owned).to_vec(),
            class_names: Vec::new(),
            train: Vec::new(),
            test: Vec::new(),
        };
        for task in 0..COARSE_NAMES.len() as u16 {
            let fine: Vec<usize> =
                (0..FINE_NAMES.len()).filter(|&fine| COARSE_OF[fine] == task).collect();
            let groups = |total| -> Vec<(usize, u16, usize)> {
                let counts = apportion(total, &vec![1; fine.len()]);
                (0..).zip(&fine).zip(counts).map(|((rank, &fine), n)| (fine, rank, n)).collect()
            };
            train.choose(task, &groups(self.train_per_task), None, &mut chosen.train)?;
            test.choose(task, &groups(self.test_per_task), None, &mut chosen.test)?;
            chosen.class_names.push(fine.iter().map(|&fine| FINE_NAMES[fine].to_owned()).collect());
        }
        assemble(NAME, pool, chosen, self.validation_share, &streams)
    }
}
