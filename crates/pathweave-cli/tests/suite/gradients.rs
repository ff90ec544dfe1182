//! `gradients`: table, files, faults.

use std::fs;

use assert_cmd::Command;
use serde_json::Value;

const SMALL: [&str; 7] = [
    "gradients",
    "--quiet",
    "--rewards=3",
    "--policies=2",
    "--samples-per-action=5",
    "--actions",
    "4,2",
];

fn run(arguments: &[&str]) -> (tempfile::TempDir, std::process::Output) {
    let out = tempfile::tempdir().unwrap();
    let mut command = Command::cargo_bin("pathweave").unwrap();
    let output = command.arg("--out").arg(out.path()).args(SMALL).args(arguments).output().unwrap();
    (out, output)
}

#[test]
fn estimators_are_listed_by_number_of_actions_and_drawn() {
    let (out, output) = run(&["--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["settings"]["actions"], serde_json::json!([2, 4]));
    let rows = found["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 10);
    for row in rows {
        for measure in ["mse", "variance", "mse_of_mean"] {
            assert!(row[measure]["mean"].as_f64().is_some_and(|mean| mean >= 0.0), "{row}");
            assert_eq!(row[measure]["values"].as_array().unwrap().len(), 3);
        }
    }
    let reports = out.path().join("reports");
    let folder = fs::read_dir(reports).unwrap().next().unwrap().unwrap().path();
    let picture = fs::read_to_string(folder.join("gradients.svg")).unwrap();
    for name in ["REINFORCE", "Gumbel", "REBAR", "RELAX"] {
        assert!(picture.contains(name), "{name}");
    }
    assert!(folder.join("report.html").is_file());
    assert_eq!(fs::read_to_string(folder.join("table.csv")).unwrap().lines().count(), 31);
    let (_, again) = run(&["--json", "--jobs", "3"]);
    assert_eq!(again.stdout, output.stdout);
    let (_, other) = run(&["--json", "--seed", "2"]);
    assert_ne!(other.stdout, output.stdout);
}

#[test]
fn settings_without_sense_are_told_together() {
    let (_, output) = run(&["--temperature", "0", "--alpha", "2"]);
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(errors.contains("--temperature") && errors.contains("--alpha"), "{errors}");
}
