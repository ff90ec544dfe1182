//! The convolution block as a Burn operation with its own backward pass, on the CPU backend.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, AutodiffBackend, Backend, ExtensionType, Flex, backend_extension};
use burn::tensor::DType;
use burn_flex::FlexTensor;

use super::Layouts;
use super::slices::{self, Averages, Params, Running, Saved, Scratch, Shape};
use crate::kernel::flex::{Real, slice, tensor};

/// What a training pass yields.
#[derive(ExtensionType)]
pub struct Trained<B: Backend> {
    /// Pooled activations
    pub y: FloatTensor<B>,
    /// Batch mean of each filter. \[F\]
    pub mean: FloatTensor<B>,
    /// Unbiased batch variance of each filter. \[F\]
    pub variance: FloatTensor<B>,
}

/// Backends that have the kernel.
#[backend_extension(Flex, Autodiff)]
pub trait ConvBlock: Backend {
    /// See [`super::train`].
    fn conv_block_train(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        layouts: Layouts,
    ) -> Trained<Self>;

    /// See [`super::evaluate`]. Carries no gradient.
    fn conv_block_evaluate(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        layouts: Layouts,
    ) -> FloatTensor<Self>;
}

/// Inputs of one call, contiguous.
#[derive(Clone, Debug)]
struct Inputs {
    x: FlexTensor,
    weight: FlexTensor,
    gamma: FlexTensor,
    beta: FlexTensor,
    shape: Shape,
}

impl Inputs {
    fn new(tensors: [FlexTensor; 4], layouts: Layouts) -> Self {
        let [x, weight, gamma, beta] = tensors.map(|tensor| tensor.to_contiguous());
        let dims = x.layout().shape();
        let [n, c, h, w] = layouts.input.dims([dims[0], dims[1], dims[2], dims[3]]);
        let filters = weight.layout().shape()[0];
        // The network's builder has checked that images are large enough for its blocks.
        let shape = Shape::new([n, c, h, w], filters)
            .unwrap_or_else(|error| panic!("{error}"))
            .with_layouts(layouts.input, layouts.output);
        Self { x, weight, gamma, beta, shape }
    }

    fn params<E: Real>(&self) -> Params<'_, E> {
        Params {
            weight: slice(&self.weight),
            bias: None,
            gamma: slice(&self.gamma),
            beta: slice(&self.beta),
            epsilon: super::EPSILON,
        }
    }

    fn output_dims(&self) -> [usize; 4] {
        let shape = &self.shape;
        let first = [shape.batch(), shape.filters(), shape.out_height(), shape.out_width()];
        shape.output().order(first)
    }

    fn train<E: Real>(&self) -> (Vec<FlexTensor>, Saved<E>) {
        let filters = self.shape.filters();
        let zero = E::default();
        let (mut mean, mut var) = (vec![zero; filters], vec![zero; filters]);
        // Momentum 1: the averages become the batch's own statistics.
        let mut running = Running { mean: &mut mean, var: &mut var, momentum: 1.0 };
        let mut y = vec![zero; self.shape.output_len()];
        let (mut saved, mut scratch) = (Saved::default(), Scratch::default());
        let params = self.params::<E>();
        let x = slice::<E>(&self.x);
        slices::forward_train(
            &self.shape,
            x,
            &params,
            &mut running,
            &mut y,
            &mut saved,
            &mut scratch,
        );
        let outputs =
            vec![tensor(y, self.output_dims()), tensor(mean, [filters]), tensor(var, [filters])];
        (outputs, saved)
    }

    fn evaluate<E: Real>(&self, mean: &FlexTensor, var: &FlexTensor) -> FlexTensor {
        let mut y = vec![E::default(); self.shape.output_len()];
        let averages = Averages { mean: slice::<E>(mean), var: slice::<E>(var) };
        let (x, params) = (slice::<E>(&self.x), self.params::<E>());
        let mut scratch = Scratch::default();
        slices::forward_eval(&self.shape, x, &params, &averages, &mut y, &mut scratch);
        tensor(y, self.output_dims())
    }

    /// Gradients of x (where `with_x`), weight, γ, β.
    fn backward<E: Real>(
        &self,
        saved: &Saved<E>,
        dy: &FlexTensor,
        with_x: bool,
    ) -> [Option<FlexTensor>; 4] {
        let zeros = |length: usize| vec![E::default(); length];
        let filters = self.shape.filters();
        let mut dx = with_x.then(|| zeros(self.shape.input_len()));
        let mut dw = zeros(self.shape.weight_len());
        let (mut dgamma, mut dbeta) = (zeros(filters), zeros(filters));
        let gradients = slices::Gradients {
            x: dx.as_deref_mut(),
            weight: &mut dw,
            bias: None,
            gamma: &mut dgamma,
            beta: &mut dbeta,
        };
        slices::backward(
            &self.shape,
            slice::<E>(&self.x),
            &self.params::<E>(),
            saved,
            slice::<E>(dy),
            gradients,
            &mut Scratch::default(),
        );
        [
            dx.map(|dx| tensor(dx, self.x.layout().shape().clone())),
            Some(tensor(dw, self.weight.layout().shape().clone())),
            Some(tensor(dgamma, [filters])),
            Some(tensor(dbeta, [filters])),
        ]
    }
}

#[derive(Clone, Debug)]
enum SavedAny {
    F32(Saved<f32>),
    F64(Saved<f64>),
}

fn train(inputs: &Inputs) -> ([FlexTensor; 3], SavedAny) {
    let (outputs, saved) = match inputs.x.dtype() {
        DType::F32 => {
            let (outputs, saved) = inputs.train::<f32>();
            (outputs, SavedAny::F32(saved))
        }
        DType::F64 => {
            let (outputs, saved) = inputs.train::<f64>();
            (outputs, SavedAny::F64(saved))
        }
        other => panic!("the convolution block takes 32 or 64 bit floats, found {other:?}"),
    };
    (outputs.try_into().expect("y, mean and variance"), saved)
}

impl ConvBlock for Flex {
    fn conv_block_train(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        layouts: Layouts,
    ) -> Trained<Self> {
        let ([y, mean, variance], _) = train(&Inputs::new([x, weight, gamma, beta], layouts));
        Trained { y, mean, variance }
    }

    fn conv_block_evaluate(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        layouts: Layouts,
    ) -> FloatTensor<Self> {
        let inputs = Inputs::new([x, weight, gamma, beta], layouts);
        let (mean, variance) = (mean.to_contiguous(), variance.to_contiguous());
        match inputs.x.dtype() {
            DType::F64 => inputs.evaluate::<f64>(&mean, &variance),
            _ => inputs.evaluate::<f32>(&mean, &variance),
        }
    }
}

#[derive(Debug)]
struct ConvBlockBackward;

impl Backward<Flex, 4> for ConvBlockBackward {
    type State = (Inputs, SavedAny);

    fn backward(
        self,
        ops: Ops<Self::State, 4>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let dy = grads.consume::<Flex>(&ops.node).to_contiguous();
        let (inputs, saved) = &ops.state;
        let with_x = ops.parents[0].is_some();
        let computed = match saved {
            SavedAny::F32(saved) => inputs.backward(saved, &dy, with_x),
            SavedAny::F64(saved) => inputs.backward(saved, &dy, with_x),
        };
        for (parent, gradient) in ops.parents.into_iter().zip(computed) {
            if let (Some(node), Some(gradient)) = (parent, gradient) {
                grads.register::<Flex>(node.id, gradient);
            }
        }
    }
}

impl<C: CheckpointStrategy> ConvBlock for Autodiff<Flex, C> {
    fn conv_block_train(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        layouts: Layouts,
    ) -> Trained<Self> {
        let nodes = [x.node(), weight.node(), gamma.node(), beta.node()];
        let prepared = ConvBlockBackward.prepare::<C>(nodes).compute_bound().stateful();
        let tensors = [x, weight, gamma, beta].map(|tensor| tensor.into_primitive());
        let inputs = Inputs::new(tensors, layouts);
        let ([y, mean, variance], saved) = train(&inputs);
        let y = match prepared {
            OpsKind::Tracked(prepared) => prepared.finish((inputs, saved), y),
            OpsKind::UnTracked(prepared) => prepared.finish(y),
        };
        let [mean, variance] = [mean, variance].map(<Self as AutodiffBackend>::from_inner);
        Trained { y, mean, variance }
    }

    fn conv_block_evaluate(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        layouts: Layouts,
    ) -> FloatTensor<Self> {
        let [x, weight, gamma, beta, mean, variance] =
            [x, weight, gamma, beta, mean, variance].map(|tensor| tensor.into_primitive());
        let y = Flex::conv_block_evaluate(x, weight, gamma, beta, mean, variance, layouts);
        <Self as AutodiffBackend>::from_inner(y)
    }
}
