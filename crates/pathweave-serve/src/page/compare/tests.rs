use std::fs;

use super::*;
use crate::live::look;

/// A store of runs with these models, seeds, learning rates and accuracies.
fn site(runs: &[(&str, u64, f64, f64)]) -> (tempfile::TempDir, Site) {
    let store = tempfile::tempdir().expect("a temporary folder");
    for (at, (model, seed, rate, accuracy)) in runs.iter().enumerate() {
        let id = format!("{at:016x}");
        let folder = store.path().join(&id);
        fs::create_dir(&folder).expect("made");
        let record = serde_json::json!({
            "version": 1, "id": id, "name": model, "seed": seed,
            "spec": {"name": model, "train": {"seed": seed, "rate": rate}},
            "dataset": {"name": "digits"}, "metrics": {"accuracy": accuracy},
        });
        fs::write(folder.join("record.json"), record.to_string()).expect("written");
        let csv = format!("step,epoch,tag,value\n1,1.0,test/accuracy,{accuracy}\n");
        fs::write(folder.join("curves.csv"), csv).expect("written");
    }
    let site = Site::open(store.path()).expect("a site");
    look(&site);
    (store, site)
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn marked(ids: &[u64]) -> Vec<(String, String)> {
    ids.iter().map(|id| ("run".to_owned(), format!("{id:016x}"))).collect()
}

fn chosen(site: &Site, pairs: &[(String, String)]) -> Chosen {
    Chosen::of(site, pairs).expect("sound").expect("something")
}

const RUNS: [(&str, u64, f64, f64); 5] = [
    ("routed", 0, 0.1, 0.75),
    ("routed", 1, 0.1, 0.25),
    ("soft", 0, 0.1, 0.5),
    ("soft", 1, 0.2, 0.5),
    ("<script>alert(1)</script>", 0, 0.1, 0.5),
];

#[test]
fn runs_that_differ_in_their_seed_are_one_group() {
    let (_store, site) = site(&RUNS);
    let found = chosen(&site, &marked(&[0, 1, 2]));
    assert_eq!(found.by, ["model"]);
    assert_eq!(found.labels, ["routed", "soft"]);
    assert_eq!((found.groups[0].runs, found.groups[0].mean(0)), (2, Some(0.5)));
    // The rate parts more than the model alone, and both are needed for three parts.
    let found = chosen(&site, &marked(&[0, 2, 3]));
    assert_eq!(found.by, ["model", "train.rate"]);
    assert_eq!(found.labels, ["routed · rate 0.1", "soft · rate 0.1", "soft · rate 0.2"]);
    assert_eq!(found.settings, ["train.rate"]);
    // Nothing but the seed differs.
    let found = chosen(&site, &marked(&[0, 1]));
    assert_eq!(found.by, ["id"]);
    assert_eq!(found.labels, ["routed, seed 0", "routed, seed 1"]);
}

#[test]
fn a_filter_and_keys_choose_as_in_the_table() {
    let (_store, site) = site(&RUNS);
    let found = chosen(&site, &pairs(&[("filter", "accuracy>=0.5"), ("by", "model")]));
    assert_eq!((found.total, found.groups.len()), (4, 3));
    let page = page(&site, &pairs(&[("filter", "accuracy>=0.5"), ("by", "model")]));
    assert!(page.contains("4 runs in 3 groups"), "{page}");
    assert!(!page.contains("<script>alert"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(1)"), "{page}");
    assert!(page.contains("/compare/figure/curves.svg?"), "{page}");
}

#[test]
fn pictures_follow_the_same_address() {
    let (_store, site) = site(&RUNS);
    let asked = marked(&[0, 1, 2]);
    let svg = |name: &str, pairs: &[(String, String)]| draw(&site, pairs, name).expect("sound");
    let intervals = svg("intervals", &asked).expect("a picture");
    assert!(intervals.contains("routed: 50.0 ±"), "{intervals}");
    let curves = svg("curves", &asked).expect("a picture");
    assert!(curves.contains("routed: 50.0 ± "), "{curves}");
    let unknown = [asked.clone(), pairs(&[("tag", "none such")])].concat();
    assert_eq!(svg("curves", &unknown), Some(curves));
    assert_eq!(svg("other", &asked), None);
    assert_eq!(svg("curves", &[]), None);
}

#[test]
fn what_cannot_be_compared_is_told() {
    let (_store, site) = site(&RUNS);
    let page = |list: &[(&str, &str)]| page(&site, &pairs(list));
    assert!(page(&[]).contains("Nothing to compare yet"));
    assert!(page(&[("run", "../../etc/passwd")]).contains("Nothing to compare yet"));
    assert!(page(&[("run", "ffffffffffffffff")]).contains("No run passes"));
    assert!(page(&[("filter", "state<3")]).contains("state"));
    assert!(page(&[("by", "no.such.key"), ("filter", "")]).contains("no.such.key"));
    assert!(page(&[("run", "0000000000000000"), ("show", "nothing")]).contains("nothing"));
}

#[test]
fn every_run_can_stand_by_itself() {
    let (_store, site) = site(&RUNS);
    let asked = [marked(&[0, 1, 2]), pairs(&[("by", "id")])].concat();
    let page = page(&site, &asked);
    assert!(page.contains("3 runs, each by itself"), "{page}");
    assert!(page.contains("href=\"/run/0000000000000000\">routed, seed 0</a>"), "{page}");
}
