//! Random numbers of a step, as an argument.

use burn::tensor::{Device, Tensor, TensorData};
use pathweave_data::Streams;

/// Names the random streams of one training step.
///
/// Numbers are drawn on the host and uploaded: equal on every device and thread count, and a
/// resumed run needs only the step number.
#[derive(Clone, Copy, Debug)]
pub struct Noise<'a> {
    streams: &'a Streams,
    step: u64,
}

impl<'a> Noise<'a> {
    /// The noise of step number `step`.
    pub fn new(streams: &'a Streams, step: u64) -> Self {
        Self { streams, step }
    }

    /// Uniform in [0, 1), shape [rows, columns], from the stream `name` of this step.
    pub fn uniform(&self, name: &str, rows: usize, columns: usize, device: &Device) -> Tensor<2> {
        let mut values = vec![0.0f32; rows * columns];
        self.streams.stream(name, self.step).fill_uniform(&mut values);
        Tensor::from_data(TensorData::new(values, [rows, columns]), device)
    }

    /// Standard normal numbers, shape [rows, columns], from the stream `name` of this step.
    pub fn normal(&self, name: &str, rows: usize, columns: usize, device: &Device) -> Tensor<2> {
        let mut values = vec![0.0f32; rows * columns];
        self.streams.stream(name, self.step).fill_normal(&mut values);
        Tensor::from_data(TensorData::new(values, [rows, columns]), device)
    }
}
