//! The LSTM as a Burn operation with its own backward pass, on the CPU backend.

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, backend_extension};
use burn::tensor::DType;
use burn_flex::FlexTensor;

use super::slices::{self, Gate, Order, Saved};
use crate::kernel::flex::{Real, slice, tensor};

/// Backends that have the kernel.
#[backend_extension(Flex, Autodiff)]
pub trait Lstm: Backend {
    /// See [`super::lstm`].
    fn lstm(
        gates: FloatTensor<Self>,
        recurrent: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        starts: Arc<[u32]>,
    ) -> FloatTensor<Self>;
}

/// What lies between forward and backward.
#[derive(Clone, Debug)]
struct Tape {
    recurrent: FlexTensor,
    order: Order,
    saved: Wide,
}

/// What the passes saved, of either float type.
#[derive(Clone, Debug)]
enum Wide {
    Single(Saved<f32>),
    Double(Saved<f64>),
}

fn forward_of<E: Real + Gate>(
    order: &Order,
    [gates, recurrent, bias]: [&FlexTensor; 3],
) -> (FlexTensor, Saved<E>) {
    let width = recurrent.layout().shape()[0];
    let (h, saved) =
        slices::forward(order, width, slice::<E>(gates), slice::<E>(recurrent), slice::<E>(bias));
    (tensor(h, [order.sentences(), width]), saved)
}

fn forward(
    gates: FlexTensor,
    recurrent: FlexTensor,
    bias: FlexTensor,
    starts: &[u32],
) -> (FlexTensor, Tape) {
    let [gates, recurrent, bias] = [gates, recurrent, bias].map(|tensor| tensor.to_contiguous());
    let order = Order::new(starts);
    let tensors = [&gates, &recurrent, &bias];
    let (h, saved) = match gates.dtype() {
        DType::F32 => {
            let (h, saved) = forward_of::<f32>(&order, tensors);
            (h, Wide::Single(saved))
        }
        DType::F64 => {
            let (h, saved) = forward_of::<f64>(&order, tensors);
            (h, Wide::Double(saved))
        }
        other => panic!("the LSTM kernel takes 32 or 64 bit floats, found {other:?}"),
    };
    (h, Tape { recurrent, order, saved })
}

fn backward_of<E: Real + Gate>(
    order: &Order,
    recurrent: &FlexTensor,
    saved: Saved<E>,
    dy: &FlexTensor,
) -> [FlexTensor; 3] {
    let width = recurrent.layout().shape()[0];
    let g = slices::backward(order, width, slice::<E>(recurrent), saved, slice::<E>(dy));
    [
        tensor(g.gates, [order.words(), 4 * width]),
        tensor(g.recurrent, [width, 4 * width]),
        tensor(g.bias, [4 * width]),
    ]
}

impl Lstm for Flex {
    fn lstm(
        gates: FloatTensor<Self>,
        recurrent: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        starts: Arc<[u32]>,
    ) -> FloatTensor<Self> {
        forward(gates, recurrent, bias, &starts).0
    }
}

#[derive(Debug)]
struct LstmBackward;

impl Backward<Flex, 3> for LstmBackward {
    type State = Tape;

    fn backward(
        self,
        ops: Ops<Self::State, 3>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let dy = grads.consume::<Flex>(&ops.node).to_contiguous();
        let Tape { recurrent, order, saved } = ops.state;
        let computed = match saved {
            Wide::Single(saved) => backward_of(&order, &recurrent, saved, &dy),
            Wide::Double(saved) => backward_of(&order, &recurrent, saved, &dy),
        };
        for (parent, gradient) in ops.parents.into_iter().zip(computed) {
            if let Some(node) = parent {
                grads.register::<Flex>(node.id, gradient);
            }
        }
    }
}

impl<C: CheckpointStrategy> Lstm for Autodiff<Flex, C> {
    fn lstm(
        gates: FloatTensor<Self>,
        recurrent: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        starts: Arc<[u32]>,
    ) -> FloatTensor<Self> {
        let prepared = LstmBackward
            .prepare::<C>([gates.node(), recurrent.node(), bias.node()])
            .compute_bound()
            .stateful();
        let (gates, recurrent, bias) =
            (gates.into_primitive(), recurrent.into_primitive(), bias.into_primitive());
        let (h, tape) = forward(gates, recurrent, bias, &starts);
        match prepared {
            OpsKind::Tracked(prepared) => prepared.finish(tape, h),
            OpsKind::UnTracked(prepared) => prepared.finish(h),
        }
    }
}
