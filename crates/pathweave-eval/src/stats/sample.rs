//! Values of a metric, in strata.

use std::collections::BTreeMap;

/// Values of a metric over runs, each in the stratum of its run: the task, data set or setting
/// whose runs only replace each other when runs are drawn again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    strata: BTreeMap<String, Vec<f64>>,
}

impl Sample {
    /// Values of one stratum.
    pub fn of(values: &[f64]) -> Self {
        let mut sample = Self::default();
        values.iter().for_each(|&value| sample.push("", value));
        sample
    }

    /// Adds a value to a stratum.
    pub fn push(&mut self, stratum: &str, value: f64) {
        match self.strata.get_mut(stratum) {
            Some(values) => values.push(value),
            None => drop(self.strata.insert(stratum.to_owned(), vec![value])),
        }
    }

    /// The strata by name, none of them empty.
    pub fn strata(&self) -> impl Iterator<Item = (&str, &[f64])> {
        self.strata.iter().map(|(name, values)| (name.as_str(), values.as_slice()))
    }

    /// The values of a stratum; empty where there is none of that name.
    pub fn stratum(&self, name: &str) -> &[f64] {
        self.strata.get(name).map_or(&[], Vec::as_slice)
    }

    /// All values, stratum by stratum.
    pub fn values(&self) -> Vec<f64> {
        self.strata.values().flatten().copied().collect()
    }

    /// Number of values.
    pub fn len(&self) -> usize {
        self.strata.values().map(Vec::len).sum()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.strata.is_empty()
    }

    /// Whether there is a value, and each is finite.
    pub(super) fn is_sound(&self) -> bool {
        !self.is_empty() && self.strata.values().flatten().all(|value| value.is_finite())
    }

    /// Whether drawing again can change anything: some stratum has two values.
    pub(super) fn can_vary(&self) -> bool {
        self.strata.values().any(|values| values.len() > 1)
    }
}
