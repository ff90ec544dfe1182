//! Runs on rule data from the outside: their files, and the commands that read them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::place::{Place, runs};

/// A run of a second.
pub const SPEC: &str = r#"
data.name = "rules"
data.rules = 4
data.steps_per_epoch = 50
data.eval_samples = 500
data.adaptation_draws = 5
data.adaptation_samples = 200
model.kind = "modular"
model.rules.encoder = 8
model.rules.width = 16
train.epochs = 3
train.batch = 32
train.optimizer = "adam"
train.learning_rate = 0.003
train.decay_every = 0
"#;

/// The place with the spec in it.
pub fn place() -> Place {
    let place = Place::new();
    fs::write(place.path("tiny.toml"), SPEC).expect("written");
    place
}

fn run(place: &Place, overrides: &[&str]) -> Vec<PathBuf> {
    place.good(&[&["run", "tiny.toml", "--quiet"], overrides].concat());
    runs(&place.path("runs"))
}

fn record(folder: &Path) -> Value {
    let text = fs::read_to_string(folder.join("record.json")).expect("a record");
    serde_json::from_str(&text).expect("JSON")
}

fn id(folder: &Path) -> &str {
    folder.file_name().and_then(|name| name.to_str()).expect("an id")
}

#[test]
fn a_run_leaves_its_files_and_repeats_to_the_bit() {
    let place = place();
    let folder = run(&place, &[]).remove(0);
    let record = record(&folder);
    let metrics = &record["metrics"];
    let model = [
        "loss",
        "performance",
        "performance_scale2",
        "performance_ood",
        "collapse_avg",
        "collapse_worst",
        "alignment",
        "inverse_mutual_information",
        "adaptation",
    ];
    let names = model.iter().map(|name| (*name).to_owned());
    let names = names.chain(model.iter().map(|name| format!("best/{name}")));
    let whole = ["train_loss", "validation_loss", "best_validation_loss", "best_epoch"];
    for name in names.chain(whole.map(str::to_owned)) {
        assert!(metrics[&name].is_f64(), "{name}: {metrics}");
    }
    assert!(metrics.get("error").is_none() && metrics.get("accuracy").is_none());
    assert_eq!(metrics["performance"], metrics["loss"]);
    assert_eq!((&record["steps"], &record["epochs"]), (&150.into(), &3.into()));
    let data = &record["dataset"];
    assert_eq!((&data["name"], &data["tasks"]), (&"rules".into(), &4.into()));
    assert_eq!((&data["train"], &data["test"]), (&(150 * 32).into(), &500.into()));
    assert_eq!(data["fingerprint"].as_str().map(str::len), Some(64));
    let tasks = record["per_task"].as_array().expect("rules");
    assert_eq!(tasks.iter().map(|task| task["n"].as_u64().expect("n")).sum::<u64>(), 500);
    assert_eq!(tasks[3]["task"], "rule 3");

    let activation = fs::read_to_string(folder.join("activation.csv")).expect("activation");
    let rows: Vec<f64> = activation
        .lines()
        .skip(1)
        .map(|line| line.rsplit(',').next().expect("a cell").parse().expect("a number"))
        .collect();
    assert_eq!(rows.len(), 16);
    assert!((rows.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    let curves = fs::read_to_string(folder.join("curves.csv")).expect("curves");
    for tag in ["train/loss", "validation/loss", "routing/collapse_avg", "routing/alignment"] {
        assert_eq!(curves.lines().filter(|line| line.contains(tag)).count(), 3, "{tag}");
    }
    for file in ["model", "best"] {
        let bytes = fs::read(folder.join(format!("{file}.safetensors"))).expect(file);
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("encoder_digit.0.weight") && text.contains("MLP.2.w"), "{file}");
    }
    assert!(!folder.join("checkpoint").exists());
    assert!(fs::metadata(folder.join("timing.json")).is_ok());

    let id = id(&folder);
    let verified = place.good(&["verify", id]);
    for file in ["model", "best", "record", "curves", "activation", "routing"] {
        assert!(verified.contains(file), "{file}: {verified}");
    }
    assert!(place.good(&["metrics", id]).contains("alignment"));
    assert!(place.good(&["report", id]).contains("alignment"));
    assert!(place.good(&["show", id]).contains("name = \"rules\""));
    let refused = place.bad(&["intervene", id], 2);
    assert!(refused.contains("rule data"), "{refused}");
}

#[test]
fn every_model_and_family_runs() {
    let place = place();
    let small = ["data.length=4", "data.rules=2", "data.eval_samples=60", "train.epochs=1"];
    let few = ["data.steps_per_epoch=3", "data.adaptation_draws=1"];
    let kinds = "model.kind=monolithic,modular,modular-op,gt-modular,random,routed";
    let families = "data.family=mlp,mha,rnn";
    let lists = [families, kinds, "data.target=classification"];
    let folders = run(&place, &[&small[..], &few[..], &lists[..]].concat());
    assert_eq!(folders.len(), 18);
    for folder in folders {
        let record = record(&folder);
        let (metrics, spec) = (&record["metrics"], &record["spec"]);
        let sequence = spec["data"]["family"] != "mlp";
        assert_eq!(metrics.get("performance_length_30").is_some(), sequence);
        let modular = spec["model"]["kind"] != "monolithic";
        assert_eq!(metrics.get("collapse_avg").is_some(), modular, "{metrics}");
        assert_eq!(folder.join("activation.csv").exists(), modular);
        assert_eq!(metrics["performance"], metrics["error"]);
    }
}

#[test]
fn overrides_of_a_preset_make_a_run_each() {
    let place = Place::new();
    let few = ["data.steps_per_epoch=2", "data.eval_samples=20", "data.adaptation_draws=0"];
    let lists = ["data.rules=2,4,8", "train.seed=1,2", "model.kind=modular-op", "train.epochs=1"];
    let one = ["router.algorithm=reinforce"];
    let args =
        [&["run", "rules-mlp", "--quiet", "--json"], &few[..], &lists[..], &one[..]].concat();
    let answer: Value = serde_json::from_str(&place.good(&args)).expect("JSON");
    assert_eq!(answer["runs"].as_array().map(Vec::len), Some(6), "{answer}");
}

#[test]
fn data_commands_know_that_rules_have_no_files() {
    let place = Place::new();
    assert!(place.good(&["data", "check", "rules"]).contains("drawn"));
    assert!(place.good(&["data", "get", "rules"]).contains("drawn"));
    assert!(place.good(&["data", "list"]).contains("rules"));
}

#[test]
fn a_run_that_diverges_says_so() {
    let place = place();
    let args = ["run", "tiny.toml", "train.learning_rate=1e30", "--checkpoint-seconds", "0"];
    let errors = place.bad(&args, 5);
    assert!(errors.contains("diverged"), "{errors}");
}

#[test]
fn faults_are_told_together_with_their_places() {
    let place = place();
    let args =
        ["run", "tiny.toml", "data.depth=3", "train.record_routing=true", "model.rules.width=0"];
    let errors = place.bad(&args, 3);
    for key in ["data.depth", "train.record_routing"] {
        assert!(errors.contains(key), "{key}: {errors}");
    }
}
