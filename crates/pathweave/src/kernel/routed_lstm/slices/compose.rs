//! Paths multiplied out.

use crate::kernel::lstm::slices::Gate;
use crate::kernel::product::{Target, View, add_product, product};

use super::Bank;
use super::route::Joint;

/// Weights and biases of joints, in their order.
#[derive(Clone, Debug)]
pub struct Composed<T> {
    /// [4J, H, H]
    weight: Vec<T>,
    /// [4J, H]
    bias: Vec<T>,
}

/// Gradients of all maps, modules first: [4(M + J), H, H] and [4(M + J), H].
pub struct Maps<T> {
    pub weight: Vec<T>,
    pub bias: Vec<T>,
}

impl<T: Gate> Composed<T> {
    /// W = W_before · W_module, b = b_before · W_module + b_module, for each gate.
    pub fn new(bank: Bank<T>, joints: &[Joint]) -> Self {
        let width = bank.width;
        let mut composed = Self {
            weight: Vec::with_capacity(joints.len() * 4 * width * width),
            bias: Vec::with_capacity(joints.len() * 4 * width),
        };
        let (mut weight, mut bias) = (vec![T::default(); width * width], Vec::new());
        for joint in joints {
            for gate in 0..4 {
                let (first, first_bias) = composed.map(bank, joint.before, gate);
                let (last, last_bias) = composed.map(bank, joint.module, gate);
                let last = View::new(last, width, width);
                product(
                    Target::new(&mut weight, width, width),
                    View::new(first, width, width),
                    last,
                );
                bias.clear();
                bias.extend_from_slice(last_bias);
                add_product(
                    Target::new(&mut bias, 1, width),
                    View::new(first_bias, 1, width),
                    last,
                );
                composed.weight.extend_from_slice(&weight);
                composed.bias.extend_from_slice(&bias);
            }
        }
        composed
    }

    /// Weights [H, H] and bias \[H\] of a gate of a map; modules come first.
    pub fn map<'a>(&'a self, bank: Bank<'a, T>, map: usize, gate: usize) -> (&'a [T], &'a [T]) {
        let (width, modules) = (bank.width, bank.modules());
        let (weight, bias, number) = match map.checked_sub(modules) {
            Some(joint) => (&self.weight[..], &self.bias[..], 4 * joint + gate),
            None => (bank.weight, bank.bias, 4 * map + gate),
        };
        (&weight[number * width * width..][..width * width], &bias[number * width..][..width])
    }

    /// From the gradients of all maps to those of the modules: weight [4M, H, H], bias [4M, H].
    pub fn backward(&self, bank: Bank<T>, joints: &[Joint], maps: Maps<T>) -> [Vec<T>; 2] {
        let (width, modules) = (bank.width, bank.modules());
        let (square, Maps { mut weight, mut bias }) = (width * width, maps);
        for (at, joint) in joints.iter().enumerate().rev() {
            for gate in 0..4 {
                let own = 4 * (modules + at) + gate;
                // A joint comes after the maps that it is made of.
                let (weight, d_weight) = weight.split_at_mut(own * square);
                let (bias, d_bias) = bias.split_at_mut(own * width);
                let d_weight = View::new(&d_weight[..square], width, width);
                let d_bias = &d_bias[..width];
                let (first, first_bias) = self.map(bank, joint.before, gate);
                let (last, _) = self.map(bank, joint.module, gate);
                let last = View::new(last, width, width);
                let d_row = View::new(d_bias, 1, width);

                let to = &mut weight[(4 * joint.module + gate) * square..][..square];
                add_product(
                    Target::new(&mut *to, width, width),
                    View::new(first, width, width).t(),
                    d_weight,
                );
                add_product(
                    Target::new(to, width, width),
                    View::new(first_bias, 1, width).t(),
                    d_row,
                );
                let to = &mut bias[(4 * joint.module + gate) * width..][..width];
                to.iter_mut().zip(d_bias).for_each(|(to, &value)| *to += value);

                let to = &mut weight[(4 * joint.before + gate) * square..][..square];
                add_product(Target::new(to, width, width), d_weight, last.t());
                let to = &mut bias[(4 * joint.before + gate) * width..][..width];
                add_product(Target::new(to, 1, width), d_row, last.t());
            }
        }
        weight.truncate(bank.weight.len());
        bias.truncate(bank.bias.len());
        [weight, bias]
    }
}
