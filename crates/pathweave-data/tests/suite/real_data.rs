//! The constructions on the real files, where the user has them: names their folder in
//! `PATHWEAVE_DATA`. Without it these tests only say so.

use std::path::PathBuf;

use pathweave_data::dataset::Source;
use pathweave_data::{DatasetSpec, Split, check};

/// The folder, if it is named and has `below`.
pub fn folder(below: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PATHWEAVE_DATA").map(PathBuf::from);
    let found = folder.filter(|folder| folder.join(below).is_dir());
    if found.is_none() {
        println!("not run: PATHWEAVE_DATA names no folder with {below}");
    }
    found
}

#[test]
fn mnist_mtl_has_the_documents_counts() {
    let Some(folder) = folder("mnist") else {
        return;
    };
    let set = DatasetSpec::named("mnist-mtl").unwrap().load(Some(&folder)).unwrap();
    assert_eq!((set.tasks, set.classes, set.shape.len()), (10, 2, 784));
    for task in 0..10 {
        for (split, positives, all) in [(Split::Train, 1000, 10_000), (Split::Test, 20, 200)] {
            let of_task = set.examples(split).iter().filter(|example| example.task == task);
            let labels: Vec<u16> = of_task.map(|example| example.label).collect();
            assert_eq!(labels.len(), all);
            assert_eq!(labels.iter().filter(|&&label| label == 1).count(), positives);
        }
    }
    // The mean and deviation that are commonly quoted, 0.1307 and 0.3081, are those of all images.
    assert!((set.mean()[0] / 255.0 - 0.1307).abs() < 0.002);
    assert!((set.std()[0] / 255.0 - 0.3081).abs() < 0.002);
}

#[test]
fn cifar_mtl_has_the_documents_counts() {
    let Some(folder) = folder("cifar100") else {
        return;
    };
    let set = DatasetSpec::named("cifar-mtl").unwrap().load(Some(&folder)).unwrap();
    assert_eq!((set.tasks, set.classes, set.shape.len()), (20, 5, 3072));
    assert_eq!((set.images(), set.examples(Split::Train).len()), (60_000, 50_000));
    for task in 0..20 {
        for (split, count) in [(Split::Train, 500), (Split::Test, 100)] {
            for label in 0..5 {
                let same = |e: &&pathweave_data::Example| e.task == task && e.label == label;
                assert_eq!(set.examples(split).iter().filter(same).count(), count);
            }
        }
    }
    let quoted = [(0.5071, 0.2673), (0.4865, 0.2564), (0.4409, 0.2762)];
    for (channel, (mean, std)) in quoted.into_iter().enumerate() {
        assert!((set.mean()[channel] / 255.0 - mean).abs() < 1e-3);
        assert!((set.std()[channel] / 255.0 - std).abs() < 1e-3);
    }
}

#[test]
fn min_mtl_takes_fifty_classes() {
    let Some(folder) = folder("cifar100") else {
        return;
    };
    let spec = DatasetSpec::named("min-mtl").unwrap();
    let set = spec.load(Some(&folder)).unwrap();
    assert_eq!((set.tasks, set.classes, set.images()), (10, 5, 50 * 550));
    let mut names: Vec<&String> = set.class_names.iter().flatten().collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 50);
    let DatasetSpec::MinMtl(mut few) = spec else { unreachable!("named so") };
    few.source = Source::Mnist;
    let text = few.load(&folder).unwrap_err().to_string();
    assert!(text.contains("at most 10") || text.contains("no MNIST"), "{text}");
}

#[test]
fn the_folder_is_sound() {
    let Some(folder) = folder("") else { return };
    let found = check::check(&folder).unwrap();
    assert!(found.is_sound(), "{found:#?}");
    for file in &found.files {
        println!("{} {:?} {} {}", file.file.display(), file.format, file.count, file.sha256);
    }
}
