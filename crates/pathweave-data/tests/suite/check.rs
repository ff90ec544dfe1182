//! `check` on a folder of small files.

use std::fs;

use pathweave_data::check::{Check, Format, check};
use sha2::{Digest, Sha256};

use super::files;

#[test]
fn every_file_is_listed_with_its_counts() {
    let folder = tempfile::tempdir().unwrap();
    files::mnist(folder.path(), 4, 1);
    files::cifar100(folder.path(), 1, 1);
    let found = check(folder.path()).unwrap();
    assert!(found.is_sound(), "{found:#?}");
    let formats: Vec<(Format, u64)> = found.files.iter().map(|f| (f.format, f.count)).collect();
    assert_eq!(
        formats,
        [
            (Format::CifarBinary, 100),
            (Format::CifarBinary, 100),
            (Format::IdxImages, 10),
            (Format::IdxLabels, 10),
            (Format::IdxImages, 40),
            (Format::IdxLabels, 40),
        ]
    );
    assert_eq!(found.files[5].labels[0].counts, [4; 10]);
    assert_eq!(found.files[0].labels[1].counts, [5; 20]);
    let bytes = fs::read(folder.path().join(&found.files[5].file)).unwrap();
    let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(found.files[5].sha256, hash);
    let json = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Check>(&json).unwrap(), found);
}

#[test]
fn faults_stand_with_their_file() {
    let folder = tempfile::tempdir().unwrap();
    files::mnist(folder.path(), 4, 1);
    files::cifar100(folder.path(), 1, 1);
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("mnist/train-labels-idx1-ubyte", &files::idx_labels(&[1; 41]));
    write("mnist/t10k-labels-idx1-ubyte", &files::idx_labels(&[10; 10]));
    let mut wrong = files::cifar_bin(1, 0);
    wrong[0] = 5;
    write("cifar-100-binary/test.bin", &wrong);
    write("mnist/broken.parquet", b"PAR1");
    let found = check(folder.path()).unwrap();
    let faults: Vec<&str> =
        found.files.iter().flat_map(|f| &f.faults).map(String::as_str).collect();
    for expected in [
        "found coarse label 5 with fine label 0, allowed coarse label 4",
        "not a whole Parquet file",
        "row 0: label out of range: found 10, allowed 0 to 9",
        "found 41 labels",
    ] {
        assert_eq!(faults.iter().filter(|f| f.contains(expected)).count(), 1, "{faults:#?}");
    }
    assert!(!found.is_sound() && faults.len() == 4, "{faults:#?}");
}

#[test]
fn an_empty_folder_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let text = check(folder.path()).unwrap_err().to_string();
    assert!(text.contains("no data files found; looked for *-idx3-ubyte[.gz]"), "{text}");
    assert!(check(&folder.path().join("none")).unwrap_err().to_string().contains("cannot be read"));
}

#[test]
fn class_folders_are_one_entry() {
    let folder = tempfile::tempdir().unwrap();
    for (class, count) in [("a", 2), ("b", 1)] {
        let place = folder.path().join("train").join(class);
        fs::create_dir_all(&place).unwrap();
        for at in 0..count {
            let image = files::png(&files::pixels(at, 12), 2, 2);
            fs::write(place.join(format!("{at}.png")), image).unwrap();
        }
    }
    let found = check(folder.path()).unwrap();
    assert_eq!(found.files.len(), 1);
    assert_eq!(found.files[0].format, Format::ImageFolder);
    assert_eq!((found.files[0].count, &found.files[0].labels[0].counts[..]), (3, &[2, 1][..]));
}
