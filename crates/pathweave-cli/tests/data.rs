//! `data`, with a hub on loopback.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::thread;

use arrow_array::{ArrayRef, BinaryArray, Int64Array, RecordBatch, StringArray, StructArray};
use arrow_schema::{DataType, Field};
use assert_cmd::Command;
use parquet::arrow::ArrowWriter;
use serde_json::Value;

/// A grey PNG of one pixel.
const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
    0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b,
    0x55, 0x00, 0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x68, 0x00, 0x00, 0x00,
    0x82, 0x00, 0x81, 0x77, 0xcd, 0x72, 0xb6, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae,
    0x42, 0x60, 0x82,
];

const TRAIN: &str = "/datasets/ylecun/mnist/resolve/main/mnist/train-00000-of-00001.parquet";
const TEST: &str = "/datasets/ylecun/mnist/resolve/main/mnist/test-00000-of-00001.parquet";

/// A Parquet file as on the hub, with an image of each digit `each` times.
fn digits(each: i64) -> Vec<u8> {
    let rows = usize::try_from(10 * each).expect("few");
    let bytes: BinaryArray = (0..rows).map(|_| Some(PNG)).collect();
    let path: StringArray = (0..rows).map(|_| None::<&str>).collect();
    let image: ArrayRef = Arc::new(StructArray::from(vec![
        (Arc::new(Field::new("bytes", DataType::Binary, true)), Arc::new(bytes) as ArrayRef),
        (Arc::new(Field::new("path", DataType::Utf8, true)), Arc::new(path) as ArrayRef),
    ]));
    let label: ArrayRef = Arc::new((0..10 * each).map(|at| at % 10).collect::<Int64Array>());
    let batch = RecordBatch::try_from_iter([("image", image), ("label", label)]).expect("columns");
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
    file
}

/// Serves files as the hub does: sizes by a request for one byte, the commit and the content's
/// name in headers. Ends with the test's process. Gives its address.
fn hub(files: BTreeMap<&'static str, Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that goes away is its own business.
            answer(stream, &files).unwrap_or_default();
        }
    });
    format!("http://{address}")
}

fn answer(mut stream: TcpStream, files: &BTreeMap<&str, Vec<u8>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut range = (0, usize::MAX);
    for line in lines {
        let line = line?.to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some((first, last)) =
            line.strip_prefix("range: bytes=").and_then(|range| range.split_once('-'))
        {
            range = (first.parse().unwrap_or(0), last.parse().unwrap_or(usize::MAX));
        }
    }
    let Some(file) = files.get(path.as_str()) else {
        return stream.write_all(
            b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        );
    };
    let size = file.len();
    let (first, last) = (range.0.min(size), range.1.min(size - 1));
    let part = &file[first..=last];
    let tag: u64 =
        file.iter().fold(7, |hash: u64, &byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)));
    write!(
        stream,
        "HTTP/1.1 206 Partial Content\r\ncontent-length: {}\r\n\
         content-range: bytes {first}-{last}/{size}\r\netag: \"{tag:x}\"\r\n\
         x-repo-commit: 0123456789abcdef0123456789abcdef01234567\r\nconnection: close\r\n\r\n",
        part.len()
    )?;
    stream.write_all(part)
}

fn data(folder: &Path, endpoint: &str, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("pathweave").expect("the program is built");
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"]
    {
        command.env_remove(name);
    }
    command.env_remove("PATHWEAVE_DATA").env_remove("PATHWEAVE_RUNS");
    command.env("HF_ENDPOINT", endpoint).env("HF_HOME", folder.join("cache"));
    command.arg("--data").arg(folder.join("data")).args(["--quiet", "data"]).args(arguments);
    command.output().expect("the program starts")
}

fn fails(output: &Output, code: i32, words: &[&str]) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{errors}");
    assert!(words.iter().all(|word| errors.contains(word)), "{errors}");
}

fn succeeds(output: &Output) -> Value {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    serde_json::from_slice(&output.stdout).expect("JSON and nothing else")
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("data")).expect("a folder");
    folder
}

#[test]
fn files_are_fetched_read_and_never_replaced() {
    let folder = folder();
    let (train, test) = (digits(3), digits(2));
    let endpoint = hub(BTreeMap::from([(TRAIN, train.clone()), (TEST, test.clone())]));
    let fetched = succeeds(&data(folder.path(), &endpoint, &["get", "mnist-mtl", "--json"]));
    let names = ["mnist/train-00000-of-00001.parquet", "mnist/test-00000-of-00001.parquet"];
    for (at, (name, samples)) in names.iter().zip([30, 20]).enumerate() {
        let file = &fetched["files"][at];
        assert_eq!((&file["file"], &file["samples"]), (&Value::from(*name), &samples.into()));
        assert_eq!(file["was_there"], false);
    }
    let place = folder.path().join("data/mnist");
    assert_eq!(fs::read(place.join("train-00000-of-00001.parquet")).expect("a file"), train);
    let left: Vec<_> = fs::read_dir(&place).expect("a folder").flatten().collect();
    assert_eq!(left.len(), 2, "nothing but the two files stays");

    // What is there is kept, even when the hub has something else.
    let other = hub(BTreeMap::from([(TRAIN, digits(5)), (TEST, digits(5))]));
    let again = succeeds(&data(folder.path(), &other, &["get", "mnist-mtl", "--json"]));
    assert_eq!(again["files"][0]["was_there"], true);
    assert_eq!(fs::read(place.join("test-00000-of-00001.parquet")).expect("a file"), test);

    let found = succeeds(&data(folder.path(), &endpoint, &["check", "--json"]));
    assert_eq!(found["files"].as_array().map(Vec::len), Some(2));
    let list = succeeds(&data(folder.path(), &endpoint, &["list", "--json"]));
    let mnist = list.as_array().expect("a list").iter().find(|row| row["name"] == "mnist-mtl");
    assert_eq!(mnist.expect("its row")["found"], names[0]);
}

#[test]
fn a_wrong_file_is_refused_and_asked_for_again() {
    let folder = folder();
    let page = b"<html>please log in</html>".to_vec();
    let wrong = hub(BTreeMap::from([(TRAIN, page.clone()), (TEST, page)]));
    let output = data(folder.path(), &wrong, &["get", "mnist-mtl"]);
    fails(&output, 4, &["train-00000-of-00001.parquet", "not the file that it should be"]);
    let place = folder.path().join("data/mnist");
    assert_eq!(fs::read_dir(&place).expect("a folder").count(), 0, "nothing is left behind");

    let right = hub(BTreeMap::from([(TRAIN, digits(1)), (TEST, digits(1))]));
    let fetched = succeeds(&data(folder.path(), &right, &["get", "mnist-mtl", "--json"]));
    assert_eq!(fetched["files"][0]["samples"], 10);
}

#[test]
fn a_hub_without_the_file_or_none_at_all_is_one_clear_error() {
    let folder = folder();
    let empty = hub(BTreeMap::new());
    fails(&data(folder.path(), &empty, &["get", "cifar-mtl"]), 4, &["uoft-cs/cifar100", "404"]);
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
    let nobody = format!("http://{}", port.expect("a port"));
    fails(&data(folder.path(), &nobody, &["get", "mnist-mtl"]), 4, &[&nobody, "cannot be reached"]);
    fails(&data(folder.path(), &nobody, &["get", "mnist"]), 2, &["mnist", "mnist-mtl"]);
}

#[test]
fn the_embedded_set_needs_no_folder() {
    let run = |arguments: &[&str]| {
        let mut command = Command::cargo_bin("pathweave").expect("the program is built");
        command.env_remove("PATHWEAVE_DATA").arg("data").args(arguments);
        command.output().expect("the program starts")
    };
    let digits = succeeds(&run(&["check", "digits-mtl", "--json"]));
    assert_eq!(digits["tasks"].as_array().map(Vec::len), Some(10));
    assert!(digits["train"].as_u64() > digits["test"].as_u64());
    assert_eq!(run(&["get", "digits-mtl"]).status.code(), Some(0));
    assert_eq!(run(&["list"]).status.code(), Some(0));
    fails(&run(&["check"]), 2, &["--data", "PATHWEAVE_DATA"]);
    fails(&run(&["check", "cifar-mtl"]), 4, &["--data", "PATHWEAVE_DATA"]);
    fails(&run(&["get", "mnist-mtl"]), 2, &["--data"]);
}
