//! The E-step keeps the best composition, and the M-step imitates it.

use burn::tensor::Tensor;
use pathweave::decision::{AlgorithmKind, EmScore};
use pathweave::model::{Input, cross_entropy};
use pathweave::noise::Noise;
use pathweave::policy::PolicyKind;
use pathweave::spec::{BaseSpec, RunSpec};
use pathweave::train::{Paths, Trainer};
use pathweave::trajectory::{Drive, Rows};
use pathweave_data::{Batch, Split, Streams, TaskSet};

use crate::support::{cpu, numbers, spec, task_set};

fn em() -> RunSpec {
    let mut spec = spec();
    spec.router.algorithm = AlgorithmKind::Em;
    spec.router.em.samples = 200;
    spec.model.modules = 2;
    spec
}

fn batch(data: &TaskSet) -> Batch {
    let mut batch = Batch::default();
    data.fill(Split::Train, &[3, 0, 5, 1], &mut batch);
    batch
}

fn trainer(spec: RunSpec, data: &TaskSet) -> Trainer {
    Trainer::new(&spec.check().expect("a good spec"), data, &cpu()).expect("fits")
}

/// Losses of the batch's rows where every sample takes one path.
fn losses(trainer: &Trainer, batch: &Batch, path: &[u32]) -> Vec<f64> {
    use burn::module::Module;
    let network = trainer.network.valid();
    let rows = Rows { contexts: batch.tasks.clone(), samples: batch.samples.clone() };
    let paths = Paths(batch.samples.iter().map(|&sample| (sample, path.to_vec())).collect());
    let values: Vec<f64> = batch.images.iter().map(|&x| x.into()).collect();
    let images: Tensor<4> = crate::support::tensor(&values, [batch.labels.len(), 1, 2, 2], &cpu());
    let streams = Streams::new(0);
    let noise = Noise::new(&streams, 0);
    let out = network.forward(Input::Images(images), &rows, Drive::Instead(&paths), &noise);
    numbers(&cross_entropy(out.logits, &batch.labels))
}

fn all_paths() -> Vec<Vec<u32>> {
    (0..8u32).map(|bits| (0..3).map(|depth| bits >> depth & 1).collect()).collect()
}

/// With far more draws than compositions the best of all is found.
#[test]
fn the_best_of_all_compositions_is_kept() {
    let data = task_set(2, 3, 6);
    for policy in [PolicyKind::Tabular, PolicyKind::Mlp] {
        let mut spec = em();
        spec.router.policy = policy;
        let mut trainer = trainer(spec, &data);
        let batch = batch(&data);
        let tried: Vec<Vec<f64>> =
            all_paths().iter().map(|path| losses(&trainer, &batch, path)).collect();
        let report = trainer.step(&batch).expect("a step");
        let mut wanted = 0.0;
        for (row, sample) in batch.samples.iter().enumerate() {
            let least = tried.iter().map(|losses| losses[row]).fold(f64::MAX, f64::min);
            let kept = &trainer.kept.0[sample];
            let at = all_paths().iter().position(|path| path == kept).expect("a path");
            assert!(tried[at][row] <= least + 1e-6, "row {row}: {kept:?}");
            wanted += least / 4.0;
        }
        assert!((f64::from(report.loss) - wanted).abs() < 1e-5, "{} {wanted}", report.loss);
        assert!(report.router_loss > 0.0);
    }
}

/// −log π of a uniform policy: the joint score ranks as the loss does, and the router's loss is
/// T · ln 2.
#[test]
fn the_router_imitates_what_was_kept() {
    let data = task_set(2, 3, 6);
    for score in [EmScore::Loss, EmScore::Joint] {
        let mut spec = em();
        spec.router.em.score = score;
        let mut trainer = trainer(spec, &data);
        let report = trainer.step(&batch(&data)).expect("a step");
        assert!((report.router_loss - 3.0 * 2f32.ln()).abs() < 1e-5);
        let next = trainer.step(&batch(&data)).expect("a step");
        assert!(next.router_loss < report.router_loss);
    }
}

/// One draw a step, and a memory: the loss of what is kept never rises on a frozen network.
#[test]
fn what_is_remembered_gives_way_to_better_only() {
    let data = task_set(2, 3, 6);
    let run = |remember: bool| {
        let mut spec = em();
        spec.router.em.samples = 1;
        spec.router.em.remember = remember;
        spec.train.learning_rate = 1e-12;
        let mut trainer = trainer(spec, &data);
        let batch = batch(&data);
        let step = |_| {
            trainer.step(&batch).expect("a step");
            trainer.kept.clone()
        };
        let kept: Vec<Paths> = (0..20).map(step).collect();
        let of = |paths: &Paths| -> Vec<f64> {
            let row =
                |(row, sample): (usize, &u64)| losses(&trainer, &batch, &paths.0[sample])[row];
            batch.samples.iter().enumerate().map(row).collect()
        };
        kept.iter().filter(|paths| !paths.0.is_empty()).map(of).collect::<Vec<_>>()
    };
    assert!(run(false).is_empty());
    let history = run(true);
    assert_eq!(history.len(), 20);
    for pair in history.windows(2) {
        assert!(pair[1].iter().zip(&pair[0]).all(|(after, before)| *after <= before + 1e-6));
    }
    assert_ne!(history[0], history[19], "something better was found");
}

/// Paths of different lengths, batch norm, and an E-step of one copy.
#[test]
fn rows_that_end_early_and_batch_norm() {
    let data = task_set(2, 3, 6);
    let mut spec = em();
    spec.model.base = BaseSpec { blocks: 1, filters: 2 };
    spec.model.output = pathweave::spec::Output::Shared;
    (spec.router.skip, spec.router.terminate) = (true, true);
    let mut trainer = trainer(spec, &data);
    for _ in 0..3 {
        let report = trainer.step(&batch(&data)).expect("a step");
        assert!(report.loss.is_finite() && report.router_loss.is_finite());
    }
    let routes = trainer.routes().expect("routed");
    assert!(trainer.kept.0.values().all(|path| routes.fault(path).is_none()));
}
