//! Between Burn's CPU tensors and slices.

use burn::tensor::{Bytes, Element, Shape};
use burn_flex::{FlexTensor, Layout};

use super::lanes;

/// Element types that the kernels take.
pub trait Real: lanes::Real + Element + bytemuck::Pod {}

impl Real for f32 {}

impl Real for f64 {}

/// The numbers of a contiguous tensor of this float type.
pub fn slice<E: Real>(tensor: &FlexTensor) -> &[E] {
    tensor.as_slice().expect("tensors of one call share a float type and are contiguous")
}

/// A tensor that takes the numbers over.
pub fn tensor<E: Real>(values: Vec<E>, shape: impl Into<Shape>) -> FlexTensor {
    FlexTensor::new(Bytes::from_elems(values), Layout::contiguous(shape.into()), E::dtype())
}
