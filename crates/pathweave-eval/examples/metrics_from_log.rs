//! Metrics of a routing log that any framework wrote.
//!
//! ```text
//! cargo run --release -p pathweave-eval --example metrics_from_log
//! cargo run --release -p pathweave-eval --example metrics_from_log -- log.jsonl
//! ```
//!
//! A log is a row a decision: which sample, at which depth, of which task, and the module that was
//! chosen. Without an argument the example writes one itself: three tasks, four modules, two layers,
//! a router that has learned to tell the tasks apart in the first layer only.

use std::error::Error;
use std::path::Path;

use pathweave_eval::alarm::of_shares;
use pathweave_eval::baseline::Evidence;
use pathweave_eval::joint::Joint;
use pathweave_eval::log::{RoutingLog, jsonl};
use pathweave_eval::metric::METRICS;

/// What a framework would write: JSON lines, the header first.
fn written_elsewhere() -> String {
    let mut lines = String::from(
        r#"{"format":"pathweave-routing-log","version":1,"modules":[4,4],"contexts":["cat","dog","owl"]}"#,
    );
    for sample in 0..300 {
        let context = sample % 3;
        // In the first layer a task has its module, but for one sample in ten; in the second all
        // samples pass module 0.
        let first = if sample % 10 == 0 { 3 } else { context };
        for (depth, module) in [(0, first), (1, 0)] {
            lines += &format!(
                "\n{{\"sample\":{sample},\"depth\":{depth},\"context\":{context},\"choice\":{module}}}"
            );
        }
    }
    lines
}

/// Reads a log and measures it.
///
/// # Errors
/// What is wrong with the log.
pub fn main() -> Result<(), Box<dyn Error>> {
    // Reading checks: a log that exists has sound indices and weights. All faults come together,
    // each with its line. A file may be Parquet as well.
    let log = match std::env::args().nth(1).filter(|file| Path::new(file).is_file()) {
        Some(file) => RoutingLog::read(Path::new(&file))?,
        None => jsonl::read(written_elsewhere().as_bytes(), "example")?,
    };
    println!("{} decisions, modules by depth {:?}\n", log.rows().len(), log.header().modules);

    // Every metric; some need a context or a rule on every row, and say so.
    for def in METRICS {
        match (def.compute)(&log) {
            Ok(value) => println!("{:<28}{value:>8.3}   {}", def.name, def.equation),
            Err(error) => println!("{:<28}{:>8}   {error}", def.name, "-"),
        }
    }

    // A number says little alone: what would chance give with as many decisions, and what a router
    // that knows the tasks?
    println!("\n{:<28}{:>8}{:>10}{:>10}", "", "here", "by chance", "perfect");
    for (def, assessment) in Evidence::of_log(&log)?.assess() {
        let Ok(assessment) = assessment else { continue };
        let cell = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
        println!(
            "{:<28}{:>8.3}{:>10}{:>10}",
            def.name,
            assessment.value,
            cell(assessment.uniform.map(|uniform| uniform.mean)),
            cell(assessment.oracle),
        );
    }

    // Where routing has collapsed: layers with dead modules, or with one that takes nearly all.
    println!();
    for (depth, joint) in Joint::shares_by_depth(&log)?.into_iter().enumerate() {
        let Some(joint) = joint else { continue };
        let decisions = joint.decisions().map(|of_rules| of_rules.iter().sum());
        for finding in of_shares(&joint.marginal(), decisions, 0.9) {
            println!("depth {depth}: {finding}");
        }
    }
    Ok(())
}
