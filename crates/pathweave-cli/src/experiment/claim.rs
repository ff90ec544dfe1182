//! Sentences of a document as checks.

use pathweave_eval::report::{Claim, Verdict};
use pathweave_eval::stats::{self, Difference};

use super::results::Results;
use super::scale::Scale;
use super::verdict;

/// A sentence of a document and how it is checked.
#[derive(Clone, Copy, Debug)]
pub struct ClaimDef {
    /// The sentence, quoted shortly
    pub text: &'static str,
    /// Document and section
    pub source: &'static str,
    /// What the document reports
    pub paper: &'static str,
    /// What we found
    pub test: fn(&Results) -> Finding,
}

/// What we found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// In words and numbers
    pub ours: String,
    /// By [`verdict::RULES`]
    pub verdict: Verdict,
}

impl Finding {
    /// A finding.
    pub fn new(ours: impl Into<String>, verdict: Verdict) -> Self {
        Self { ours: ours.into(), verdict }
    }

    /// Nothing was measured.
    pub fn missing() -> Self {
        Self::new("not measured", Verdict::Inconclusive)
    }
}

impl ClaimDef {
    /// The claim beside what we found. At smoke scale nothing is tested.
    pub fn check(&self, results: &Results) -> Claim {
        let Finding { ours, verdict } = (self.test)(results);
        let smoke = results.scale == Scale::Smoke;
        Claim {
            text: self.text.into(),
            source: self.source.into(),
            paper: self.paper.into(),
            ours: match (smoke, &results.computed) {
                (true, None) if results.on_rules() => format!("after a few steps: {ours}"),
                (true, None) => format!("on the stand-in: {ours}"),
                (true, Some(_)) => format!("from a few repetitions: {ours}"),
                (false, _) => ours,
            },
            verdict: if smoke { Verdict::NotTested } else { verdict },
        }
    }
}

/// Whether `model` beats every one of `others`.
pub fn beats(results: &Results, model: &str, others: &[&str]) -> Finding {
    let gains: Vec<(&str, Option<Difference>)> =
        others.iter().map(|&other| (other, results.runs.gain(model, other))).collect();
    let text = |(other, gain): &(&str, Option<Difference>)| match others.len() {
        1 => points(results, model, other, *gain),
        _ => format!("{} over {other}", points(results, model, other, *gain)),
    };
    let texts: Vec<String> = gains.iter().map(text).collect();
    let verdicts = gains.iter().map(|(_, gain)| verdict::direction(*gain));
    Finding::new(texts.join("; "), verdict::all(verdicts))
}

/// Whether `model` beats `other` by about `claimed` percentage points.
pub fn by(results: &Results, model: &str, other: &str, claimed: f64) -> Finding {
    let gain = results.runs.gain(model, other);
    Finding::new(points(results, model, other, gain), verdict::size(gain, claimed))
}

/// A gain in words; without an interval where there are too few runs.
fn points(results: &Results, model: &str, other: &str, gain: Option<Difference>) -> String {
    match (gain, results.runs.gain_row(model, other, None)) {
        (Some(gain), _) => format!("{} ± {:.1} points", signed(gain.mean), gain.ci95),
        (None, Some(row)) => format!("{} points, no interval", signed(row.mean)),
        (None, None) => "not measured".into(),
    }
}

/// One decimal, with its sign.
fn signed(value: f64) -> String {
    let text = format!("{value:+.1}");
    text.replace('-', "−")
}

/// The mean with its interval, where there is one.
pub fn mean_text(values: &[f64], digits: usize) -> String {
    let mean = stats::mean(values).unwrap_or(f64::NAN);
    match stats::ci95(values) {
        Some(half) => format!("{mean:.digits$} ± {half:.digits$}"),
        None => format!("{mean:.digits$}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::experiment::runs::Measured;
    use crate::experiment::{Experiment, find};
    use pathweave_eval::curves::Curves;
    use pathweave_eval::record::RunRecord;
    use pathweave_eval::table::Entry;
    use pathweave_eval::timing::Timing;

    /// The experiment's own runs with made-up metrics: `value(model, metric, seed)`.
    fn made_up(
        id: &str,
        scale: Scale,
        value: impl Fn(&str, &str, u64) -> f64,
    ) -> (&'static Experiment, Results) {
        let experiment = find(id).expect("an id");
        let run = |spec: pathweave::spec::RunSpec| {
            let (name, seed) = (spec.name.clone(), spec.train.seed);
            let of = |metric: &str| value(&name, metric, seed);
            let names = ["accuracy", "selection_entropy/0", "path_overlap", "distinct_paths"];
            let mut record = RunRecord::new("id", &name);
            record.metrics = names.map(|name| (name.to_owned(), of(name))).into_iter().collect();
            let timing = Timing { seconds_per_task_epoch: of("time"), ..Timing::default() };
            let entry = Entry { record, timing: Some(timing) };
            Measured { spec, entry, curves: Curves::new(), log: None }
        };
        let runs: Vec<Measured> = experiment.source.specs(scale).into_iter().map(run).collect();
        let (data, overrides) = (None, Vec::new());
        (experiment, Results { scale, data, overrides, runs: runs.into(), computed: None })
    }

    /// The verdicts by the claims' texts.
    fn verdicts(id: &str, value: impl Fn(&str, &str, u64) -> f64) -> BTreeMap<String, Verdict> {
        let (experiment, results) = made_up(id, Scale::Paper, value);
        let checked = experiment.claims.iter().map(|claim| claim.check(&results));
        checked.map(|claim| (claim.text, claim.verdict)).collect()
    }

    /// A little noise that depends on the seed alone.
    fn noise(seed: u64) -> f64 {
        0.001 * ((seed * 7) % 5) as f64
    }

    #[test]
    fn what_the_thesis_reports_is_supported_and_its_mirror_refuted() {
        let thesis = |model: &str, _: &str, seed: u64| {
            let accuracy = match model {
                "routing-all-fc" => 0.60,
                "cross-stitch" => 0.53,
                "task-specific-1-fc" => 0.49,
                _ => 0.45,
            };
            accuracy + noise(seed) * if model == "routing-all-fc" { 1.0 } else { 0.5 }
        };
        let found = verdicts("thesis/fig-5.2", thesis);
        assert_eq!(found.len(), 5);
        assert!(found.values().all(|verdict| *verdict == Verdict::Supported), "{found:?}");
        let mirror = |model: &str, metric: &str, seed: u64| 1.0 - thesis(model, metric, seed);
        let found = verdicts("thesis/fig-5.2", mirror);
        assert!(found.values().all(|verdict| *verdict == Verdict::Refuted), "{found:?}");
    }

    #[test]
    fn a_gain_of_another_size_supports_the_direction_alone() {
        let found = verdicts("thesis/fig-5.3", |model, _, seed| {
            noise(seed) + if model == "routing-all-fc" { 0.9 } else { 0.5 }
        });
        assert_eq!(found["beats cross-stitch networks"], Verdict::Supported);
        assert_eq!(found["beats cross-stitch networks by about 2%"], Verdict::Refuted);
    }

    #[test]
    fn times_are_judged_by_ratio_and_line() {
        let modules = |model: &str| -> f64 {
            let words: Vec<&str> = model.split([' ', ',']).collect();
            words.iter().find_map(|word| word.parse().ok()).expect("a number of modules")
        };
        let judged = |routed: f64, stitched: f64| {
            let found = verdicts("thesis/fig-5.5", |model, _, seed| {
                let slope = if model.starts_with("routing") { routed } else { stitched };
                1.0 + slope * modules(model) + noise(seed)
            });
            let by =
                |begin: &str| *found.iter().find(|(text, _)| text.starts_with(begin)).unwrap().1;
            (by("Adding modules"), by("cross-stitch"), by("training time"))
        };
        use Verdict::{NotTested, Refuted, Supported};
        assert_eq!(judged(0.001, 0.3), (Supported, Supported, NotTested));
        assert_eq!(judged(0.3, -0.01), (Refuted, Refuted, NotTested));
    }

    #[test]
    fn collapse_is_judged_by_the_effective_number_of_modules() {
        let claim =
            "the single agent collapsed and often chose just one or two modules at each depth";
        let entropy = |entropy: f64| {
            verdicts("thesis/fig-5.1", move |_, _, seed| entropy + noise(seed))[claim]
        };
        assert_eq!(entropy(0.3), Verdict::Supported);
        assert_eq!(entropy(2.0), Verdict::Refuted);
    }

    #[test]
    fn smoke_scale_tests_nothing() {
        let (experiment, results) = made_up("thesis/fig-5.2", Scale::Smoke, |_, _, _| 0.5);
        let checked = experiment.claims.iter().map(|claim| claim.check(&results).verdict);
        assert!(checked.into_iter().all(|verdict| verdict == Verdict::NotTested));
    }
}
