//! Statistics beside those of rliable and SciPy: see golden/make_rliable.py.

use pathweave_eval::stats::{Interval, Sample, aggregate, improvement, wilcoxon};
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/rliable.json")).expect("JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(number).collect()
}

/// Runs of each task.
fn sample(value: &Value) -> Sample {
    let mut sample = Sample::default();
    for (task, runs) in value.as_array().expect("a list").iter().enumerate() {
        numbers(runs).into_iter().for_each(|run| sample.push(&task.to_string(), run));
    }
    sample
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9 * expected.abs().max(1e-6), "{found}, not {expected}");
}

/// Both are drawn: their ends differ by chance, by a small part of the width.
fn near(found: Option<Interval>, expected: &Value) {
    let (found, expected) = (found.expect("an interval"), numbers(expected));
    let room = 0.05 * (expected[1] - expected[0]);
    assert!((found.low - expected[0]).abs() < room, "{found:?}, not {expected:?}");
    assert!((found.high - expected[1]).abs() < room, "{found:?}, not {expected:?}");
}

#[test]
fn means_and_their_stratified_intervals_are_those_of_rliable() {
    let golden = golden();
    let found = aggregate(&sample(&golden["x"]), 20_000).expect("sound");
    close(found.mean, number(&golden["mean"]));
    close(found.iqm, number(&golden["iqm"]));
    near(found.mean_interval, &golden["mean_interval"]);
    near(found.iqm_interval, &golden["iqm_interval"]);
}

#[test]
fn the_probability_of_improvement_is_that_of_rliable() {
    let golden = golden();
    let found = improvement(&sample(&golden["x"]), &sample(&golden["y"]), 20_000).expect("sound");
    close(found.probability, number(&golden["improvement"]));
    near(found.interval, &golden["improvement_interval"]);
}

#[test]
fn wilcoxons_test_is_that_of_scipy() {
    let golden = golden();
    let exact = wilcoxon(&numbers(&golden["distinct"])).expect("differences");
    close(exact, number(&golden["wilcoxon_exact"]));
    let many = numbers(&golden["differences"]).repeat(5);
    close(wilcoxon(&many).expect("differences"), number(&golden["wilcoxon_normal"]));
}
