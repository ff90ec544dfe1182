//! Every module becomes the mean of its bank.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};

use crate::bank::{Bank, LinearBank};
use crate::model::{Network, Trunk};

/// How modules are weighted in their mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Average {
    /// All the same
    Even,
    /// By the rows that use them
    ByUse,
}

/// The network with every module's parameters replaced by the weighted mean of its bank's, so that
/// routing has nothing left to choose. `used[t][m]` as [`super::usage`] gives it; of a bank that
/// serves every depth the uses are added. A bank that no row uses is averaged evenly.
///
/// None where nothing is routed, or a bank mixes architectures, whose parameters have no mean.
pub fn averaged(network: &Network, how: Average, used: &[Vec<u64>]) -> Option<Network> {
    let mut network = network.clone();
    let Trunk::Routed(layer) = &mut network.trunk else { return None };
    let shared = layer.banks.len() == 1;
    for (index, bank) in layer.banks.iter_mut().enumerate() {
        let modules = bank.modules();
        let mut weights = vec![0.0_f64; modules];
        let depths = used.iter().enumerate().filter(|(depth, _)| shared || *depth == index);
        for (_, of_depth) in depths {
            weights.iter_mut().zip(of_depth).for_each(|(sum, &rows)| *sum += rows as f64);
        }
        let sum: f64 = weights.iter().sum();
        let even = how == Average::Even || sum == 0.0;
        let share = |weight: &f64| if even { 1.0 / modules as f64 } else { weight / sum };
        let weights: Vec<f64> = weights.iter().map(share).collect();
        match bank {
            Bank::Linear(bank) => average(bank, &weights),
            Bank::Gates(bank) => average(&mut bank.blocks, &weights),
            Bank::Mlp(bank) => {
                average(&mut bank.first, &weights);
                average(&mut bank.second, &weights);
            }
            Bank::Attention(bank) => *bank = bank.clone().map(&mut Mean(&weights)),
            Bank::Block(bank) => *bank = bank.clone().map(&mut Mean(&weights)),
            Bank::Mixed(_) => return None,
        }
    }
    Some(network)
}

fn average(bank: &mut LinearBank, weights: &[f64]) {
    bank.weight = mean(bank.weight.clone(), weights);
    bank.bias = mean(bank.bias.clone(), weights);
}

/// Of every stacked parameter.
struct Mean<'a>(&'a [f64]);

impl ModuleMapper for Mean<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        mean(param, self.0)
    }
}

/// Σ_m w_m p_m in the place of every p_m. [M, …], or several blocks to a module → the same
fn mean<const D: usize>(parameter: Param<Tensor<D>>, weights: &[f64]) -> Param<Tensor<D>> {
    parameter.map(|value| {
        let (shape, modules) = (value.dims(), weights.len());
        let flat = value.clone().reshape([modules, value.shape().num_elements() / modules]);
        let weights = TensorData::new(weights.to_vec(), [modules, 1]);
        let weights = Tensor::<2>::from_data(weights, &value.device());
        let mean = (flat.clone() * weights).sum_dim(0);
        mean.expand(flat.dims()).reshape(shape)
    })
}
