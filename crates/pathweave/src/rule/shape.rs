//! Shapes of the benchmark's models, with the parameter matching of the authors' code.

use pathweave_data::dataset::rules::{RuleFamily, RuleTarget, RulesSpec};
use serde::{Deserialize, Serialize};

/// How much of the rules' modularity a model knows (M table 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleKind {
    /// ŷ = f(x, c): one network
    Monolithic,
    /// ŷ = Σ_m p_m ŷ_m, the modules giving their own scores
    Modular,
    /// The score is a function of c alone
    ModularOp,
    /// The score is c
    GtModular,
    /// Equal scores: the baseline
    Random,
}

impl RuleKind {
    /// Whether there are modules to activate.
    pub fn is_modular(self) -> bool {
        self != Self::Monolithic
    }
}

/// H of M's modular attention: heads a module.
pub const HEADS: usize = 2;

/// Sizes of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleShape {
    /// Architecture of modules and rules
    pub family: RuleFamily,
    /// Level of modularity
    pub kind: RuleKind,
    /// R, rules: width of the one-hot context
    pub rules: usize,
    /// M, modules; 1 for `Monolithic`'s own sizes it counts as if there were M
    pub modules: usize,
    /// F, numbers a row without the context
    pub features: usize,
    /// E, width of the encoder; dim for MHA
    pub encoder: usize,
    /// D, width of the model: of both layers together (MLP), of attention (MHA), of the state (RNN)
    pub width: usize,
    /// Numbers in a label
    pub outputs: usize,
    /// Whether a shared decoder makes the answer; else modules do (appendix)
    pub decoder: bool,
    /// Whether the loss is binary cross entropy on logits; else L1
    pub classification: bool,
}

impl RuleShape {
    /// Of a model for some rule data. `modules` 0 means one for each rule.
    pub fn new(data: &RulesSpec, kind: RuleKind, modules: usize, sizes: [usize; 2]) -> Self {
        Self {
            family: data.family,
            kind,
            rules: data.rules,
            modules: if modules == 0 { data.rules } else { modules },
            features: data.features(),
            encoder: sizes[0],
            width: sizes[1],
            outputs: data.outputs(),
            decoder: true,
            classification: data.target == RuleTarget::Classification,
        }
    }

    /// Width of a module's hidden layer (MLP): D / M.
    pub fn module_width(&self) -> usize {
        self.width / self.modules
    }

    /// d, width of an attention head: D / (H · M), for `Monolithic` too, which has as many heads.
    pub fn head_width(&self) -> usize {
        self.width / (HEADS * self.modules)
    }

    /// I, hidden width of an attention module's g:
    /// ⌊2·dim·(M·H·(D + dim) + D) / (M·(D·(H + 1) + M·H·dim))⌋.
    pub fn inner_width(&self) -> usize {
        let (m, h, d, dim) = (self.modules, HEADS, self.width, self.encoder);
        2 * dim * (m * h * (d + dim) + d) / (m * (d * (h + 1) + m * h * dim))
    }

    /// H', width of the state that a modular RNN's cells share:
    /// ⌊(√((4ME+1)² + 4(4M+1)(5H² + H(4E+1))) − (4ME+1)) / (2(4M+1))⌋; H for `Monolithic`.
    pub fn state_width(&self) -> usize {
        if self.kind == RuleKind::Monolithic {
            return self.width;
        }
        let (m, e, h) = (self.modules as f64, self.encoder as f64, self.width as f64);
        let (a, b) = (4.0 * m + 1.0, 4.0 * m * e + 1.0);
        let c = 5.0 * h * h + h * (4.0 * e + 1.0);
        (((b * b + 4.0 * a * c).sqrt() - b) / (2.0 * a)).floor() as usize
    }
}
