//! Reports of many runs.

use std::fs;

use super::place::Place;
use super::stored;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

fn near(value: &Value, expected: f64) {
    let value = value.as_f64().expect("a number");
    assert!((value - expected).abs() < 1e-9, "{value}, not {expected}");
}

#[test]
fn groups_of_many_runs_are_set_side_by_side() {
    let place = Place::new();
    stored::many(&place.path("runs"));
    let args = [
        "report",
        "--by",
        "model.kind",
        "--strata",
        "dataset",
        "--against",
        "plain",
        "--metric",
        "accuracy,loss",
        "--resamples",
        "100",
    ];
    let json: Value =
        serde_json::from_str(&place.good(&[&args[..], &["--json"]].concat())).expect("JSON");
    assert_eq!((json["runs"].as_u64(), json["by"].as_str()), (Some(300), Some("model.kind")));
    let rows = json["rows"].as_array().expect("rows");
    let names: Vec<(&str, &str)> = rows
        .iter()
        .filter_map(|row| Some((row["model"].as_str()?, row["metric"].as_str()?)))
        .collect();
    let expected =
        [("gate", "accuracy"), ("plain", "accuracy"), ("gate", "loss"), ("plain", "loss")];
    assert_eq!(names, expected);
    let gate = &rows[0];
    assert_eq!((gate["n"].as_u64(), gate["strata"].as_u64()), (Some(150), Some(3)));
    assert_eq!((gate["pairs"].as_u64(), gate["unpaired"].as_u64()), (Some(150), Some(0)));
    // Learning rates differ too, but only between the models.
    let pairs: Vec<&str> =
        json["pairs"].as_array().expect("keys").iter().filter_map(Value::as_str).collect();
    assert_eq!(pairs, ["train.seed", "dataset.fingerprint"]);
    near(&gate["difference"], 0.02);
    near(&gate["difference_low"], 0.02);
    near(&gate["improvement"], 1.0);
    near(&rows[2]["improvement"], 1.0);
    assert!(gate["iqm_low"].as_f64() < gate["iqm"].as_f64());
    assert!(rows[1]["improvement"].is_null(), "a group is not beside itself");

    let page = place.path(json["report"].as_str().expect("a path"));
    let folder = page.parent().expect("a folder");
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let html = String::from_utf8(read("report.html")).expect("text");
    assert!(
        html.len() < 500_000 && html.contains("P(better than plain)") && !html.contains("<script")
    );
    assert!(String::from_utf8(read("report.md")).expect("text").contains("intervals-accuracy.svg"));
    assert_eq!(String::from_utf8(read("rows.csv")).expect("text").lines().count(), 5);
    let latex = String::from_utf8(read("rows.tex")).expect("text");
    assert_eq!(latex.matches("\\toprule").count(), 3);
    assert!(latex.contains("$\\pm$") && latex.contains("\\label{tab:runs-against}"), "{latex}");
    for figure in ["intervals-accuracy", "against-loss", "better-accuracy"] {
        assert!(read(&format!("{figure}.png")).starts_with(b"\x89PNG"), "{figure}");
        assert!(read(&format!("{figure}.svg")).starts_with(b"<svg"), "{figure}");
    }
    let file = fs::File::open(folder.join("rows.parquet")).expect("there");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
    assert_eq!(reader.metadata().file_metadata().num_rows(), 4);

    let text = place.good(&args);
    assert!(text.contains("0.0200 [0.0200, 0.0200]") || text.contains("0.02"), "{text}");
    assert!(text.contains("report.html") && text.contains("P(better)"), "{text}");
}

#[test]
fn words_and_filters_choose_the_runs() {
    let place = Place::new();
    let records = stored::many(&place.path("runs"));
    let count = |args: &[&str]| -> (u64, u64) {
        let args =
            [&["report", "--json", "--metric", "accuracy", "--resamples", "1"], args].concat();
        let json: Value = serde_json::from_str(&place.good(&args)).expect("JSON");
        (json["runs"].as_u64().expect("runs"), json["unfinished"].as_u64().expect("a number"))
    };
    let id = |at: usize| records[at]["id"].as_str().expect("an id");
    assert_eq!(count(&["runs", "--by", "seed"]), (300, 0));
    assert_eq!(count(&[id(0), id(1), id(0)]), (2, 0));
    assert_eq!(count(&["--where", "model.kind=gate train.seed<5"]), (15, 0));
    assert_eq!(count(&["runs", "--where", "dataset=set-1|set-2", "--where", "seed=3"]), (4, 0));
    // A sweep of two finished runs and one that is not there yet.
    let sweep = place.path("runs/sweeps/mine-0123abcd");
    fs::create_dir_all(&sweep).expect("made");
    let planned = |id: &str| {
        format!("{{\"id\":\"{id}\",\"name\":\"x\",\"model\":\"m\",\"seed\":0,\"spec\":{{}}}}\n")
    };
    let heading = "{\"format\":\"pathweave-sweep\",\"version\":1,\"name\":\"mine\",\
                   \"device\":\"cpu\",\"runs\":3}\n";
    let lines: String = [id(0), id(7), "ffffffffffffffff"].map(planned).concat();
    fs::write(sweep.join("manifest.jsonl"), format!("{heading}{lines}")).expect("written");
    assert_eq!(count(&["runs/sweeps/mine-0123abcd"]), (2, 1));
}

#[test]
fn questions_without_an_answer_are_told() {
    let place = Place::new();
    place.bad(&["report"], 2);
    stored::many(&place.path("runs"));
    let bad = |args: &[&str]| place.bad(&[&["report", "--resamples", "1"], args].concat(), 2);
    assert!(bad(&["--by", "model.kin"]).contains("did you mean model.kind?"));
    assert!(bad(&["--by", "model.kind", "--against", "gat"]).contains("there are: gate; plain"));
    assert!(bad(&["--metric", "acuracy"]).contains("accuracy"));
    assert!(bad(&["--where", "seed>1000"]).contains("no finished run fits"));
    assert!(bad(&["--where", "seed"]).contains("seed"));
    assert!(bad(&["--pair", "seed"]).contains("--against"));
}
