//! Settings of transformer encoders.

use serde::{Deserialize, Serialize};

/// The transformer encoder: table `model.text.transformer`, void for other encoders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TransformerSpec {
    /// Number of blocks; where they are routed, of decisions
    pub layers: usize,
    /// Attention heads of a block; they divide the width
    pub heads: usize,
    /// D, width of a word's state
    pub width: usize,
    /// F, width inside a block's feed-forward layers
    pub feed_forward: usize,
    /// Passes over the distinct training sentences as a language model, before the first step; 0 for
    /// none
    pub pretrain_epochs: u32,
    /// Learning rate (Adam) of those
    pub pretrain_rate: f64,
    /// Standard deviation of the noise by which the copies of a routed block differ at the start
    pub noise: f64,
    /// Number of positions: words of premise, hypothesis and three marks
    pub longest: usize,
    /// File of pretrained blocks (safetensors with the names of the published language model); empty
    /// for none
    pub weights: String,
    /// SHA-256 of that file in hexadecimal, filled in by the program: the file's content, not its
    /// place, is part of what the run is
    pub weights_sha256: String,
}

impl Default for TransformerSpec {
    /// # Deviations
    /// - T 5.3.1.4 takes the twelve blocks of width 768 that Radford et al. 2018 published. What is
    ///   small enough to be pretrained here is the default: two blocks of width 64.
    fn default() -> Self {
        Self {
            layers: 2,
            heads: 4,
            width: 64,
            feed_forward: 256,
            pretrain_epochs: 0,
            pretrain_rate: 0.001,
            noise: 1e-4,
            longest: 128,
            weights: String::new(),
            weights_sha256: String::new(),
        }
    }
}

impl TransformerSpec {
    /// What is wrong with the settings: (key, found, allowed).
    pub fn faults(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut faults = Vec::new();
        let mut unless = |good: bool, key, found: String, allowed| {
            if !good {
                faults.push((key, found, allowed));
            }
        };
        let sizes = [
            ("layers", self.layers, 1),
            ("heads", self.heads, 1),
            ("width", self.width, 1),
            ("feed_forward", self.feed_forward, 1),
            ("longest", self.longest, 5),
        ];
        for (key, size, least) in sizes {
            let allowed = if least == 1 {
                "a whole number of at least 1"
            } else {
                "at least 5: two words and three marks"
            };
            unless(size >= least, key, size.to_string(), allowed);
        }
        let even = self.heads == 0 || self.width.is_multiple_of(self.heads);
        unless(even, "heads", self.heads.to_string(), "a divisor of the width");
        let (rate, noise) = (self.pretrain_rate, self.noise);
        let allowed = "a number above 0";
        unless(rate > 0.0 && rate.is_finite(), "pretrain_rate", rate.to_string(), allowed);
        let allowed = "a number of at least 0";
        unless(noise >= 0.0 && noise.is_finite(), "noise", noise.to_string(), allowed);
        let sha = &self.weights_sha256;
        let digest = sha.len() == 64 && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
        let allowed = "64 hexadecimal digits where weights is set, or nothing";
        let good = sha.is_empty() || digest && !self.weights.is_empty();
        unless(good, "weights_sha256", format!("{sha:?}"), allowed);
        faults
    }
}
