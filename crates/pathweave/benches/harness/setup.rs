//! Trainers on synthetic task sets of the right shapes: what is timed does not depend on pixels.

use burn::tensor::Device;
use pathweave::spec::{BaseSpec, ModelSpec, RouterSpec, RunSpec};
use pathweave::train::Trainer;
use pathweave_data::dataset::{DatasetSpec, DigitsMtlSpec};
use pathweave_data::{Batch, Example, ImageShape, Parts, Split, Streams, TaskSet};

/// Samples a step.
pub const BATCH: usize = 100;

/// Batches in a synthetic training split; a step takes one after the other.
const BATCHES: usize = 8;

/// A trainer and its data: routing-all-fc, a module a task and layer, two hidden
/// layers of 128, SGD for both, batch 100.
pub struct Training {
    trainer: Trainer,
    data: TaskSet,
    batch: Batch,
}

impl Training {
    /// A fresh network for images [channels, height, width], with so many convolution blocks, for
    /// [tasks, classes].
    pub fn new(image: [usize; 3], blocks: usize, answers: [usize; 2], router: RouterSpec) -> Self {
        let [channels, height, width] = image;
        let data = task_set(ImageShape { channels, height, width }, answers);
        let spec = RunSpec {
            name: String::new(),
            // Only names the data in a run's identity; the data are those above.
            data: DatasetSpec::DigitsMtl(DigitsMtlSpec::default()),
            model: ModelSpec { base: BaseSpec { blocks, filters: 32 }, ..Default::default() },
            router,
            reward: Default::default(),
            exploration: Default::default(),
            train: Default::default(),
            alarms: Default::default(),
        };
        let spec = spec.check().expect("the defaults fit together");
        let trainer =
            Trainer::new(&spec, &data, &Device::flex()).expect("the network fits the images");
        Self { trainer, data, batch: Batch::default() }
    }

    /// One whole training step: the next batch filled, forward, backward, updates.
    pub fn step(&mut self) {
        let first = (self.trainer.step as usize % BATCHES * BATCH) as u32;
        let indices: Vec<u32> = (first..first + BATCH as u32).collect();
        self.data.fill(Split::Train, &indices, &mut self.batch);
        self.trainer.step(&self.batch).expect("a small learning rate does not diverge");
    }
}

fn task_set(shape: ImageShape, [tasks, classes]: [usize; 2]) -> TaskSet {
    let mut stream = Streams::new(0).stream("pixels", 0);
    let count = BATCH * BATCHES;
    let example = |item| Example {
        item: item as u32,
        task: stream.below(tasks) as u16,
        label: stream.below(classes) as u16,
    };
    let train: Vec<Example> = (0..count).map(example).collect();
    let pixels = (0..count * shape.len()).map(|_| stream.below(256) as u8).collect();
    let parts = Parts {
        name: "synthetic".into(),
        task_names: (0..tasks).map(|task| format!("task {task}")).collect(),
        class_names: vec![vec![String::new(); classes]; tasks],
        pixels,
        test: train[..BATCH].to_vec(),
        validation: Vec::new(),
        train,
    };
    TaskSet::new(shape, parts).expect("the parts fit together")
}
