//! Offline dispatching: samples are clustered before training, and the clusters are the agents
//! (T 6.2.1, figure 6.1 a).
//!
//! What is clustered are the inputs themselves: an image's standardised pixels, flattened, no
//! projection before; a pair's premise as the sum of its words' vectors (T equation 6.4), which is not
//! standardised. Clusters are fitted once, on training samples only; they stay as they are. A sample of any split goes to the agent of its nearest prototype: the means themselves for
//! k-means, the samples that were clustered for agglomerative clustering and DBSCAN, so that each
//! of those keeps the cluster it was given.
//!
//! # Deviations
//! - T 6.2.1 clusters encodings of all samples of a data set. Here a random part of the training
//!   samples (1000 by default) is clustered, of which the rest and the test samples are neighbours:
//!   test samples do not shape the clusters, and the cost does not grow with the data set.
//! - T 6.2.1 clusters bags of word vectors. Images have no such encoding: their pixels are
//!   clustered.

pub mod agglomerative;
pub mod dbscan;
pub mod k_means;
mod points;

use burn::module::{Module, Param};
use burn::tensor::{Tensor, TensorData};
use pathweave_data::{Batch, Split, Streams, TaskSet};
pub use points::Points;

use super::{DispatchSpec, Dispatcher};
use crate::init::Init;

/// What a fit found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fit {
    /// Clusters found
    pub clusters: usize,
    /// Share of the fitted samples that belong to none; above 0 for DBSCAN only
    pub noise: f64,
    /// Share of the fitted samples that go to the most frequent agent
    pub largest: f64,
}

/// Clusters of inputs, in the order of their agents.
#[derive(Module, Debug)]
pub struct Clusters {
    /// Inputs that stand for the clusters. [P, features]
    pub prototypes: Param<Tensor<2>>,
    /// Half the squared length of each. \[P\]
    pub halves: Param<Tensor<1>>,
    /// Agent of each, a whole number. \[P\]
    pub owners: Param<Tensor<1>>,
    /// What the fit found
    #[module(skip)]
    pub fit: Fit,
}

impl Clusters {
    /// Clusters the training samples of a data set for `agents` agents.
    ///
    /// Equal streams give equal clusters on every machine and thread count: all sums run on the
    /// host in a fixed order.
    ///
    /// # Panics
    /// If `kind` is no offline dispatcher.
    pub fn new(
        kind: Dispatcher,
        spec: &DispatchSpec,
        agents: usize,
        data: &TaskSet,
        init: &Init,
    ) -> Self {
        let mut batch = Batch::default();
        data.fill(Split::Train, &drawn(spec.samples, data, init.streams()), &mut batch);
        let bags = data.texts.as_ref().map(|texts| texts.bags(&batch.sentences.premises()));
        let points = match (&bags, &data.texts) {
            (Some(bags), Some(texts)) => Points::new(bags, texts.width),
            _ => Points::new(&batch.images, data.shape.len()),
        };
        match kind {
            Dispatcher::KMeans => {
                let mut stream = init.streams().stream("dispatch/k-means", 0);
                let means = k_means::k_means(&points, agents, &mut stream);
                let owners: Vec<u32> = (0..points.len())
                    .map(|point| Points::new(&means, points.width()).nearest(points.row(point)))
                    .collect();
                let clusters = means.len() / points.width();
                let fit = Fit { clusters, ..Fit::of(&owners) };
                let each: Vec<u32> = (0..clusters as u32).collect();
                Self::of(&Points::new(&means, points.width()), &each, fit, init)
            }
            Dispatcher::Agglomerative => {
                let owners = agglomerative::agglomerative(&points, agents);
                let clusters = owners.iter().max().map_or(0, |&last| last as usize + 1);
                let fit = Fit { clusters, ..Fit::of(&owners) };
                Self::of(&points, &owners, fit, init)
            }
            Dispatcher::Dbscan => {
                let distances = points.squared_distances();
                let radius = match spec.radius {
                    0.0 => dbscan::median_reach(&distances, spec.neighbours),
                    radius => f64::from(radius),
                };
                let labels = dbscan::dbscan(&distances, radius, spec.neighbours);
                let clusters = labels.iter().flatten().max().map_or(0, |&last| last as usize + 1);
                let noise = labels.iter().filter(|label| label.is_none()).count();
                let noise = noise as f64 / labels.len().max(1) as f64;
                let owners = dbscan::agents(&labels, agents);
                let fit = Fit { clusters, noise, ..Fit::of(&owners) };
                Self::of(&points, &owners, fit, init)
            }
            other => panic!("{other:?} clusters nothing"),
        }
    }

    /// Prototypes [P, features] and the agent of each \[P\].
    pub fn of(prototypes: &Points, owners: &[u32], fit: Fit, init: &Init) -> Self {
        let (count, width) = (prototypes.len(), prototypes.width());
        let state = |values: Vec<f32>| {
            let value = Tensor::from_data(TensorData::new(values, [count]), init.device());
            Param::from_tensor(value).set_require_grad(false)
        };
        let half = |point| {
            let row = prototypes.row(point).iter();
            (row.map(|&value| f64::from(value).powi(2)).sum::<f64>() / 2.0) as f32
        };
        let data = TensorData::new(prototypes.values().to_vec(), [count, width]);
        let values = Param::from_tensor(Tensor::from_data(data, init.device()));
        Self {
            prototypes: values.set_require_grad(false),
            halves: state((0..count).map(half).collect()),
            owners: state(owners.iter().map(|&agent| agent as f32).collect()),
            fit,
        }
    }

    /// The agent of each input's nearest prototype, ties to the first. [R, features] → \[R\]
    pub fn assign(&self, inputs: Tensor<2>) -> Vec<u32> {
        if inputs.dims()[0] == 0 {
            return Vec::new();
        }
        // |x − p|² = |x|² − 2 (x·p − |p|²/2): the nearest has the largest bracket.
        let near = inputs.matmul(self.prototypes.val().transpose())
            - self.halves.val().unsqueeze_dim::<2>(0);
        let owners = self.owners.val().select(0, near.argmax(1).squeeze_dim(1));
        owners.to_data().iter::<f32>().map(|agent| agent as u32).collect()
    }
}

impl Fit {
    /// The largest agent's share; the rest is the algorithm's to say.
    fn of(owners: &[u32]) -> Self {
        let agents = owners.iter().max().map_or(0, |&last| last as usize + 1);
        let mut counts = vec![0usize; agents];
        owners.iter().for_each(|&agent| counts[agent as usize] += 1);
        let most = counts.into_iter().max().unwrap_or(0);
        Self { largest: most as f64 / owners.len().max(1) as f64, ..Self::default() }
    }
}

/// Numbers of at most `count` training samples, ascending.
fn drawn(count: usize, data: &TaskSet, streams: &Streams) -> Vec<u32> {
    let mut order: Vec<u32> = (0..data.examples(Split::Train).len() as u32).collect();
    streams.stream("dispatch/samples", 0).shuffle(&mut order);
    order.truncate(count);
    order.sort_unstable();
    order
}

/// Numbers clusters by size, the largest first, the one that a lower point belongs to first among
/// equals. Labels are any numbers below their count.
fn by_size(labels: &[Option<u32>]) -> Vec<Option<u32>> {
    let count = labels.iter().flatten().max().map_or(0, |&last| last as usize + 1);
    let mut sizes = vec![(0usize, usize::MAX); count];
    for (point, &label) in labels.iter().enumerate() {
        if let Some(label) = label {
            let (size, first) = &mut sizes[label as usize];
            (*size, *first) = (*size + 1, point.min(*first));
        }
    }
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|&label| (std::cmp::Reverse(sizes[label].0), sizes[label].1));
    let mut ranks = vec![0u32; count];
    order.iter().enumerate().for_each(|(rank, &label)| ranks[label] = rank as u32);
    labels.iter().map(|label| label.map(|label| ranks[label as usize])).collect()
}
