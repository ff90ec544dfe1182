//! Sizes of a model, and where its parameters lie.

use std::ops::Range;

use pathweave_data::dataset::rules::RuleFamily;

use crate::rule::layout::Layout;
use crate::rule::shape::{RuleKind, RuleShape};

/// Sizes of the passes. `Monolithic` counts as one module that is always active.
#[derive(Clone, Debug)]
pub struct Sizes {
    /// Level of modularity
    pub kind: RuleKind,
    /// C: rules, and one more for the missing context
    pub contexts: usize,
    /// E
    pub encoder: usize,
    /// M
    pub modules: usize,
    /// H, hidden units of a module
    pub unit: usize,
    /// N = M · H
    pub hidden: usize,
    /// O, width of what a module gives; D with a decoder, else 1
    pub inner: usize,
    /// K, width of what is left of it once the decoder's first layer is merged in: E, or 1
    pub merged: usize,
    /// 1 where modules have a score beside their output
    pub score: usize,
    /// Whether there is a decoder
    pub decoder: bool,
    /// Binary cross entropy in the place of L1
    pub classification: bool,
}

impl Sizes {
    /// `None` for other families, answers of more than one number, and modules without units.
    pub fn new(shape: &RuleShape) -> Option<Self> {
        let mono = shape.kind == RuleKind::Monolithic;
        let modules = if mono { 1 } else { shape.modules };
        let unit = if mono { shape.width } else { shape.width.checked_div(modules)? };
        let fits = shape.family == RuleFamily::Mlp && shape.outputs == 1 && shape.features == 2;
        if !fits || unit == 0 || shape.encoder == 0 {
            return None;
        }
        Some(Self {
            kind: shape.kind,
            contexts: shape.rules + 1,
            encoder: shape.encoder,
            modules,
            unit,
            hidden: modules * unit,
            inner: if shape.decoder { shape.width } else { 1 },
            merged: if shape.decoder { shape.encoder } else { 1 },
            score: shape.score_column(),
            decoder: shape.decoder,
            classification: shape.classification,
        })
    }

    /// N + M: the weighted hidden units, and the weights themselves for the biases.
    pub fn weighted(&self) -> usize {
        self.hidden + self.modules
    }

    /// Whether modules are one linear layer of PyTorch's, [out, in], and not a grouped one.
    pub fn is_plain(&self) -> bool {
        self.kind == RuleKind::Monolithic
    }
}

/// Places of the parameters; a layer's weight, then its bias.
#[derive(Clone, Debug)]
pub struct Places {
    /// `encoder_digit.0`. [E, 1], \[E\]
    pub digit: [Range<usize>; 2],
    /// `encoder_digit.2`. [E, E], \[E\]
    pub digit_out: [Range<usize>; 2],
    /// `encoder_operation.0`. [E, R], \[E\]
    pub context: [Range<usize>; 2],
    /// `encoder_operation.2`. [E, E], \[E\]
    pub context_out: [Range<usize>; 2],
    /// `MLP.0`. [M, 3E, H], [M, H]; plain: [N, 3E], \[N\]
    pub first: [Range<usize>; 2],
    /// `MLP.2`. [M, H, O + score], [M, O + score]; plain: [O, N], \[O\]
    pub second: [Range<usize>; 2],
    /// `scorer`. [M, E], \[M\]; empty where there is none
    pub scorer: [Range<usize>; 2],
    /// `decoder.0`. [E, O], \[E\]; empty where there is none
    pub decoder: [Range<usize>; 2],
    /// `decoder.2`. [1, E], \[1\]; empty where there is none
    pub answer: [Range<usize>; 2],
}

impl Places {
    /// Of a model's layout.
    pub fn new(layout: &Layout) -> Self {
        let range = |name: &str| layout.find(name).map_or(0..0, |slot| slot.range());
        let linear =
            |name: &str| [range(&format!("{name}.weight")), range(&format!("{name}.bias"))];
        let either = |name: &str| match layout.find(&format!("{name}.w")) {
            Some(weight) => [weight.range(), range(&format!("{name}.b"))],
            None => linear(name),
        };
        Self {
            digit: linear("encoder_digit.0"),
            digit_out: linear("encoder_digit.2"),
            context: linear("encoder_operation.0"),
            context_out: linear("encoder_operation.2"),
            first: either("MLP.0"),
            second: either("MLP.2"),
            scorer: linear("scorer"),
            decoder: linear("decoder.0"),
            answer: linear("decoder.2"),
        }
    }
}
