//! Anything may happen to a store: the index says what its files say.

use std::fs;
use std::path::PathBuf;

use pathweave_store::State;
use pathweave_store::index::Index;
use pathweave_store::query::{Filter, Query, Sort};
use proptest::prelude::*;
use serde_json::Value;

use crate::store::{Store, id};

#[derive(Clone, Debug)]
enum Event {
    Finish(u64, u64),
    Fail(u64),
    Begin(u64, u64, u64),
    Kill(u64),
    Remove(u64),
    /// Removed and finished again before anybody looks
    Replace(u64, u64),
    Break(u64),
    Sweep(u64, u64),
    Unsweep,
    Refresh,
}

fn event() -> impl Strategy<Value = Event> {
    let (number, kind) = (0..12_u64, 0..14_u64);
    prop_oneof![
        4 => (number.clone(), kind.clone()).prop_map(|(number, kind)| Event::Finish(number, kind)),
        1 => number.clone().prop_map(Event::Fail),
        2 => (number.clone(), kind.clone(), 0..30_u64)
            .prop_map(|(number, kind, step)| Event::Begin(number, kind, step)),
        1 => number.clone().prop_map(Event::Kill),
        2 => number.clone().prop_map(Event::Remove),
        1 => (number.clone(), kind).prop_map(|(number, kind)| Event::Replace(number, kind)),
        1 => number.clone().prop_map(Event::Break),
        1 => (number, 1..6_u64).prop_map(|(first, count)| Event::Sweep(first, count)),
        1 => Just(Event::Unsweep),
        4 => Just(Event::Refresh),
    ]
}

/// All that the index says, as a text.
fn all(index: &Index) -> String {
    let columns = ["accuracy", "collapse_avg", "train.rate", "data.name", "timing/train_seconds"];
    let rows = index.rows(&Query::default()).expect("rows");
    let mut all = format!("{rows:#?}");
    for column in columns {
        // Unknown where no run has it.
        let sort = Some(Sort { key: column.into(), descending: true });
        let rows = index.rows(&Query { sort, columns: vec![column.into()], ..Query::default() });
        let cells =
            rows.map(|rows| rows.into_iter().map(|row| (row.id, row.columns)).collect::<Vec<_>>());
        all += &format!("{column} {:?}", cells.map_err(|_| "unknown"));
    }
    all + &format!("{:?} {:?}", index.metrics(), index.varying())
}

fn happen(store: &mut Store, sweeps: &mut Vec<PathBuf>, event: &Event) {
    match *event {
        Event::Finish(number, kind) => store.finish(number, kind),
        Event::Fail(number) => {
            // Who finished does not fail later.
            if !store.run(number).is_finished() {
                store.fail(number);
            }
        }
        Event::Begin(number, kind, step) => {
            if !store.run(number).is_finished() {
                store.begin(number, kind, step);
            }
        }
        Event::Kill(number) => store.kill(number),
        Event::Remove(number) => store.remove(number),
        Event::Replace(number, kind) => {
            store.remove(number);
            store.finish(number, kind);
        }
        Event::Break(number) => {
            store.remove(number);
            store.run(number).create().expect("made");
            fs::write(store.run(number).file("record.json"), "{").expect("written");
        }
        Event::Sweep(first, count) => {
            sweeps.push(store.sweep(["b", "a"][first as usize % 2], first..first + count));
        }
        Event::Unsweep => {
            if let Some(folder) = sweeps.pop() {
                // The same sweep may have been written twice.
                _ = fs::remove_dir_all(folder);
            }
        }
        Event::Refresh => {}
    }
}

/// The finished runs by reading every record.
fn scan(store: &Store) -> Vec<(u64, Value)> {
    let read = |number: u64| {
        let text = fs::read_to_string(store.run(number).file("record.json")).ok()?;
        Some((number, serde_json::from_str(&text).ok()?))
    };
    (0..40).filter_map(read).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn an_index_kept_up_to_date_is_one_made_anew(events in prop::collection::vec(event(), 1..40)) {
        let (mut store, mut sweeps) = (Store::new(), Vec::new());
        let mut index = Index::open(store.path()).expect("opened");
        for event in events.iter().chain([&Event::Refresh]) {
            happen(&mut store, &mut sweeps, event);
            if matches!(event, Event::Refresh) {
                index.refresh().expect("refreshed");
                let kept = all(&index);
                let anew = Store::new();
                // Of the same files, at another place.
                fs::remove_dir(anew.path()).expect("removed");
                std::os::unix::fs::symlink(store.path(), anew.path()).expect("linked");
                let mut other = Index::open(anew.path()).expect("opened");
                other.rebuild().expect("forgotten");
                other.refresh().expect("refreshed");
                fs::remove_file(anew.path()).expect("removed");
                fs::create_dir(anew.path()).expect("made");
                prop_assert_eq!(kept, all(&other));
            }
        }
    }

    #[test]
    fn filters_keep_what_a_scan_of_the_records_keeps(
        kinds in prop::collection::vec(0..14_u64, 0..30),
        (algorithm, rate, accuracy) in (0..2_usize, 0..4_u64, 0.0..1.0_f64),
        (seed, negated) in (0..4_u64, any::<bool>()),
    ) {
        let mut store = Store::new();
        for (number, kind) in kinds.iter().enumerate() {
            store.finish(number as u64, *kind);
        }
        // Names that are known whatever the runs are.
        store.finish(35, 0);
        store.finish(36, 2);
        let mut index = Index::open(store.path()).expect("opened");
        index.refresh().expect("refreshed");
        let algorithm = ["wpl", "q_learning"][algorithm];
        let rate = 0.1 * rate as f64;
        let sign = if negated { "!=" } else { "=" };
        let text = format!(
            "router.algorithm={algorithm} train.rate<={rate} accuracy>={accuracy} seed{sign}{seed}"
        );
        let filter = Filter::parse(&text).expect("a filter");
        let rows = index.rows(&Query { filter, ..Query::default() }).expect("rows");
        let kept: Vec<String> = rows.into_iter().map(|row| row.id).collect();
        let scanned: Vec<String> = scan(&store)
            .into_iter()
            .filter(|(_, record)| {
                record["spec"]["router"]["algorithm"] == algorithm
                    && record["spec"]["train"]["rate"].as_f64().is_some_and(|found| found <= rate)
                    && record["metrics"]["accuracy"].as_f64().is_some_and(|found| found >= accuracy)
                    && (record["seed"] == seed) != negated
            })
            .map(|(number, _)| id(number))
            .collect();
        prop_assert_eq!(kept, scanned);
        let counts = index.counts(&Filter::default()).expect("counts");
        prop_assert_eq!(counts.done, kinds.len() + 2);
    }
}

#[test]
fn states_are_those_of_the_files() {
    let mut store = Store::new();
    store.begin(1, 1, 3);
    store.fail(2);
    store.finish(3, 3);
    store.run(4).create().expect("made");
    let mut index = Index::open(store.path()).expect("opened");
    index.refresh().expect("refreshed");
    let states = |index: &Index| -> Vec<State> {
        let rows = index.rows(&Query::default()).expect("rows");
        rows.iter().map(|row| row.state).collect()
    };
    assert_eq!(states(&index), [State::Running, State::Failed, State::Done, State::Pending]);
    store.kill(1);
    store.begin(2, 2, 1);
    store.remove(3);
    store.finish(4, 4);
    index.refresh().expect("refreshed");
    assert_eq!(states(&index), [State::Pending, State::Running, State::Done]);
    assert_eq!(index.refresh().expect("refreshed").changed, 0);
}
