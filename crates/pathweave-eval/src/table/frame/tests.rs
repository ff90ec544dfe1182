use super::*;
use serde_json::json;

fn frame() -> Frame {
    let mut frame = Frame::new();
    for (seed, spec) in [
        json!({"name": "x", "router": {"algorithm": "wpl"}, "seed": 9, "widths": [3, 4]}),
        json!({"router": {"algorithm": "wpl", "rate": 0.5}, "widths": []}),
        json!({"router": {"algorithm": "em"}, "widths": [3, 4], "none": null}),
    ]
    .into_iter()
    .enumerate()
    {
        let mut record = RunRecord::new(seed.to_string(), "a");
        (record.seed, record.spec) = (seed as u64, spec);
        if seed != 1 {
            record.metrics.insert("accuracy".into(), seed as f64);
        }
        let timing = Timing { wall_seconds: 2.0, ..Timing::default() };
        frame.push(&record, (seed == 2).then_some(&timing));
    }
    frame
}

#[test]
fn columns_hold_each_value_once() {
    let frame = frame();
    let algorithm = frame.column("router.algorithm").expect("a setting");
    assert_eq!(algorithm.values, [json!("wpl"), json!("em")]);
    assert_eq!(algorithm.codes, [Some(0), Some(0), Some(1)]);
    let rate = frame.column("router.rate").expect("a setting");
    assert_eq!([rate.text(0), rate.text(1), rate.text(2)], ["", "0.5", ""]);
    let first = frame.column("widths.0").expect("a list");
    assert_eq!([first.text(0), first.text(1), first.text(2)], ["3", "", "3"]);
    assert_eq!(frame.column("none"), None);
    assert_eq!(frame.column("dataset"), None);
    assert_eq!(frame.len(), 3);
}

#[test]
fn a_field_comes_before_a_setting_of_its_name() {
    let frame = frame();
    assert_eq!(frame.column("seed").expect("a field").text(0), "0");
    assert_eq!(frame.column("spec.seed").expect("a setting").text(0), "9");
    assert_eq!(frame.column("name").expect("a field").text(0), "a");
    assert!(!frame.settings().any(|(key, _)| key == "name"));
}

#[test]
fn metrics_and_timings_of_those_that_have_them() {
    let frame = frame();
    let names: Vec<&str> = frame.metrics().collect();
    assert!(names.contains(&"accuracy") && names.contains(&"timing/wall_seconds"));
    assert_eq!([0, 1, 2].map(|run| frame.number("accuracy", run)), [Some(0.0), None, Some(2.0)]);
    assert_eq!(frame.number("timing/wall_seconds", 2), Some(2.0));
    assert_eq!(frame.number("nothing", 0), None);
}

#[test]
fn a_line_a_run() {
    let mut csv = Vec::new();
    frame().to_csv(&mut csv).expect("memory");
    let csv = String::from_utf8(csv).expect("text");
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("id,name,seed,dataset.tasks,"), "{}", lines[0]);
    assert!(lines[0].contains(",router.algorithm,router.rate,widths,accuracy,"), "{}", lines[0]);
    assert!(lines[1].starts_with("0,a,0,0,") && lines[1].contains(",wpl,,\"[3,4]\",0,"));
}
