//! Seconds that the index of a large store takes: to be made, to be opened when nothing is new, to
//! filter, sort, group, and to give the values of a plot.
//!
//! `cargo bench -p pathweave-store --bench store_scale -- [--runs N] [--store DIR] [--make-only]`
//!
//! Makes a store of N runs (50,000) with settings and metrics as real ones have; in DIR it is kept,
//! and taken as it is where it is there already.

#[path = "scale/make.rs"]
mod make;

use std::path::PathBuf;
use std::time::Instant;

use pathweave_store::index::{INDEX, Index};
use pathweave_store::query::{Filter, Query, Sort};

struct Asked {
    runs: u64,
    store: Option<PathBuf>,
    is_only_made: bool,
}

fn asked() -> Asked {
    let mut asked = Asked { runs: 50_000, store: None, is_only_made: false };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_else(|| panic!("{word} needs a value"));
        match word.as_str() {
            "--runs" => asked.runs = value().parse().expect("--runs: a number"),
            "--store" => asked.store = Some(value().into()),
            "--make-only" => asked.is_only_made = true,
            // What cargo says to every benchmark.
            "--bench" => {}
            other => panic!("{other}: allowed: --runs N, --store DIR, --make-only"),
        }
    }
    asked
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    println!("{:8.3} s  {what}", start.elapsed().as_secs_f64());
    result
}

fn main() {
    let asked = asked();
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let store = asked.store.unwrap_or_else(|| temporary.path().join("runs"));
    if !store.is_dir() {
        timed("making the files", || make::store(&store, asked.runs));
    }
    if asked.is_only_made {
        return;
    }
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    // Where it is not there, nothing is to be removed.
    _ = std::fs::remove_file(store.join(INDEX));
    let mut index = timed("index from nothing", || {
        let mut index = Index::open(&store).expect("opened");
        index.refresh().expect("refreshed");
        index
    });
    timed("refresh, nothing new", || index.refresh().expect("refreshed"));
    drop(index);
    let index = timed("open and refresh, nothing new", || {
        let mut index = Index::open(&store).expect("opened");
        index.refresh().expect("refreshed");
        index
    });
    let all = Filter::default();
    let counts = timed("count by state", || index.counts(&all).expect("counts"));
    let text = "router.algorithm=wpl|reinforce data.rules>=8 performance>=0.5 state=done";
    let filter = Filter::parse(text).expect("a filter");
    let kept = timed("filter", || index.counts(&filter).expect("counts").total);
    let columns = words(&["performance", "collapse_avg", "data.rules", "router.algorithm"]);
    for (what, key) in [
        ("page of 100 sorted by a metric", "performance"),
        ("page of 100 sorted by a setting", "router.algorithm"),
        ("page of 100 sorted by name", "name"),
    ] {
        let sort = Some(Sort { key: key.into(), descending: true });
        let (filter, columns) = (all.clone(), columns.clone());
        let query = Query { filter, sort, columns, offset: 0, limit: Some(100) };
        timed(what, || index.rows(&query).expect("rows"));
    }
    let by = words(&["model.kind", "data.rules", "router.algorithm"]);
    let metrics = words(&["performance", "performance_ood", "collapse_avg"]);
    let groups = timed("groups by three settings, means and intervals of three metrics", || {
        let groups = index.groups(&all, &by, &metrics).expect("groups");
        groups.iter().map(|group| group.ci95(0).unwrap_or_default()).sum::<f64>();
        groups.len()
    });
    timed("values for a plot: a setting and a metric of every run", || {
        let columns = words(&["data.rules", "performance"]);
        let query = Query { columns, ..Query::default() };
        index.rows(&query).expect("rows").len()
    });
    timed("settings that vary, names of metrics", || {
        (index.varying().expect("settings"), index.metrics().expect("metrics"))
    });
    let bytes = std::fs::metadata(store.join(INDEX)).map_or(0, |found| found.len());
    println!(
        "{} runs, {} done; {kept} kept, {groups} groups; index of {:.0} MB",
        counts.total,
        counts.done,
        bytes as f64 / 1e6
    );
}
