//! Sizes of a recurrent model and the places of its parameters.

use std::ops::Range;

use crate::rule::{Layout, RuleKind, RuleShape};
use pathweave_data::dataset::rules::RuleFamily;

/// Gates i, f, o, g among a module's four (M's authors), and among an LSTM cell's (PyTorch).
const MODULAR: [usize; 4] = [0, 1, 2, 3];
const CELL: [usize; 4] = [0, 1, 3, 2];

/// Sizes of a recurrent model.
#[derive(Clone, Debug)]
pub struct Sizes {
    pub kind: RuleKind,
    /// F
    pub features: usize,
    /// R
    pub rules: usize,
    /// E
    pub encoder: usize,
    /// H'
    pub width: usize,
    /// M; 1 for `Monolithic`
    pub modules: usize,
    /// Modules computed for each token
    pub together: usize,
    pub outputs: usize,
    pub classification: bool,
    /// Where i, f, o, g lie among a module's gates
    pub gates: [usize; 4],
}

impl Sizes {
    /// Of a shape; `None` of another family, or where a size is zero.
    pub fn new(shape: &RuleShape) -> Option<Self> {
        let single = shape.kind == RuleKind::Monolithic;
        let modules = if single { 1 } else { shape.modules };
        let sizes = Self {
            kind: shape.kind,
            features: shape.features,
            rules: shape.rules,
            encoder: shape.encoder,
            width: if shape.modules == 0 { 0 } else { shape.state_width() },
            modules,
            together: if shape.kind == RuleKind::GtModular { 1 } else { modules },
            outputs: shape.outputs,
            classification: shape.classification,
            gates: if single { CELL } else { MODULAR },
        };
        let least = sizes.features.min(sizes.encoder).min(sizes.width).min(sizes.outputs);
        (shape.family == RuleFamily::Rnn && least > 0).then_some(sizes)
    }

    /// Width of a token: its numbers and the one-hot context.
    pub fn token(&self) -> usize {
        self.features + self.rules
    }

    /// Pre-activations of a module: 4 · H'.
    pub fn drives(&self) -> usize {
        4 * self.width
    }

    /// Whether a token's module is known, and no other is computed.
    pub fn grouped(&self) -> bool {
        self.kind == RuleKind::GtModular
    }

    /// Whether modules score themselves by their pre-activations.
    pub fn scored(&self) -> bool {
        self.kind == RuleKind::Modular
    }
}

/// Where the parameters lie.
#[derive(Clone, Debug)]
pub struct Places {
    /// Weight and bias of each of the encoder's layers
    pub encoder: [Range<usize>; 4],
    pub i2h: Range<usize>,
    pub h2h: Range<usize>,
    /// The two biases of an LSTM cell
    pub bias: Option<[Range<usize>; 2]>,
    /// `Modular`'s scorer
    pub scorer: Option<Range<usize>>,
    /// `ModularOp`'s two layers
    pub operation: Option<[Range<usize>; 2]>,
    /// Weight and bias of each layer behind the state
    pub decoder: Vec<[Range<usize>; 2]>,
    /// Parameters in all
    pub len: usize,
}

impl Places {
    /// In the layout of a recurrent shape.
    pub fn new(shape: &RuleShape) -> Option<Self> {
        let layout = Layout::new(shape);
        let find = |name: &str| Some(layout.find(name)?.range());
        let both = |names: [&str; 2]| Some([find(names[0])?, find(names[1])?]);
        let single = shape.kind == RuleKind::Monolithic;
        let [i2h, h2h] = if single {
            both(["rnn.weight_ih", "rnn.weight_hh"])?
        } else {
            both(["rnn.i2h.weight", "rnn.h2h.weight"])?
        };
        let decoder = if shape.decoder {
            vec![
                both(["decoder.0.weight", "decoder.0.bias"])?,
                both(["decoder.2.weight", "decoder.2.bias"])?,
            ]
        } else {
            vec![both(["readout.weight", "readout.bias"])?]
        };
        Some(Self {
            encoder: [
                find("encoder.0.weight")?,
                find("encoder.0.bias")?,
                find("encoder.2.weight")?,
                find("encoder.2.bias")?,
            ],
            i2h,
            h2h,
            bias: both(["rnn.bias_ih", "rnn.bias_hh"]),
            scorer: find("rnn.scorer.1.w"),
            operation: both(["rnn.scorer.0.weight", "rnn.scorer.2.weight"]),
            decoder,
            len: layout.len(),
        })
    }
}
