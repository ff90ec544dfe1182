//! What is particular to each construction: counts, labels, settings, file layouts.

use std::collections::BTreeSet;

use pathweave_data::dataset::Source;
use pathweave_data::{DATASETS, DatasetSpec, Loader, Split};

use super::conformance::{load, of_task, small, with};
use super::files;

#[test]
fn the_counts_are_those_that_were_asked_for() {
    let (folder, specs) = small();
    for spec in &specs {
        let set = load(spec, folder.path());
        for task in 0..set.tasks as u16 {
            let count = |split, label: Option<u16>| {
                let of = of_task(&set, split, task);
                of.iter().filter(|e| label.is_none_or(|label| label == e.label)).count()
            };
            match spec {
                DatasetSpec::DigitsMtl(_) => {
                    assert_eq!(count(Split::Train, None) + count(Split::Test, None), 1797);
                    // A fifth of each digit's 174 to 183 images is for testing.
                    assert!((34..=36).contains(&count(Split::Test, Some(1))));
                    assert!((140..=147).contains(&count(Split::Train, Some(1))));
                }
                DatasetSpec::MnistMtl(_) => {
                    assert_eq!(count(Split::Train, Some(1)), 20);
                    assert_eq!(count(Split::Train, Some(0)), 90);
                    // 22 in proportion 20 : 9 × 10 is 4 and 18.
                    assert_eq!(count(Split::Test, Some(1)), 4);
                    assert_eq!(count(Split::Test, Some(0)), 18);
                }
                DatasetSpec::CifarMtl(_) => {
                    let shares = (0..5).map(|label| count(Split::Train, Some(label)));
                    assert_eq!(shares.collect::<Vec<_>>(), [4, 4, 3, 3, 3]);
                    assert_eq!(count(Split::Test, Some(0)), 2);
                }
                DatasetSpec::MinMtl(_) => {
                    assert_eq!(count(Split::Train, Some(4)), 4);
                    assert_eq!(count(Split::Test, Some(4)), 2);
                }
                _ => unreachable!("no images"),
            }
        }
    }
}

#[test]
fn labels_are_what_the_names_say() {
    let (folder, specs) = small();
    let [digits, mnist, cifar, min] = [0, 1, 2, 3].map(|at| load(&specs[at], folder.path()));
    assert_eq!(digits.class_names[3], ["not 3", "3"]);
    // The made-up digit is the image's number modulo ten.
    for example in mnist.examples(Split::Train).iter().chain(mnist.examples(Split::Test)) {
        let number = u32::from_le_bytes(mnist.image(example.item)[..4].try_into().unwrap());
        assert_eq!(example.label == 1, number % 10 == u32::from(example.task));
    }
    // The made-up fine label is the image's number modulo a hundred; 72, seal, is the fourth of
    // the aquatic mammals beaver, dolphin, otter, seal, whale.
    assert_eq!(cifar.task_names[0], "aquatic mammals");
    assert_eq!(cifar.class_names[0], ["beaver", "dolphin", "otter", "seal", "whale"]);
    let mut seals = 0;
    for example in cifar.examples(Split::Train) {
        let image = cifar.image(example.item);
        let fine = u32::from_le_bytes(image[..4].try_into().unwrap()) % 100;
        assert_eq!(u16::from(files::coarse_of(fine as usize)), example.task);
        assert_eq!(fine == 72, (example.task, example.label) == (0, 3));
        seals += usize::from(fine == 72);
    }
    assert_eq!(seals, 3);
    let classes: BTreeSet<&String> = min.class_names.iter().flatten().collect();
    assert_eq!(classes.len(), 50);
}

#[test]
fn sets_that_need_files_say_which() {
    let empty = tempfile::tempdir().unwrap();
    for row in DATASETS.iter().filter(|row| row.loader == Loader::Files) {
        let spec = DatasetSpec::named(row.name).unwrap();
        let text = spec.load(None).unwrap_err().to_string();
        assert!(text.contains("--data") && text.contains("PATHWEAVE_DATA"), "{text}");
        let errors = spec.load(Some(empty.path())).unwrap_err();
        if row.name == "nli-tsv" {
            assert!(errors.to_string().contains("file: found nothing"), "{errors}");
            continue;
        }
        assert!(errors.as_slice().len() >= 2, "train and test are both reported: {errors}");
        assert!(errors.to_string().contains("looked for"), "{errors}");
    }
    assert!(DatasetSpec::named("digits-mtl").unwrap().load(None).is_ok());
}

#[test]
fn faulty_settings_are_reported_together() {
    let (folder, specs) = small();
    for spec in specs {
        let zero = with(&spec, "train_per_task", 0.into());
        for share in [1.0, -0.1, 5.0] {
            let faulty = with(&zero, "validation_share", share.into());
            let errors = faulty.load(Some(folder.path())).unwrap_err();
            assert_eq!(errors.as_slice().len(), 2, "{errors}");
        }
    }
    let mut min =
        pathweave_data::dataset::MinMtlSpec { validation_share: f64::NAN, ..Default::default() };
    assert!(min.load(folder.path()).is_err());
    (min.validation_share, min.source) = (0.0, Source::Mnist);
    let text = min.load(folder.path()).unwrap_err().to_string();
    assert!(text.contains("10 tasks of 5 classes") && text.contains("at most 10"), "{text}");
    let text = with(&DatasetSpec::named("mnist-mtl").unwrap(), "positives", 31.into())
        .load(Some(folder.path()))
        .unwrap_err()
        .to_string();
    assert!(text.contains("found 30 of train images of class 0, the settings need 31"), "{text}");
}

#[test]
fn parquet_and_binary_files_give_the_same_set() {
    let (folder, specs) = small();
    let other = tempfile::tempdir().unwrap();
    let place = other.path().join("cifar100");
    std::fs::create_dir_all(&place).unwrap();
    for (split, each, first) in [("train", 4, 0usize), ("test", 2, 400)] {
        let count = 100 * each;
        let png = |at| {
            let planes = files::pixels(first + at, 3072);
            let rgb: Vec<u8> =
                (0..1024).flat_map(|p| [planes[p], planes[1024 + p], planes[2048 + p]]).collect();
            Some(files::png(&rgb, 32, 32))
        };
        // Two files a split, in the order of their names.
        for (shard, rows) in [(0..count / 3), (count / 3..count)].into_iter().enumerate() {
            let fine: Vec<i64> = rows.clone().map(|at| (at % 100) as i64).collect();
            let coarse = fine.iter().map(|&f| i64::from(files::coarse_of(f as usize))).collect();
            let images: Vec<_> = rows.map(png).collect();
            let file = place.join(format!("{split}-0000{shard}-of-00002.parquet"));
            files::parquet(
                &file,
                "img",
                &images,
                &[("fine_label", fine), ("coarse_label", coarse)],
            );
        }
    }
    let [binary, parquet] =
        [folder.path(), other.path()].map(|folder| load(&specs[2], folder).fingerprint());
    assert_eq!(binary, parquet);
}
