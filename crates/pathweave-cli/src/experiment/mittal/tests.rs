//! The sweep, and verdicts on made-up runs.

use std::collections::{BTreeMap, BTreeSet};

use pathweave::spec::{ModelKind, RunSpec};
use pathweave_eval::curves::Curves;
use pathweave_eval::record::RunRecord;
use pathweave_eval::report::Verdict;
use pathweave_eval::table::Entry;

use super::cells::Cells;
use super::metrics::{self, of_random};
use super::sweep::{GT_MODULAR, MODULAR, MODULAR_OP, MONOLITHIC, Part, sweep};
use crate::device::DeviceName;
use crate::experiment::results::Results;
use crate::experiment::runs::Measured;
use crate::experiment::scale::Scale;
use crate::experiment::{EXPERIMENTS, find};
use crate::run_id::id;

/// Metrics and validation curve of a run.
type Made = (BTreeMap<String, f64>, Vec<f64>);

fn measured(spec: RunSpec, made: &dyn Fn(&RunSpec) -> Made) -> Measured {
    let (metrics, values) = made(&spec);
    let mut record = RunRecord::new("id", &spec.name);
    record.metrics = metrics;
    let mut curves = Curves::new();
    for (index, value) in values.iter().enumerate() {
        let epoch = f64::from(spec.train.epochs) * (index + 1) as f64 / values.len() as f64;
        for tag in ["validation/error", "validation/loss"] {
            curves.push(tag, index as u64 + 1, epoch, *value);
        }
    }
    let entry = Entry { record, timing: None };
    Measured { spec, entry, curves, log: None }
}

fn results(id: &str, scale: Scale, made: &dyn Fn(&RunSpec) -> Made) -> Results {
    let specs = find(id).expect("an id").source.specs(scale);
    let runs: Vec<Measured> = specs.into_iter().map(|spec| measured(spec, made)).collect();
    let (data, overrides) = (None, Vec::new());
    Results { scale, data, overrides, runs: runs.into(), computed: None }
}

/// What the document reports: the oracle far ahead and more so with more rules, Modular a little
/// ahead of Monolithic, collapse and poor specialization that grow.
fn as_reported(spec: &RunSpec) -> Made {
    let data = spec.data.rules().expect("rules");
    let doublings = (data.rules as f64).log2();
    let noise = 0.01 * ((data.task * 7 + spec.train.seed * 3) % 5) as f64;
    let level = match spec.model.kind {
        MONOLITHIC => 0.1 * doublings + 0.01,
        MODULAR => 0.095 * doublings,
        MODULAR_OP => 0.04 * doublings + 0.053,
        _ => 0.09 / doublings,
    };
    let poor = match spec.model.kind {
        MODULAR => 0.1 * doublings,
        MODULAR_OP => 0.08 * doublings,
        _ => 0.0,
    };
    let performance = level * (1.0 + noise);
    let mut found: BTreeMap<String, f64> = BTreeMap::new();
    for metric in [metrics::PERFORMANCE, metrics::OUT_OF_DISTRIBUTION] {
        found.insert(metric.into(), performance);
    }
    if spec.model.kind != MONOLITHIC {
        found.extend(metrics::ALL.map(|metric| (metric.to_owned(), poor * (1.0 + noise) / 2.0)));
    }
    (found, (1..=20).map(|at| performance * (1.0 + 5.0 / f64::from(at))).collect())
}

const IDS: [&str; 7] = [
    "mittal/fig-2",
    "mittal/fig-3",
    "mittal/fig-4",
    "mittal/fig-5",
    "mittal/fig-6",
    "mittal/fig-7",
    "mittal/sizes",
];

#[test]
fn figures_share_their_runs_and_paper_scale_is_the_documents() {
    let ids = |part, scale| -> BTreeSet<String> {
        sweep(scale, part).iter().map(|spec| id(spec, DeviceName::Cpu)).collect()
    };
    let whole = sweep(Scale::Paper, Part::Rules);
    assert_eq!(whole.len(), 3 * 2 * 5 * 5 * 5 * 5 * 4);
    assert!(sweep(Scale::Paper, Part::Sizes) == whole);
    for scale in [Scale::Smoke, Scale::Small] {
        let rules = ids(Part::Rules, scale);
        assert!(ids(Part::Example, scale).is_subset(&rules));
        assert!(!ids(Part::Sizes, scale).is_disjoint(&rules));
    }
    let registered = EXPERIMENTS.iter().filter(|one| one.id.starts_with("mittal/"));
    assert_eq!(registered.map(|one| one.id).collect::<Vec<_>>(), IDS);
}

#[test]
fn what_the_document_reports_is_supported_and_its_mirror_is_not() {
    for id in IDS.into_iter().skip(1) {
        let experiment = find(id).expect("an id");
        let reported = results(id, Scale::Small, &as_reported);
        for claim in experiment.claims {
            let found = (claim.test)(&reported);
            assert_eq!(found.verdict, Verdict::Supported, "{id}: {}: {}", claim.text, found.ours);
        }
        // The oracle as bad as Modular, which is as good as the oracle.
        let mirrored = results(id, Scale::Small, &|spec| {
            let mut other = spec.clone();
            other.model.kind = match spec.model.kind {
                MONOLITHIC | MODULAR => GT_MODULAR,
                _ => MODULAR,
            };
            as_reported(&other)
        });
        let refuted = experiment
            .claims
            .iter()
            .filter(|claim| (claim.test)(&mirrored).verdict == Verdict::Refuted);
        assert!(refuted.count() > 0, "{id}");
    }
}

#[test]
fn reports_are_written_whatever_is_missing() {
    let nothing = |_: &RunSpec| (BTreeMap::new(), Vec::new());
    for id in IDS {
        let experiment = find(id).expect("an id");
        for made in [&as_reported as &dyn Fn(&RunSpec) -> Made, &nothing] {
            let results = results(id, Scale::Smoke, made);
            let report = (experiment.report)(&results).expect("a report");
            let page = report.to_html();
            assert!(!page.contains("NaN") && page.contains("Smoke scale"), "{id}");
            for claim in experiment.claims {
                assert_eq!(claim.check(&results).verdict, Verdict::NotTested);
            }
        }
    }
}

#[test]
fn settings_are_won_by_means_and_ties_are_shared() {
    let tied = |spec: &RunSpec| {
        let best = [MODULAR, GT_MODULAR].contains(&spec.model.kind);
        let value = if best { 0.1 } else { 0.2 };
        (BTreeMap::from([(metrics::PERFORMANCE.to_owned(), value)]), Vec::new())
    };
    let results = results("mittal/fig-3", Scale::Smoke, &tied);
    let wins =
        Cells::of(&results.runs, metrics::PERFORMANCE).wins(&[MODULAR, GT_MODULAR, MONOLITHIC]);
    let share = |kind: ModelKind| {
        let (_, won) = wins.iter().find(|(other, _)| *other == kind).expect("it competes");
        won.iter().sum::<f64>() / won.len() as f64
    };
    assert_eq!([share(MODULAR), share(GT_MODULAR), share(MONOLITHIC)], [0.5, 0.5, 0.0]);
}

#[test]
fn few_settings_are_compared_over_their_repeats() {
    let mut results = results("mittal/fig-4", Scale::Paper, &as_reported);
    let one = |run: &&Measured| {
        let data = run.spec.data.rules().expect("rules");
        data.rules == 8 && run.spec.name.contains("mlp regression r8 32x128")
    };
    let runs: Vec<Measured> = results.runs.all().iter().filter(one).cloned().collect();
    results.runs = runs.into();
    let cells = Cells::of(&results.runs, metrics::PERFORMANCE);
    assert_eq!(cells.settings().len(), 1);
    assert_eq!(cells.values(MODULAR).len(), 25);
    assert_eq!(cells.log_ratios(GT_MODULAR, MODULAR).values(GT_MODULAR).len(), 25);
}

/// The mean over Dirichlet(1) draws of half the distance to equal shares, by drawing.
#[test]
fn randoms_adaptation_is_the_closed_form() {
    let mut state = 1_u64;
    let mut uniform = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    };
    for rules in [2, 8, 32] {
        let draws = 4000;
        let mut sum = 0.0;
        for _ in 0..draws {
            let parts: Vec<f64> = (0..rules).map(|_| -uniform().ln()).collect();
            let whole: f64 = parts.iter().sum();
            let even = 1.0 / f64::from(rules);
            sum += parts.iter().map(|part| (part / whole - even).abs()).sum::<f64>() / 2.0;
        }
        let mean = sum / f64::from(draws);
        let exact = of_random("adaptation", rules as usize);
        assert!((mean - exact).abs() < 0.015, "{rules}: {mean} against {exact}");
    }
}
