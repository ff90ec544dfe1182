//! Modules that keep their initial values while the rest learns.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Gradients, Tensor, TensorData};

use crate::bank::{Bank, LinearBank};
use crate::routed_layer::RoutedLayer;
use crate::spec::Place;
use crate::train::optimizer::Used;

/// Takes the gradients of frozen modules away and marks them as unused, so that neither a gradient,
/// nor weight decay, nor an optimizer's memory moves them. They are run as before, and the gradient
/// flows through them to what comes before.
pub(crate) fn freeze(
    layer: &RoutedLayer,
    frozen: &[Place],
    used: &mut Used,
    gradients: &mut Gradients,
) {
    for (depth, bank) in layer.banks.iter().enumerate() {
        let of_depth = || frozen.iter().filter(move |place| place.depth == depth);
        if of_depth().next().is_none() {
            continue;
        }
        let mut free = vec![true; bank.modules()];
        of_depth().for_each(|place| free[place.module] = false);
        match bank {
            Bank::Linear(bank) => hold(bank, &free, used, gradients),
            Bank::Gates(bank) => hold(&bank.blocks, &free, used, gradients),
            Bank::Mlp(bank) => {
                hold(&bank.first, &free, used, gradients);
                hold(&bank.second, &free, used, gradients);
            }
            Bank::Attention(bank) => bank.visit(&mut Hold { free: &free, used, gradients }),
            Bank::Block(bank) => bank.visit(&mut Hold { free: &free, used, gradients }),
            Bank::Mixed(bank) => {
                for (block, _) in bank.blocks.iter().zip(&free).filter(|(_, free)| !**free) {
                    block.visit(&mut Forget(gradients));
                }
            }
        }
    }
}

fn hold(bank: &LinearBank, free: &[bool], used: &mut Used, gradients: &mut Gradients) {
    for id in [bank.weight.id, bank.bias.id] {
        let flags = used.entry(id).or_insert_with(|| vec![true; free.len()]);
        flags.iter_mut().zip(free).for_each(|(flag, free)| *flag &= free);
    }
    clear(&bank.weight, free, gradients);
    clear(&bank.bias, free, gradients);
}

/// Holds the modules that are not free in every stacked parameter.
struct Hold<'a> {
    free: &'a [bool],
    used: &'a mut Used,
    gradients: &'a mut Gradients,
}

impl ModuleVisitor for Hold<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let flags = self.used.entry(param.id).or_insert_with(|| vec![true; self.free.len()]);
        flags.iter_mut().zip(self.free).for_each(|(flag, free)| *flag &= free);
        clear(param, self.free, self.gradients);
    }
}

/// Sets the gradient of modules that are not free to zero. [M, …], or several blocks to a module
fn clear<const D: usize>(parameter: &Param<Tensor<D>>, free: &[bool], gradients: &mut Gradients) {
    let value = parameter.val();
    let Some(gradient) = value.grad(gradients) else { return };
    let (shape, modules) = (gradient.dims(), free.len());
    let flags: Vec<f32> = free.iter().map(|&free| f32::from(free)).collect();
    let flags = TensorData::new(flags, [modules, 1]);
    let flags = Tensor::<2>::from_data(flags, &gradient.device());
    let numbers = gradient.shape().num_elements() / modules;
    let kept = gradient.reshape([modules, numbers]) * flags;
    value.grad_replace(gradients, kept.reshape(shape));
}

/// Removes gradients of whole parameters.
struct Forget<'a>(&'a mut Gradients);

impl ModuleVisitor for Forget<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        drop(param.val().grad_remove(self.0));
    }
}
