//! The state of an engine whose model is made of tensors, under the authors' names.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Tensor, TensorData};

use super::engine::{EngineState, Prediction};
use super::layout::Layout;
use super::network::Answer;
use super::shape::RuleShape;
use crate::train::optimizer::OptimizerState;
use crate::train::{NamedArray, RestoreError, arrays, load};

/// Ends the name of an array that counts updates, where modules of a parameter had their own.
const UPDATES: &str = "updates";

/// What a model says, on the host.
pub(super) fn answer(answer: Answer, into: &mut Prediction) {
    fill(&answer.output, &mut into.output);
    into.activation.clear();
    if let Some(activation) = &answer.activation {
        fill(activation, &mut into.activation);
    }
}

fn fill(tensor: &Tensor<2>, into: &mut Vec<f32>) {
    into.clear();
    into.extend(tensor.to_data().iter::<f32>());
}

/// Whether every gradient of a module is finite.
pub(super) fn finite<M: Module>(module: &M, gradients: &Gradients) -> bool {
    let mut check = Check { gradients, sum: None };
    module.visit(&mut check);
    check.sum.is_none_or(|sum| sum.into_scalar::<f32>() == 0.0)
}

/// Sums 0 · g, which is 0 unless some number is not finite.
struct Check<'a> {
    gradients: &'a Gradients,
    sum: Option<Tensor<1>>,
}

impl ModuleVisitor for Check<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad(self.gradients) {
            let sum = (gradient * 0.0).sum();
            self.sum = Some(self.sum.take().map_or(sum.clone(), |before| before + sum));
        }
    }
}

/// The gradient of every parameter, zeros where there is none.
pub(super) fn gradients<M: Module>(
    shape: &RuleShape,
    module: &M,
    gradients: &Gradients,
) -> Vec<NamedArray> {
    let mut all = arrays(module);
    let names = names(shape, &all);
    let mut values = Vec::new();
    module.visit(&mut Collect { gradients, values: &mut values });
    for (array, values) in all.iter_mut().zip(values) {
        array.name.clone_from(&names[&array.name]);
        match values {
            Some(values) => array.values = values,
            None => array.values.fill(0.0),
        }
    }
    all
}

struct Collect<'a> {
    gradients: &'a Gradients,
    values: &'a mut Vec<Option<Vec<f32>>>,
}

impl ModuleVisitor for Collect<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let gradient = param.val().grad(self.gradients);
        self.values.push(gradient.map(|gradient| gradient.to_data().iter::<f32>().collect()));
    }
}

/// Published names by path. Parameters of the layout are visited first and in its order; what
/// follows keeps its path.
fn names(shape: &RuleShape, arrays: &[NamedArray]) -> BTreeMap<String, String> {
    let layout = Layout::new(shape);
    let mut slots = layout.slots().iter();
    let name = |array: &NamedArray| {
        let name = slots.next().map_or(array.name.clone(), |slot| {
            assert_eq!(slot.shape, array.shape, "{} as {}", array.name, slot.name);
            slot.name.into()
        });
        (array.name.clone(), name)
    };
    arrays.iter().map(name).collect()
}

/// Parameters, moments and counts of a model.
pub(super) fn state<M: Module>(
    shape: &RuleShape,
    module: &M,
    optimizer: &OptimizerState,
    updates: u64,
) -> EngineState {
    let mut parameters = arrays(module);
    let names = names(shape, &parameters);
    let mut moments = Vec::new();
    for array in &mut parameters {
        let (path, name) = (array.name.clone(), names[&array.name].clone());
        let slots = optimizer.slots.get(&path).map_or(&[][..], Vec::as_slice);
        for (index, slot) in slots.iter().enumerate() {
            moments.push(NamedArray {
                name: format!("{name}#{index}"),
                shape: array.shape.clone(),
                values: slot.to_data().iter::<f32>().collect(),
            });
        }
        if let Some(counts) = optimizer.counts.get(&path)
            && !slots.is_empty()
            && counts.as_slice() != [updates as u32]
        {
            moments.push(NamedArray {
                name: format!("{name}#{UPDATES}"),
                shape: vec![counts.len()],
                values: counts.iter().map(|&count| count as f32).collect(),
            });
        }
        array.name = name;
    }
    EngineState { parameters, moments, updates }
}

/// The module and its optimizer as they were.
pub(super) fn restore<M: Module>(
    shape: &RuleShape,
    module: M,
    state: &EngineState,
    device: &Device,
) -> Result<(M, OptimizerState), RestoreError> {
    let own = arrays(&module);
    let names = names(shape, &own);
    let paths: BTreeMap<&str, &str> =
        names.iter().map(|(path, name)| (name.as_str(), path.as_str())).collect();
    let renamed = |array: &NamedArray| {
        let name = (*paths.get(array.name.as_str())?).into();
        Some(NamedArray { name, ..array.clone() })
    };
    let parameters: Vec<NamedArray> = state.parameters.iter().filter_map(renamed).collect();
    let module = load(module, &parameters, device).map_err(|error| published(error, &names))?;

    let mut optimizer = OptimizerState::default();
    let inner = device.clone().inner();
    for array in &own {
        let (path, name) = (&array.name, &names[&array.name]);
        let moment = |what: &str| {
            let wanted = format!("{name}#{what}");
            state.moments.iter().find(|moment| moment.name == wanted)
        };
        let counts: Vec<u32> = match moment(UPDATES) {
            Some(counts) => counts.values.iter().map(|&count| count as u32).collect(),
            None => vec![state.updates as u32],
        };
        let groups = counts.len();
        let mut slots = Vec::new();
        while let Some(moment) = moment(&slots.len().to_string()) {
            if moment.shape != array.shape || moment.values.len() % groups.max(1) != 0 {
                return Err(RestoreError::Shape {
                    name: moment.name.clone(),
                    found: moment.shape.clone(),
                    expected: array.shape.clone(),
                });
            }
            let shape = [groups, moment.values.len() / groups];
            let data = TensorData::new(moment.values.clone(), shape);
            slots.push(Tensor::from_data(data, &inner));
        }
        if !slots.is_empty() {
            optimizer.counts.insert(path.clone(), counts);
            optimizer.slots.insert(path.clone(), slots);
        }
    }
    Ok((module, optimizer))
}

/// A fault under the name that files have.
fn published(error: RestoreError, names: &BTreeMap<String, String>) -> RestoreError {
    match error {
        RestoreError::Missing(path) => RestoreError::Missing(names[&path].clone()),
        RestoreError::Shape { name, found, expected } => {
            RestoreError::Shape { name: names[&name].clone(), found, expected }
        }
    }
}
