//! Optimizers over a whole network: two owners (router, modules), two rates, per-module masks.
//!
//! Formulas and constants are PyTorch's (torch.optim), one rule a file. They are written here, not
//! taken from Burn (which has SGD, Adagrad, Adam and RMSprop of the eight), because a stacked
//! parameter [M, …] has a dense gradient: an optimizer with state would move modules that no row
//! chose. Chosen modules are updated, the others keep parameters and state bit for bit; so do the
//! table rows and perceptrons of agents that decided nothing.

mod adadelta;
mod adagrad;
mod adam;
mod adamax;
mod asgd;
mod rmsprop;
mod rprop;
mod rule;
mod sgd;

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Bool, Gradients, Tensor, TensorData};

use crate::spec::{OptimizerKind, TrainSpec};
use rule::{Given, Rule, Slots};

/// For a parameter that is stacked by module, agent or table row: which of them the batch trains.
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

/// Takes the gradients of an owner away, so that [`step`] leaves its parameters and state alone.
pub fn freeze<M: Module>(network: &M, owner: Owner, gradients: &mut Gradients) {
    network.visit(&mut Freezer { path: Vec::new(), owner, gradients });
}

struct Freezer<'a> {
    path: Vec<String>,
    owner: Owner,
    gradients: &'a mut Gradients,
}

impl ModuleVisitor for Freezer<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if owner(&self.path.join(".")) == self.owner {
            // Parameters outside the graph have no gradient to take.
            _ = param.val().grad_remove(self.gradients);
        }
    }
}

/// One update of all parameters that have a gradient.
///
/// # Deviations
/// - T figure 7.12 names eight optimizers and no settings but the learning rate: the rest are the
///   defaults of torch.optim. `train.momentum` is that of SGD; the L2 penalty `train.weight_decay`
///   joins the gradient of modules under every optimizer, under Rprop too, which has none in
///   PyTorch.
/// - Modules that no row chose, and table rows and perceptrons of agents that decided nothing, are
///   not updated, and each counts its own updates: PyTorch's optimizers with state would move a
///   parameter whose gradient is zero.
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
        let plain = kind == OptimizerKind::Sgd && self.spec.momentum == 0.0;
        if plain && weight_decay == 0.0 {
            // Modules without rows have a zero gradient and stay where they are.
            return value - g * rate;
        }

        let groups = value.dims()[0];
        let used = used.filter(|used| used.contains(&false));
        let counts = self.state.counts.entry(path.clone()).or_insert_with(|| vec![0; groups]);
        for (group, count) in counts.iter_mut().enumerate() {
            *count += u32::from(used.is_none_or(|used| used[group]));
        }
        let momentum = self.spec.momentum;
        let given = Given { value: value.clone(), gradient: g, rate, momentum, counts };
        let old = self.state.slots.remove(&path);
        let (moved, slots) = match kind {
            OptimizerKind::Sgd => advance::<sgd::Sgd>(given, old, used),
            OptimizerKind::Asgd => advance::<asgd::Asgd>(given, old, used),
            OptimizerKind::Adadelta => advance::<adadelta::Adadelta>(given, old, used),
            OptimizerKind::Adagrad => advance::<adagrad::Adagrad>(given, old, used),
            OptimizerKind::Adam => advance::<adam::Adam>(given, old, used),
            OptimizerKind::Adamax => advance::<adamax::Adamax>(given, old, used),
            OptimizerKind::Rmsprop => advance::<rmsprop::Rmsprop>(given, old, used),
            OptimizerKind::Rprop => advance::<rprop::Rprop>(given, old, used),
        };
        self.state.slots.insert(path, slots);
        moved
    }
}

/// One update by a rule; groups that are not used keep value and state.
fn advance<R: Rule>(
    given: Given,
    old: Option<Slots>,
    used: Option<&Vec<bool>>,
) -> (Tensor<2>, Slots) {
    let old = old.unwrap_or_else(|| R::fresh(&given));
    let Some(used) = used else { return R::update(given, old) };
    let value = given.value.clone();
    let data = TensorData::new(used.clone(), [used.len(), 1]);
    let mask = Tensor::<2, Bool>::from_data(data, &value.device()).expand(value.dims());
    let kept = |new: Tensor<2>, old: Tensor<2>| old.mask_where(mask.clone(), new);
    let (moved, slots) = R::update(given, old.clone());
    let slots = slots.into_iter().zip(old).map(|(new, old)| kept(new, old)).collect();
    (kept(moved, value), slots)
}
