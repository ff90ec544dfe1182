//! Classification networks: of images, a shared convolutional base and, routed or not, fully
//! connected layers (T 5.2.2); of sentence pairs, an encoder and a classifier, either of them routed
//! (T 5.3.1).

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};

use super::text::{RoutedPart, TextEncoder, Units};
use super::{ConvBase, CrossStitch, Features, Input, SoftMixture, SparseMixture, Told};
use crate::block::LinearBlock;
use crate::dispatcher::offline::Clusters;
use crate::dispatcher::online::Online;
use crate::dispatcher::online::gated;
use crate::kernel::conv_block::BatchStatistics;
use crate::noise::Noise;
use crate::routed_layer::RoutedLayer;
use crate::trajectory::{Drive, Mode, Rows, Step, Trajectory, upload};

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

/// Base or text encoder, optional projection, trunk, optional further layers; clusters of inputs where
/// they dispatch.
#[derive(Module, Debug)]
pub struct Network {
    /// Of images, shared by all tasks
    pub base: ConvBase,
    /// Of sentence pairs; the trunk stands in it where a part of it is routed
    pub text: Option<TextEncoder>,
    /// Brings features to the width that rows keep, where rows may pass layers unchanged
    pub projection: Option<LinearBlock>,
    /// Fully connected layers, or what is routed in the encoder
    pub trunk: Trunk,
    /// The classifier behind a routed encoder
    pub head: Vec<LinearBlock>,
    /// Last layer, where it is not part of the trunk
    pub output: Option<LinearBlock>,
    /// Name the agents, where images were clustered before training
    pub clusters: Option<Clusters>,
    /// Number of tasks whose one-hot joins the features; 0 for none
    pub(crate) task_input: usize,
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
    /// Whose decisions the trajectory holds, where they are not the samples' one by one
    pub units: Option<Units>,
}

impl Network {
    /// With batch statistics in the base. Input → logits, decisions, statistics
    pub fn forward_train<'a>(
        &self,
        input: Input,
        rows: &Rows,
        drive: impl Into<Drive<'a>>,
        noise: &Noise,
    ) -> (Forward, Vec<BatchStatistics>) {
        let told = self.told(&input);
        let (features, statistics) = self.features_train(input, rows);
        (self.classify(features, rows, told, drive.into(), noise), statistics)
    }

    /// With running averages in the base. Input → logits, decisions
    pub fn forward<'a>(
        &self,
        input: Input,
        rows: &Rows,
        drive: impl Into<Drive<'a>>,
        noise: &Noise,
    ) -> Forward {
        let told = self.told(&input);
        let features = self.features(input, rows);
        self.classify(features, rows, told, drive.into(), noise)
    }

    /// What the part before the routed one makes of the inputs, with batch statistics in the base.
    pub fn features_train(&self, input: Input, rows: &Rows) -> (Features, Vec<BatchStatistics>) {
        match input {
            Input::Images(images) => {
                let (features, statistics) = self.base.forward_train(images);
                (Features::Rows(features), statistics)
            }
            Input::Texts { .. } => (self.features(input, rows), Vec::new()),
        }
    }

    /// As [`Self::features_train`], with running averages in the base.
    pub fn features(&self, input: Input, rows: &Rows) -> Features {
        match input {
            Input::Images(images) => Features::Rows(self.base.forward(images)),
            Input::Texts { sentences, device } => {
                let encoder = self.encoder();
                let sentences = encoder.with_keywords(sentences, rows);
                match encoder.routed() {
                    RoutedPart::Classifier => Features::Rows(encoder.encode(&sentences, &device)),
                    _ => Features::Texts { sentences, device },
                }
            }
        }
    }

    /// The text encoder.
    ///
    /// # Panics
    /// If the network is one for images.
    pub(crate) fn encoder(&self) -> &TextEncoder {
        self.text.as_ref().expect("a network that is given sentences has an encoder")
    }

    /// The agent of each input \[B\], where inputs were clustered.
    pub fn agents(&self, input: &Input) -> Option<Vec<u32>> {
        let clusters = self.clusters.as_ref()?;
        Some(clusters.assign(match input {
            Input::Images(images) => images.clone().flatten(1, 3),
            Input::Texts { sentences, device } => {
                self.encoder().bags(&sentences.premises(), device).detach()
            }
        }))
    }

    /// What is known of the agents before anything is encoded.
    pub fn told(&self, input: &Input) -> Told {
        if let Some(agents) = self.agents(input) {
            return Told::Agents(agents);
        }
        match (self.reader(), input) {
            (Some(_), Input::Texts { sentences, device }) => {
                Told::Premises(self.encoder().premises(sentences, device))
            }
            _ => Told::Nothing,
        }
    }

    /// The dispatcher with an encoder of its own.
    fn reader(&self) -> Option<(&RoutedLayer, &Online)> {
        let Trunk::Routed(layer) = &self.trunk else { return None };
        let online = layer.router.dispatcher.as_ref()?;
        online.encoding.is_some().then_some((layer, online))
    }

    /// The agents of a batch as far as they are known before the routed layer, and the decision
    /// behind them where one was made.
    pub(crate) fn dispatched(
        &self,
        told: &Told,
        rows: &Rows,
        (drive, noise): (Drive<'_>, &Noise),
    ) -> (Option<Vec<u32>>, Option<Step>) {
        match (told, self.reader()) {
            (Told::Agents(agents), _) => (Some(agents.clone()), None),
            (Told::Premises(premises), Some((layer, online))) => {
                let how = (drive.dispatcher(), noise);
                let (agents, step) = online.dispatch_premises(premises, rows, how, layer.depths());
                (Some(agents), step)
            }
            _ => (None, None),
        }
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

    /// Everything after the base; `told` as [`Self::told`] gives it.
    /// Features → logits, decisions
    pub fn classify(
        &self,
        features: Features,
        rows: &Rows,
        told: Told,
        drive: Drive<'_>,
        noise: &Noise,
    ) -> Forward {
        let (agents, dispatch) = self.dispatched(&told, rows, (drive, noise));
        let (mut h, mut out) = match features {
            Features::Rows(h) => self.trunk(self.enter(h, rows), rows, agents, drive, noise),
            Features::Texts { sentences, device } => {
                self.routed_text((&sentences, &device), rows, agents, (drive, noise))
            }
        };
        if let (Some(step), Told::Premises(premises)) = (dispatch, told) {
            h = gated(h, &step.choice);
            let decided = out.trajectory.unwrap_or_default();
            let (dispatch, read) = (Some(step), Some(premises));
            out.trajectory = Some(Trajectory { dispatch, read, ..decided });
        }
        let h = self.head.iter().fold(h, |h, layer| layer.forward(h));
        out.logits = match &self.output {
            Some(output) => output.forward(h),
            None => h,
        };
        out
    }

    /// The trunk on rows of features; what it leaves has no logits yet.
    fn trunk(
        &self,
        h: Tensor<2>,
        rows: &Rows,
        agents: Option<Vec<u32>>,
        drive: Drive<'_>,
        noise: &Noise,
    ) -> (Tensor<2>, Forward) {
        let mut out = Forward::empty(&h);
        let h = match &self.trunk {
            Trunk::Routed(layer) => {
                let (h, decisions) = match agents {
                    Some(agents) => layer.forward_of(agents, h, rows, drive, noise),
                    None => layer.forward(h, rows, drive, noise),
                };
                out.trajectory = Some(decisions);
                h
            }
            Trunk::SoftMixture(layer) => {
                let (h, mixing) = layer.forward(h, rows);
                out.weights = mixing;
                h
            }
            Trunk::SparseMixture(layer) => {
                let training = matches!(drive, Drive::Own(Mode::Train { .. }));
                let mixed = layer.forward(h, rows, training, noise);
                (out.weights, out.auxiliary) = (mixed.weights, mixed.auxiliary);
                mixed.h
            }
            Trunk::CrossStitch(layer) => layer.forward(h, rows),
        };
        (h, out)
    }
}

impl Forward {
    /// Of a network that has decided nothing, on the device of `like`.
    pub(super) fn empty(like: &Tensor<2>) -> Self {
        Self {
            logits: Tensor::zeros([0, 0], &like.device()),
            trajectory: None,
            weights: Vec::new(),
            auxiliary: None,
            units: None,
        }
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
