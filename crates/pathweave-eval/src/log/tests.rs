use std::fs::File;
use std::io::{Seek, SeekFrom, Write};

use proptest::prelude::*;

use super::strategy::logs;
use super::*;

fn lines(log: &RoutingLog) -> String {
    let mut bytes = Vec::new();
    jsonl::write(log, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn parse(text: &str) -> Result<RoutingLog, LogError> {
    jsonl::read(text.as_bytes(), "log.jsonl")
}

fn faults(result: Result<RoutingLog, LogError>) -> Faults {
    match result.unwrap_err() {
        LogError::Faults(faults) => faults,
        LogError::Io { source, .. } => panic!("{source}"),
    }
}

fn parquet_file(log: &RoutingLog) -> File {
    let mut file = tempfile::tempfile().unwrap();
    columns::write(log, &mut file, "log.parquet").unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    file
}

fn row(sample: u64, depth: u32, choice: Choice) -> RoutingRow {
    RoutingRow { sample, depth, context: None, condition: None, agent: None, choice }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn json_lines_round_trip(log in logs(false)) {
        let text = lines(&log);
        let back = parse(&text).unwrap();
        prop_assert_eq!(&back, &log);
        prop_assert_eq!(lines(&back), text);
    }

    #[test]
    fn parquet_round_trips(log in logs(false)) {
        prop_assert_eq!(columns::read(parquet_file(&log), "log.parquet").unwrap(), log);
    }

    #[test]
    fn the_same_log_gives_the_same_bytes(log in logs(false)) {
        let parquet = || {
            let mut bytes = Vec::new();
            columns::write(&log, &mut bytes, "log.parquet").unwrap();
            bytes
        };
        prop_assert_eq!(parquet(), parquet());
    }

    #[test]
    fn a_log_without_its_header_keeps_its_rows(log in logs(false)) {
        let text = lines(&log);
        let plain = text.split_once('\n').unwrap().1;
        if !log.rows().is_empty() {
            let back = parse(plain).unwrap();
            prop_assert_eq!(back.rows(), log.rows());
        }
        let inferred = RoutingLog::inferred(log.rows().to_vec()).unwrap();
        for (known, seen) in log.header().modules.iter().zip(&inferred.header().modules) {
            prop_assert!(seen <= known);
        }
    }

    #[test]
    fn any_bytes_give_a_log_or_faults(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = jsonl::read(bytes.as_slice(), "noise");
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(columns::MAGIC).unwrap();
        file.write_all(&bytes).unwrap();
        prop_assert!(columns::read(file, "noise").is_err());
    }
}

#[test]
fn the_written_form_is_the_documented_one() {
    let mut header = LogHeader::new(vec![3, 3]);
    header.contexts = vec!["cat".into(), "dog".into()];
    header.actions.skip = true;
    let mut first = row(0, 0, Choice::Module(2));
    first.context = Some(1);
    let mut second = row(0, 1, Choice::Skip);
    second.context = Some(1);
    let third = row(1, 0, Choice::Weights(vec![0.25, 0.5, 0.25]));
    let log = RoutingLog::new(header, vec![first, second, third]).unwrap();
    let text = lines(&log);
    let rows: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(
        rows,
        [
            r#"{"sample":0,"depth":0,"context":1,"choice":2}"#,
            r#"{"sample":0,"depth":1,"context":1,"choice":"skip"}"#,
            r#"{"sample":1,"depth":0,"choice":[0.25,0.5,0.25]}"#,
        ]
    );
    assert!(text.starts_with('{') && text.contains(r#""format":"pathweave-routing-log""#));
}

#[test]
fn a_plain_log_infers_its_header() {
    let log = parse(
        "{\"sample\":0,\"depth\":1,\"choice\":3,\"context\":1,\"logit\":0.5}\n\n\
         {\"sample\":1,\"depth\":0,\"choice\":[0.5,0.5]}\n{\"sample\":2,\"depth\":0,\"choice\":\"end\"}",
    )
    .unwrap();
    assert_eq!(log.header().modules, [2, 4]);
    assert_eq!(log.header().contexts, ["0", "1"]);
    assert_eq!(log.header().actions, Actions { skip: false, end: true });
}

#[test]
fn every_fault_is_reported_with_its_line() {
    let text = r#"{"modules":[2,2],"contexts":["a"]}
{"sample":0,"depth":0,"choice":2}
{"sample":0,"depth":0,"choice":[0.5,0.4]}
{"sample":1,"depth":2,"choice":0}
{"sample":2,"depth":0,"choice":"skip","context":1}
{"sample":-1,"depth":0,"choice":"stay"}
{"sample":3,"depth":0,"choice":[0.5,-0.5]}
not json
{"depth":0,"choice":[1.0,0.0,0.0]}
{"sample":4,"depth":0,"choice":[1.0]}
"#;
    let found = faults(parse(text));
    let places: Vec<(u64, &str)> =
        found.faults.iter().map(|fault| (fault.line.unwrap(), fault.key.as_str())).collect();
    let expected = [
        (2, "choice"),
        (3, "choice"),
        (3, "sample"),
        (4, "depth"),
        (5, "context"),
        (5, "choice"),
        (6, "sample"),
        (6, "choice"),
        (7, "choice"),
        (8, "line"),
        (9, "sample"),
        (10, "choice"),
    ];
    assert_eq!(places, expected);
    let text = found.to_string();
    assert!(text.starts_with("log.jsonl:2: choice: found 2, allowed: 0 to 1\n"), "{text}");
    assert!(text.contains("log.jsonl:6: choice: found \"stay\", allowed: a module's index"));
}

#[test]
fn samples_must_agree_with_themselves() {
    let header = || {
        let mut header = LogHeader::new(vec![2, 2]);
        header.contexts = vec!["a".into(), "b".into()];
        header.actions.end = true;
        header
    };
    let mut changed = row(0, 1, Choice::Module(0));
    changed.context = Some(1);
    let rows = vec![row(0, 0, Choice::Module(0)), changed];
    assert_eq!(RoutingLog::new(header(), rows).unwrap_err().faults[0].key, "context");
    let rows = vec![row(0, 1, Choice::Module(0)), row(0, 0, Choice::End)];
    let found = RoutingLog::new(header(), rows).unwrap_err();
    assert_eq!((found.faults[0].line, found.faults[0].key.as_str()), (Some(1), "depth"));
}

#[test]
fn faults_are_capped_and_counted() {
    let text = "{}\n".repeat(30);
    let found = faults(parse(&text));
    assert_eq!(found.faults.len(), FAULTS_SHOWN);
    assert_eq!(found.more, 3 * 30 - FAULTS_SHOWN);
    assert!(found.to_string().ends_with("and 70 more"));
}

#[test]
fn a_row_cannot_make_the_header_huge() {
    for text in [
        r#"{"sample":0,"depth":4000000000,"choice":0}"#,
        r#"{"sample":0,"depth":0,"choice":4000000000}"#,
        r#"{"sample":0,"depth":0,"choice":0,"context":4000000000}"#,
        r#"{"modules":[99999999999]}"#,
    ] {
        assert_eq!(faults(parse(text)).faults.len(), 1, "{text}");
    }
}

#[test]
fn weights_that_are_no_numbers_are_faults() {
    for weight in [f32::NAN, f32::INFINITY, -0.1] {
        let rows = vec![row(0, 0, Choice::Weights(vec![weight, 1.0]))];
        assert!(RoutingLog::inferred(rows).is_err(), "{weight}");
    }
    assert!(parse(r#"{"sample":0,"depth":0,"choice":[1e39,0]}"#).is_err());
    assert!(RoutingLog::inferred(vec![row(0, 0, Choice::Weights(vec![]))]).is_err());
}

#[test]
fn damaged_files_give_one_clear_fault() {
    assert_eq!(faults(parse("")).faults[0].found, "nothing");
    assert!(faults(parse("{\"sample\":0,\"dep")).to_string().contains("a line that breaks off"));
    let log = RoutingLog::inferred(vec![row(0, 0, Choice::Module(0))]).unwrap();
    let file = parquet_file(&log);
    file.set_len(file.metadata().unwrap().len() - 9).unwrap();
    let found = faults(columns::read(file, "cut.parquet"));
    assert_eq!((found.faults.len(), found.more), (1, 0));
    assert!(found.to_string().starts_with("cut.parquet: file: found "));
}

#[test]
fn a_path_is_read_by_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let log = RoutingLog::inferred(vec![row(7, 0, Choice::Module(1))]).unwrap();
    let (first, second) = (folder.path().join("a"), folder.path().join("b"));
    columns::write(&log, File::create(&first).unwrap(), "a").unwrap();
    jsonl::write(&log, File::create(&second).unwrap()).unwrap();
    assert_eq!(RoutingLog::read(&first).unwrap(), log);
    assert_eq!(RoutingLog::read(&second).unwrap(), log);
    let missing = RoutingLog::read(&folder.path().join("c")).unwrap_err();
    assert!(matches!(missing, LogError::Io { .. }));
}
