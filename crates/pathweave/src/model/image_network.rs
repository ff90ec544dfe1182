//! The image classification network of T 5.2.2: a shared convolutional base and, routed or not,
//! fully connected layers.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};

use super::{ConvBase, CrossStitch, SoftMixture, SparseMixture};
use crate::block::LinearBlock;
use crate::dispatcher::offline::Clusters;
use crate::kernel::conv_block::BatchStatistics;
use crate::noise::Noise;
use crate::routed_layer::RoutedLayer;
use crate::trajectory::{Drive, Mode, Rows, Trajectory, upload};

/// What stands in the place of the fully connected layers.
#[derive(Module, Debug)]
pub enum Trunk {
    /// One module a depth for each row; also the unrouted and task-specific networks
    Routed(RoutedLayer),
    /// All modules, softmax weights
    SoftMixture(SoftMixture),
    /// A few modules, gated
    SparseMixture(SparseMixture),
    /// All modules, linear combinations
    CrossStitch(CrossStitch),
}

/// Base, optional projection, trunk, optional output layer; clusters of images where they dispatch.
#[derive(Module, Debug)]
pub struct ImageNetwork {
    /// Shared by all tasks
    pub base: ConvBase,
    /// Brings features to the width that rows keep, where rows may pass layers unchanged
    pub projection: Option<LinearBlock>,
    /// Fully connected layers
    pub trunk: Trunk,
    /// Last layer, where it is not part of the trunk
    pub output: Option<LinearBlock>,
    /// Name the agents, where images were clustered before training
    pub clusters: Option<Clusters>,
    /// Number of tasks whose one-hot joins the features; 0 for none
    pub(super) task_input: usize,
}

/// What a forward pass yields.
#[derive(Clone, Debug)]
pub struct Forward {
    /// [B, classes]
    pub logits: Tensor<2>,
    /// Decisions, where modules were chosen
    pub trajectory: Option<Trajectory>,
    /// Mixing weights a depth [B, M], where modules were mixed
    pub weights: Vec<Tensor<2>>,
    /// A loss of the batch beside that of the answers, where the trunk has one. \[1\]
    pub auxiliary: Option<Tensor<1>>,
}

impl ImageNetwork {
    /// With batch statistics in the base. [B, C, H, W] → logits, decisions, statistics
    pub fn forward_train<'a>(
        &self,
        images: Tensor<4>,
        rows: &Rows,
        drive: impl Into<Drive<'a>>,
        noise: &Noise,
    ) -> (Forward, Vec<BatchStatistics>) {
        let agents = self.agents(&images);
        let (features, statistics) = self.base.forward_train(images);
        (self.classify(features, rows, agents, drive.into(), noise), statistics)
    }

    /// With running averages in the base. [B, C, H, W] → logits, decisions
    pub fn forward<'a>(
        &self,
        images: Tensor<4>,
        rows: &Rows,
        drive: impl Into<Drive<'a>>,
        noise: &Noise,
    ) -> Forward {
        let agents = self.agents(&images);
        self.classify(self.base.forward(images), rows, agents, drive.into(), noise)
    }

    /// The agent of each image \[B\], where images were clustered. [B, C, H, W]
    pub fn agents(&self, images: &Tensor<4>) -> Option<Vec<u32>> {
        self.clusters.as_ref().map(|clusters| clusters.assign(images.clone().flatten(1, 3)))
    }

    /// What enters the trunk. [B, features] → [B, D]
    pub(crate) fn enter(&self, mut h: Tensor<2>, rows: &Rows) -> Tensor<2> {
        if self.task_input > 0 {
            h = Tensor::cat(vec![h.clone(), one_hot(rows, self.task_input, &h)], 1);
        }
        match &self.projection {
            Some(projection) => projection.forward(h),
            None => h,
        }
    }

    /// Everything after the base; `agents` as [`Self::agents`] gives them.
    /// [B, features] → logits, decisions
    pub fn classify(
        &self,
        h: Tensor<2>,
        rows: &Rows,
        agents: Option<Vec<u32>>,
        drive: Drive<'_>,
        noise: &Noise,
    ) -> Forward {
        let mut h = self.enter(h, rows);
        let (mut trajectory, mut weights, mut auxiliary) = (None, Vec::new(), None);
        h = match &self.trunk {
            Trunk::Routed(layer) => {
                let (h, decisions) = match agents {
                    Some(agents) => layer.forward_of(agents, h, rows, drive, noise),
                    None => layer.forward(h, rows, drive, noise),
                };
                trajectory = Some(decisions);
                h
            }
            Trunk::SoftMixture(layer) => {
                let (h, mixing) = layer.forward(h, rows);
                weights = mixing;
                h
            }
            Trunk::SparseMixture(layer) => {
                let training = matches!(drive, Drive::Own(Mode::Train { .. }));
                let out = layer.forward(h, rows, training, noise);
                (weights, auxiliary) = (out.weights, out.auxiliary);
                out.h
            }
            Trunk::CrossStitch(layer) => layer.forward(h, rows),
        };
        let logits = match &self.output {
            Some(output) => output.forward(h),
            None => h,
        };
        Forward { logits, trajectory, weights, auxiliary }
    }
}

fn one_hot(rows: &Rows, tasks: usize, like: &Tensor<2>) -> Tensor<2> {
    let mut hot = vec![0.0f32; rows.len() * tasks];
    for (row, &task) in hot.chunks_exact_mut(tasks).zip(&rows.contexts) {
        row[task as usize] = 1.0;
    }
    Tensor::from_data(TensorData::new(hot, [rows.len(), tasks]), &like.device())
}

/// Cross entropy of each row, natural logarithm. [B, classes], \[B\] → \[B\]
pub fn cross_entropy(logits: Tensor<2>, labels: &[u32]) -> Tensor<1> {
    let labels = upload(labels, &logits.device()).unsqueeze_dim(1);
    -burn::tensor::activation::log_softmax(logits, 1).gather(1, labels).squeeze_dim::<1>(1)
}
