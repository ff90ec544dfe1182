//! A routed bottleneck autoencoder: what an online dispatcher may be rewarded for besides the
//! return (T 6.2.3, figures 6.1 c, 6.2, 6.3).
//!
//! The dispatcher's decision also names the bottleneck through which a row's activation must pass
//! to be reconstructed: d → d_p, then d_p → d_bn → d_p of the agent, then d_p → d.
//!
//! # Deviations
//! - T 6.2.3 reconstructs the encoding of a text. The mechanism is that of any activation: where
//!   `router.dispatch.encoding` is "activation" it is the one that enters the routed layer, detached,
//!   so that the reconstruction loss trains the dispatcher alone. Features that are easy to
//!   reconstruct are no aim of the network's.
//! - Figure 6.3 names no activation function: ReLU follows the first projection, the other three
//!   maps are linear. d_p is `router.hidden`.
//! - The policy of figure 6.3 chooses after the first projection, whose use as its input the text
//!   leaves open. Here it sees the activation itself, as the dispatcher of T 6.2.2 does.
//! - Equation 6.3's loss has no factor against the network's: both are means over rows, and the
//!   router's learning rate is the autoencoder's.

use burn::module::Module;
use burn::tensor::Tensor;

use super::encoding::{Decoder, Premises, Target};
use crate::bank::LinearBank;
use crate::block::{Activation, LinearBlock};
use crate::init::Init;
use crate::train::optimizer::Used;
use crate::trajectory::Step;

/// Encoder, a bottleneck an agent, decoder.
#[derive(Module, Debug)]
pub struct Autoencoder {
    /// F_pre: d → d_p
    pub encoder: LinearBlock,
    /// d_p → d_bn of each agent
    pub narrow: LinearBank,
    /// d_bn → d_p of each agent
    pub widen: LinearBank,
    /// F_post: d_p → d; to the counts of words, or the first input of the decoder of words, where
    /// those are reconstructed
    pub decoder: LinearBlock,
    /// What follows where words are reconstructed one by one
    pub words: Option<Decoder>,
    #[module(skip)]
    target: Target,
    alpha: f64,
}

/// Widths of an autoencoder.
#[derive(Clone, Copy, Debug)]
pub struct AutoencoderShape {
    /// d, width of what the dispatcher sees
    pub width: usize,
    /// What is reconstructed
    pub target: Target,
    /// d_p
    pub projected: usize,
    /// d_bn
    pub bottleneck: usize,
    /// K
    pub agents: usize,
}

impl Autoencoder {
    /// `alpha` is α of equation 6.1.
    pub fn new(shape: AutoencoderShape, alpha: f32, init: &Init) -> Self {
        let AutoencoderShape { width, target, projected, bottleneck, agents } = shape;
        let (f, id) = (Activation::Relu, Activation::Identity);
        let (out, words) = match target {
            Target::Seen => (width, None),
            Target::Counts(vocabulary) => (vocabulary, None),
            Target::Words { word, hidden } => {
                (4 * hidden, Some(Decoder::new(word, hidden, &init.at("words"))))
            }
        };
        Self {
            encoder: LinearBlock::new(width, projected, f, &init.at("encoder")),
            narrow: LinearBank::new(agents, projected, bottleneck, id, &init.at("narrow")),
            widen: LinearBank::new(agents, bottleneck, projected, id, &init.at("widen")),
            decoder: LinearBlock::new(projected, out, id, &init.at("decoder")),
            words,
            target,
            alpha: f64::from(alpha),
        }
    }

    /// Equation 6.1: α R_dispatcher + (1 − α) R_external, of which the first is the return of the
    /// routed network, the second minus the reconstruction loss (equation 6.3).
    pub fn mix(&self, dispatcher: f32, external: f32) -> f32 {
        (self.alpha * f64::from(dispatcher) + (1.0 - self.alpha) * f64::from(external)) as f32
    }

    /// Mean squared difference between what is to be reconstructed and its reconstruction through
    /// the bottlenecks that the dispatcher chose (equations 6.2, 6.3). No gradient flows through the
    /// former. \[R\]
    ///
    /// # Panics
    /// If words are reconstructed and there are none to read.
    pub fn loss(&self, step: &Step, read: Option<&Premises>) -> Tensor<1> {
        let x = step.state.clone().expect("a dispatcher's step keeps what it saw");
        let code = self.narrow.apply(self.encoder.forward(x.clone()), &step.choice.action);
        let y = self.decoder.forward(self.widen.apply(code, &step.choice.action));
        let read = || read.expect("a dispatcher that reads words keeps them");
        let wanted = match (self.target, &self.words) {
            (Target::Words { .. }, Some(words)) => return words.loss(y, read()),
            (Target::Counts(vocabulary), _) => read().counts(vocabulary),
            _ => x.detach(),
        };
        (y - wanted).square().mean_dim(1).squeeze_dim(1)
    }

    /// Notes which bottlenecks some row went through, for the optimizer.
    pub fn mark(&self, step: &Step, used: &mut Used) {
        let mut chosen = vec![false; self.narrow.weight.dims()[0]];
        step.actions.iter().for_each(|&agent| chosen[agent as usize] = true);
        for bank in [&self.narrow, &self.widen] {
            used.insert(bank.weight.id, chosen.clone());
            used.insert(bank.bias.id, chosen.clone());
        }
    }
}
