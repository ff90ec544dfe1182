//! The E-step of [`crate::decision::Em`]: the best of several compositions for each sample.

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use super::paths::{Paths, paths_of};
use super::trainer::Trainer;
use crate::decision::{AlgorithmKind, EmScore};
use crate::model::{Features, Forward, Told, cross_entropy};
use crate::noise::Noise;
use crate::spec::ModelKind;
use crate::trajectory::{Drive, Mode, Rows, Trajectory};

/// The better of two candidates of a row wins; the first of equal ones.
struct Best {
    scores: Vec<f32>,
    paths: Vec<Vec<u32>>,
}

impl Best {
    fn offer(&mut self, row: usize, score: f32, path: Vec<u32>) {
        // A score that is no number is worse than any.
        let better = score < self.scores[row] || self.scores[row].is_nan();
        if self.paths[row].is_empty() || better {
            (self.scores[row], self.paths[row]) = (score, path);
        }
    }
}

impl Trainer {
    /// Whether compositions are chosen by an E-step.
    pub(super) fn maximises_expectation(&self) -> bool {
        let spec = &self.spec;
        spec.model.kind == ModelKind::Routed && spec.router.algorithm == AlgorithmKind::Em
    }

    /// For each row the best of S drawn compositions and the one kept before, on tensors without
    /// gradient. `features` are those of the step. What is kept replaces what was.
    pub(super) fn expectation(
        &mut self,
        (features, rows, told): (Features, &Rows, &Told),
        labels: &[u32],
        (mode, noise): (Mode, &Noise),
    ) -> Paths {
        let em = self.spec.router.em.clone();
        let network = self.network.valid();
        let (features, told) = (features.inner(), told.clone().inner());
        let score = |copies: usize, rows: &Rows, features: Features, drive: Drive<'_>| {
            let out = network.classify(features, rows, told.repeated(copies), drive, noise);
            ranked(out, &labels.repeat(copies), em.score)
        };
        let count = rows.len();
        let mut best = Best { scores: vec![f32::NAN; count], paths: vec![Vec::new(); count] };

        // What was kept comes first: of equally good compositions it stays.
        if em.remember && rows.samples.iter().any(|sample| self.kept.0.contains_key(sample)) {
            let (scores, paths) = score(1, rows, features.clone(), Drive::Instead(&self.kept));
            for (row, (score, path)) in scores.into_iter().zip(paths).enumerate() {
                if self.kept.0.contains_key(&rows.samples[row]) {
                    best.offer(row, score, path);
                }
            }
        }
        // S copies of the batch are one pass.
        let copies = em.samples;
        let many =
            Rows { contexts: rows.contexts.repeat(copies), samples: rows.samples.repeat(copies) };
        let features = features.repeated(copies);
        let (scores, paths) = score(copies, &many, features, Drive::Own(mode));
        for (row, (score, path)) in scores.into_iter().zip(paths).enumerate() {
            best.offer(row % count, score, path);
        }

        let chosen = Paths(rows.samples.iter().copied().zip(best.paths).collect());
        if em.remember {
            self.kept.0.extend(chosen.0.iter().map(|(&sample, path)| (sample, path.clone())));
        }
        chosen
    }
}

/// Score (less is better) and path of each row.
fn ranked(out: Forward, labels: &[u32], by: EmScore) -> (Vec<f32>, Vec<Vec<u32>>) {
    let trajectory = out.trajectory.expect("an E-step is of a routed network");
    let mut score = cross_entropy(out.logits, labels);
    if by == EmScore::Joint {
        score = score - log_probability(&trajectory);
    }
    (score.to_data().iter::<f32>().collect(), paths_of(&trajectory))
}

/// Σ_t log π(a_t|s_t) over the decisions that a row made. \[R\]
fn log_probability(trajectory: &Trajectory) -> Tensor<1> {
    let zeros = Tensor::zeros([trajectory.agents.len()], &trajectory.steps[0].agents.device());
    trajectory.steps.iter().fold(zeros, |sum, step| {
        let log_pi = activation::log_softmax(step.heads.action.clone(), 1);
        let log_pi = log_pi.gather(1, step.choice.action.clone().unsqueeze_dim(1)).squeeze_dim(1);
        let alive: Vec<f32> = step.alive.iter().map(|&alive| f32::from(alive)).collect();
        sum + log_pi * Tensor::<1>::from_data(alive.as_slice(), &step.agents.device())
    })
}
