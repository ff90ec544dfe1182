//! What the index answers.

use std::fs;

use pathweave_store::State;
use pathweave_store::index::{Cell, INDEX, Index};
use pathweave_store::query::{Filter, Op, Query, QueryError, Sort};

use crate::store::{Store, id};

fn open(store: &Store) -> Index {
    let mut index = Index::open(store.path()).expect("opened");
    index.refresh().expect("refreshed");
    index
}

fn filter(text: &str) -> Filter {
    Filter::parse(text).expect("a filter")
}

fn kept(index: &Index, text: &str) -> Vec<u64> {
    let rows = index.rows(&Query { filter: filter(text), ..Query::default() }).expect("rows");
    rows.iter().map(|row| u64::from_str_radix(&row.id, 16).expect("an id")).collect()
}

/// Twelve finished runs, one that is running, one that failed, and three that only a sweep knows.
fn filled() -> Store {
    let mut store = Store::new();
    (0..12).for_each(|number| store.finish(number, number));
    store.begin(12, 12, 5);
    store.fail(13);
    store.sweep("grid", 12..17);
    store
}

#[test]
fn filters_keep_what_they_say() {
    let store = filled();
    let index = open(&store);
    assert_eq!(kept(&index, "").len(), 17);
    assert_eq!(kept(&index, "state=running|failed"), [12, 13]);
    assert_eq!(kept(&index, "router.algorithm=wpl seed!=0|1 state=done"), [0; 0]);
    assert_eq!(kept(&index, "router.algorithm=wpl seed!=2"), [0, 1, 4, 5, 8, 9, 12]);
    assert_eq!(kept(&index, "accuracy>=0.7"), [5]);
    assert_eq!(kept(&index, "accuracy=nan"), [6]);
    assert_eq!(kept(&index, "accuracy= state!=pending"), [12, 13]);
    assert_eq!(kept(&index, "loss<2"), [0, 1]);
    assert_eq!(kept(&index, "train.rate=0.50"), [13, 14, 15, 16]);
    assert_eq!(kept(&index, "name~\"N 1\""), [1, 10, 11, 12]);
    assert_eq!(kept(&index, "sweep=grid"), [12, 13, 14, 15, 16]);
    assert_eq!(kept(&index, "sweep= seed=3"), [3, 7, 11]);
    assert_eq!(kept(&index, "alarms>0"), [0, 3, 6, 9, 12]);
    assert_eq!(kept(&index, "timing/train_seconds=11"), [11]);
    assert_eq!(kept(&index, "model=\"grid model 0\""), [12, 14, 16]);
    assert_eq!(kept(&index, "router.skip=true data.task=3"), [3]);
    assert_eq!(kept(&index, "model.hidden=[8,2]"), [2, 6, 10]);
    assert_eq!(kept(&index, "train.seed=3 state=done"), [3, 7, 11]);
    assert_eq!(kept(&index, "failure~MEMORY"), [13]);
    assert_eq!(kept(&index, "metric:loss>10 dataset=rules"), [11]);
    let counts = index.counts(&filter("")).expect("counts");
    let numbers = (counts.total, counts.pending, counts.running, counts.done, counts.failed);
    assert_eq!((numbers, counts.alarmed), ((17, 3, 1, 12, 1), 5));
}

#[test]
fn rows_have_fields_columns_and_an_order() {
    let store = filled();
    let index = open(&store);
    let columns: Vec<String> =
        ["accuracy", "train.rate", "state", "sweep", "collapse_avg"].map(String::from).into();
    let ask = |key: &str, descending, offset, limit| {
        let sort = Some(Sort { key: key.into(), descending });
        let query = Query { sort, columns: columns.clone(), offset, limit, ..Query::default() };
        index.rows(&query).expect("rows")
    };
    let rows = ask("accuracy", true, 0, Some(3));
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, [id(5), id(4), id(11)]);
    let cells = &rows[0].columns;
    assert_eq!(cells[0], Some(Cell::Number(5.0 / 7.0)));
    assert_eq!(cells[1], Some(Cell::Number(0.1)));
    assert_eq!(cells[2], Some(Cell::Text("done".into())));
    assert_eq!((&cells[3], &cells[4]), (&None, &None));
    // What is no number, and then what has none, is last, whatever the order.
    for descending in [false, true] {
        let rows = ask("accuracy", descending, 11, None);
        assert_eq!(rows.len(), 6);
        assert_eq!(rows[0].id, id(6));
        assert!(rows[1..].iter().all(|row| row.columns[0].is_none()));
    }
    let running = index.run(&id(12)).expect("asked").expect("there");
    assert_eq!((running.state, running.step, running.steps), (State::Running, 5, 30));
    assert_eq!((running.name.as_str(), running.model.as_str()), ("run 12", "grid model 0"));
    assert_eq!(running.sweeps.len(), 1);
    let failed = index.run(&id(13)).expect("asked").expect("there");
    assert_eq!(failed.error.as_deref(), Some("no memory"));
    assert_eq!((failed.name.as_str(), failed.dataset.as_str()), ("planned 13", "planned"));
    assert_eq!(index.run(&id(99)).expect("asked"), None);
}

#[test]
fn groups_have_means_and_intervals() {
    let store = filled();
    let index = open(&store);
    let by: Vec<String> = ["router.algorithm", "seed"].map(String::from).into();
    let metrics: Vec<String> = ["loss", "accuracy"].map(String::from).into();
    let groups = index.groups(&filter("state=done"), &by, &metrics).expect("groups");
    let keys: Vec<String> = groups.iter().map(|group| group.key.join(" ")).collect();
    assert_eq!(keys, ["q_learning 2", "q_learning 3", "wpl 0", "wpl 1"]);
    assert_eq!(groups[2].values[0], [0.0, 4.0, 8.0]);
    assert_eq!((groups[2].runs, groups[2].mean(0)), (3, Some(4.0)));
    // t with two degrees of freedom at 97.5 %, times 4 / √3.
    let half = groups[2].ci95(0).expect("an interval");
    assert!((half - 4.302_652_729_911_275 * 4.0 / 3.0_f64.sqrt()).abs() < 1e-6, "{half}");
    assert_eq!(groups[0].mean(1), None);
    let all = index.groups(&filter(""), &[], &metrics).expect("groups");
    assert_eq!((all.len(), all[0].runs, all[0].values[0].len()), (1, 17, 12));
}

#[test]
fn a_run_of_two_sweeps_is_in_both_and_named_by_the_first() {
    let store = filled();
    store.sweep("another", 10..14);
    let index = open(&store);
    let by = ["sweep".to_owned()];
    let groups = index.groups(&filter(""), &by, &[]).expect("groups");
    let counts: Vec<usize> = groups.iter().map(|group| group.runs).collect();
    assert_eq!(counts, [4, 5, 10]);
    let run = index.run(&id(12)).expect("asked").expect("there");
    assert_eq!((run.model.as_str(), run.sweeps.len()), ("another model 0", 2));
    let query =
        Query { columns: by.into(), filter: filter("id=000000000000000c"), ..Query::default() };
    let rows = index.rows(&query).expect("rows");
    assert_eq!(rows[0].columns[0], Some(Cell::Text(rows[0].sweeps[0].clone())));
}

#[test]
fn what_varies_is_told() {
    let store = filled();
    let index = open(&store);
    let varying = index.varying().expect("settings");
    let keys: Vec<&str> = varying.iter().map(|setting| setting.key.as_str()).collect();
    let wanted = [
        "data.name",
        "data.task",
        "model.hidden",
        "model.kind",
        "router.algorithm",
        "router.skip",
        "train.rate",
    ];
    assert_eq!(keys, wanted);
    let numbers = |values: &[Cell]| values.iter().map(Cell::to_string).collect::<Vec<_>>();
    assert_eq!(numbers(&varying[1].values), ["0", "1", "2", "3", "4"]);
    let metrics = ["accuracy", "collapse_avg", "loss", "timing/train_seconds"];
    assert_eq!(index.metrics().expect("metrics"), metrics);
}

#[test]
fn many_columns_are_answered() {
    let store = filled();
    let index = open(&store);
    let columns = vec!["train.rate".to_owned(); 45];
    let rows = index.rows(&Query { columns, ..Query::default() }).expect("rows");
    assert!(rows.iter().all(|row| row.columns.len() == 45));
    assert_eq!(rows[5].columns[44], Some(Cell::Number(0.1)));
    let by = vec!["train.rate".to_owned(); 45];
    assert!(matches!(index.groups(&filter(""), &by, &[]), Err(QueryError::Word { .. })));
}

#[test]
fn wrong_questions_are_told() {
    let store = filled();
    let index = open(&store);
    let told = |text: &str| {
        let counted = Filter::parse(text).and_then(|filter| index.counts(&filter));
        counted.expect_err("a fault").to_string()
    };
    let cases = [
        ("done", "done: found no comparison"),
        ("=3", "=3: found no key"),
        ("seed==3", "seed==3: found ==; allowed"),
        ("state=dome", "allowed: pending, running, done, failed"),
        ("accuracy>=a", "found \"a\" after >=, allowed: a number"),
        ("accuracy=a", "since accuracy is a metric"),
        ("accuracy~1", "accuracy is a metric, no text"),
        ("name>3", "name is no number; allowed: =, != and ~"),
        ("loss>1|2", "found 2 values after >, allowed: one"),
        ("loss>", "found no value after >"),
        ("algorithm=wpl", "did you mean router.algorithm?"),
        ("acuracy>0.5", "did you mean accuracy?"),
        ("zzz=1", "allowed: id, name, model"),
        ("name=\"a", "a quote is not closed"),
    ];
    for (text, wanted) in cases {
        let found = told(text);
        assert!(found.contains(wanted), "{text}: {found}");
    }
    let built = Filter::default().and("seed", Op::Contains, "3");
    assert!(index.counts(&built).expect_err("a fault").to_string().contains("seed is no text"));
    let many = (0..201).map(|at| at.to_string()).collect::<Vec<_>>().join("|");
    assert!(told(&format!("seed={many}")).contains("allowed: 200"));
}

#[test]
fn a_filter_reads_back() {
    for text in ["a=1", "a=\"x y\"|'\"' b!=c~d", "name~'it|s' x>=-1e3", "a= b!=|c", "k='\"a b\"'"] {
        let once = filter(text);
        assert_eq!(filter(&once.to_string()), once, "{text}");
    }
    let built = Filter::default().and("name", Op::Is, "a \"b\" 'c' | d").and("x", Op::Below, "3");
    assert_eq!(filter(&built.to_string()), built);
}

#[test]
fn a_damaged_index_is_made_anew() {
    let store = filled();
    drop(open(&store));
    let path = store.path().join(INDEX);
    let whole = fs::read(&path).expect("read");
    let mut holed = whole.clone();
    holed[4096..].fill(0xa5);
    for damage in [b"no index at all, but long enough to look".to_vec(), Vec::new(), holed] {
        fs::write(&path, damage).expect("written");
        assert_eq!(kept(&open(&store), "").len(), 17);
    }
    // While it is open.
    let index = open(&store);
    let mut holed = fs::read(&path).expect("read");
    holed[4096..].fill(0xa5);
    fs::write(&path, holed).expect("written");
    assert_eq!(kept(&index, "").len(), 17);
    // Of another version, with tables of its own.
    drop(index);
    let db = rusqlite::Connection::open(&path).expect("opened");
    db.execute_batch("DROP TABLE run; CREATE TABLE run (run INTEGER); PRAGMA user_version = 7")
        .expect("changed");
    drop(db);
    assert_eq!(kept(&open(&store), "").len(), 17);
    // Of this version, with a table that never ends.
    let db = rusqlite::Connection::open(&path).expect("opened");
    db.execute_batch(
        "DROP TABLE run; CREATE VIEW run AS WITH RECURSIVE more (id) AS
         (SELECT 1 UNION ALL SELECT id + 1 FROM more) SELECT id AS run, * FROM more",
    )
    .expect("changed");
    drop(db);
    assert_eq!(kept(&open(&store), "").len(), 17);
}

#[test]
fn an_index_that_is_lost_while_it_is_open_is_made_anew() {
    let store = filled();
    let mut index = open(&store);
    fs::remove_file(store.path().join(INDEX)).expect("removed");
    index.refresh().expect("refreshed");
    assert_eq!(kept(&index, "").len(), 17);
    assert!(store.path().join(INDEX).is_file());
    index.rebuild().expect("forgotten");
    assert_eq!(kept(&index, "").len(), 0);
    index.refresh().expect("refreshed");
    assert_eq!(kept(&index, "").len(), 17);
}

#[test]
fn without_a_store_or_a_file_there_is_memory() {
    let store = filled();
    let mut none = Index::open(&store.path().join("nowhere")).expect("opened");
    assert_eq!(none.refresh().expect("refreshed").looked, 0);
    assert!(!store.path().join("nowhere").exists());
    // In the place of the file is something that cannot be removed as one.
    fs::create_dir(store.path().join(INDEX)).expect("made");
    assert_eq!(kept(&open(&store), "").len(), 17);
    assert!(store.path().join(INDEX).is_dir());
}

#[test]
fn while_another_process_writes_the_old_answers_are_given() {
    let mut store = filled();
    let mut index = open(&store);
    let other = rusqlite::Connection::open(store.path().join(INDEX)).expect("opened");
    other.execute_batch("BEGIN IMMEDIATE").expect("begun");
    store.finish(20, 1);
    assert!(index.refresh().expect("refreshed").busy);
    assert_eq!(kept(&index, "").len(), 17);
    other.execute_batch("ROLLBACK").expect("ended");
    assert!(!index.refresh().expect("refreshed").busy);
    assert_eq!(kept(&index, "").len(), 18);
}

#[test]
fn two_threads_refresh_at_once() {
    let mut store = Store::new();
    (0..300).for_each(|number| store.finish(number, number));
    store.sweep("grid", 250..400);
    let counted = || {
        let mut index = Index::open(store.path()).expect("opened");
        for _ in 0..5 {
            index.refresh().expect("refreshed");
        }
        kept(&index, "").len()
    };
    let counts: Vec<usize> = std::thread::scope(|scope| {
        let begun: Vec<_> = (0..4).map(|_| scope.spawn(counted)).collect();
        begun.into_iter().map(|one| one.join().expect("no panic")).collect()
    });
    assert_eq!(counts, [400; 4]);
}
