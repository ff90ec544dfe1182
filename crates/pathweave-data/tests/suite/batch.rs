//! Task sets: standardisation against a scalar restatement, reuse of batches, faults of the parts.

use pathweave_data::{Batch, Example, ImageShape, Parts, Split, Streams, TaskSet};
use proptest::prelude::*;

fn parts(shape: ImageShape, images: usize, train: &[u32], test: &[u32]) -> Parts {
    let examples = |of: &[u32]| {
        let example =
            |&item: &u32| Example { item, task: (item % 2) as u16, label: (item % 3) as u16 };
        of.iter().map(example).collect()
    };
    let names = |n: usize| (0..n).map(|n| n.to_string()).collect::<Vec<_>>();
    Parts {
        name: "made-up".to_owned(),
        task_names: names(2),
        class_names: vec![names(3); 2],
        pixels: (0..images * shape.len()).map(|at| (at * at * 37 + at) as u8).collect(),
        train: examples(train),
        validation: Vec::new(),
        test: examples(test),
    }
}

const SHAPE: ImageShape = ImageShape { channels: 2, height: 2, width: 3 };

proptest! {
    #[test]
    fn fill_is_the_scalar_formula(
        channels in 1usize..4, height in 1usize..5, width in 1usize..5,
        train in prop::collection::vec(0u32..6, 1..12),
        pick in prop::collection::vec(0usize..1000, 0..10),
    ) {
        let shape = ImageShape { channels, height, width };
        let source = parts(shape, 6, &train, &[0]);
        let set = TaskSet::new(shape, source.clone()).unwrap();
        let picked: Vec<u32> = pick.iter().map(|at| (at % train.len()) as u32).collect();
        let mut batch = Batch::default();
        set.fill(Split::Train, &picked, &mut batch);

        let mut distinct = train.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let plane = height * width;
        let byte = |image: u32, channel: usize, at: usize| {
            f64::from(source.pixels[image as usize * shape.len() + channel * plane + at])
        };
        let mut expected = Vec::new();
        for &index in &picked {
            for channel in 0..channels {
                let values: Vec<f64> = distinct.iter()
                    .flat_map(|&image| (0..plane).map(move |at| (image, at)))
                    .map(|(image, at)| byte(image, channel, at)).collect();
                let n = values.len() as f64;
                let mean = values.iter().sum::<f64>() / n;
                let std = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
                let std = if std == 0.0 { 1.0 } else { std };
                for at in 0..plane {
                    expected.push((byte(train[index as usize], channel, at) - mean) / std);
                }
            }
        }
        prop_assert_eq!(batch.images.len(), expected.len());
        for (&found, expected) in batch.images.iter().zip(expected) {
            prop_assert!((f64::from(found) - expected).abs() < 1e-5);
        }
        let image = |index: &u32| train[*index as usize];
        prop_assert_eq!(&batch.tasks, &picked.iter().map(|i| image(i) % 2).collect::<Vec<_>>());
        prop_assert_eq!(&batch.labels, &picked.iter().map(|i| image(i) % 3).collect::<Vec<_>>());
        prop_assert_eq!(batch.samples, picked.iter().map(|&i| u64::from(i)).collect::<Vec<_>>());
    }
}

#[test]
fn a_batch_is_filled_again_without_allocation() {
    let set = TaskSet::new(SHAPE, parts(SHAPE, 4, &[0, 1, 2, 3], &[1])).unwrap();
    let mut batch = Batch::default();
    set.fill(Split::Train, &[0, 1, 2], &mut batch);
    let places = |b: &Batch| (b.images.as_ptr(), b.tasks.as_ptr(), b.labels.as_ptr());
    let before = places(&batch);
    set.fill(Split::Train, &[3, 2], &mut batch);
    set.fill(Split::Train, &[3, 2, 0], &mut batch);
    assert_eq!(places(&batch), before);
    set.fill(Split::Train, &[], &mut batch);
    assert_eq!(batch, Batch::default());
}

#[test]
fn unused_images_are_dropped_and_do_not_count() {
    let full = TaskSet::new(SHAPE, parts(SHAPE, 5, &[1, 3], &[4])).unwrap();
    assert_eq!(full.images(), 3);
    let source = parts(SHAPE, 5, &[1, 3], &[4]);
    for (at, image) in [1, 3, 4].into_iter().enumerate() {
        assert_eq!(full.image(at as u32), &source.pixels[image * 12..][..12]);
    }
    let mut other = source;
    other.pixels[0] ^= 1;
    assert_eq!(TaskSet::new(SHAPE, other).unwrap().fingerprint(), full.fingerprint());
}

#[test]
fn the_fingerprint_sees_every_part() {
    let source = || parts(SHAPE, 5, &[1, 3], &[4]);
    let print = |parts| TaskSet::new(SHAPE, parts).unwrap().fingerprint();
    let same = print(source());
    assert_eq!(same.len(), 64);
    let changes: [fn(&mut Parts); 5] = [
        |p| p.pixels[4 * 12] ^= 1,
        |p| p.train[0].label ^= 1,
        |p| p.test[0].task ^= 1,
        |p| p.train.reverse(),
        |p| p.validation.push(p.train[0]),
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let mut changed = source();
        change(&mut changed);
        assert_ne!(print(changed), same, "change {at}");
    }
}

#[test]
fn an_epoch_is_a_permutation_of_its_own() {
    let train: Vec<u32> = (0..100).collect();
    let set = TaskSet::new(SHAPE, parts(SHAPE, 100, &train, &[1])).unwrap();
    let streams = Streams::new(3);
    let (first, second) = (set.epoch_order(&streams, 0), set.epoch_order(&streams, 1));
    assert_ne!(first, second);
    assert_eq!(first, set.epoch_order(&streams, 0));
    let mut sorted = first;
    sorted.sort_unstable();
    assert_eq!(sorted, train);
}

#[test]
fn faulty_parts_are_refused() {
    type Change = fn(&mut Parts);
    let faults: [(Change, &str); 7] = [
        (|p| p.train.clear(), "too few samples: found 0 of train samples"),
        (|p| p.test.clear(), "too few samples: found 0 of test samples"),
        (|p| p.pixels.truncate(13), "pixels: found 13, allowed a multiple"),
        (|p| p.train[0].item = 9, "examples: found Example { item: 9"),
        (|p| p.train[0].task = 2, "examples: found Example"),
        (|p| p.test[0].label = 3, "examples: found Example"),
        (|p| p.class_names[1].truncate(2), "class_names: found [3, 2]"),
    ];
    for (fault, expected) in faults {
        let mut faulty = parts(SHAPE, 5, &[1, 3], &[4]);
        fault(&mut faulty);
        let text = TaskSet::new(SHAPE, faulty).unwrap_err().to_string();
        assert!(text.contains(expected), "{text}");
    }
    let empty = ImageShape { channels: 1, height: 0, width: 4 };
    assert!(TaskSet::new(empty, Parts::default()).is_err());
}
