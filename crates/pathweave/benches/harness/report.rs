//! The table and the file of a benchmark.

use std::ops::RangeBounds;

use serde_json::{Value, json};

use super::{Case, Options, Times, Twin};

/// Collects cases, prints them as they come.
pub struct Report {
    options: Options,
    twin: Option<Twin>,
    bench: &'static str,
    rows: Vec<Value>,
    targets: Vec<Value>,
}

/// Medians of a case, for targets.
pub struct Medians(Vec<(&'static str, f64, f64)>);

impl Medians {
    /// Median milliseconds, and median over rounds of its time divided by the first contender's.
    /// `None` where it was not timed.
    pub fn of(&self, name: &str) -> Option<(f64, f64)> {
        self.0.iter().find(|(who, ..)| *who == name).map(|&(_, median, ratio)| (median, ratio))
    }
}

impl Report {
    /// Prints the heading and starts the twin.
    pub fn start(bench: &'static str, heading: &str, rounds: usize) -> Self {
        let options = Options::read(rounds);
        println!("{heading}\none thread, {} interleaved rounds\n", options.rounds);
        let twin = Twin::start(&format!("{bench}.py"));
        if let Some(twin) = &twin {
            println!("twin: {}\n", twin.version);
        }
        println!(
            "{:<20}{:<30}{:>11}{:>11}{:>11}{:>9}",
            "case", "contender", "median ms", "min ms", "p90 ms", "/ first"
        );
        Self { options, twin, bench, rows: Vec::new(), targets: Vec::new() }
    }

    /// Times a case and prints its rows.
    pub fn case(&mut self, case: Case<'_>) -> Medians {
        let (name, times) = case.run(self.options.rounds, &mut self.twin);
        let mut medians = Vec::new();
        for one in &times {
            let ratios: Vec<f64> =
                one.rounds.iter().zip(&times[0].rounds).map(|(a, b)| a / b).collect();
            let [min, median, p90] = [0.0, 0.5, 0.9].map(|share| quantile(&one.rounds, share));
            let ratio = quantile(&ratios, 0.5);
            let Times { name: who, .. } = one;
            println!("{name:<20}{who:<30}{median:>11.3}{min:>11.3}{p90:>11.3}{ratio:>9.2}");
            self.rows.push(json!({
                "case": name, "contender": who, "median_ms": median, "min_ms": min,
                "p90_ms": p90, "median_ratio_to_first": ratio,
            }));
            medians.push((*who, median, ratio));
        }
        Medians(medians)
    }

    /// Notes whether `found` lies in a range such as `3.0..`; nothing where it was not timed.
    pub fn target(
        &mut self,
        what: &str,
        found: Option<f64>,
        range: impl RangeBounds<f64> + std::fmt::Debug,
    ) {
        let Some(found) = found else { return };
        let (wanted, met) = (format!("{range:?}"), range.contains(&found));
        self.targets.push(json!({ "what": what, "found": found, "wanted": wanted, "met": met }));
    }

    /// Prints the targets and writes the file.
    pub fn finish(self) -> std::io::Result<()> {
        println!();
        for target in &self.targets {
            let verdict = if target["met"] == true { "met" } else { "MISSED" };
            let (what, wanted) = (&target["what"], &target["wanted"]);
            let found = target["found"].as_f64().unwrap_or(f64::NAN);
            println!("{verdict:<8}{}: {found:.2}, wanted {}", text(what), text(wanted));
        }
        let Some(path) = &self.options.json else { return Ok(()) };
        let file = json!({
            "bench": self.bench, "rounds": self.options.rounds, "rows": self.rows,
            "twin": self.twin.as_ref().map(|twin| &twin.version), "targets": self.targets,
        });
        std::fs::write(path, serde_json::to_string_pretty(&file)?)
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The value below which `share` of the values lie, by rank.
fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}
