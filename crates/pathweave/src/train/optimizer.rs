//! Optimizers over a whole network: two owners (router, modules), two rates, per-module masks.
//!
//! Formulas and constants are PyTorch's. They are written here, not taken from Burn, because a
//! stacked parameter [M, …] has a dense gradient: an optimizer with state would move modules that
//! no row chose. Chosen modules are updated, the others keep parameters and state bit for bit.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Bool, Gradients, Tensor, TensorData};

use crate::spec::{OptimizerKind, TrainSpec};

/// For a stacked parameter, which of its modules some row chose.
pub type Used = BTreeMap<ParamId, Vec<bool>>;

/// State of the optimizers, by parameter path.
#[derive(Clone, Debug, Default)]
pub struct OptimizerState {
    /// Running moments of each parameter, as [modules, numbers] or [1, numbers]
    pub slots: BTreeMap<String, Vec<Tensor<2>>>,
    /// Updates that each module of a parameter has had, for Adam's bias correction
    pub counts: BTreeMap<String, Vec<u32>>,
}

/// Which optimizer a parameter belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The router's
    Router,
    /// Everything else
    Modules,
}

/// Whether a parameter belongs to the router, by its path in the network.
pub fn owner(path: &str) -> Owner {
    let of_router = path.split('.').any(|part| part == "router" || part == "gates");
    if of_router { Owner::Router } else { Owner::Modules }
}

/// One update of all parameters that have a gradient.
pub fn step<M: Module>(
    network: M,
    gradients: &mut Gradients,
    spec: &TrainSpec,
    decay: f64,
    used: &Used,
    state: &mut OptimizerState,
) -> M {
    let scale = |owner| match spec.clip_norm {
        bound if bound > 0.0 => clip_factor(&network, gradients, owner, bound),
        _ => 1.0,
    };
    let (modules, router) = (scale(Owner::Modules), scale(Owner::Router));
    let mut updater = Updater {
        path: Vec::new(),
        gradients,
        spec,
        rates: [spec.learning_rate * decay, spec.router_rate() * decay],
        scales: [modules, router],
        used,
        state,
    };
    network.map(&mut updater)
}

/// min(1, bound / ‖g‖₂) over all gradients of an owner, as `torch.nn.utils.clip_grad_norm_`.
fn clip_factor<M: Module>(network: &M, gradients: &Gradients, owner: Owner, bound: f64) -> f64 {
    let mut norm = Norm { path: Vec::new(), gradients, owner, squares: 0.0 };
    network.visit(&mut norm);
    (bound / (norm.squares.sqrt() + 1e-6)).min(1.0)
}

struct Norm<'a> {
    path: Vec<String>,
    gradients: &'a Gradients,
    owner: Owner,
    squares: f64,
}

impl ModuleVisitor for Norm<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if owner(&self.path.join(".")) != self.owner {
            return;
        }
        if let Some(gradient) = param.val().grad(self.gradients) {
            self.squares += gradient.square().sum().into_scalar::<f64>();
        }
    }
}

struct Updater<'a> {
    path: Vec<String>,
    gradients: &'a mut Gradients,
    spec: &'a TrainSpec,
    /// Of modules, of the router
    rates: [f64; 2],
    scales: [f64; 2],
    used: &'a Used,
    state: &'a mut OptimizerState,
}

impl ModuleMapper for Updater<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, tensor, mapper) = param.consume();
        let Some(gradient) = tensor.grad_remove(self.gradients) else {
            return Param::from_mapped_value(id, tensor, mapper);
        };
        let shape = tensor.dims();
        let used = self.used.get(&id);
        let groups = used.map_or(1, Vec::len);
        let flat = [groups, tensor.shape().num_elements() / groups];
        let value = tensor.inner().reshape(flat);
        let updated = self.update(value, gradient.reshape(flat), used);
        let updated = Tensor::from_inner(updated.reshape(shape)).require_grad();
        Param::from_mapped_value(id, updated, mapper)
    }
}

impl Updater<'_> {
    /// `value`, `gradient` [groups, numbers] → the new value
    fn update(
        &mut self,
        value: Tensor<2>,
        gradient: Tensor<2>,
        used: Option<&Vec<bool>>,
    ) -> Tensor<2> {
        let path = self.path.join(".");
        let owner = owner(&path);
        let (index, kind) = match owner {
            Owner::Modules => (0, self.spec.optimizer),
            Owner::Router => (1, self.spec.router_optimizer),
        };
        let (rate, scale) = (self.rates[index], self.scales[index]);
        let weight_decay = if owner == Owner::Modules { self.spec.weight_decay } else { 0.0 };
        let mut g = if scale < 1.0 { gradient * scale } else { gradient };
        if weight_decay > 0.0 {
            g = g + value.clone() * weight_decay;
        }
        let momentum = self.spec.momentum;
        let plain = kind == OptimizerKind::Sgd && momentum == 0.0;
        if plain && weight_decay == 0.0 {
            // Modules without rows have a zero gradient and stay where they are.
            return value - g * rate;
        }

        let groups = value.dims()[0];
        let all = vec![true; groups];
        let used = used.unwrap_or(&all);
        let counts = self.state.counts.entry(path.clone()).or_insert_with(|| vec![0; groups]);
        for (count, _) in counts.iter_mut().zip(used).filter(|(_, used)| **used) {
            *count += 1;
        }
        let old = self.state.slots.get(&path).cloned();
        let zero = || value.zeros_like();
        let (delta, slots) = match kind {
            OptimizerKind::Sgd => {
                // The first buffer is the gradient itself, as in PyTorch.
                let buffer = match &old {
                    Some(old) => old[0].clone() * momentum + g,
                    None => g,
                };
                (buffer.clone() * rate, vec![buffer])
            }
            OptimizerKind::Adam => {
                let [m, v] = old
                    .as_ref()
                    .map_or_else(|| [zero(), zero()], |old| [old[0].clone(), old[1].clone()]);
                let m = m * 0.9 + g.clone() * 0.1;
                let v = v * 0.999 + g.square() * 0.001;
                let device = value.device();
                let corrected = |beta: f64| {
                    let one = |count: &u32| (1.0 - beta.powi((*count).max(1) as i32)) as f32;
                    let values: Vec<f32> = counts.iter().map(one).collect();
                    Tensor::<2>::from_data(TensorData::new(values, [groups, 1]), &device)
                };
                let root = (v.clone() / corrected(0.999)).sqrt() + 1e-8;
                (m.clone() / corrected(0.9) / root * rate, vec![m, v])
            }
            OptimizerKind::Rmsprop => {
                let v = old.as_ref().map_or_else(zero, |old| old[0].clone());
                let v = v * 0.99 + g.clone().square() * 0.01;
                (g / (v.clone().sqrt() + 1e-8) * rate, vec![v])
            }
        };
        let moved = value.clone() - delta;
        if used.iter().all(|used| *used) {
            self.state.slots.insert(path, slots);
            return moved;
        }
        let mask: Vec<bool> = used.clone();
        let mask =
            Tensor::<2, Bool>::from_data(TensorData::new(mask, [groups, 1]), &value.device());
        let mask = mask.expand(value.dims());
        let kept = |new: Tensor<2>, old: Tensor<2>| old.mask_where(mask.clone(), new);
        let slots = slots
            .into_iter()
            .enumerate()
            .map(|(slot, new)| {
                let before = old.as_ref().map_or_else(zero, |old| old[slot].clone());
                kept(new, before)
            })
            .collect();
        self.state.slots.insert(path, slots);
        kept(moved, value)
    }
}
