//! Central differences over every trainable number of a module.

use std::sync::OnceLock;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Device, FloatDType, Gradients, Int, Tensor, TensorData};
use pathweave_data::Streams;

const STEP: f64 = 1e-6;

/// The CPU with autodiff, every float of 64 bits.
pub fn device() -> Device {
    static DEVICE: OnceLock<Device> = OnceLock::new();
    let wide = || {
        let mut device = Device::flex();
        device.configure(FloatDType::F64).expect("no tensor was made before");
        device
    };
    DEVICE.get_or_init(wide).clone().autodiff()
}

/// Drawn numbers in [−1, 1).
pub fn draws<const D: usize>(name: &str, shape: [usize; D]) -> Tensor<D> {
    let mut stream = Streams::new(1).stream(name, 0);
    let values: Vec<f64> =
        (0..shape.iter().product()).map(|_| f64::from(2.0 * stream.uniform() - 1.0)).collect();
    Tensor::from_data(TensorData::new(values, shape), &device())
}

/// Drawn numbers as something to differentiate by.
pub fn leaf<const D: usize>(name: &str, shape: [usize; D]) -> Param<Tensor<D>> {
    Param::from_tensor(draws(name, shape))
}

/// Actions or agents.
pub fn whole(values: &[i32]) -> Tensor<1, Int> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), &device())
}

/// A weighted sum, so that no entry of y hides behind another.
pub fn weighed<const D: usize>(y: Tensor<D>) -> Tensor<1> {
    let weights = draws("weights", y.dims());
    (y * weights).sum()
}

/// Panics where a derivative of `loss` differs from its central difference.
#[track_caller]
pub fn check<M: Module>(module: &M, loss: impl Fn(&M) -> Tensor<1>) {
    check_frozen(module, &loss, &loss);
}

/// The same for a loss that takes some of its numbers as constant: `frozen` restates it with those
/// numbers held still while the others are nudged.
#[track_caller]
pub fn check_frozen<M: Module>(
    module: &M,
    loss: impl Fn(&M) -> Tensor<1>,
    frozen: impl Fn(&M) -> Tensor<1>,
) {
    let (value, restated) =
        (loss(module).into_scalar::<f64>(), frozen(module).into_scalar::<f64>());
    assert!((value - restated).abs() < 1e-9 * (1.0 + value.abs()), "{value}, restated {restated}");
    let mut collect = Collect { gradients: loss(module).backward(), found: Vec::new() };
    module.visit(&mut collect);
    assert!(collect.found.iter().any(|&g| g != 0.0), "nothing to differentiate");
    for (at, &found) in collect.found.iter().enumerate() {
        let nudged = |delta| {
            let module = module.clone().map(&mut Nudge { at, delta, seen: 0 });
            frozen(&module).into_scalar::<f64>()
        };
        let wanted = (nudged(STEP) - nudged(-STEP)) / (2.0 * STEP);
        let near = (found - wanted).abs() < 1e-7 * (1.0 + wanted.abs());
        assert!(near, "number {at}: autograd {found}, differences {wanted}");
    }
}

struct Collect {
    gradients: Gradients,
    found: Vec<f64>,
}

impl ModuleVisitor for Collect {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        if !tensor.is_require_grad() {
            return;
        }
        match tensor.grad(&self.gradients) {
            Some(gradient) => self.found.extend(gradient.to_data().iter::<f64>()),
            None => self.found.resize(self.found.len() + tensor.shape().num_elements(), 0.0),
        }
    }
}

/// Adds `delta` to the trainable number `at`.
struct Nudge {
    at: usize,
    delta: f64,
    seen: usize,
}

impl ModuleMapper for Nudge {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if !param.is_require_grad() {
            return param;
        }
        let mut values: Vec<f64> = param.to_data().iter::<f64>().collect();
        let first = self.seen;
        self.seen += values.len();
        if let Some(value) = self.at.checked_sub(first).and_then(|at| values.get_mut(at)) {
            *value += self.delta;
            let data = TensorData::new(values, param.dims());
            return param.map(|_| Tensor::from_data(data, &device()).require_grad());
        }
        param
    }
}
