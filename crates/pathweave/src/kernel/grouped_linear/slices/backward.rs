//! The backward pass over all modules.

use std::mem::MaybeUninit;

use crate::kernel::lanes::{Kernel, Lanes, Real};

use super::input_gradient::InputGradient;
use super::output_gradient::OutputGradient;
use super::weight_gradient::WeightGradient;
use super::{Gradients, Grouping, Shape};

/// Gradients of one call; `super::backward_at` has checked the lengths.
pub struct Backward<'a, T> {
    pub shape: Shape,
    pub grouping: &'a Grouping,
    /// [R, input]
    pub x: &'a [T],
    /// [M, input, output]
    pub weight: &'a [T],
    /// [R, output], or none without ReLU
    pub activated: Option<&'a [T]>,
    /// [R, output]
    pub dy: &'a [T],
    /// Bias of full length, input of full length or none, the weights' empty
    pub gradients: &'a mut Gradients<T>,
}

impl<T: Real> Kernel<T> for Backward<'_, T> {
    #[inline(always)]
    fn run<V: Lanes<T>>(self) {
        let Shape { input, output, .. } = self.shape;
        let block = input * output;
        let largest = self.grouping.groups().map(<[u32]>::len).max().unwrap_or(0);
        let mut dz = vec![T::default(); largest * output];
        let Gradients { input: dx, weight: d_weight, bias: d_bias } = self.gradients;
        // Written once, module by module, without being filled before. The last modules' weights
        // may still lie in the cache from the forward pass, hence the order.
        *d_weight = Vec::with_capacity(self.weight.len());
        let blocks = &mut d_weight.spare_capacity_mut()[..self.weight.len()];
        for (module, rows) in self.grouping.groups().enumerate().rev() {
            let out = &mut blocks[module * block..][..block];
            if rows.is_empty() {
                out.fill(MaybeUninit::new(T::default()));
                continue;
            }
            let dz = &mut dz[..rows.len() * output];
            let d_bias = &mut d_bias[module * output..][..output];
            OutputGradient { rows, activated: self.activated, dy: self.dy, d_bias, dz }.run::<V>();
            let weight = &self.weight[module * block..][..block];
            if !dx.is_empty() {
                InputGradient { input, output, rows, weight, dz, dx }.run::<V>();
            }
            WeightGradient { input, output, rows, x: self.x, dz, out }.run::<V>();
        }
        // SAFETY: every module's block was filled or written by the kernel.
        unsafe { d_weight.set_len(self.weight.len()) };
    }
}
