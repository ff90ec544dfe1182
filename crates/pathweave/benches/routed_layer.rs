//! The hard-routed layer, forward and backward, against the products it cannot do without and
//! against PyTorch. Batch 256, 128→128, bias, ReLU; 5, 20 and 100 modules.

mod bare;
mod harness;

use std::hint::black_box;

use bare::{Matrix, multiply};
use burn::tensor::{Device, Int, Tensor, TensorData};
use harness::{Case, Report};
use pathweave::kernel::grouped_linear::grouped_linear;
use pathweave_data::Streams;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROWS: usize = 256;
const WIDTH: usize = 128;

fn main() -> std::io::Result<()> {
    let heading = "routed layer: 256 rows, 128 to 128, bias, ReLU; gradients of x, W, b";
    let mut report = Report::start("routed_layer", heading, 60);
    let mut ours = Vec::new();
    for (modules, factor) in [(5, 3.0), (20, 8.0), (100, 11.0)] {
        let layer = Layer::new(modules);
        let mut bare = Bare::new(modules);
        let medians = report.case(Case {
            name: format!("{modules} modules"),
            repeat: 10,
            ours: vec![
                ("pathweave", &mut || layer.step()),
                ("bare grouped GEMM", &mut || bare.step()),
            ],
            asked: vec![
                (format!("loop-{modules}"), "PyTorch, loop over modules"),
                (format!("chunks-{modules}"), "PyTorch, sorted chunks"),
            ],
        });
        let over = medians.of("bare grouped GEMM").map(|(_, ratio)| 1.0 / ratio);
        report.target(&format!("{modules} modules, over bare"), over, ..=1.3);
        let under = medians.of("PyTorch, loop over modules").map(|(_, ratio)| ratio);
        report.target(&format!("{modules} modules, loop over ours"), under, factor..);
        ours.extend(medians.of("pathweave").map(|(median, _)| median));
    }
    report.target("100 modules over 5", Some(ours[2] / ours[0]), ..=3.0);
    report.finish()
}

/// The module of each row, by a generator that the twin has too.
fn actions(modules: usize) -> Vec<usize> {
    let mut state = 1usize;
    let next = |_| {
        state = (state * 1_103_515_245 + 12_345) % (1 << 31);
        (state >> 16) % modules
    };
    (0..ROWS).map(next).collect()
}

fn numbers(name: &str, count: usize) -> Vec<f32> {
    let mut values = vec![0.0; count];
    Streams::new(0).stream(name, 0).fill_normal(&mut values);
    values
}

/// The layer as a user calls it, through autodiff.
struct Layer {
    x: Tensor<2>,
    weight: Tensor<3>,
    bias: Tensor<2>,
    action: Tensor<1, Int>,
}

impl Layer {
    fn new(modules: usize) -> Self {
        let device = Device::flex().autodiff();
        let x = TensorData::new(numbers("x", ROWS * WIDTH), [ROWS, WIDTH]);
        let weight = numbers("weight", modules * WIDTH * WIDTH);
        let weight = TensorData::new(weight, [modules, WIDTH, WIDTH]);
        let action: Vec<i32> = actions(modules).into_iter().map(|a| a as i32).collect();
        Self {
            x: Tensor::from_data(x, &device).require_grad(),
            weight: Tensor::from_data(weight, &device).require_grad(),
            bias: Tensor::zeros([modules, WIDTH], &device).require_grad(),
            action: Tensor::from_data(TensorData::new(action, [ROWS]), &device),
        }
    }

    fn step(&self) {
        let (x, weight, bias) = (self.x.clone(), self.weight.clone(), self.bias.clone());
        let y = grouped_linear(x, weight, bias, &self.action, true);
        let mut gradients = y.backward();
        black_box(self.x.grad_remove(&mut gradients));
        black_box(self.weight.grad_remove(&mut gradients));
        black_box(self.bias.grad_remove(&mut gradients));
    }
}

/// The three products of each group and nothing else: rows already sorted, outputs allocated.
struct Bare {
    /// First and last row of each group, with its module
    groups: Vec<(usize, usize, usize)>,
    x: Vec<f32>,
    weight: Vec<f32>,
    dy: Vec<f32>,
    y: Vec<f32>,
    dx: Vec<f32>,
    d_weight: Vec<f32>,
}

impl Bare {
    fn new(modules: usize) -> Self {
        let mut sorted = actions(modules);
        sorted.sort_unstable();
        let bounds = |module| {
            let from = sorted.partition_point(|&action| action < module);
            let to = sorted.partition_point(|&action| action <= module);
            (from < to).then_some((module, from, to))
        };
        Self {
            groups: (0..modules).filter_map(bounds).collect(),
            x: numbers("x", ROWS * WIDTH),
            weight: numbers("weight", modules * WIDTH * WIDTH),
            dy: vec![1.0; ROWS * WIDTH],
            y: vec![0.0; ROWS * WIDTH],
            dx: vec![0.0; ROWS * WIDTH],
            d_weight: vec![0.0; modules * WIDTH * WIDTH],
        }
    }

    fn step(&mut self) {
        for &(module, from, to) in &self.groups {
            let (rows, square) = (from * WIDTH..to * WIDTH, WIDTH * WIDTH);
            let weights = module * square..(module + 1) * square;
            let x = Matrix::new(&self.x[rows.clone()], to - from, WIDTH);
            let dy = Matrix::new(&self.dy[rows.clone()], to - from, WIDTH);
            let weight = Matrix::new(&self.weight[weights.clone()], WIDTH, WIDTH);
            multiply(&mut self.y[rows.clone()], false, x, weight);
            multiply(&mut self.dx[rows], false, dy, weight.t());
            multiply(&mut self.d_weight[weights], false, x.t(), dy);
        }
        black_box((&self.y, &self.dx, &self.d_weight));
    }
}
