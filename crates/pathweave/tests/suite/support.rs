//! What several tests use: tensors from host numbers, a tiny task set, a small spec.

use burn::tensor::{Device, Int, Tensor, TensorData};
use pathweave::block::BlockKind;
use pathweave::decision::{AlgorithmKind, AlgorithmSettings, Decision};
use pathweave::explore::Exploration;
use pathweave::init::Init;
use pathweave::policy::{PolicyKind, PolicyShape};
use pathweave::reward::RewardSpec;
use pathweave::spec::{BaseSpec, ModelSpec, RouterSpec, RunSpec, TrainSpec};
use pathweave::train::NamedArray;
use pathweave::trajectory::{Choice, Rows, Seen, Site};
use pathweave_data::{DatasetSpec, Example, ImageShape, Parts, Stream, Streams, TaskSet};
use pathweave_eval::alarm::AlarmSpec;

/// The CPU without autodiff.
pub fn cpu() -> Device {
    Device::flex()
}

/// The CPU with autodiff.
pub fn tape() -> Device {
    Device::flex().autodiff()
}

/// Host numbers as a tensor.
pub fn tensor<const D: usize>(values: &[f64], shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), device)
}

/// Host numbers as a vector.
pub fn vector(values: &[f64], device: &Device) -> Tensor<1> {
    tensor(values, [values.len()], device)
}

/// Host numbers as actions or agents.
pub fn whole(values: &[u32], device: &Device) -> Tensor<1, Int> {
    let values: Vec<i32> = values.iter().map(|&value| value as i32).collect();
    let shape = [values.len()];
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// A tensor's numbers, row-major.
pub fn numbers<const D: usize>(tensor: &Tensor<D>) -> Vec<f64> {
    tensor.to_data().iter::<f64>().collect()
}

/// A tensor's whole numbers.
pub fn wholes(tensor: &Tensor<1, Int>) -> Vec<u32> {
    tensor
        .to_data()
        .iter::<i64>()
        .map(|value| u32::try_from(value).expect("not negative"))
        .collect()
}

/// A tensor's bits, so that equality means equality.
pub fn bits<const D: usize>(tensor: &Tensor<D>) -> Vec<u32> {
    tensor.to_data().iter::<f32>().map(f32::to_bits).collect()
}

/// Bits of every array, by name.
pub fn all_bits(arrays: &[NamedArray]) -> Vec<(String, Vec<u32>)> {
    let one = |array: &NamedArray| {
        (array.name.clone(), array.values.iter().map(|value| value.to_bits()).collect())
    };
    arrays.iter().map(one).collect()
}

/// Panics where numbers differ by more than `tolerance` (1 + |wanted|).
#[track_caller]
pub fn assert_close(got: &[f64], wanted: &[f64], tolerance: f64) {
    assert_eq!(got.len(), wanted.len(), "lengths");
    for (at, (got, wanted)) in got.iter().zip(wanted).enumerate() {
        let near = (got - wanted).abs() <= tolerance * (1.0 + wanted.abs());
        assert!(near || (got.is_nan() && wanted.is_nan()), "[{at}]: {got}, expected {wanted}");
    }
}

/// Host numbers of a seed, for cases whose shapes vary.
pub struct Draw(Stream);

impl Draw {
    /// The numbers of this seed.
    pub fn new(seed: u64) -> Self {
        Self(Streams::new(seed).stream("case", 0))
    }

    /// `count` numbers in [−1, 1).
    pub fn signed(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| f64::from(2.0 * self.0.uniform() - 1.0)).collect()
    }

    /// `count` whole numbers below `bound`.
    pub fn below(&mut self, bound: usize, count: usize) -> Vec<u32> {
        (0..count).map(|_| self.0.below(bound) as u32).collect()
    }

    /// `count` coins.
    pub fn flags(&mut self, count: usize) -> Vec<bool> {
        self.below(2, count).into_iter().map(|coin| coin == 1).collect()
    }
}

/// 1 for true, 0 for false.
pub fn mask(flags: &[bool]) -> Vec<f64> {
    flags.iter().map(|&flag| f64::from(u8::from(flag))).collect()
}

/// Rows with these contexts; samples are numbered from 0.
pub fn rows(contexts: &[u32]) -> Rows {
    Rows { contexts: contexts.to_vec(), samples: (0..contexts.len() as u64).collect() }
}

/// A table's site: the agent of a row is its context.
pub fn site<'a>(depth: usize, rows: &'a Rows, device: &Device) -> Site<'a> {
    Site { depth, agents: whole(&rows.contexts, device), state: None, rows }
}

/// A last decision of every row, with returns that are the rewards.
pub fn seen(actions: &[u32], rewards: &[f64], alive: &[f64], device: &Device) -> Seen {
    Seen {
        choice: Choice::certain(whole(actions, device)),
        next_action: None,
        reward: vector(rewards, device),
        returns: vector(rewards, device),
        terminal: vector(&vec![1.0; rewards.len()], device),
        alive: vector(alive, device),
        discount: 1.0,
    }
}

/// A sub-router with tables for `agents`, all actions being modules.
pub fn tabular(kind: AlgorithmKind, agents: usize, actions: usize, device: &Device) -> Decision {
    let shape =
        PolicyShape { kind: PolicyKind::Tabular, agents, slots: 1, state: 0, hidden: 1, actions };
    let streams = Streams::new(3);
    let settings = AlgorithmSettings::default();
    Decision::new(kind, &settings, &shape, actions, &Init::new(&streams, device))
}

/// Images of one channel with 2×2 pixels: the top row tells the label, the rest is noise.
pub fn task_set(tasks: usize, classes: usize, samples: usize) -> TaskSet {
    let mut stream = Streams::new(9).stream("task set", 0);
    let (mut pixels, mut examples) = (Vec::new(), Vec::new());
    for image in 0..samples {
        let (task, label) = (image % tasks, stream.below(classes));
        let told = ((label + task) % classes * 200 / classes) as u8;
        pixels.extend([told, 200 - told, stream.below(50) as u8, stream.below(50) as u8]);
        examples.push(Example { item: image as u32, task: task as u16, label: label as u16 });
    }
    let names = |what: &str, count: usize| (0..count).map(|n| format!("{what} {n}")).collect();
    let parts = Parts {
        name: "tiny".into(),
        task_names: names("task", tasks),
        class_names: vec![names("class", classes); tasks],
        pixels,
        train: examples.clone(),
        validation: Vec::new(),
        test: examples,
    };
    TaskSet::new(ImageShape { channels: 1, height: 2, width: 2 }, parts).expect("parts that fit")
}

/// A small routed network on the pixels of [`task_set`].
pub fn spec() -> RunSpec {
    RunSpec {
        name: String::new(),
        data: DatasetSpec::named("digits-mtl").expect("a registered data set"),
        model: ModelSpec {
            base: BaseSpec { blocks: 0, filters: 1 },
            hidden: vec![3, 3],
            blocks: vec![BlockKind::Linear],
            ..ModelSpec::default()
        },
        router: RouterSpec { hidden: 4, ..RouterSpec::default() },
        reward: RewardSpec::default(),
        exploration: Exploration::Constant { rate: 0.3 },
        train: TrainSpec { epochs: 3, batch: 4, learning_rate: 0.05, ..TrainSpec::default() },
        alarms: AlarmSpec::default(),
    }
}
