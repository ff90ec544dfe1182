//! Runs' folders as a stranger may have made them.

use std::fs;
use std::path::Path;

use pathweave_store::RunFolder;
use serde_json::json;

use crate::client::Served;
use crate::store::{finish, id, record, store};

const SECRET: &str = "the secret outside the store";
const SCRIPT: &str = "<script>window.harmed=1</script>\"'><img src=x onerror=alert(1)>";

/// Nothing of a text is markup in a page.
fn assert_tame(path: &str, body: &str) {
    assert!(!body.contains("<script>") && !body.contains("<img src=x"), "{path}: {body}");
    assert!(!body.contains("\"'>"), "{path}: {body}");
}

#[test]
fn no_id_leads_out_of_the_store() {
    let store = store(1);
    fs::create_dir(store.path().join("inner")).expect("made");
    fs::write(store.path().join("record.json"), SECRET).expect("written");
    let served = Served::over(&store.path().join("inner"));
    let ids = [
        "..",
        ".",
        "%2e%2e",
        "..%2f..%2fetc",
        "%252e%252e",
        "..%5c..",
        "%00",
        "abc",
        "ABC0000000000000",
        "abc000000000000%00",
        "abc00000000000000",
        "%2f",
        "0000000000000000",
        "..;",
        "abc0000000000000%2f..",
        "%c0%ae%c0%ae",
        "\u{ff0e}\u{ff0e}",
    ];
    for id in ids {
        for rest in ["", "/file/record.json", "/figure/curves.svg"] {
            for base in ["/run/", "/api/run/"] {
                let answer = served.get(&format!("{base}{id}{rest}"));
                assert!(matches!(answer.status, 400 | 404), "{base}{id}{rest}: {}", answer.status);
                assert!(!answer.body.contains(SECRET), "{base}{id}{rest}");
            }
        }
    }
}

#[test]
fn no_name_of_a_file_leads_out_of_the_run() {
    let store = store(1);
    fs::write(store.path().join("secret"), SECRET).expect("written");
    let served = Served::over(store.path());
    let run = format!("/run/{}", id(0));
    assert_eq!(served.get(&format!("{run}/file/spec.toml")).body, "name = \"x\"\n");
    let names = [
        "..%2fsecret",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e%2fsecret",
        "%252e%252e%252fsecret",
        "..%5csecret",
        "spec.toml%00",
        "spec.toml%2f..%2f..%2fsecret",
        "%2fetc%2fpasswd",
        ".",
        "..",
        "lock",
        "index.sqlite",
        "checkpoint",
        ".spec.toml.1.tmp",
        "SPEC.TOML",
        "spec.toml ",
    ];
    for name in names {
        for kind in ["file", "figure"] {
            let answer = served.get(&format!("{run}/{kind}/{name}"));
            assert!(matches!(answer.status, 400 | 404), "{kind} {name}: {}", answer.status);
            assert!(!answer.body.contains(SECRET) && !answer.body.contains("root:"), "{name}");
        }
    }
    for path in
        ["/run/../secret", "/run/%2e%2e/secret", "//etc/passwd", "/..", "/asset/..%2flib.rs"]
    {
        let answer = served.get(path);
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
    }
}

#[test]
fn files_are_never_run_by_the_browser() {
    let store = store(1);
    let folder = RunFolder::new(store.path(), &id(0));
    fs::write(folder.file("spec.toml"), SCRIPT).expect("written");
    let served = Served::over(store.path());
    for name in ["spec.toml", "record.json", "curves.csv", "run.log"] {
        let answer = served.get(&format!("/run/{}/file/{name}", id(0)));
        assert_eq!(answer.status, 200, "{name}");
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8", "{name}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{name}");
        assert!(answer.header("content-security-policy").contains("sandbox"), "{name}");
        assert!(answer.header("content-disposition").contains(&format!("{}-{name}", id(0))));
    }
    fs::write(folder.file("model.safetensors"), SCRIPT).expect("written");
    let model = served.get(&format!("/run/{}/file/model.safetensors", id(0)));
    assert_eq!(model.header("content-type"), "application/octet-stream");
    assert!(model.header("content-disposition").starts_with("attachment"));
    // Large texts are downloaded whole.
    let large = "0123456789\n".repeat(300_000);
    fs::write(folder.file("decisions.jsonl"), &large).expect("written");
    let answer = served.get(&format!("/run/{}/file/decisions.jsonl", id(0)));
    assert!(answer.header("content-disposition").starts_with("attachment"));
    assert_eq!(answer.body, large);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;

    let store = store(3);
    let outside = tempfile::tempdir().expect("a temporary folder");
    finish(outside.path(), &record(7));
    let target = outside.path().join("secret");
    fs::write(&target, SECRET).expect("written");
    // A run that is a link; one whose files are links; one whose files are pipes and folders.
    symlink(outside.path().join(id(7)), store.path().join(id(7))).expect("linked");
    let linked = RunFolder::new(store.path(), &id(1));
    for name in
        ["record.json", "curves.csv", "run.log", "spec.toml", "progress.json", "failed.json"]
    {
        _ = fs::remove_file(linked.file(name));
        symlink(&target, linked.file(name)).expect("linked");
    }
    let odd = RunFolder::new(store.path(), &id(2));
    for name in ["curves.csv", "spec.toml", "live.csv"] {
        _ = fs::remove_file(odd.file(name));
        let made = std::process::Command::new("mkfifo").arg(odd.file(name)).status();
        assert!(made.expect("mkfifo").success());
    }
    fs::remove_file(odd.file("run.log")).expect("removed");
    fs::create_dir(odd.file("run.log")).expect("made");
    let served = Served::over(store.path());
    for at in [1, 2, 7] {
        let run = id(at);
        let mut paths = vec![
            format!("/run/{run}"),
            format!("/api/run/{run}"),
            format!("/api/run/{run}/curves"),
            format!("/compare?run={run}"),
        ];
        for name in ["record.json", "curves.csv", "run.log", "spec.toml", "live.csv", "failed.json"]
        {
            paths.push(format!("/run/{run}/file/{name}"));
        }
        for name in ["curves", "activation", "routing", "paths", "tasks"] {
            paths.push(format!("/run/{run}/figure/{name}.svg"));
        }
        for path in paths {
            let answer = served.get(&path);
            assert_ne!(answer.status, 0, "{path}");
            assert!(!answer.body.contains(SECRET), "{path}: {}", answer.body);
            assert!(!answer.body.contains("run-7"), "{path}: {}", answer.body);
        }
    }
    let answer = served.get(&format!("/run/{}/file/spec.toml", id(1)));
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("not a plain file"));
    let other = served.get(&format!("/run/{}", id(7)));
    assert!(matches!(other.status, 404 | 200), "{}", other.status);
}

#[test]
fn script_in_names_is_text() {
    let store = store(0);
    let mut evil = record(1);
    evil.name = SCRIPT.into();
    evil.program = SCRIPT.into();
    evil.device = SCRIPT.into();
    evil.experiment = Some(SCRIPT.into());
    evil.dataset.name = SCRIPT.into();
    evil.spec = json!({SCRIPT: {SCRIPT: SCRIPT}, "model": {"kind": SCRIPT}});
    evil.metrics.insert(SCRIPT.into(), 1.0);
    evil.per_task[0].task = SCRIPT.into();
    evil.per_group = evil.per_task.clone();
    evil.extra.insert("alarms".into(), json!([SCRIPT, {"alarm": SCRIPT}]));
    let folder = finish(store.path(), &evil);
    fs::write(
        folder.file("curves.csv"),
        format!("step,epoch,tag,value\n1,1,\"{}\",1\n", SCRIPT.replace('"', "\"\"")),
    )
    .expect("written");
    folder.log(&format!("alarm: {SCRIPT}")).expect("logged");
    finish(store.path(), &record(2));
    let mut failed = RunFolder::new(store.path(), &id(3));
    failed.create().expect("made");
    failed.id = SCRIPT.into();
    pathweave_store::Failure {
        id: SCRIPT.into(),
        name: SCRIPT.into(),
        error: SCRIPT.into(),
        attempts: 2,
    }
    .write(&failed)
    .expect("written");
    let served = Served::over(store.path());
    served.until("/", |answer| !answer.body.contains("first time"));
    let quoted = "%3Cscript%3Ealert(1)%3C/script%3E%22'%3E%3Cimg%20src=x%3E";
    let mut paths = vec![
        "/".to_owned(),
        format!("/?filter={quoted}"),
        format!("/?filter=name~{quoted}"),
        format!("/?filter=name~%22{quoted}%22&by={quoted}&show={quoted}&sort={quoted}"),
        format!("/?by={quoted}"),
        format!("/?show={quoted}"),
        format!("/?by=name&show=accuracy"),
        format!("/compare?run={quoted}&filter={quoted}&by={quoted}&tag={quoted}"),
        format!("/run/{quoted}"),
        format!("/{quoted}"),
    ];
    for at in 1..4 {
        paths.push(format!("/run/{}", id(at)));
        paths.push(format!("/run/{}?part=1", id(at)));
        paths.push(format!("/compare?run={}&run={}", id(at), id(2)));
    }
    for path in paths {
        let answer = served.get(&path);
        assert!(answer.header("content-type").starts_with("text/"), "{path}");
        assert_tame(&path, &answer.body);
    }
    for name in ["curves", "activation", "routing", "paths", "tasks"] {
        let path = format!("/run/{}/figure/{name}.svg", id(1));
        let answer = served.get(&path);
        assert_tame(&path, &answer.body);
        assert!(
            !answer.header("content-security-policy").contains("script-src 'self'")
                || answer.status == 404
        );
    }
    assert!(served.get(&format!("/run/{}", id(1))).body.contains("&lt;script&gt;"));
}

#[test]
fn broken_and_huge_files_are_told_and_not_read() {
    let store = store(4);
    let file = |at: u64, name: &str| RunFolder::new(store.path(), &id(at)).file(name);
    fs::write(file(0, "record.json"), "{\"id\": ").expect("written");
    fs::write(file(1, "record.json"), "[".repeat(100_000)).expect("written");
    fs::write(file(2, "record.json"), b"\xff\xfe\x00").expect("written");
    for name in [
        "record.json",
        "curves.csv",
        "live.csv",
        "run.log",
        "timing.json",
        "activation.csv",
        "routing.jsonl",
    ] {
        // A hole: it takes no room on the disk.
        let hole = fs::File::create(file(3, name)).expect("made");
        hole.set_len(1 << 40).expect("made long");
    }
    let served = Served::over(store.path());
    for at in 0..4 {
        let run = id(at);
        for path in
            [format!("/run/{run}"), format!("/api/run/{run}"), format!("/compare?run={run}")]
        {
            let answer = served.get(&path);
            assert!(matches!(answer.status, 200 | 404 | 422), "{path}: {}", answer.status);
        }
    }
    let page = served.get(&format!("/run/{}", id(3)));
    assert_eq!(page.status, 200);
    assert!(page.body.contains("more than the"), "{}", page.body);
    assert_eq!(served.get(&format!("/api/run/{}/curves", id(3))).status, 422);
    let begun = std::time::Instant::now();
    for name in ["curves", "activation", "routing", "paths", "tasks"] {
        let answer = served.get(&format!("/run/{}/figure/{name}.svg", id(3)));
        assert!(matches!(answer.status, 200 | 404 | 422), "{name}: {}", answer.status);
    }
    assert!(begun.elapsed().as_secs() < 20);
}

#[test]
fn a_store_that_is_none_is_refused() {
    let serve = |store: &Path| {
        let asked = pathweave_serve::Serve {
            store: store.to_owned(),
            address: "127.0.0.1:0".parse().expect("an address"),
            token: None,
            hosts: Vec::new(),
            refresh: std::time::Duration::from_secs(1),
        };
        pathweave_serve::serve(asked, |_| {}, || true)
    };
    let error = serve(Path::new("/nowhere/at/all")).expect_err("no folder").to_string();
    assert!(error.contains("no such folder of runs"), "{error}");
}
