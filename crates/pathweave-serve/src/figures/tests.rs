use std::fs;
use std::path::Path;

use super::*;

const ID: &str = "0123456789abcdef";

fn store(files: &[(&str, &str)]) -> tempfile::TempDir {
    let store = tempfile::tempdir().expect("a temporary folder");
    let folder = store.path().join(ID);
    fs::create_dir(&folder).expect("made");
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("written");
    }
    store
}

fn open(store: &Path) -> RunFiles {
    RunFiles::open(store, ID).expect("a run")
}

fn names(files: &RunFiles) -> Vec<&'static str> {
    of_run(files).iter().map(|figure| figure.name).collect()
}

const CSV: &str = "step,epoch,tag,value\n1,0.5,train/loss,0.9\n2,1.0,train/loss,0.5\n\
                   2,1.0,test/accuracy,0.75\n2,1.0,test/accuracy/<script>alert(1)</script>,0.5\n\
                   2,1.0,routing/modules_used,3.0\n";
const LOG: &str = "{\"format\":\"pathweave-routing-log\",\"version\":1,\"modules\":[2],\
                   \"contexts\":[\"<b>\",\"dog\"]}\n\
                   {\"sample\":0,\"depth\":0,\"context\":0,\"choice\":1}\n\
                   {\"sample\":1,\"depth\":0,\"context\":1,\"choice\":0}\n";

#[test]
fn a_run_has_the_pictures_that_its_files_allow() {
    let store = store(&[(CURVES, CSV), (ROUTING_JSONL, LOG)]);
    let files = open(store.path());
    let want =
        ["learning", "decisions", "tasks-over-training", "paths", "routing-map", "activation"];
    assert_eq!(names(&files), want);
    for name in want {
        let svg = draw(&files, name).expect("sound").expect("a picture");
        assert!(svg.starts_with("<svg") && !svg.contains("<script>") && !svg.contains("<b>"));
        assert!(!svg.contains("no data"), "{name}: {svg}");
    }
    assert!(draw(&files, "tasks").expect("sound").is_none());
    assert!(draw(&files, "../etc/passwd").expect("sound").is_none());
    assert_eq!(names(&open(self::store(&[]).path())), Vec::<&str>::new());
}

#[test]
fn a_running_run_is_drawn_up_to_its_last_whole_line() {
    for end in 0..=CSV.len() {
        let store = store(&[(LIVE, &CSV[..end])]);
        let svg = draw(&open(store.path()), "learning").expect("sound");
        assert_eq!(svg.is_some(), CSV[..end].matches('\n').count() > 1, "{end}");
    }
}

#[test]
fn rule_data_shows_its_activation() {
    let store = store(&[(ACTIVATION, "rule,module,p\n0,0,0.5\n0,1,0.0\n1,0,0.25\n1,1,0.25\n")]);
    let svg = draw(&open(store.path()), "activation").expect("sound").expect("a picture");
    assert!(svg.contains("depth") || svg.contains("rule 1, module, module 1: 50%"), "{svg}");
    for broken in ["rule,module,p\n1,0,1\n", "rule,module,p\n0,0,x\n", "rule,module,p\n0,0,-1\n"] {
        let store = self::store(&[(ACTIVATION, broken)]);
        assert!(draw(&open(store.path()), "activation").is_err(), "{broken}");
    }
}

#[test]
fn tasks_are_bars_of_accuracy_or_of_the_loss() {
    let record = |accuracy: &str| {
        format!(
            "{{\"version\":1,\"id\":\"{ID}\",\"name\":\"a\",\"per_task\":[{{\"task\":\"t\",\
             \"accuracy\":{accuracy},\"loss\":0.125,\"n\":8}}]}}"
        )
    };
    for (accuracy, want) in [("0.5", "50.0%"), ("\"NaN\"", "0.125")] {
        let store = store(&[(RECORD, &record(accuracy))]);
        let svg = draw(&open(store.path()), "tasks").expect("sound").expect("a picture");
        assert!(svg.contains(want), "{svg}");
    }
}

#[test]
fn what_is_broken_or_too_large_is_refused() {
    let store =
        store(&[(CURVES, "not,curves\n"), (ROUTING_JSONL, "{\"sample\":0}\n"), (RECORD, "[[[[")]);
    let files = open(store.path());
    for name in names(&files) {
        assert!(matches!(draw(&files, name), Err(Refused::Broken { .. })), "{name}");
    }
    let large = fs::File::create(store.path().join(ID).join(ROUTING_JSONL)).expect("made");
    large.set_len(1 << 40).expect("a hole");
    assert!(matches!(draw(&files, "paths"), Err(Refused::TooLarge { .. })));
    // A header that names more than anybody can see is told, and the flow is still drawn.
    let contexts: Vec<String> = (0..500).map(|at| at.to_string()).collect();
    let header = format!(
        "{{\"format\":\"pathweave-routing-log\",\"version\":1,\"modules\":[60000],\
         \"contexts\":{contexts:?}}}\n{{\"sample\":0,\"depth\":0,\"context\":0,\"choice\":59999}}\n"
    );
    let store = self::store(&[(ROUTING_JSONL, &header)]);
    let files = open(store.path());
    for name in ["activation", "routing-map"] {
        assert!(draw(&files, name).expect("sound").expect("words").contains("are too many"));
    }
    assert!(draw(&files, "paths").expect("sound").expect("a picture").contains("59999"));
}
