//! Pieces that the benchmark's networks are made of.

use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Int, Tensor, TensorData, activation};

use crate::kernel::grouped_linear::grouped_linear;
use crate::rule::layout::Layout;

/// Where parameters come from: a flat buffer that a [`Layout`] divides.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub layout: &'a Layout,
    pub values: &'a [f32],
    pub device: &'a Device,
}

impl Source<'_> {
    /// The parameter of that name.
    pub fn param<const D: usize>(&self, name: &str) -> Param<Tensor<D>> {
        let slot = self.layout.find(name).expect("networks and layouts agree on names");
        let dims: [usize; D] = slot.shape.as_slice().try_into().expect("and on dimensions");
        let data = TensorData::new(self.values[slot.range()].to_vec(), dims);
        Param::from_tensor(Tensor::from_data(data, self.device))
    }

    /// `NAME.weight` and `NAME.bias`.
    pub fn linear(&self, name: &str) -> Linear {
        Linear {
            weight: self.param(&format!("{name}.weight")),
            bias: self.param(&format!("{name}.bias")),
        }
    }

    /// `NAME.0` and `NAME.2`.
    pub fn coder(&self, name: &str) -> Coder {
        Coder {
            first: self.linear(&format!("{name}.0")),
            second: self.linear(&format!("{name}.2")),
        }
    }

    /// `NAME.0.w`, `NAME.0.b`, `NAME.2.w`, `NAME.2.b`.
    pub fn modules(&self, name: &str) -> Modules {
        let grouped = |layer: u32| Grouped {
            w: self.param(&format!("{name}.{layer}.w")),
            b: self.param(&format!("{name}.{layer}.b")),
        };
        Modules { first: grouped(0), second: grouped(2) }
    }
}

/// x Wᵀ + b
#[derive(Module, Debug)]
pub struct Linear {
    /// [out, in]
    pub weight: Param<Tensor<2>>,
    /// \[out\]
    pub bias: Param<Tensor<1>>,
}

impl Linear {
    /// [R, in] → [R, out]
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        x.matmul(self.weight.val().transpose()) + self.bias.val().unsqueeze()
    }
}

/// Linear, ReLU, linear: the shared encoders and decoders, and a monolithic network.
#[derive(Module, Debug)]
pub struct Coder {
    /// Before the ReLU
    pub first: Linear,
    /// After it
    pub second: Linear,
}

impl Coder {
    /// [R, in] → [R, out]
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.second.forward(activation::relu(self.first.forward(x)))
    }
}

/// A linear layer a module: the authors' g.
#[derive(Module, Debug)]
pub struct Grouped {
    /// [M, in, out]
    pub w: Param<Tensor<3>>,
    /// [1, M, out]
    pub b: Param<Tensor<3>>,
}

/// How much of each module a row takes.
#[derive(Clone, Debug)]
pub enum Weights {
    /// All modules, weighted. [R, M]
    Soft(Tensor<2>),
    /// One module.
    One {
        /// Which, in 0..M. \[R\]
        action: Tensor<1, Int>,
        /// What its output is multiplied with; `None` means 1. \[R\]
        factor: Option<Tensor<1>>,
    },
}

impl Weights {
    /// p(m) of each row; a hard choice is one-hot. [R, M]
    pub fn activation(&self, modules: usize) -> Tensor<2> {
        match self {
            Self::Soft(p) => p.clone(),
            Self::One { action, factor } => {
                let columns = Tensor::<1, Int>::arange(0..modules as i64, &action.device());
                let action = action.clone().unsqueeze_dim::<2>(1);
                let chosen = columns.unsqueeze::<2>().equal(action).float();
                scaled(chosen, factor.as_ref())
            }
        }
    }
}

/// Each row times its factor. [R, D], \[R\] → [R, D]
pub(super) fn scaled(x: Tensor<2>, factor: Option<&Tensor<1>>) -> Tensor<2> {
    match factor {
        Some(factor) => x * factor.clone().unsqueeze_dim::<2>(1),
        None => x,
    }
}

/// What the modules see of each row.
pub enum Sees {
    /// All the same. [R, in]
    Same(Tensor<2>),
    /// Each its own. [R, M, in]
    Own(Tensor<3>),
}

/// Two layers a module: ŷ_m = relu(x W_m + b_m) V_m + c_m, and a score as last column of V_m where
/// modules score themselves.
#[derive(Module, Debug)]
pub struct Modules {
    /// W, b
    pub first: Grouped,
    /// V, c
    pub second: Grouped,
}

impl Modules {
    /// Σ_m p_m ŷ_m and the weights p, which are the modules' own where none are given. → [R, out]
    pub fn forward(&self, sees: Sees, weights: Option<Weights>) -> (Tensor<2>, Weights) {
        if let Some(Weights::One { action, factor }) = weights {
            let y = scaled(self.one(sees, &action), factor.as_ref());
            return (y, Weights::One { action, factor });
        }
        let hidden = self.hidden(sees);
        let [rows, modules, width] = hidden.dims();
        let (w, b) = (self.second.w.val(), self.second.b.val());
        let columns = w.dims()[2];
        let (p, output) = match weights {
            Some(Weights::Soft(p)) => (p, columns),
            _ => {
                let output = columns - 1;
                let column = w.clone().narrow(2, output, 1).reshape([1, modules, width]);
                let own = (hidden.clone() * column).sum_dim(2).reshape([rows, modules]);
                let own = own + b.clone().narrow(2, output, 1).reshape([1, modules]);
                (activation::softmax(own, 1), output)
            }
        };
        // [p₁ h₁ … p_M h_M] against the stacked V: [R, M, out] is never built.
        let weighted = hidden * p.clone().unsqueeze_dim::<3>(2);
        let v = w.narrow(2, 0, output).reshape([modules * width, output]);
        let c = b.narrow(2, 0, output).reshape([modules, output]);
        let y = weighted.reshape([rows, modules * width]).matmul(v) + p.clone().matmul(c);
        (y, Weights::Soft(p))
    }

    /// relu(x W + b) of all modules. → [R, M, hidden]
    fn hidden(&self, sees: Sees) -> Tensor<3> {
        let w = self.first.w.val();
        let [modules, input, width] = w.dims();
        let product = match sees {
            Sees::Same(x) => {
                let rows = x.dims()[0];
                let stacked = w.swap_dims(0, 1).reshape([input, modules * width]);
                x.matmul(stacked).reshape([rows, modules, width])
            }
            Sees::Own(x) => x.swap_dims(0, 1).matmul(w).swap_dims(0, 1),
        };
        activation::relu(product + self.first.b.val())
    }

    /// Every parameter.
    pub(super) fn stacked(&self) -> Vec<ParamId> {
        [&self.first, &self.second].into_iter().flat_map(|layer| [layer.w.id, layer.b.id]).collect()
    }

    /// ŷ of the module that each row chose; no other is computed. → [R, out]
    fn one(&self, sees: Sees, action: &Tensor<1, Int>) -> Tensor<2> {
        let x = match sees {
            Sees::Same(x) => x,
            Sees::Own(x) => {
                let [rows, modules, width] = x.dims();
                let first = Tensor::arange(0..rows as i64, &x.device()) * modules as i64;
                x.reshape([rows * modules, width]).select(0, first + action.clone())
            }
        };
        let hidden = self.first.one(x, action, true);
        self.second.one(hidden, action, false)
    }
}

impl Grouped {
    /// [R, in], \[R\] → [R, out]
    fn one(&self, x: Tensor<2>, action: &Tensor<1, Int>, relu: bool) -> Tensor<2> {
        grouped_linear(x, self.w.val(), self.b.val().squeeze_dim::<2>(0), action, relu)
    }
}
