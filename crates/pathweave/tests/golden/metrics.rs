//! The file of metrics: joint activations [R, M] with the values of the metrics, and pairs of rule
//! and module frequencies with their adaptation. All are computed in 64 bits and must agree to 1e-9.

use pathweave_eval::joint::{JOINT_METRICS, Joint};
use pathweave_eval::metric::adaptation;
use serde_json::{Map, Value};

/// The metric that is not one of a joint activation in these files.
const ADAPTATION: &str = "adaptation";

/// Checks the file.
pub fn check(bytes: &[u8]) -> Result<(), String> {
    let cases: Vec<Map<String, Value>> =
        serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if cases.is_empty() {
        return Err("no cases".into());
    }
    let faults: Vec<String> = cases
        .into_iter()
        .enumerate()
        .filter_map(|(at, case)| Some(format!("case {at}: {}", check_case(case).err()?)))
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

fn check_case(mut case: Map<String, Value>) -> Result<(), String> {
    let mut take = |key: &str| case.remove(key).ok_or_else(|| format!("{key}: missing"));
    let matrix: Vec<Vec<f64>> = parse(take("joint_rule_by_module")?)?;
    let rules: usize = parse(take("rules")?)?;
    take("kind")?;
    if matrix.len() != rules {
        return Err(format!("{} rows of {rules} rules", matrix.len()));
    }
    let joint = Joint::from_matrix(&matrix).map_err(|error| error.to_string())?;
    for def in JOINT_METRICS.iter().filter(|def| def.name != ADAPTATION) {
        let found = (def.compute)(&joint).map_err(|error| error.to_string())?;
        close(def.name, found, parse(take(def.name)?)?)?;
    }
    let mut pair: Map<String, Value> = parse(take("adaptation_pair")?)?;
    let mut part = |key: &str| pair.remove(key).ok_or_else(|| format!("{key}: missing"));
    let pairs = [(parse(part("p")?)?, parse(part("q")?)?)];
    let found = adaptation::of_pairs(&pairs).map_err(|error| error.to_string())?;
    close(ADAPTATION, found, parse(part("score")?)?)?;
    let left: Vec<&String> = case.keys().chain(pair.keys()).collect();
    if left.is_empty() { Ok(()) } else { Err(format!("not understood: {left:?}")) }
}

fn parse<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn close(name: &str, found: f64, wanted: f64) -> Result<(), String> {
    let near = (found - wanted).abs() <= 1e-9;
    if near { Ok(()) } else { Err(format!("{name}: {found}, expected {wanted}")) }
}
