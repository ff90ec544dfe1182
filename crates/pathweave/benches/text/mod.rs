//! What both text benchmarks share: a batch by a generator that the twins have too, a classifier,
//! the speed of this core's products.

use std::hint::black_box;
use std::sync::Arc;

use burn::module::{Module, Param};
use burn::tensor::{Device, Int, Tensor, TensorData, activation};
use pathweave::init::Init;
use pathweave::kernel::product::{Target, View, product};
use pathweave::model::cross_entropy;
use pathweave::spec::{OptimizerKind, TrainSpec};
use pathweave::train::optimizer::{OptimizerState, Used, step};
use pathweave_data::Streams;

/// Samples a batch
pub const PAIRS: usize = 128;
/// Width of words and states
pub const WIDTH: usize = 300;
/// Modules, and contexts
pub const MODULES: usize = 15;
const VOCABULARY: f64 = 5000.0;
/// Longest path
const DEPTH: usize = 3;

/// Sentences of 14 to 26 words, premises first; words by Zipf's law; the path of a sentence is
/// that of its pair's context.
pub struct Batch {
    pub words: Vec<u32>,
    pub starts: Arc<[u32]>,
    /// Path of each sentence, [S, depth]
    pub paths: Vec<u32>,
    pub labels: Vec<u32>,
}

impl Batch {
    /// Paths of so many modules.
    pub fn new(depth: usize) -> Self {
        let mut state = 1usize;
        let mut next = |below: usize| {
            state = (state * 1_103_515_245 + 12_345) % (1 << 31);
            (state >> 16) % below
        };
        let table: Vec<u32> = (0..MODULES * DEPTH).map(|_| next(MODULES) as u32).collect();
        let contexts: Vec<usize> = (0..PAIRS).map(|_| next(MODULES)).collect();
        let (mut words, mut starts, mut paths) = (Vec::new(), vec![0], Vec::new());
        for sentence in 0..2 * PAIRS {
            let length = 14 + next(13);
            let path = &table[contexts[sentence % PAIRS] * DEPTH..][..depth];
            paths.extend_from_slice(path);
            for _ in 0..length {
                words.push(VOCABULARY.powf(next(32_768) as f64 / 32_768.0) as u32 - 1);
            }
            starts.push(words.len() as u32);
        }
        let labels = (0..PAIRS).map(|_| next(3) as u32).collect();
        Self { words, starts: starts.into(), paths, labels }
    }

    /// The module of each word at each depth.
    pub fn actions(&self) -> Vec<Vec<u32>> {
        let sentences = self.starts.len() - 1;
        let depth = self.paths.len() / sentences;
        let length = |s: usize| (self.starts[s + 1] - self.starts[s]) as usize;
        let words = |t: usize, s: usize| vec![self.paths[s * depth + t]; length(s)];
        (0..depth).map(|t| (0..sentences).flat_map(|s| words(t, s)).collect()).collect()
    }
}

/// Vectors of the vocabulary, without gradient.
pub fn vectors(device: &Device) -> Tensor<2> {
    let mut values = vec![0.0; VOCABULARY as usize * WIDTH];
    Streams::new(0).stream("vectors", 0).fill_normal(&mut values);
    Tensor::from_data(TensorData::new(values, [VOCABULARY as usize, WIDTH]), device)
}

/// Actions on the device.
pub fn upload(actions: &[u32], device: &Device) -> Tensor<1, Int> {
    let values: Vec<i32> = actions.iter().map(|&action| action as i32).collect();
    let count = values.len();
    Tensor::from_data(TensorData::new(values, [count]), device)
}

/// x · W + b
#[derive(Module, Debug)]
pub struct Dense {
    weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

impl Dense {
    pub fn new(input: usize, output: usize, init: &Init) -> Self {
        let weight = init.at("weight").fan_in([input, output], input);
        Self { weight, bias: init.at("bias").fan_in([output], input) }
    }

    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        x.matmul(self.weight.val()) + self.bias.val().unsqueeze_dim(0)
    }
}

/// Three layers on premise and hypothesis.
#[derive(Module, Debug)]
pub struct Classifier {
    layers: Vec<Dense>,
}

impl Classifier {
    pub fn new(init: &Init) -> Self {
        let widths = [2 * WIDTH, 2 * WIDTH, 2 * WIDTH, 3];
        let layer = |at: usize| Dense::new(widths[at], widths[at + 1], &init.at(at));
        Self { layers: (0..3).map(layer).collect() }
    }

    /// Mean loss of sentences [S, H].
    pub fn loss(&self, sentences: Tensor<2>, labels: &[u32]) -> Tensor<1> {
        let [premise, hypothesis] = [0, PAIRS].map(|at| sentences.clone().narrow(0, at, PAIRS));
        let mut h = Tensor::cat(vec![premise, hypothesis], 1);
        for (at, layer) in self.layers.iter().enumerate() {
            h = layer.forward(h);
            h = if at < 2 { activation::relu(h) } else { h };
        }
        cross_entropy(h, labels).mean()
    }
}

/// A network in training, SGD.
pub struct Training<M> {
    network: Option<M>,
    spec: TrainSpec,
    state: OptimizerState,
}

impl<M: Module> Training<M> {
    pub fn new(network: M) -> Self {
        let spec = TrainSpec {
            optimizer: OptimizerKind::Sgd,
            learning_rate: 1e-3,
            momentum: 0.0,
            clip_norm: 0.0,
            weight_decay: 0.0,
            ..TrainSpec::default()
        };
        Self { network: Some(network), spec, state: OptimizerState::default() }
    }

    pub fn step(&mut self, loss: impl Fn(&M) -> Tensor<1>) {
        let network = self.network.take().expect("put back below");
        let mut gradients = loss(&network).backward();
        let network = step(network, &mut gradients, &self.spec, 1.0, &Used::new(), &mut self.state);
        self.network = Some(black_box(network));
    }
}

/// Multiplications and additions of the classifier, forward and backward.
pub fn classifier_operations() -> f64 {
    let wide = 2 * WIDTH;
    6.0 * (PAIRS * (2 * wide * wide + 3 * wide)) as f64
}

/// The `gemm` crate on 1024³, the yardstick of a core's speed, timed beside the steps.
pub struct Peak {
    a: Vec<f32>,
    b: Vec<f32>,
    c: Vec<f32>,
}

impl Peak {
    const SIZE: usize = 1024;
    /// As the table calls it
    pub const NAME: &str = "gemm crate, 1024 cubed, twice";
    /// Operations of a run
    pub const OPERATIONS: f64 = 4.0 * (Self::SIZE * Self::SIZE * Self::SIZE) as f64;

    pub fn new() -> Self {
        let square = Self::SIZE * Self::SIZE;
        Self { a: vec![0.5; square], b: vec![0.25; square], c: vec![0.0; square] }
    }

    pub fn run(&mut self) {
        for _ in 0..2 {
            let view = |values| View::new(values, Self::SIZE, Self::SIZE);
            let to = Target::new(&mut self.c, Self::SIZE, Self::SIZE);
            product(to, view(&self.a), view(&self.b));
            black_box(&self.c);
        }
    }
}
