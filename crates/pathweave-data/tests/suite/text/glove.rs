//! GloVe text.

use std::collections::HashMap;
use std::fs;

use pathweave_data::DataErrors;
use pathweave_data::format::glove;

use super::fault;
use crate::files::gzip;

/// Reads `bytes` with the words "the", "a" and ". . ." in rows 0 to 2.
fn read(bytes: &[u8], width: usize) -> Result<(Vec<bool>, Vec<f32>), DataErrors> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vectors");
    fs::write(&file, bytes).unwrap();
    let index = HashMap::from([("the", 0), ("a", 1), (". . .", 2)]);
    let mut into = vec![-1.0; 3 * width];
    glove::read(&file, &index, width, &mut into).map(|found| (found, into))
}

#[test]
fn wanted_words_are_read_and_others_counted() {
    let text = "the 1 -2.5\nother x y\n. . . 0.5 1e-2\nthe 7 7\n";
    let expected = (vec![true, false, true], vec![1.0, -2.5, -1.0, -1.0, 0.5, 0.01]);
    assert_eq!(read(text.as_bytes(), 2).unwrap(), expected);
    assert_eq!(read(&gzip(text.as_bytes()), 2).unwrap(), expected);
    let windows = format!("4 2\r\n{}", text.replace('\n', " \r\n"));
    assert_eq!(read(windows.as_bytes(), 2).unwrap(), expected);
}

#[test]
fn words_of_one_number_are_no_header() {
    let expected = (vec![true, true, false], vec![3.0, 4.0, -1.0]);
    assert_eq!(read(b"the 3\na 4", 1).unwrap(), expected);
}

#[test]
fn faulty_files_are_refused() {
    let wrong = "found a vector of 3 numbers, allowed 2 numbers";
    fault(read(b"b 1 2 3\n", 2), wrong);
    fault(read(b"b 1 2\na 1 2 3", 2), &format!("line 2: {wrong}"));
    fault(read(b"b 1 2\na 1", 2), "line 2: found a vector of 1 numbers");
    fault(read(b"b 1 2\n\na 1 2", 2), "line 2: found a vector of 0 numbers");
    fault(read(b"4 3\na 1 2 3", 2), "line 1: found a vector of 1 numbers");
    fault(read(b"a 1 x", 2), "line 1: found \"x\", allowed a finite number");
    fault(read(b"a 1 nan", 2), "line 1: found \"nan\", allowed a finite number");
    fault(read(b"a 1 1e99", 2), "line 1: found \"1e99\"");
    fault(read(b"b 1 2\n\xe9 1 2", 2), "line 2: found byte 0xe9 at byte 1 of the line");
    fault(read(b"", 2), "empty");
}
