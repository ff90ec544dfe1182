//! Evaluates variants of a network side by side.

use burn::module::Module;
use burn::tensor::Device;
use pathweave_data::{Batch, Split, Streams, TaskSet};

use crate::model::{Input, Network, Trunk, cross_entropy};
use crate::noise::Noise;
use crate::train::{BATCH, outcome};
use crate::trajectory::{Drive, Instead, Mode, Rows};

/// A network and who decides in it. All variants of one examination have the same base.
#[derive(Debug)]
pub struct Variant<'a> {
    /// Projection, trunk and output are its; its base is not run
    pub network: Network,
    /// Who decides in the routers' place; themselves, greedily, where nobody does
    pub instead: Option<Box<dyn Instead + 'a>>,
}

/// What became of each sample, in the order of the split: pairs for a comparison of variants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// Task of each sample
    pub tasks: Vec<u32>,
    /// Cross entropy of each sample
    pub losses: Vec<f32>,
    /// Whether the answer was right
    pub correct: Vec<bool>,
}

/// Runs a split through every variant; the base that they share is run once. One score a variant.
pub fn examine(
    network: &Network,
    variants: &[Variant],
    data: &TaskSet,
    split: Split,
    device: &Device,
) -> Vec<Scores> {
    let network = network.valid();
    let trunks: Vec<Network> = variants.iter().map(|one| one.network.valid()).collect();
    let streams = Streams::new(0);
    // Greedy decisions draw nothing.
    let noise = Noise::new(&streams, 0);
    let mut scores = vec![Scores::default(); variants.len()];
    let mut batch = Batch::default();
    let indices: Vec<u32> = (0..data.examples(split).len() as u32).collect();
    for indices in indices.chunks(BATCH) {
        data.fill(split, indices, &mut batch);
        let rows = Rows { contexts: batch.tasks.clone(), samples: batch.samples.clone() };
        let input = Input::of(&batch, data.texts.is_none().then_some(data.shape), device);
        // Clusters of inputs are no variant's own.
        let told = network.told(&input);
        let features = network.features(input, &rows);
        for ((variant, network), scores) in variants.iter().zip(&trunks).zip(&mut scores) {
            let drive = match &variant.instead {
                Some(instead) => Drive::Instead(instead.as_ref()),
                None => Drive::Own(Mode::Greedy),
            };
            let out = network.classify(features.clone(), &rows, told.clone(), drive, &noise);
            let losses = cross_entropy(out.logits.clone(), &batch.labels);
            let outcome = outcome(&losses, &out.logits, &batch.labels);
            scores.tasks.extend(&batch.tasks);
            scores.losses.extend(outcome.losses);
            scores.correct.extend(outcome.correct);
        }
    }
    scores
}

/// How many rows of a split the router sends, greedily, to each module at each depth \[T\]\[M\]. None
/// where nothing is routed.
pub fn usage(
    network: &Network,
    data: &TaskSet,
    split: Split,
    device: &Device,
) -> Option<Vec<Vec<u64>>> {
    let Trunk::Routed(layer) = &network.trunk else { return None };
    let modules = |depth: usize| vec![0; layer.bank(depth).modules()];
    let mut used: Vec<Vec<u64>> = (0..layer.depths()).map(modules).collect();
    let log = crate::train::evaluate(network, data, split, device, (0, 0)).log?;
    for row in log.rows() {
        if let pathweave_eval::log::Choice::Module(module) = row.choice {
            used[row.depth as usize][module as usize] += 1;
        }
    }
    Some(used)
}
