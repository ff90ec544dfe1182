//! The grouped linear layer as a Burn operation with its own backward pass, on the CPU backend.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Autodiff, Backend, Flex, backend_extension};
use burn::tensor::DType;
use burn_flex::FlexTensor;

use super::slices::{self, Grouping};
use crate::kernel::flex::{Real, slice, tensor};

/// Backends that have the kernel.
#[backend_extension(Flex, Autodiff)]
pub trait GroupedLinear: Backend {
    /// See [`super::grouped_linear`].
    fn grouped_linear(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        action: IntTensor<Self>,
        relu: bool,
    ) -> FloatTensor<Self>;
}

/// What lies between forward and backward.
#[derive(Clone, Debug)]
struct Tape {
    x: FlexTensor,
    weight: FlexTensor,
    grouping: Grouping,
    /// The result, which shows where ReLU cut; none without it.
    activated: Option<FlexTensor>,
}

fn sizes(weight: &FlexTensor) -> slices::Shape {
    let dims = weight.layout().shape();
    slices::Shape { modules: dims[0], input: dims[1], output: dims[2] }
}

/// Sorts the rows by the module they chose; negative actions never occur.
fn group(action: &FlexTensor, modules: usize) -> Grouping {
    let action = action.to_contiguous();
    match action.dtype() {
        DType::I64 => ints::<i64>(&action, modules),
        DType::I32 => ints::<i32>(&action, modules),
        other => panic!("actions are 32 or 64 bit integers, found {other:?}"),
    }
}

fn ints<I>(action: &FlexTensor, modules: usize) -> Grouping
where
    I: burn::tensor::Element + bytemuck::Pod + TryInto<usize>,
{
    let values = action.as_slice::<I>().expect("made contiguous above");
    // A negative number becomes usize::MAX, which is no module: the row passes unchanged.
    Grouping::new(values.iter().map(|&a| a.try_into().unwrap_or(usize::MAX)), modules)
}

fn forward_of<E: Real>(
    x: &FlexTensor,
    weight: &FlexTensor,
    bias: &FlexTensor,
    grouping: &Grouping,
    relu: bool,
) -> FlexTensor {
    let shape = sizes(weight);
    let rows = x.layout().shape()[0];
    let (x, weight, bias) = (slice::<E>(x), slice::<E>(weight), slice::<E>(bias));
    tensor(slices::forward(shape, grouping, x, weight, bias, relu), [rows, shape.output])
}

fn forward(
    x: FlexTensor,
    weight: FlexTensor,
    bias: FlexTensor,
    action: &FlexTensor,
    relu: bool,
) -> (FlexTensor, Tape) {
    let (x, weight, bias) = (x.to_contiguous(), weight.to_contiguous(), bias.to_contiguous());
    let grouping = group(action, sizes(&weight).modules);
    let y = match x.dtype() {
        DType::F32 => forward_of::<f32>(&x, &weight, &bias, &grouping, relu),
        DType::F64 => forward_of::<f64>(&x, &weight, &bias, &grouping, relu),
        other => panic!("the grouped linear kernel takes 32 or 64 bit floats, found {other:?}"),
    };
    let activated = relu.then(|| y.clone());
    (y, Tape { x, weight, grouping, activated })
}

/// Gradients of input, weight and bias; that of the input only where it is asked for.
fn backward_of<E: Real>(tape: &Tape, dy: &FlexTensor, by_input: bool) -> [Option<FlexTensor>; 3] {
    let shape = sizes(&tape.weight);
    let rows = tape.x.layout().shape()[0];
    let g = slices::backward(
        shape,
        &tape.grouping,
        slice::<E>(&tape.x),
        slice::<E>(&tape.weight),
        tape.activated.as_ref().map(slice::<E>),
        slice::<E>(dy),
        by_input,
    );
    [
        by_input.then(|| tensor(g.input, [rows, shape.input])),
        Some(tensor(g.weight, [shape.modules, shape.input, shape.output])),
        Some(tensor(g.bias, [shape.modules, shape.output])),
    ]
}

impl GroupedLinear for Flex {
    fn grouped_linear(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        action: IntTensor<Self>,
        relu: bool,
    ) -> FloatTensor<Self> {
        forward(x, weight, bias, &action, relu).0
    }
}

#[derive(Debug)]
struct GroupedLinearBackward;

impl Backward<Flex, 3> for GroupedLinearBackward {
    type State = Tape;

    fn backward(
        self,
        ops: Ops<Self::State, 3>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let dy = grads.consume::<Flex>(&ops.node).to_contiguous();
        let by_input = ops.parents[0].is_some();
        let computed = match dy.dtype() {
            DType::F64 => backward_of::<f64>(&ops.state, &dy, by_input),
            _ => backward_of::<f32>(&ops.state, &dy, by_input),
        };
        for (parent, gradient) in ops.parents.into_iter().zip(computed) {
            if let (Some(node), Some(gradient)) = (parent, gradient) {
                grads.register::<Flex>(node.id, gradient);
            }
        }
    }
}

impl<C: CheckpointStrategy> GroupedLinear for Autodiff<Flex, C> {
    fn grouped_linear(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        action: IntTensor<Self>,
        relu: bool,
    ) -> FloatTensor<Self> {
        let prepared = GroupedLinearBackward
            .prepare::<C>([x.node(), weight.node(), bias.node()])
            .compute_bound()
            .stateful();
        let (x, weight, bias) =
            (x.into_primitive(), weight.into_primitive(), bias.into_primitive());
        let (y, tape) = forward(x, weight, bias, &action, relu);
        match prepared {
            OpsKind::Tracked(prepared) => prepared.finish(tape, y),
            OpsKind::UnTracked(prepared) => prepared.finish(y),
        }
    }
}
