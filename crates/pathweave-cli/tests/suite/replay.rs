//! Recorded decisions, and runs that follow them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::place::{Place, TINY};

/// Runs a routed network and gives its id and folder.
fn run(place: &Place, more: &[&str]) -> (String, PathBuf) {
    let args = [&["run", "--json", "digits-mtl", "model=routed"], &TINY[..], more].concat();
    let json: Value = serde_json::from_str(&place.good(&args)).expect("JSON");
    let run = &json["runs"][0];
    let text = |key: &str| run[key].as_str().expect(key).to_owned();
    (text("id"), place.path(&text("folder")))
}

/// Every array of a model, the file's name of its run left out.
fn arrays(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let bytes = fs::read(folder.join("model.safetensors")).expect("a model");
    let tensors = safetensors::SafeTensors::deserialize(&bytes).expect("arrays");
    let mut arrays: Vec<_> =
        tensors.iter().map(|(name, view)| (name.to_owned(), view.data().to_vec())).collect();
    arrays.sort();
    arrays
}

fn routing(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("routing.jsonl")).expect("a routing log")
}

#[test]
fn a_run_follows_another_wherever_its_record_lies() {
    let place = Place::new();
    let (id, first) = run(&place, &["train.record_routing=true"]);
    let record = first.join("decisions.jsonl");
    assert!(record.is_file());
    let (replayed, second) = run(&place, &[&format!("train.replay={}", &id[..8])]);
    assert_ne!(id, replayed);
    assert_eq!(arrays(&first), arrays(&second));
    assert_eq!(routing(&first), routing(&second));

    // The content is part of what a run is, its place is not.
    fs::copy(&record, place.path("mine.jsonl")).expect("copied");
    assert_eq!(run(&place, &["train.replay=mine.jsonl"]).0, replayed);

    // Other modules, the same routes.
    let replay = format!("train.replay={id}");
    let (_, other) = run(&place, &[&replay, "model.blocks=[\"mlp\"]"]);
    assert_ne!(arrays(&first), arrays(&other));
    assert_eq!(routing(&first), routing(&other));

    assert!(place.good(&["verify", &replayed]).contains("the same bits"));
    assert!(place.good(&["verify", &id]).contains("decisions.jsonl"));
}

#[test]
fn what_cannot_be_followed_is_told() {
    let place = Place::new();
    let (id, folder) = run(&place, &["train.record_routing=true"]);
    let bad = |more: &[&str], code: i32| {
        let args = [&["run", "digits-mtl", "model=routed"], &TINY[..], more].concat();
        place.bad(&args, code)
    };
    assert!(bad(&["train.replay=nothing"], 3).contains("train.replay: found \"nothing\""));
    let (plain, _) = run(&place, &[]);
    let told = bad(&[&format!("train.replay={plain}")], 3);
    assert!(told.contains("train.record_routing = true"), "{told}");

    let replay = format!("train.replay={id}");
    let told = bad(&[&replay, "train.seed=1"], 5);
    assert!(told.contains("decisions.jsonl: step 0: no decision for sample"), "{told}");
    let told = bad(&[&replay, "train.epochs=2"], 5);
    assert!(told.contains("decisions.jsonl: no decisions of step"), "{told}");
    let told = bad(&[&replay, "model.modules=3"], 5);
    assert!(told.contains("decisions.jsonl: recorded with modules [10, 10, 10]"), "{told}");

    let record = folder.join("decisions.jsonl");
    let text = fs::read_to_string(&record).expect("decisions");
    let broken = text.replacen("\"split\":\"train\"", "\"split\":\"dream\"", 1);
    fs::write(place.path("broken.jsonl"), broken).expect("written");
    let told = bad(&["train.replay=broken.jsonl"], 5);
    assert!(told.contains("broken.jsonl: line 2"), "{told}");
}
