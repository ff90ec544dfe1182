//! A metric of every run by setting and model, and what claims compare of it.

use std::collections::{BTreeMap, BTreeSet};

use pathweave::spec::ModelKind;
use pathweave_eval::stats;

use super::sweep::{MODELS, Setting};
use crate::experiment::runs::{Measured, Runs};

/// Least settings to take an interval over; below it is over tasks and seeds.
const SETTINGS: usize = 3;
/// Errors and losses below this count as this much in ratios: one sample in ten thousand.
const FLOOR: f64 = 1e-4;

/// The rules in words.
pub const RULES: &str = "\
Rule benchmark: a setting is architecture, regression or classification, number of rules, and size \
(E, D); its repeats are tasks and seeds. Models are compared by the repeats that both have: by \
ratios of performances (errors of classification, losses of regression: lower is better), averaged \
as logarithms over the repeats of a setting, and by differences of the other metrics. The 95 % \
interval, by Student's t, is over settings, each counted once; where fewer than three are left, \
over tasks and seeds. A claim is supported where the whole interval lies on the claimed side, \
refuted where it lies on the other, inconclusive otherwise; one about several comparisons is \
supported where all are and refuted where any is. \"Small\" margins are ratios between 0.8 and \
1.25, \"substantial\" ones above 1.25. A trend with the number of rules is the slope of a \
least-squares line over log₂ R, one for each architecture, target and size. Values below 0.0001 \
count as 0.0001 in ratios. The bounds are ours: the document gives none. At smoke scale nothing is \
tested.";

/// Task and seed.
pub type Repeat = (u64, u64);

/// Values by setting and model, each repeat once.
#[derive(Clone, Debug, Default)]
pub struct Cells(BTreeMap<(Setting, usize), BTreeMap<Repeat, f64>>);

fn place(kind: ModelKind) -> usize {
    MODELS.iter().position(|&other| other == kind).unwrap_or(MODELS.len())
}

impl Cells {
    /// A metric of the records, where it is finite.
    pub fn of(runs: &Runs, metric: &str) -> Self {
        Self::by(runs, |run| run.entry.record.metrics.get(metric).copied())
    }

    /// A number of every run that has it, where it is finite.
    pub fn by(runs: &Runs, value: impl Fn(&Measured) -> Option<f64>) -> Self {
        let mut cells = Self::default();
        for run in runs.all() {
            let value = value(run).filter(|value| value.is_finite());
            if let (Some(setting), Some(value)) = (Setting::of(&run.spec), value) {
                let task = run.spec.data.rules().map_or(0, |data| data.task);
                let repeats = cells.0.entry((setting, place(run.spec.model.kind))).or_default();
                repeats.insert((task, run.spec.train.seed), value);
            }
        }
        cells
    }

    /// The cells of settings that `keep` keeps.
    pub fn only(&self, keep: impl Fn(&Setting) -> bool) -> Self {
        let kept = self.0.iter().filter(|((setting, _), _)| keep(setting));
        Self(kept.map(|(key, repeats)| (*key, repeats.clone())).collect())
    }

    /// The settings, each once.
    pub fn settings(&self) -> BTreeSet<Setting> {
        self.0.keys().map(|(setting, _)| *setting).collect()
    }

    /// The numbers of rules, each once.
    pub fn rules(&self) -> BTreeSet<usize> {
        self.settings().iter().map(|setting| setting.rules).collect()
    }

    /// The repeats of a setting and model.
    fn repeats(&self, setting: Setting, kind: ModelKind) -> Option<&BTreeMap<Repeat, f64>> {
        self.0.get(&(setting, place(kind)))
    }

    /// Mean over the repeats of a setting.
    pub fn mean(&self, setting: Setting, kind: ModelKind) -> Option<f64> {
        let values: Vec<f64> = self.repeats(setting, kind)?.values().copied().collect();
        stats::mean(&values)
    }

    /// A model's means over settings by those tasks and seeds that all settings have: what intervals
    /// of figures are over.
    pub fn by_repeat(&self, kind: ModelKind) -> Vec<f64> {
        let mut found: BTreeMap<Repeat, Vec<f64>> = BTreeMap::new();
        for (_, repeats) in self.0.iter().filter(|((_, other), _)| *other == place(kind)) {
            for (repeat, value) in repeats {
                found.entry(*repeat).or_default().push(*value);
            }
        }
        complete(found).values().filter_map(|values| stats::mean(values)).collect()
    }

    /// A number of each setting, or of each repeat where there are too few settings.
    fn units(&self, of: impl Fn(Setting) -> BTreeMap<Repeat, f64>) -> Vec<f64> {
        let found: Vec<Vec<f64>> = self
            .settings()
            .into_iter()
            .map(|setting| of(setting).into_values().collect::<Vec<f64>>())
            .filter(|values| !values.is_empty())
            .collect();
        if found.len() < SETTINGS {
            return found.concat();
        }
        found.iter().filter_map(|values| stats::mean(values)).collect()
    }

    /// A model's values.
    pub fn values(&self, kind: ModelKind) -> Vec<f64> {
        self.units(|setting| self.repeats(setting, kind).cloned().unwrap_or_default())
    }

    /// `join` of two models' values, repeat by repeat.
    fn pairs(&self, first: ModelKind, second: ModelKind, join: impl Fn(f64, f64) -> f64) -> Self {
        let mut pairs = Self::default();
        for setting in self.settings() {
            let (Some(ours), Some(theirs)) =
                (self.repeats(setting, first), self.repeats(setting, second))
            else {
                continue;
            };
            let both = ours
                .iter()
                .filter_map(|(repeat, value)| Some((*repeat, join(*value, *theirs.get(repeat)?))));
            pairs.0.insert((setting, place(first)), both.collect());
        }
        pairs
    }

    /// The first model's values less the second's.
    pub fn differences(&self, first: ModelKind, second: ModelKind) -> Vec<f64> {
        self.pairs(first, second, |a, b| a - b).values(first)
    }

    /// Logarithms of ratios of the first model's values to the second's, as cells of the first.
    pub fn log_ratios(&self, first: ModelKind, second: ModelKind) -> Self {
        self.pairs(first, second, |a, b| (a.max(FLOOR) / b.max(FLOOR)).ln())
    }

    /// Slopes of a model's values over log₂ R: of each architecture, target and size the mean over
    /// its repeats, as [`Cells::values`].
    pub fn slopes(&self, kind: ModelKind) -> Vec<f64> {
        let mut lines: BTreeMap<(Setting, Repeat), Vec<(f64, f64)>> = BTreeMap::new();
        for ((setting, _), repeats) in self.0.iter().filter(|((_, other), _)| *other == place(kind))
        {
            let line = Setting { rules: 0, ..*setting };
            for (repeat, value) in repeats {
                let point = ((setting.rules as f64).log2(), *value);
                lines.entry((line, *repeat)).or_default().push(point);
            }
        }
        let mut slopes = Self::default();
        for ((setting, repeat), points) in lines {
            if let Some(slope) = slope(&points) {
                slopes.0.entry((setting, place(kind))).or_default().insert(repeat, slope);
            }
        }
        slopes.values(kind)
    }

    /// Of each of `models` 1 for a setting in which it has the lowest mean, else 0, over the settings
    /// in which all have one; equal means share a setting.
    ///
    /// # Deviations
    /// - M figure 3 counts experiments in which a model "did better" and does not say whether runs
    ///   or means: the mean over tasks and seeds of a setting decides, and equal means share it.
    pub fn wins(&self, models: &[ModelKind]) -> Vec<(ModelKind, Vec<f64>)> {
        let mut wins: Vec<(ModelKind, Vec<f64>)> =
            models.iter().map(|&kind| (kind, Vec::new())).collect();
        for setting in self.settings() {
            let means: Option<Vec<f64>> =
                models.iter().map(|&kind| self.mean(setting, kind)).collect();
            let Some(means) = means else { continue };
            let best = means.iter().copied().fold(f64::INFINITY, f64::min);
            let first = means.iter().filter(|mean| **mean == best).count() as f64;
            for ((_, won), mean) in wins.iter_mut().zip(&means) {
                won.push(if *mean == best { 1.0 / first } else { 0.0 });
            }
        }
        wins
    }
}

/// The repeats that all settings have: the mean of one that some lack would be over other settings
/// than its neighbours'.
pub fn complete<T>(mut repeats: BTreeMap<Repeat, Vec<T>>) -> BTreeMap<Repeat, Vec<T>> {
    let all = repeats.values().map(Vec::len).max().unwrap_or(0);
    repeats.retain(|_, settings| settings.len() == all);
    repeats
}

/// Of the least-squares line; none where all x are equal.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let n = points.len() as f64;
    let x = points.iter().map(|point| point.0).sum::<f64>() / n;
    let y = points.iter().map(|point| point.1).sum::<f64>() / n;
    let across: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    let along: f64 = points.iter().map(|point| (point.0 - x) * (point.0 - x)).sum();
    (along > 0.0).then(|| across / along)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_repeats_that_all_settings_have_are_averaged() {
        let repeats = BTreeMap::from([((1, 1), vec![1.0, 2.0]), ((1, 2), vec![3.0])]);
        assert_eq!(complete(repeats), BTreeMap::from([((1, 1), vec![1.0, 2.0])]));
        assert!(complete(BTreeMap::<Repeat, Vec<f64>>::new()).is_empty());
    }
}
