//! Settings of the dispatchers that cluster or learn.

use serde::{Deserialize, Serialize};

use super::encoding::EncodingKind;
use crate::decision::AlgorithmKind;

/// Settings of the dispatchers that cluster or learn; void for the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct DispatchSpec {
    /// K, agents among which samples are distributed; 0 means one for each context
    pub agents: usize,
    /// Online: the dispatcher's own algorithm; its policy is a perceptron of `router.hidden` units
    pub algorithm: AlgorithmKind,
    /// Online: what it sees of a sample (T 6.2.4 to 6.2.7)
    pub encoding: EncodingKind,
    /// Online: epochs in which contexts decide and all else is trained; in the remaining ones only
    /// the dispatcher is. 0 trains both together
    pub after_epochs: u32,
    /// Autoencoder: weight of the return against the reconstruction, in [0, 1]
    pub alpha: f32,
    /// Autoencoder: width of the bottleneck
    pub bottleneck: usize,
    /// Offline: training samples that the clusters are fitted on, drawn at random
    pub samples: usize,
    /// DBSCAN: samples within the radius, itself included, that make a sample's region dense
    pub neighbours: usize,
    /// DBSCAN: the radius, in units of standardised pixels; 0 takes the median distance of a
    /// sample to the last of its nearest `neighbours`
    pub radius: f32,
}

impl Default for DispatchSpec {
    /// # Deviations
    /// - T 6 gives no weight of equation 6.1, no width of the bottleneck and no settings of DBSCAN:
    ///   α = 0.5, a width of 4, 5 neighbours and a radius taken from the data are ours.
    fn default() -> Self {
        Self {
            agents: 0,
            algorithm: AlgorithmKind::Reinforce,
            encoding: EncodingKind::Activation,
            after_epochs: 0,
            alpha: 0.5,
            bottleneck: 4,
            samples: 1000,
            neighbours: 5,
            radius: 0.0,
        }
    }
}

impl DispatchSpec {
    /// What is wrong with the settings: (key, found, allowed).
    pub fn faults(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut faults = Vec::new();
        let counts = [
            ("bottleneck", self.bottleneck),
            ("samples", self.samples),
            ("neighbours", self.neighbours),
        ];
        for (key, _) in counts.into_iter().filter(|(_, count)| *count == 0) {
            faults.push((key, "0".into(), "a whole number of at least 1"));
        }
        if !(0.0..=1.0).contains(&self.alpha) {
            faults.push(("alpha", self.alpha.to_string(), "a number from 0 to 1"));
        }
        if !(self.radius >= 0.0 && self.radius.is_finite()) {
            faults.push(("radius", self.radius.to_string(), "a number of at least 0"));
        }
        faults
    }
}
