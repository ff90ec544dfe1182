//! Sums of selected rows as a Burn operation with its own backward pass, on the CPU backend.

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, backend_extension};
use burn::tensor::DType;
use burn_flex::FlexTensor;

use super::slices;
use crate::kernel::flex::{Real, slice, tensor};

/// Backends that have the kernel.
#[backend_extension(Flex, Autodiff)]
pub trait SegmentSum: Backend {
    /// See [`super::segment_sum`].
    fn segment_sum(
        x: FloatTensor<Self>,
        index: Arc<[u32]>,
        starts: Arc<[u32]>,
    ) -> FloatTensor<Self>;
}

/// What lies between forward and backward.
#[derive(Clone, Debug)]
struct Tape {
    /// [U, D]
    shape: [usize; 2],
    index: Arc<[u32]>,
    starts: Arc<[u32]>,
}

fn forward_of<E: Real>(x: &FlexTensor, tape: &Tape) -> FlexTensor {
    let [_, width] = tape.shape;
    let sums = slices::forward(width, slice::<E>(x), &tape.index, &tape.starts);
    tensor(sums, [tape.starts.len() - 1, width])
}

fn forward(x: FlexTensor, index: Arc<[u32]>, starts: Arc<[u32]>) -> (FlexTensor, Tape) {
    let x = x.to_contiguous();
    let dims = x.layout().shape();
    let tape = Tape { shape: [dims[0], dims[1]], index, starts };
    let y = match x.dtype() {
        DType::F32 => forward_of::<f32>(&x, &tape),
        DType::F64 => forward_of::<f64>(&x, &tape),
        other => panic!("the segment sum kernel takes 32 or 64 bit floats, found {other:?}"),
    };
    (y, tape)
}

fn backward_of<E: Real>(tape: &Tape, dy: &FlexTensor) -> FlexTensor {
    tensor(slices::backward(tape.shape, slice::<E>(dy), &tape.index, &tape.starts), tape.shape)
}

impl SegmentSum for Flex {
    fn segment_sum(
        x: FloatTensor<Self>,
        index: Arc<[u32]>,
        starts: Arc<[u32]>,
    ) -> FloatTensor<Self> {
        forward(x, index, starts).0
    }
}

#[derive(Debug)]
struct SegmentSumBackward;

impl Backward<Flex, 1> for SegmentSumBackward {
    type State = Tape;

    fn backward(
        self,
        ops: Ops<Self::State, 1>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let dy = grads.consume::<Flex>(&ops.node).to_contiguous();
        let dx = match dy.dtype() {
            DType::F64 => backward_of::<f64>(&ops.state, &dy),
            _ => backward_of::<f32>(&ops.state, &dy),
        };
        for node in ops.parents.into_iter().flatten() {
            grads.register::<Flex>(node.id, dx.clone());
        }
    }
}

impl<C: CheckpointStrategy> SegmentSum for Autodiff<Flex, C> {
    fn segment_sum(
        x: FloatTensor<Self>,
        index: Arc<[u32]>,
        starts: Arc<[u32]>,
    ) -> FloatTensor<Self> {
        let prepared = SegmentSumBackward.prepare::<C>([x.node()]).compute_bound().stateful();
        let (y, tape) = forward(x.into_primitive(), index, starts);
        match prepared {
            OpsKind::Tracked(prepared) => prepared.finish(tape, y),
            OpsKind::UnTracked(prepared) => prepared.finish(y),
        }
    }
}
