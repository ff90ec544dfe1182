//! Readers of sentence pairs: what they read, and one clear fault for each way to be wrong.

use std::fs;
use std::path::{Path, PathBuf};

use pathweave_data::DataError;
use pathweave_data::format::nli_tsv::{self, Columns};
use pathweave_data::format::{PairFile, nli_jsonl, nli_parquet};
use pathweave_data::text::{Label, Pair};
use proptest::prelude::*;

use super::{fault, json_line, pair, parquet};
use crate::files::gzip;

const COLUMNS: Columns = Columns {
    premise: "premise",
    hypothesis: "hypothesis",
    label: "label",
    context: "",
    group: "",
};
const HEADER: &str = "label\tpremise\tgenre\thypothesis\tverb\n";

fn with<T>(bytes: &[u8], read: impl Fn(&Path) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let file: PathBuf = folder.path().join("pairs.txt");
    fs::write(&file, bytes).unwrap();
    read(&file)
}

fn tsv(text: &str) -> Result<PairFile, DataError> {
    with(text.as_bytes(), |file| nli_tsv::read(file, &COLUMNS, false, 0.01))
}

#[test]
fn json_lines_are_read_plain_and_gzip() {
    let lines = [
        json_line("A \"b\" é", "c", "entailment", "fiction"),
        json_line("x", "y", "-", "travel"),
        String::new(),
        json_line("d", "e\u{2028}", "neutral", "slate"),
        r#"{"sentence1": "f", "sentence2": "", "gold_label": "contradiction"}"#.to_owned(),
    ];
    let text = lines.join("\n");
    for bytes in [text.clone().into_bytes(), gzip(text.as_bytes())] {
        let found = with(&bytes, |file| nli_jsonl::read(file, 0.01)).unwrap();
        let expected = [
            pair("A \"b\" é", "c", Label::Entails, "fiction"),
            pair("d", "e\u{2028}", Label::Permits, "slate"),
            pair("f", "", Label::Contradicts, ""),
        ];
        assert_eq!((found.pairs, found.unlabelled, found.bad), (expected.to_vec(), 1, vec![]));
    }
}

#[test]
fn faulty_json_lines_are_refused() {
    let good = json_line("a", "b", "entailment", "g");
    let read = |text: &str| with(text.as_bytes(), |file| nli_jsonl::read(file, 0.01));
    let unknown = json_line("a", "b", "maybe", "g");
    fault(read(&format!("{good}\n{unknown}")), "pairs.txt: line 2: found the label \"maybe\"");
    fault(read(&format!("{good}\n{{}}\n")), "line 2: missing field `sentence1`");
    fault(read("no json"), "bad rows: found 1 bad rows (line 1: expected ident) of 1");
    fault(read(""), "empty");
    fault(read(&json_line("a", "b", "-", "g")), "empty");
    let control = json_line("a", "b#", "neutral", "g").replace('#', "\u{1}");
    fault(read(&control), "line 1: control character");
    let mut wrong = format!("{good}\n{good}").into_bytes();
    wrong[good.len() + 5] = 0xe9;
    let found = with(&wrong, |file| nli_jsonl::read(file, 0.5));
    fault(found, "line 2: found byte 0xe9 at byte 5 of the line, allowed text in UTF-8");
    let zipped = gzip(good.as_bytes());
    let cut = with(&zipped[..zipped.len() - 12], |file| nli_jsonl::read(file, 0.01));
    fault(cut, "the gzip stream is truncated");
    fault(nli_jsonl::read(Path::new("/nowhere/x"), 0.01), "/nowhere/x: cannot be read");
}

#[test]
fn few_bad_rows_are_counted_and_named() {
    let mut text = HEADER.to_owned();
    (0..200).for_each(|at| text += &format!("neutral\tp {at}\tg\th\tv\r\n"));
    text += "neutral\tp\tg\n";
    let found = tsv(&text).unwrap();
    assert_eq!(
        (found.pairs.len(), found.bad.as_slice()),
        (200, &[(202, "3 columns, not 5".into())][..])
    );
    assert_eq!(
        found.notes(Path::new("f.tsv")),
        ["f.tsv: 1 bad rows (line 202: 3 columns, not 5) left out"]
    );
    text += &"x\n".repeat(20);
    fault(tsv(&text), "line 202: 3 columns, not 5; line 203: 1 columns, not 5");
    fault(tsv(&text), "; …) of 221, allowed at most 1 %");
}

#[test]
fn columns_are_found_by_name() {
    let rows = "entails\ta\tone\tb\tgo\nContradiction\tc\ttwo\td\tgo\npermits\te\tone\tf\tbe\n\tx\t\ty\t\n";
    let columns = Columns { context: "genre", group: "verb", ..COLUMNS };
    let bytes = format!("\u{feff}{HEADER}{rows}");
    let found = with(bytes.as_bytes(), |file| nli_tsv::read(file, &columns, false, 0.0)).unwrap();
    let group = |pair: Pair, group: &str| Pair { group: group.to_owned(), ..pair };
    let expected = [
        group(pair("a", "b", Label::Entails, "one"), "go"),
        group(pair("c", "d", Label::Contradicts, "two"), "go"),
        group(pair("e", "f", Label::Permits, "one"), "be"),
    ];
    assert_eq!((found.pairs, found.unlabelled), (expected.to_vec(), 1));

    let absent = Columns { context: "topic", ..COLUMNS };
    let found = with(bytes.as_bytes(), |file| nli_tsv::read(file, &absent, false, 0.0));
    fault(found, "found label, premise, genre, hypothesis, verb, allowed topic among them");
    fault(tsv(""), "empty");
    fault(tsv(HEADER), "empty");
}

#[test]
fn two_answers_are_three_only_where_asked_for() {
    let text = format!("{HEADER}entailment\ta\t\tb\t\nnon-entailment\tc\t\td\t\n");
    fault(tsv(&text), "line 3: found the label \"non-entailment\"");
    fault(tsv(&text), "non-entailment with two_way = true");
    let found = with(text.as_bytes(), |file| nli_tsv::read(file, &COLUMNS, true, 0.0)).unwrap();
    assert_eq!(found.pairs[1].label, Label::Permits);
}

#[test]
fn parquet_is_read_as_on_the_hub() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("train-0.parquet");
    let rows = [
        (Some("a"), "b", 0, "fiction"),
        (Some("c"), "d", 1, "travel"),
        (Some("e"), "f", -1, "travel"),
        (Some("g"), "h", 2, "slate"),
    ];
    parquet(&file, &rows);
    let found = nli_parquet::read(&file, 0.0).unwrap();
    let expected = [
        pair("a", "b", Label::Entails, "fiction"),
        pair("c", "d", Label::Permits, "travel"),
        pair("g", "h", Label::Contradicts, "slate"),
    ];
    assert_eq!((found.pairs, found.unlabelled), (expected.to_vec(), 1));
    parquet(&file, &[(Some("a"), "b", 3, "")]);
    fault(nli_parquet::read(&file, 0.0), "row 0: label out of range: found 3");
    parquet(&file, &[(Some("a"), "b", 0, ""), (None, "b", 0, "")]);
    fault(nli_parquet::read(&file, 0.4), "line 1: no premise or no hypothesis");
    crate::files::parquet_without_pairs(&file);
    fault(nli_parquet::read(&file, 0.0), "missing column: found count, allowed premise among them");
    fs::write(&file, "PAR1").unwrap();
    fault(nli_parquet::read(&file, 0.0), "not a whole Parquet file");
}

fn texts() -> impl Strategy<Value = String> {
    // No tab, no line end: what a column can hold.
    "[ -~é–漢\u{a0}\"]{0,12}"
}

proptest! {
    #[test]
    fn written_pairs_come_back(
        rows in proptest::collection::vec((texts(), texts(), 0..3_usize, "[a-z+|.-]{1,5}"), 1..20)
    ) {
        let pairs: Vec<Pair> = rows
            .iter()
            .map(|(premise, hypothesis, at, context)| pair(premise, hypothesis, Label::ALL[*at].0, context))
            .collect();
        let name = |pair: &Pair| Label::ALL[usize::from(pair.label.number())].1;
        let long = |pair: &Pair| ["entailment", "contradiction", "neutral"][usize::from(pair.label.number())];
        let mut text = HEADER.to_owned();
        for p in &pairs {
            text += &format!("{}\t{}\t{}\t{}\t\n", name(p), p.premise, p.context, p.hypothesis);
        }
        let columns = Columns { context: "genre", ..COLUMNS };
        let found = with(text.as_bytes(), |file| nli_tsv::read(file, &columns, false, 0.0));
        prop_assert_eq!(&found.unwrap().pairs, &pairs);

        let lines: Vec<String> =
            pairs.iter().map(|p| json_line(&p.premise, &p.hypothesis, long(p), &p.context)).collect();
        let found = with(&gzip(lines.join("\r\n").as_bytes()), |file| nli_jsonl::read(file, 0.0));
        prop_assert_eq!(found.unwrap().pairs, pairs);
    }
}
