//! Parameters that were trained elsewhere, under the names of the authors' PyTorch modules.

use std::fmt;

use super::engine::{Engine, EngineState};
use super::layout::Layout;
use crate::train::NamedArray;

/// Begins the names of a file that holds other arrays as well.
const PREFIX: &str = "param.";

/// What keeps an array from being imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportFault {
    /// The model has a parameter that is not there
    Missing {
        /// Its name
        name: String,
        /// Its dimensions
        shape: Vec<usize>,
    },
    /// The model has no parameter of that name
    Unknown {
        /// The name
        name: String,
    },
    /// A parameter has other dimensions, or another number of values than its dimensions tell
    Shape {
        /// Its name
        name: String,
        /// Dimensions of the array
        found: Vec<usize>,
        /// Those of the model
        expected: Vec<usize>,
    },
}

/// Everything that keeps arrays from being imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct ImportError(
    /// The faults, parameters of the model first
    pub Vec<ImportFault>,
);

/// The state of a fresh engine with parameters from a PyTorch state dict: [`Engine::restore`] takes
/// it.
///
/// Names are those of [`Layout`]: `weight`s are [out, in], grouped `w`s [modules, in, out]. Where
/// names begin with `param.` only those arrays count, and the prefix is dropped. The engine's other
/// parameters, a router's for instance, stay as they are, and so do its moments.
///
/// # Errors
/// Every parameter that is missing, unknown or has another shape.
pub fn import(engine: &dyn Engine, arrays: &[NamedArray]) -> Result<EngineState, ImportError> {
    let layout = Layout::new(engine.shape());
    let prefixed: Vec<(&str, &NamedArray)> =
        arrays.iter().filter_map(|array| Some((array.name.strip_prefix(PREFIX)?, array))).collect();
    let named = if prefixed.is_empty() {
        arrays.iter().map(|array| (array.name.as_str(), array)).collect()
    } else {
        prefixed
    };
    let mut faults = Vec::new();
    let mut state = engine.state();
    for slot in layout.slots() {
        let name = slot.name.to_owned();
        let Some((_, array)) = named.iter().find(|(name, _)| *name == slot.name) else {
            faults.push(ImportFault::Missing { name, shape: slot.shape.clone() });
            continue;
        };
        if array.shape != slot.shape || array.values.len() != slot.len() {
            let (found, expected) = (array.shape.clone(), slot.shape.clone());
            faults.push(ImportFault::Shape { name, found, expected });
        } else if let Some(own) = state.parameters.iter_mut().find(|own| own.name == slot.name) {
            own.values.clone_from(&array.values);
        } else {
            state.parameters.push(NamedArray { name, ..(*array).clone() });
        }
    }
    let unknown = named.iter().filter(|(name, _)| layout.find(name).is_none());
    faults.extend(unknown.map(|(name, _)| ImportFault::Unknown { name: (*name).to_owned() }));
    if faults.is_empty() { Ok(state) } else { Err(ImportError(faults)) }
}

impl fmt::Display for ImportFault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Missing { name, shape } => write!(f, "{name}: missing, expected {shape:?}"),
            Self::Unknown { name } => write!(f, "{name}: the model has no such parameter"),
            Self::Shape { name, found, expected } => {
                write!(f, "{name}: found {found:?}, expected {expected:?}")
            }
        }
    }
}
