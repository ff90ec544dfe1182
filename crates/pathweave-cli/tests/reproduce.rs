//! Every experiment at smoke scale, end to end, through the program.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;

const IDS: [&str; 48] = [
    "thesis/fig-3.2",
    "thesis/fig-4.3",
    "thesis/fig-4.4",
    "thesis/fig-5.1",
    "thesis/fig-5.2",
    "thesis/fig-5.3",
    "thesis/fig-5.4",
    "thesis/fig-5.5",
    "thesis/fig-5.6",
    "thesis/table-5.2",
    "thesis/table-5.2-forerunner",
    "thesis/table-5.2-multinli",
    "thesis/fig-5.12",
    "thesis/fig-5.13",
    "thesis/take-vow",
    "thesis/table-6.1",
    "thesis/table-6.1-forerunner",
    "thesis/fig-6.4",
    "thesis/fig-6.5",
    "thesis/fig-7.1",
    "thesis/fig-7.1-sci",
    "thesis/fig-7.2",
    "thesis/fig-7.3",
    "thesis/fig-7.3-sci",
    "thesis/fig-7.4",
    "thesis/fig-7.4-sci",
    "thesis/fig-7.5",
    "thesis/fig-7.6",
    "thesis/fig-7.6-sci",
    "thesis/fig-7.7",
    "thesis/fig-7.7-sci",
    "thesis/fig-7.8",
    "thesis/fig-7.8-sci",
    "thesis/fig-7.9",
    "thesis/fig-7.9-sci",
    "thesis/fig-7.10",
    "thesis/fig-7.11",
    "thesis/fig-7.12",
    "thesis/fig-7.13",
    "thesis/fig-7.14",
    "chang-curriculum",
    "mittal/fig-2",
    "mittal/fig-3",
    "mittal/fig-4",
    "mittal/fig-5",
    "mittal/fig-6",
    "mittal/fig-7",
    "mittal/sizes",
];

/// Those that compute their numbers instead of training runs: nothing can be overridden.
const COMPUTED: [&str; 4] = [IDS[0], IDS[1], IDS[2], IDS[40]];
/// Those on sentence pairs.
const PAIRS: std::ops::Range<usize> = 9..19;
/// One of those that train: `thesis/fig-5.6`.
const ONE: usize = 8;

/// Whether smoke scale has other data than the embedded digits.
fn on_others(id: &str) -> bool {
    id.starts_with("mittal/") || id.ends_with("-sci") || id == "thesis/fig-7.14"
}

fn pathweave(out: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("pathweave").expect("the program is built");
    command.env_remove("PATHWEAVE_DATA").env_remove("PATHWEAVE_RUNS");
    command.arg("--out").arg(out).arg("--quiet").args(arguments);
    command.output().expect("the program starts")
}

fn json(output: &Output) -> Value {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    serde_json::from_slice(&output.stdout).expect("JSON and nothing else")
}

const TOP: [&str; 6] = ["claims", "document", "experiment", "overrides", "rows", "scale"];

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn every_experiment_runs_and_reports_at_smoke_scale() {
    let out = tempfile::tempdir().expect("a folder");
    // Three: some learn other pairs before, then a dispatcher after.
    let small = ["--scale", "smoke", "--json", "train.epochs=3", "train.seed=1,2"];
    let all = json(&pathweave(out.path(), &[&["reproduce", "all"][..], &small].concat()));
    let all = all.as_array().expect("a list of experiments");
    let ids: Vec<&str> = all.iter().filter_map(|one| one["experiment"].as_str()).collect();
    assert_eq!(ids, IDS);
    for one in all {
        check_shape(one);
        let id = one["experiment"].as_str().unwrap();
        let computed = COMPUTED.contains(&id);
        let folder = if computed {
            out.path().join(format!("reports/{id}-smoke"))
        } else {
            overridden(out.path(), id)
        };
        let pairs = IDS[PAIRS].contains(&id);
        check_files(&folder, one, !computed && !pairs && !on_others(id));
    }

    // Finished runs are not run again, and one experiment prints one object.
    let again = json(&pathweave(out.path(), &[&["reproduce", IDS[ONE]][..], &small].concat()));
    assert_eq!(&again, &all[ONE]);
    a_seed_gives_other_numbers(out.path(), &all[0]);

    let text =
        pathweave(out.path(), &["reproduce", IDS[ONE], "--scale", "smoke", "train.epochs=1"]);
    let text = String::from_utf8(text.stdout).expect("text");
    assert!(text.contains("routing-all-fc") && text.contains("not tested:"), "{text}");
    assert!(text.contains("report.html"), "{text}");
    reports_on_finished_runs(out.path());
}

/// The report of an experiment with overrides: beside the plain one, never in its place.
fn overridden(out: &Path, experiment: &str) -> PathBuf {
    let plain = out.join(format!("reports/{experiment}-smoke"));
    assert!(!plain.exists(), "{} is the place of the run without overrides", plain.display());
    let start = format!("{}-", plain.file_name().unwrap().to_str().unwrap());
    let entries = std::fs::read_dir(plain.parent().unwrap()).unwrap();
    let mut found = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(&start));
    found.next().unwrap_or_else(|| panic!("no report named {start}…"))
}

/// `{"experiment", "document", "scale", "overrides", "rows": [{"model", "metric", "mean", "ci95",
/// "n", "paper"}], "claims": [{"text", "source", "paper", "ours", "verdict"}]}`
fn check_shape(one: &Value) {
    assert_eq!(keys(one), BTreeSet::from(TOP));
    assert_eq!(one["scale"], "smoke");
    let rows = one["rows"].as_array().expect("rows");
    assert!(!rows.is_empty());
    for row in rows {
        let wanted = BTreeSet::from(["ci95", "mean", "metric", "model", "n", "paper"]);
        assert_eq!(keys(row), wanted);
        assert!(row["model"].is_string() && row["metric"].is_string(), "{row}");
        assert!(row["mean"].is_number() && row["n"].as_u64().is_some_and(|n| n > 0), "{row}");
        for optional in ["ci95", "paper"] {
            assert!(row[optional].is_number() || row[optional].is_null(), "{row}");
        }
    }
    let claims = one["claims"].as_array().expect("claims");
    assert!(!claims.is_empty());
    for claim in claims {
        assert_eq!(keys(claim), BTreeSet::from(["ours", "paper", "source", "text", "verdict"]));
        assert_eq!(claim["verdict"], "not-tested", "smoke scale tests no claim");
    }
}

fn check_files(folder: &Path, one: &Value, on_digits: bool) {
    let read = |name: &str| {
        fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    let page = read("report.html");
    assert!(page.contains("Smoke scale") && page.contains("<svg"), "{}", folder.display());
    assert!(!page.contains("<script") && !page.contains("NaN"), "{}", folder.display());
    let markdown = read("report.md");
    assert_eq!(markdown.contains("digits-mtl"), on_digits);
    let rows: Value = serde_json::from_str(&read("rows.json")).expect("JSON");
    assert_eq!(&rows, one);
    let table = read("table.csv");
    assert_eq!(table.lines().count(), 1 + one["rows"].as_array().map_or(0, Vec::len));
    let svg = |entry: &fs::DirEntry| entry.path().extension().is_some_and(|e| e == "svg");
    let figures = fs::read_dir(folder).expect("the folder").flatten().filter(svg);
    let mut count = 0;
    for figure in figures {
        let name = figure.file_name().to_string_lossy().into_owned();
        assert!(markdown.contains(&name), "{name} is not in the Markdown");
        assert!(fs::read_to_string(figure.path()).expect("text").starts_with("<svg"), "{name}");
        count += 1;
    }
    assert!(count > 0);
}

/// A computed experiment's numbers follow from its seed, and its report stands beside the other.
fn a_seed_gives_other_numbers(out: &Path, plain: &Value) {
    let with = |seed: &[&str]| {
        let arguments = [&["reproduce", COMPUTED[0], "--scale", "smoke", "--json"][..], seed];
        json(&pathweave(out, &arguments.concat()))
    };
    assert_eq!(&with(&[]), plain);
    assert_ne!(&with(&["--seed", "9"]), plain);
    assert!(out.join(format!("reports/{}-smoke-seed-9/rows.json", COMPUTED[0])).is_file());
}

fn reports_on_finished_runs(out: &Path) {
    let folder = out.to_str().expect("a plain path");
    let by_algorithm =
        ["report", folder, "--by", "router.algorithm", "--metric", "accuracy", "--json"];
    let report = json(&pathweave(out, &by_algorithm));
    let models = report["rows"].as_array().expect("rows").iter().map(|row| &row["model"]);
    let models: BTreeSet<&str> = models.filter_map(Value::as_str).collect();
    assert!(models.is_superset(&BTreeSet::from(["q_learning", "reinforce", "wpl"])), "{models:?}");

    let text = pathweave(out, &["report", folder, "--by", "model.kind"]);
    let text = String::from_utf8(text.stdout).expect("text");
    assert!(text.contains("cross-stitch") && text.contains("report.html"), "{text}");
    let unknown = pathweave(out, &["report", folder, "--metric", "accuracies"]);
    assert_eq!(unknown.status.code(), Some(2));
    let unknown = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(unknown.contains("accuracies") && unknown.contains("accuracy"), "{unknown}");
}

#[test]
fn wrong_ids_overrides_and_missing_data_are_told() {
    let out = tempfile::tempdir().expect("a folder");
    let fails = |arguments: &[&str], code: i32, words: &[&str]| {
        let output = pathweave(out.path(), arguments);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{errors}");
        assert!(words.iter().all(|word| errors.contains(word)), "{errors}");
    };
    fails(&["reproduce", "thesis/fig-5.7", "--scale", "smoke"], 2, &["thesis/fig-5.4", "all"]);
    let unknown = ["reproduce", "thesis/fig-5.6", "--scale", "smoke", "train.epoch=1"];
    fails(&unknown, 3, &["train.epoch"]);
    fails(&["reproduce", COMPUTED[0], "train.epochs=1"], 2, &["no runs"]);
    fails(&["reproduce", "thesis/fig-5.6"], 4, &["--data", "PATHWEAVE_DATA"]);
    fails(&["report", "nothing"], 2, &["nothing"]);
    let empty = out.path().to_str().expect("a plain path");
    fails(&["report", empty], 2, &["no finished run"]);
}
