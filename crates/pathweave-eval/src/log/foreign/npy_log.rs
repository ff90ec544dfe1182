//! An NPY array as a routing log.
//!
//! | array | rows | meaning |
//! |---|---|---|
//! | floats \[N, M\] | samples | the weight of each module, summing to one |
//! | floats \[N, T, M\] | samples | the same at each depth |
//! | integers \[N\] | samples | the chosen module |
//! | integers \[N, T\] | samples | the same at each depth |
//! | floats \[R, M\] | rules | p(m, r), or p(m \| r) of equally frequent rules |
//! | integers \[R, M\] | rules | how many decisions of a rule fell on a module |
//!
//! A second array, integers \[N\], may name the rule of each sample.

use super::super::fault::{Faults, LogError};
use super::super::row::{Choice, RoutingRow};
use super::npy::{Array, Items};
use super::rows::Rows;
use super::{Content, Format, NpyRows, Reading, Sums};
use crate::joint::{Joint, JointBuilder};
use crate::metric::MetricError;

/// Takes `array` for a log; `rules` are the rules of its samples, with their file's name.
///
/// # Errors
///
/// [`LogError::Faults`] with every fault found; rows are counted from 1.
pub fn read(
    array: &Array,
    rows: NpyRows,
    rules: Option<(&Array, &str)>,
    name: &str,
) -> Result<Reading, LogError> {
    match rows {
        NpyRows::Samples => samples(array, rules, name),
        NpyRows::Rules => {
            let mut faults = Faults::new(name);
            if rules.is_some() {
                faults.add(None, "rules", "a file of rules", "none where the rows are rules");
            }
            let joint = joint(array, &mut faults);
            let (joint, ()) = (joint, faults.into_result(())?);
            let rules = (0..array.shape[0]).map(|rule| rule.to_string()).collect();
            let sums = Sums { step: None, rules, joints: vec![joint] };
            let content = Content::Sums(vec![sums]);
            Ok(Reading { format: Format::Npy, layers: vec!["0".to_owned()], content })
        }
    }
}

fn samples(array: &Array, rules: Option<(&Array, &str)>, name: &str) -> Result<Reading, LogError> {
    let mut faults = Faults::new(name);
    let (depths, modules) = match (&array.items, &*array.shape) {
        (Items::Integers(_), [_]) => (1, 1),
        (Items::Integers(_), [_, depths]) => (*depths, 1),
        (Items::Floats(_), [_, modules]) => (1, *modules),
        (Items::Floats(_), [_, depths, modules]) => (*depths, *modules),
        (items, shape) => {
            let (kind, allowed) = match items {
                Items::Integers(_) => ("integers", "[samples] or [samples, depths]"),
                Items::Floats(_) => ("floats", "[samples, modules] or [samples, depths, modules]"),
            };
            faults.add(None, "shape", format!("{kind} of shape {shape:?}"), allowed);
            return Err(faults.into());
        }
    };
    if depths == 0 || modules == 0 {
        faults.add(None, "shape", format!("{:?}", array.shape), "extents of 1 or more");
        return Err(faults.into());
    }
    let count = array.shape[0];
    let conditions = rules.map(|(rules, file)| of_samples(rules, count, file)).transpose()?;
    let mut rows = Rows::default();
    for sample in 0..count {
        for depth in 0..depths {
            let at = sample * depths + depth;
            let choice = match &array.items {
                Items::Floats(items) => {
                    let weights = &items[at * modules..(at + 1) * modules];
                    Choice::Weights(weights.iter().map(|&weight| weight as f32).collect())
                }
                Items::Integers(items) => match u32::try_from(items[at]) {
                    Ok(module) => Choice::Module(module),
                    Err(_) => {
                        let line = sample as u64 + 1;
                        faults.add(line, "module", items[at], "an integer of 0 or more");
                        continue;
                    }
                },
            };
            let condition = conditions.as_ref().map(|rules| rules[sample]);
            let (number, depth) = (sample as u64, depth as u32);
            let row =
                RoutingRow { sample: number, depth, context: None, condition, agent: None, choice };
            rows.add(None, number + 1, row);
        }
    }
    rows.finish(Format::Npy, None, faults)
}

/// The rule of each sample.
fn of_samples(rules: &Array, count: usize, file: &str) -> Result<Vec<u32>, LogError> {
    let mut faults = Faults::new(file);
    let mut read = Vec::with_capacity(count);
    match &rules.items {
        Items::Integers(items) if *rules.shape == [count] => {
            for (sample, &rule) in items.iter().enumerate() {
                match u32::try_from(rule) {
                    Ok(rule) => read.push(rule),
                    Err(_) => {
                        faults.add(sample as u64 + 1, "rule", rule, "an integer of 0 or more");
                    }
                }
            }
        }
        items => {
            let kind = if matches!(items, Items::Floats(_)) { "floats" } else { "integers" };
            let found = format!("{kind} of shape {:?}", rules.shape);
            faults.add(None, "shape", found, format!("integers of shape [{count}]"));
        }
    }
    Ok(faults.into_result(read)?)
}

/// The joint activation that the matrix is; a fault where it is none.
fn joint(array: &Array, faults: &mut Faults) -> Option<Joint> {
    let &[rules, modules] = &*array.shape else {
        faults.add(None, "shape", format!("{:?}", array.shape), "[rules, modules]");
        return None;
    };
    let built = match &array.items {
        _ if rules == 0 || modules == 0 => Err(MetricError::Empty),
        Items::Floats(items) => {
            let matrix: Vec<Vec<f64>> = items.chunks(modules).map(<[f64]>::to_vec).collect();
            Joint::from_matrix(&matrix)
        }
        Items::Integers(items) => counted(items, rules, modules),
    };
    match built {
        Ok(joint) => Some(joint),
        Err(MetricError::Empty) => {
            faults.add(None, "matrix", "nothing above 0", "activations of at least one rule");
            None
        }
        Err(error) => {
            faults.add(None, "matrix", error, "finite numbers of 0 or more");
            None
        }
    }
}

fn counted(items: &[i64], rules: usize, modules: usize) -> Result<Joint, MetricError> {
    let mut builder = JointBuilder::new(rules, modules)?;
    for (rule, row) in items.chunks(modules).enumerate() {
        if row.iter().any(|&count| count < 0) {
            return Err(MetricError::NotFinite);
        }
        builder.add_counts(rule, &row.iter().map(|&count| count as f64).collect::<Vec<_>>());
    }
    builder.finish()
}
