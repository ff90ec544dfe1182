//! Parameter initialisation from host random streams.

use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};
use pathweave_data::Streams;

/// Draws initial parameters. Every parameter has a stream of its own, named by its place in the
/// model, so adding a layer leaves the others' values as they were.
#[derive(Clone)]
pub struct Init<'a> {
    streams: &'a Streams,
    device: &'a Device,
    path: String,
}

impl<'a> Init<'a> {
    /// `device` should carry autodiff where the model is to be trained.
    pub fn new(streams: &'a Streams, device: &'a Device) -> Self {
        Self { streams, device, path: "init".into() }
    }

    /// The same source, one name deeper.
    pub fn at(&self, name: impl std::fmt::Display) -> Self {
        Self { path: format!("{}/{name}", self.path), ..self.clone() }
    }

    /// The random streams themselves, for what is no parameter.
    pub fn streams(&self) -> &Streams {
        self.streams
    }

    /// The name of this place.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Where parameters are placed.
    pub fn device(&self) -> &Device {
        self.device
    }

    /// Uniform in ±1/√fan_in: what PyTorch's `nn.Linear` and `nn.Conv2d` do by default.
    pub fn fan_in<const D: usize>(&self, shape: [usize; D], fan_in: usize) -> Param<Tensor<D>> {
        let bound = 1.0 / (fan_in.max(1) as f32).sqrt();
        let mut values = vec![0.0f32; shape.iter().product()];
        self.streams.stream(&self.path, 0).fill_uniform(&mut values);
        for value in &mut values {
            *value = (2.0 * *value - 1.0) * bound;
        }
        Param::from_tensor(Tensor::from_data(TensorData::new(values, shape), self.device))
    }

    /// Normal numbers of a standard deviation.
    pub fn normal<const D: usize>(&self, shape: [usize; D], deviation: f32) -> Param<Tensor<D>> {
        let mut values = vec![0.0f32; shape.iter().product()];
        self.streams.stream(&self.path, 0).fill_normal(&mut values);
        values.iter_mut().for_each(|value| *value *= deviation);
        Param::from_tensor(Tensor::from_data(TensorData::new(values, shape), self.device))
    }

    /// A trainable constant.
    pub fn full<const D: usize>(&self, shape: [usize; D], value: f32) -> Param<Tensor<D>> {
        Param::from_tensor(Tensor::full(shape, value, self.device))
    }

    /// A constant that is part of the model's state but never of its gradient.
    pub fn state<const D: usize>(&self, shape: [usize; D], value: f32) -> Param<Tensor<D>> {
        self.full(shape, value).set_require_grad(false)
    }
}
