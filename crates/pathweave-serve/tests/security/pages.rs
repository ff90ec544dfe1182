//! What the pages show.

use std::fs;

use pathweave_store::{Progress, RunFolder};
use serde_json::Value;

use crate::client::Served;
use crate::store::{id, store};

fn json(served: &Served, path: &str) -> Value {
    let answer = served.get(path);
    assert_eq!(answer.header("content-type"), "application/json", "{path}");
    serde_json::from_str(&answer.body).expect("JSON")
}

#[test]
fn a_run_is_told_in_full() {
    let store = store(2);
    let served = Served::over(store.path());
    let page = served.get(&format!("/run/{}", id(1)));
    assert_eq!(page.status, 200);
    let told =
        ["<h1>run-1</h1>", "accuracy", "0.5100", "zero", "model.kind", "unrouted", "started"];
    for told in told {
        assert!(page.body.contains(told), "{told}: {}", page.body);
    }
    let value = json(&served, &format!("/api/run/{}", id(1)));
    assert_eq!(value["record"]["name"], "run-1");
    let curves = json(&served, &format!("/api/run/{}/curves", id(1)));
    assert_eq!(curves["loss"], serde_json::json!([[1, 0.5, 0.25], [2, 1.0, null]]));
}

#[test]
fn a_run_that_works_is_told_as_it_goes() {
    let store = store(0);
    let folder = RunFolder::new(store.path(), &id(5));
    folder.create().expect("made");
    let lock = folder.lock_file().expect("made");
    lock.lock().expect("locked");
    let tell = |step: u64| {
        let progress = Progress { step, steps: 1000, ..Progress::of_this_process() };
        progress.write(&folder).expect("written");
    };
    tell(250);
    fs::write(folder.file("live.csv"), "step,epoch,tag,value\n10,0.5,loss,0.5\n20,1.0,lo")
        .expect("written");
    let served = Served::over(store.path());
    let path = format!("/run/{}", id(5));
    let page = served.until(&path, |answer| answer.body.contains("250 of 1,000"));
    assert!(page.body.contains("running"));
    let curves = json(&served, &format!("/api/run/{}/curves", id(5)));
    assert_eq!(curves, serde_json::json!({"loss": [[10, 0.5, 0.5]]}));
    let part = served.get(&format!("{path}?part=1"));
    assert!(!part.body.contains("<html") && part.body.contains("250 of 1,000"));
    tell(500);
    served.until(&format!("{path}?part=1"), |answer| answer.body.contains("500 of 1,000"));
    served.until("/?part=1", |answer| answer.body.contains("500 of 1,000"));
}

#[test]
fn an_unchanged_page_is_not_sent_again() {
    let store = store(1);
    let served = Served::over(store.path());
    let ready = |path: &str| served.until(path, |answer| !answer.body.contains("first time"));
    for path in ["/?part=1", &format!("/run/{}?part=1", id(0))] {
        ready("/");
        let stamp = ready(path).header("etag").to_owned();
        assert!(stamp.starts_with('"') && stamp.len() > 4, "{path}: {stamp}");
        assert_eq!(
            served.get_with(path, &format!("If-None-Match: {stamp}\r\n")).status,
            304,
            "{path}"
        );
        assert_eq!(served.get_with(path, "If-None-Match: \"x\"\r\n").status, 200, "{path}");
    }
}

#[test]
fn the_table_filters_sorts_groups_and_turns_pages() {
    let store = store(205);
    let served = Served::over(store.path());
    let page = served.until("/", |answer| answer.body.contains("205 runs"));
    assert_eq!(page.body.matches("<tr data-row>").count(), 100);
    assert!(page.body.contains("1–100 of 205 runs") && page.body.contains("rel=\"next\""));
    let last = served.get("/?page=3").body;
    assert_eq!(last.matches("<tr data-row>").count(), 5);
    assert_eq!(served.get("/?page=999").body.matches("<tr data-row>").count(), 5);
    let few =
        served.get("/?filter=model.kind%3Drouted%20seed%3C10&sort=-accuracy&show=accuracy").body;
    assert_eq!(few.matches("<tr data-row>").count(), 5);
    assert!(few.find("run-8<") < few.find("run-0<") && few.contains("aria-sort=\"descending\""));
    let groups = served.get("/?by=model.kind&show=accuracy").body;
    assert_eq!(groups.matches("<tr data-row>").count(), 2);
    assert!(groups.contains("unrouted") && groups.contains("± "));
    let columns = served.get("/?by=model.kind&show=metric:error&show=loss").body;
    assert!(columns.contains(">error</a></th>"), "{columns}");
    let wrong = served.get("/?filter=accuracy%3E%3Dx");
    assert_eq!(wrong.status, 400);
    assert!(wrong.body.contains("role=\"alert\"") && wrong.body.contains("aria-invalid"));
    let unknown = served.get("/?filter=modle.kind%3Drouted");
    assert_eq!(unknown.status, 400, "{}", unknown.body);
    let added = served.get("/?filter=seed%3D1&add=&add=model.kind%3Drouted");
    assert_eq!(added.header("location"), "/?filter=seed%3D1%20model.kind%3Drouted");
    let listed = json(&served, "/api/runs?filter=seed%3C3&show=accuracy&limit=2");
    assert_eq!((&listed["total"], listed["runs"].as_array().map(Vec::len)), (&3.into(), Some(2)));
    let groups = json(&served, "/api/runs?by=model.kind&show=accuracy");
    assert_eq!(groups["groups"].as_array().map(Vec::len), Some(2));
    assert_eq!(served.get("/api/runs?filter=x").status, 400);
}
