//! Agreement with numbers of the benchmark authors' public code.

use serde_json::Value;

use super::*;
use crate::metric::adaptation;

const FIXTURE: &str = include_str!("../../fixtures/rule_metrics.json");

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

#[test]
fn every_metric_is_that_of_the_authors_code() {
    let cases: Vec<Value> = serde_json::from_str(FIXTURE).unwrap();
    assert_eq!(cases.len(), 18);
    for case in &cases {
        let rows = case["joint_rule_by_module"].as_array().unwrap();
        let matrix: Vec<Vec<f64>> = rows.iter().map(numbers).collect();
        let joint = Joint::from_matrix(&matrix).unwrap();
        for def in JOINT_METRICS.iter().filter(|def| def.name != "adaptation") {
            let (found, wanted) =
                ((def.compute)(&joint).unwrap(), case[def.name].as_f64().unwrap());
            assert!((found - wanted).abs() < 1e-9, "{} of {}: {found}", def.name, case["kind"]);
        }
        let pair = &case["adaptation_pair"];
        let found = adaptation::of_pairs(&[(numbers(&pair["p"]), numbers(&pair["q"]))]).unwrap();
        assert!((found - pair["score"].as_f64().unwrap()).abs() < 1e-9);
    }
}
