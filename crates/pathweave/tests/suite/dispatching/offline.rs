//! Clusters of images, fitted on training samples, name the agents of all samples.

use pathweave::dispatcher::Dispatcher;
use pathweave::dispatcher::offline::{Clusters, Fit, Points};
use pathweave::init::Init;
use pathweave::model::{Input, Network};
use pathweave::spec::RunSpec;
use pathweave::train::{Trainer, evaluate};
use pathweave_data::{Batch, Example, ImageShape, Parts, Split, Streams, TaskSet};

use crate::support::{all_bits, cpu, spec, tape, task_set, tensor};

pub const KINDS: [Dispatcher; 3] =
    [Dispatcher::KMeans, Dispatcher::Agglomerative, Dispatcher::Dbscan];

/// Dark, bright and striped images in turn, whatever their task; two more of each are for testing.
fn styles(samples: usize) -> TaskSet {
    let mut stream = Streams::new(1).stream("styles", 0);
    let (mut pixels, mut examples) = (Vec::new(), Vec::new());
    for image in 0..samples + 6 {
        let mut near = |base: u8| base + stream.below(6) as u8;
        pixels.extend(match image % 3 {
            0 => [near(0), near(0), near(0), near(0)],
            1 => [near(200), near(200), near(200), near(200)],
            _ => [near(0), near(200), near(0), near(200)],
        });
        let (task, label) = ((image / 3 % 2) as u16, (image % 2) as u16);
        examples.push(Example { item: image as u32, task, label });
    }
    let test = examples.split_off(samples);
    let names = || vec!["a".to_owned(), "b".to_owned()];
    let parts = Parts {
        name: "styles".into(),
        task_names: names(),
        class_names: vec![names(); 2],
        pixels,
        train: examples,
        validation: Vec::new(),
        test,
    };
    TaskSet::new(ImageShape { channels: 1, height: 2, width: 2 }, parts).expect("parts that fit")
}

fn offline(kind: Dispatcher, agents: usize) -> RunSpec {
    let mut spec = spec();
    spec.router.dispatcher = kind;
    spec.router.dispatch.agents = agents;
    spec
}

fn trainer(spec: RunSpec, data: &TaskSet) -> Trainer {
    Trainer::new(&spec.check().expect("a good spec"), data, &cpu()).expect("fits")
}

fn agents(network: &Network, data: &TaskSet, split: Split) -> Vec<u32> {
    let mut batch = Batch::default();
    let all: Vec<u32> = (0..data.examples(split).len() as u32).collect();
    data.fill(split, &all, &mut batch);
    let values: Vec<f64> = batch.images.iter().map(|&value| f64::from(value)).collect();
    let images = tensor(&values, [all.len(), 1, 2, 2], &tape());
    network.agents(&Input::Images(images)).expect("clusters")
}

#[test]
fn images_that_look_alike_share_an_agent_and_tasks_do_not_matter() {
    let data = styles(30);
    for kind in KINDS {
        let mut spec = offline(kind, 3);
        spec.router.dispatch.radius = 0.3;
        let trainer = trainer(spec, &data);
        let clusters = trainer.network.clusters.as_ref().expect("clusters");
        let wanted = Fit { clusters: 3, noise: 0.0, largest: 1.0 / 3.0 };
        assert_eq!(clusters.fit, wanted, "{kind:?}");
        for split in [Split::Train, Split::Test] {
            let found = agents(&trainer.network, &data, split);
            let styles = &found[..3];
            let mut distinct = styles.to_vec();
            distinct.sort_unstable();
            assert_eq!(distinct, [0, 1, 2], "{kind:?}");
            for (at, &agent) in found.iter().enumerate() {
                assert_eq!(agent, styles[at % 3], "{kind:?}, sample {at} of {split:?}");
            }
        }
    }
}

#[test]
fn the_log_names_the_agents() {
    let data = styles(12);
    let trainer = trainer(offline(Dispatcher::KMeans, 3), &data);
    let wanted = agents(&trainer.network, &data, Split::Test);
    let log = evaluate(&trainer.network, &data, Split::Test, &cpu(), (0, 0)).log.expect("a log");
    for row in log.rows() {
        assert_eq!(row.agent, Some(wanted[row.sample as usize]));
    }
}

#[test]
fn fewer_samples_or_images_than_agents() {
    for kind in KINDS {
        for (samples, drawn) in [(1, 1000), (30, 2), (4, 1000)] {
            let data = styles(samples);
            let mut spec = offline(kind, 7);
            spec.router.dispatch.samples = drawn;
            let mut trainer = trainer(spec, &data);
            let found = agents(&trainer.network, &data, Split::Test);
            assert!(found.iter().all(|&agent| agent < 7), "{kind:?} {samples} {drawn}");
            let mut batch = Batch::default();
            data.fill(Split::Train, &[0], &mut batch);
            trainer.step(&batch).expect("a finite step");
        }
    }
}

#[test]
fn one_agent_takes_all() {
    for kind in KINDS {
        let data = styles(9);
        let trainer = trainer(offline(kind, 1), &data);
        assert_eq!(agents(&trainer.network, &data, Split::Train), [0; 9], "{kind:?}");
        let fit = trainer.network.clusters.expect("clusters").fit;
        assert_eq!(fit.largest, 1.0, "{kind:?}");
    }
}

#[test]
fn noise_alone_is_one_agent_and_the_fit_says_so() {
    let mut spec = offline(Dispatcher::Dbscan, 4);
    (spec.router.dispatch.radius, spec.router.dispatch.neighbours) = (1e-6, 3);
    let data = styles(9);
    let trainer = trainer(spec, &data);
    assert_eq!(agents(&trainer.network, &data, Split::Train), [3; 9]);
    let fit = trainer.network.clusters.expect("clusters").fit;
    assert_eq!(fit, Fit { clusters: 0, noise: 1.0, largest: 1.0 });
}

#[test]
fn clusters_are_equal_for_equal_seeds_and_stay_as_they_are() {
    let data = task_set(3, 3, 24);
    for kind in KINDS {
        let mut one = trainer(offline(kind, 4), &data);
        let other = trainer(offline(kind, 4), &data);
        assert_eq!(all_bits(&one.snapshot().network), all_bits(&other.snapshot().network));
        let mut batch = Batch::default();
        data.fill(Split::Train, &[0, 1, 2, 3, 4, 5], &mut batch);
        let of = |trainer: &Trainer| {
            let arrays = trainer.snapshot().network;
            let mut arrays = all_bits(&arrays);
            arrays.retain(|(name, _)| name.starts_with("clusters"));
            arrays
        };
        let before = of(&one);
        assert_eq!(before.len(), 3, "prototypes, halves, owners");
        one.step(&batch).expect("a finite step");
        assert_eq!(of(&one), before);
    }
}

#[test]
fn equally_near_prototypes_go_by_their_order_and_no_rows_to_none() {
    let (streams, device) = (Streams::new(0), tape());
    let values = [1.0, 0.0, -1.0, 0.0, 0.0, 3.0];
    let init = Init::new(&streams, &device);
    let clusters = Clusters::of(&Points::new(&values, 2), &[2, 0, 1], Fit::default(), &init);
    let inputs = tensor(&[0.0, 0.0, 0.0, 2.0, -0.1, 0.0], [3, 2], &device);
    assert_eq!(clusters.assign(inputs), [2, 1, 0]);
    assert!(clusters.assign(tensor(&[], [0, 2], &device)).is_empty());
}
