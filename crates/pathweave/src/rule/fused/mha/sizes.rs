//! Sizes of a model and where its parameters lie.

use std::ops::Range;

use crate::kernel::product::View;
use crate::rule::{Layout, RuleKind, RuleShape};

/// Sizes of one model. A `Monolithic` model is one group of all heads; else a group is a module.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub kind: RuleKind,
    /// F
    pub features: usize,
    /// R
    pub rules: usize,
    /// Width of the encoder
    pub dim: usize,
    /// D: all heads together
    pub width: usize,
    /// Heads
    pub heads: usize,
    /// d: one head
    pub head: usize,
    /// Groups
    pub groups: usize,
    /// Hidden width of a group
    pub inner: usize,
    /// Width of what the groups' second layers give together: the decoder's hidden layer, or the
    /// answer where there is no decoder
    pub middle: usize,
    /// Numbers an answer
    pub outputs: usize,
    pub decoder: bool,
    pub classification: bool,
}

impl Sizes {
    pub fn new(shape: &RuleShape) -> Self {
        let monolithic = shape.kind == RuleKind::Monolithic;
        let (dim, outputs) = (shape.encoder, shape.outputs);
        let head = shape.head_width();
        Self {
            kind: shape.kind,
            features: shape.features,
            rules: shape.rules,
            dim,
            width: shape.width,
            heads: shape.width.checked_div(head).unwrap_or(0),
            head,
            groups: if monolithic { 1 } else { shape.modules },
            inner: if monolithic { 2 * dim } else { shape.inner_width() },
            middle: if shape.decoder { dim } else { outputs },
            outputs,
            decoder: shape.decoder,
            classification: shape.classification,
        }
    }

    pub fn monolithic(&self) -> bool {
        self.kind == RuleKind::Monolithic
    }

    /// Whether the groups give their own scores.
    pub fn scored(&self) -> bool {
        self.kind == RuleKind::Modular
    }

    /// Heads of a group.
    pub fn group_heads(&self) -> usize {
        self.heads / self.groups
    }

    /// Inputs of a group: its heads, then its own projection of the token.
    pub fn group_inputs(&self) -> usize {
        (self.group_heads() + 1) * self.head
    }

    /// Queries, keys, values and own projections of a token.
    pub fn projections(&self) -> usize {
        3 * self.width + self.groups * self.head
    }

    /// Queries are multiplied by it.
    pub fn scale(&self) -> f32 {
        1.0 / (self.head as f32).sqrt()
    }

    /// The groups' second layers among the parameters, without scores. [G · I, middle]
    pub fn second<'a>(&self, weight: &'a [f32]) -> View<'a> {
        if self.monolithic() {
            View::new(weight, self.middle, self.inner).t()
        } else {
            let row = self.middle + usize::from(self.scored());
            View::strided(weight, self.hidden(), self.middle, row)
        }
    }

    /// A group's first layer among the parameters. [K, I]
    pub fn first<'a>(&self, weight: &'a [f32], group: usize) -> View<'a> {
        let (inputs, inner) = (self.group_inputs(), self.inner);
        if self.monolithic() {
            View::new(weight, inner, inputs).t()
        } else {
            View::new(&weight[group * inputs * inner..], inputs, inner)
        }
    }

    /// Hidden numbers of all groups.
    pub fn hidden(&self) -> usize {
        self.groups * self.inner
    }

    /// Inputs of all groups.
    pub fn inputs(&self) -> usize {
        self.groups * self.group_inputs()
    }
}

/// Where each parameter lies; empty where the model has none of that name.
#[derive(Clone, Debug)]
pub struct Places {
    pub encoder_0: Linear,
    pub encoder_2: Linear,
    /// Queries, keys, values, own
    pub projections: [Linear; 4],
    pub out_0: Linear,
    pub out_2: Linear,
    pub scorer_0: Linear,
    pub scorer_2: Linear,
    pub decoder_0: Linear,
    pub decoder_2: Linear,
}

/// Places of a layer.
#[derive(Clone, Debug)]
pub struct Linear {
    pub weight: Range<usize>,
    pub bias: Range<usize>,
}

impl Places {
    pub fn new(shape: &RuleShape) -> Self {
        let layout = Layout::new(shape);
        let find = |layer: &str, ends: [&str; 2]| {
            let found = ends.iter().find_map(|end| layout.find(&format!("{layer}.{end}")));
            found.map_or(0..0, |slot| slot.range())
        };
        let linear = |layer: &str| Linear {
            weight: find(layer, ["weight", "w"]),
            bias: find(layer, ["bias", "b"]),
        };
        Self {
            encoder_0: linear("encoder.0"),
            encoder_2: linear("encoder.2"),
            projections: ["query_net", "key_net", "value_net", "in_"]
                .map(|name| linear(&format!("model.{name}"))),
            out_0: linear("model.out_proj.0"),
            out_2: linear("model.out_proj.2"),
            scorer_0: linear("model.scorer.0"),
            scorer_2: linear("model.scorer.2"),
            decoder_0: linear("decoder.0"),
            decoder_2: linear("decoder.2"),
        }
    }
}
