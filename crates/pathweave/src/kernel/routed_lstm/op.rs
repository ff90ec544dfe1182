//! The routed LSTM as a Burn operation with its own backward pass, on the CPU backend.

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Flex, backend_extension};
use burn::tensor::DType;
use burn_flex::FlexTensor;

use super::slices::{self, Bank, State};
use crate::kernel::flex::{Real, slice, tensor};
use crate::kernel::lstm::slices::Gate;

/// Backends that have the kernel.
#[backend_extension(Flex, Autodiff)]
pub trait RoutedLstm: Backend {
    /// See [`super::routed_lstm`]; `paths` are the sentences', each up to its end.
    fn routed_lstm(
        gates: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        paths: Vec<Vec<u32>>,
        starts: Arc<[u32]>,
    ) -> FloatTensor<Self>;
}

/// What lies between forward and backward.
#[derive(Clone, Debug)]
struct Tape {
    weight: FlexTensor,
    bias: FlexTensor,
    /// N
    words: usize,
    state: Wide,
}

/// What the passes saved, of either float type.
#[derive(Clone, Debug)]
enum Wide {
    Single(State<f32>),
    Double(State<f64>),
}

fn bank<'a, E: Real>(weight: &'a FlexTensor, bias: &'a FlexTensor) -> Bank<'a, E> {
    let width = weight.layout().shape()[1];
    Bank { width, weight: slice::<E>(weight), bias: slice::<E>(bias) }
}

fn forward_of<E: Real + Gate>(
    [gates, weight, bias]: [&FlexTensor; 3],
    paths: &[Vec<u32>],
    starts: &[u32],
) -> (FlexTensor, State<E>) {
    let bank = bank::<E>(weight, bias);
    let (h, state) = slices::forward(bank, slice::<E>(gates), paths, starts);
    (tensor(h, [paths.len(), bank.width]), state)
}

fn forward(tensors: [FlexTensor; 3], paths: &[Vec<u32>], starts: &[u32]) -> (FlexTensor, Tape) {
    let [gates, weight, bias] = tensors.map(|tensor| tensor.to_contiguous());
    let tensors = [&gates, &weight, &bias];
    let (h, state) = match gates.dtype() {
        DType::F32 => {
            let (h, state) = forward_of::<f32>(tensors, paths, starts);
            (h, Wide::Single(state))
        }
        DType::F64 => {
            let (h, state) = forward_of::<f64>(tensors, paths, starts);
            (h, Wide::Double(state))
        }
        other => panic!("the routed LSTM kernel takes 32 or 64 bit floats, found {other:?}"),
    };
    (h, Tape { weight, bias, words: gates.layout().shape()[0], state })
}

fn backward_of<E: Real + Gate>(
    [weight, bias]: [&FlexTensor; 2],
    words: usize,
    state: State<E>,
    dy: &FlexTensor,
) -> [FlexTensor; 3] {
    let bank = bank::<E>(weight, bias);
    let g = slices::backward(bank, state, slice::<E>(dy));
    [
        tensor(g.gates, [words, 4 * bank.width]),
        tensor(g.weight, weight.layout().shape().clone()),
        tensor(g.bias, bias.layout().shape().clone()),
    ]
}

impl RoutedLstm for Flex {
    fn routed_lstm(
        gates: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        paths: Vec<Vec<u32>>,
        starts: Arc<[u32]>,
    ) -> FloatTensor<Self> {
        forward([gates, weight, bias], &paths, &starts).0
    }
}

#[derive(Debug)]
struct RoutedLstmBackward;

impl Backward<Flex, 3> for RoutedLstmBackward {
    type State = Tape;

    fn backward(
        self,
        ops: Ops<Self::State, 3>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let dy = grads.consume::<Flex>(&ops.node).to_contiguous();
        let Tape { weight, bias, words, state } = ops.state;
        let computed = match state {
            Wide::Single(state) => backward_of([&weight, &bias], words, state, &dy),
            Wide::Double(state) => backward_of([&weight, &bias], words, state, &dy),
        };
        for (parent, gradient) in ops.parents.into_iter().zip(computed) {
            if let Some(node) = parent {
                grads.register::<Flex>(node.id, gradient);
            }
        }
    }
}

impl<C: CheckpointStrategy> RoutedLstm for Autodiff<Flex, C> {
    fn routed_lstm(
        gates: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        paths: Vec<Vec<u32>>,
        starts: Arc<[u32]>,
    ) -> FloatTensor<Self> {
        let prepared = RoutedLstmBackward
            .prepare::<C>([gates.node(), weight.node(), bias.node()])
            .compute_bound()
            .stateful();
        let tensors = [gates.into_primitive(), weight.into_primitive(), bias.into_primitive()];
        let (h, tape) = forward(tensors, &paths, &starts);
        match prepared {
            OpsKind::Tracked(prepared) => prepared.finish(tape, h),
            OpsKind::UnTracked(prepared) => prepared.finish(h),
        }
    }
}
