use serde_json::json;

use super::*;

/// Two models, three seeds; the last run lacks the metric.
fn table() -> Table {
    let mut records = Vec::new();
    for (name, algorithm, accuracies) in
        [("a", "wpl", [0.5, 0.6, 0.7].as_slice()), ("b|,", "assigned", &[0.9])]
    {
        for (seed, accuracy) in accuracies.iter().enumerate() {
            let mut record = RunRecord::new(format!("{name}{seed}"), name);
            record.seed = seed as u64;
            record.spec = json!({"router": {"algorithm": algorithm}, "seed": 99, "widths": [3]});
            record.metrics.insert("accuracy".into(), *accuracy);
            records.push(record);
        }
    }
    records.push(RunRecord::new("z", "unfinished"));
    records.into()
}

#[test]
fn fields_are_the_records_then_the_specs() {
    let table = table();
    let record = &table.entries()[1].record;
    assert_eq!(field(record, "seed"), Some(json!(1)));
    assert_eq!(field(record, "spec.seed"), Some(json!(99)));
    assert_eq!(field(record, "router.algorithm"), Some(json!("wpl")));
    assert_eq!(field(record, "widths.0"), Some(json!(3)));
    assert_eq!(field(record, "dataset.name"), Some(json!("")));
    assert_eq!(field(record, "experiment"), None);
    assert_eq!(field(record, "router.none"), None);
}

#[test]
fn groups_keep_the_tables_order() {
    let groups = table().group_by("router.algorithm");
    let sizes: Vec<(&str, usize)> =
        groups.iter().map(|(name, table)| (name.as_str(), table.entries().len())).collect();
    assert_eq!(sizes, [("wpl", 3), ("assigned", 1), ("", 1)]);
    assert_eq!(table().only("seed", "0").entries().len(), 3);
    assert_eq!(table().filter(|entry| entry.record.name == "a").entries().len(), 3);
}

#[test]
fn summaries_have_mean_interval_and_count() {
    let summaries = table().summarise("name", "accuracy").unwrap();
    assert_eq!(summaries.len(), 2);
    assert!((summaries[0].mean - 0.6).abs() < 1e-15);
    // t of 2 degrees of freedom times 0.1 / √3.
    assert!((summaries[0].ci95.unwrap() - 4.302_652_730 * 0.1 / 3.0_f64.sqrt()).abs() < 1e-8);
    assert_eq!((summaries[1].ci95, summaries[1].n), (None, 1));
    assert_eq!(summaries[0].values, [0.5, 0.6, 0.7]);
}

#[test]
fn an_unknown_metric_names_the_known() {
    let error = table().summarise("name", "acuracy").unwrap_err();
    assert_eq!(error.to_string(), "no run has the metric acuracy; there are: accuracy");
}

#[test]
fn timings_are_metrics() {
    let record = RunRecord::new("a", "b");
    let timing = Timing { wall_seconds: 2.0, ..Timing::default() };
    let table: Table = [Entry { record, timing: Some(timing) }].into_iter().collect();
    assert_eq!(table.summarise("name", "timing/wall_seconds").unwrap()[0].mean, 2.0);
    assert!(table.summarise("name", "timing/moon").is_err());
}

#[test]
fn printed_forms() {
    let mut summaries = table().summarise("name", "accuracy").unwrap();
    summaries[1] = summaries[1].clone().with_paper(0.75);
    assert_eq!(
        to_json(&summaries[1..]),
        json!([{"model": "b|,", "metric": "accuracy", "mean": 0.9, "ci95": null, "n": 1, "paper": 0.75}])
    );
    let csv = to_csv(&summaries);
    assert_eq!(csv.lines().next(), Some("model,metric,mean,ci95,n,paper"));
    assert_eq!(csv.lines().nth(2), Some("\"b|,\",accuracy,0.9,,1,0.75"));
    assert_eq!(
        to_markdown(&summaries, 2),
        "| model | metric | mean ± 95 % | n | paper |\n|---|---|---:|---:|---:|\n\
         | a | accuracy | 0.60 ± 0.25 | 3 | – |\n| b\\|, | accuracy | 0.90 | 1 | 0.75 |\n"
    );
}

#[test]
fn a_value_that_is_not_finite_is_not_hidden() {
    let summary = Summary::new("a", "loss", vec![1.0, f64::NAN]);
    assert!(summary.mean.is_nan() && summary.ci95.is_none() && summary.n == 2);
    assert_eq!(to_json(&[summary])[0]["mean"], Value::Null);
}
