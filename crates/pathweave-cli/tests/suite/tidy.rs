//! The repository agrees with itself: folders with registries, pages with the program, every
//! dependency with its reason.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Names of the Rust files in a folder, but for `mod` and those that hold no entry of a registry.
fn files(folder: &str, shared: &[&str]) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let stems = entries.map(|entry| entry.unwrap().path()).filter_map(|path| {
        let name = path.file_name()?.to_str()?.strip_suffix(".rs")?.to_owned();
        (name != "mod" && !shared.contains(&name.as_str())).then_some(name)
    });
    stems.collect()
}

fn registry() -> Value {
    let output =
        Command::cargo_bin("pathweave").unwrap().args(["list", "--json"]).output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn names(registry: &Value, kind: &str) -> BTreeSet<String> {
    let rows = registry[kind].as_array().unwrap_or_else(|| panic!("no registry {kind}"));
    rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_file_is_registered_and_every_entry_has_its_file() {
    let registry = registry();
    let shared = ["baseline", "choose", "registry", "relaxed", "shared", "wpl_approximated"];
    let algorithms = files("crates/pathweave/src/decision", &shared);
    assert_eq!(algorithms, names(&registry, "algorithms"));
    let mut datasets = files("crates/pathweave-data/src/dataset", &["construct", "pairs", "texts"]);
    datasets.extend(["rules".into(), "implicatives".into()]); // folders
    let listed = names(&registry, "datasets").iter().map(|name| name.replace('-', "_")).collect();
    assert_eq!(datasets, listed);
    let blocks = files("crates/pathweave/src/block", &["activation", "conv"]);
    let listed = names(&registry, "blocks");
    assert!(blocks.is_subset(&listed), "{blocks:?} against {listed:?}");
    let metrics = files(
        "crates/pathweave-eval/src/metric",
        &["conformance", "routing_map", "tally", "tests"],
    );
    assert_eq!(metrics, names(&registry, "metrics"));
    let experiments = |document: &str, shared: &[&str]| -> BTreeSet<String> {
        let files = files(&format!("crates/pathweave-cli/src/experiment/{document}"), shared);
        files.iter().map(|file| format!("{document}/{file}")).collect()
    };
    let shared = ["cells", "frame", "judge", "metrics", "sweep", "tests"];
    let mut found = experiments("mittal", &shared);
    let shared = [
        "chapter_7",
        "chapter_7_sci",
        "domain",
        "language",
        "lines_5_2",
        "lines_6_1",
        "models",
        "overlap",
        "pair_tables",
    ];
    found.extend(experiments("thesis", &shared));
    let file = |name: &String| {
        let document = if name.contains('/') { "" } else { "thesis/" };
        // A table on other data is in the table's file.
        let name = name.trim_end_matches("-forerunner").trim_end_matches("-multinli");
        format!("{document}{}", name.replace(['-', '.'], "_"))
    };
    assert_eq!(found, names(&registry, "experiments").iter().map(file).collect());
}

/// `PATHWEAVE_BLESS=1 cargo test --release -p pathweave-cli --test suite tidy` writes the page anew.
#[test]
fn the_reference_page_is_what_the_program_lists() {
    let output = Command::cargo_bin("pathweave").unwrap().arg("list").output().unwrap();
    let list = String::from_utf8(output.stdout).unwrap();
    let page = format!(
        "# Reference\n\nWhat `pathweave list` prints. A test keeps this page equal to it.\n\n\
         ```text\n{}\n```\n",
        list.trim_end()
    );
    if std::env::var_os("PATHWEAVE_BLESS").is_some() {
        fs::write(root().join("docs/reference.md"), &page).unwrap();
    }
    assert_eq!(read("docs/reference.md"), page, "docs/reference.md is not what the program lists");
}

/// Written anew as the page above is.
#[test]
fn the_schema_is_what_the_program_prints() {
    let output = Command::cargo_bin("pathweave").unwrap().arg("schema").output().unwrap();
    let schema = String::from_utf8(output.stdout).unwrap();
    if std::env::var_os("PATHWEAVE_BLESS").is_some() {
        fs::write(root().join("docs/spec.schema.json"), &schema).unwrap();
    }
    let page = read("docs/spec.schema.json");
    assert!(page == schema, "docs/spec.schema.json is not what `pathweave schema` prints");
}

/// Written anew as the page above is.
#[test]
fn the_ledger_is_what_the_reports_data_say() {
    let folder = root().join("docs/reproduction");
    for (name, flags) in [("ledger.md", &[][..]), ("ledger.json", &["--json"][..])] {
        let mut command = Command::cargo_bin("pathweave").unwrap();
        let output = command.arg("ledger").arg(&folder).args(flags).output().unwrap();
        let ledger = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success());
        if std::env::var_os("PATHWEAVE_BLESS").is_some() {
            fs::write(folder.join(name), &ledger).unwrap();
        }
        let page = read(&format!("docs/reproduction/{name}"));
        assert_eq!(page, ledger, "{name} is not what `pathweave ledger docs/reproduction` prints");
    }
}

#[test]
fn every_dependency_has_its_reason() {
    let page = read("docs/dependencies.md");
    let mut missing = Vec::new();
    for manifest in fs::read_dir(root().join("crates")).unwrap() {
        let manifest = fs::read_to_string(manifest.unwrap().path().join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        for section in ["dependencies", "dev-dependencies"] {
            let table = manifest.get(section).and_then(toml::Value::as_table);
            let crates = table.into_iter().flat_map(|table| table.keys());
            missing.extend(
                crates
                    .filter(|name| !name.starts_with("pathweave") && !page.contains(name.as_str()))
                    .cloned(),
            );
        }
    }
    assert!(missing.is_empty(), "docs/dependencies.md says nothing of {missing:?}");
}

#[test]
fn files_fit_in_the_head() {
    let mut long = Vec::new();
    let mut folders = vec![root().join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let lines = fs::read_to_string(&path).unwrap().lines().count();
                if lines > 330 {
                    long.push(format!("{} ({lines} lines)", path.display()));
                }
            }
        }
    }
    assert!(long.is_empty(), "about 300 lines a file, one idea each: {long:?}");
}
