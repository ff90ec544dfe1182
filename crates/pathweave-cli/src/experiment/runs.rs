//! Finished runs side by side, by the name of their model.

use std::collections::{BTreeMap, BTreeSet};

use pathweave::spec::{ModelKind, RunSpec};
use pathweave_eval::curves::Curves;
use pathweave_eval::log::RoutingLog;
use pathweave_eval::stats::Difference;
use pathweave_eval::table::{Entry, Summary, TIMING_PREFIX};

use super::verdict;
use crate::error::CliError;
use crate::store::StoredRun;

/// The metric that models are compared by.
pub const ACCURACY: &str = "accuracy";
/// Its difference in percentage points.
pub const GAIN: &str = "accuracy_gain_points";

/// Models on rule data whose routing logs are read: a sweep has thousands, and no page shows more.
const LOGS: usize = 64;

/// One run.
#[derive(Clone, Debug)]
pub struct Measured {
    /// What was run
    pub spec: RunSpec,
    /// Record and timing
    pub entry: Entry,
    /// Training curves
    pub curves: Curves,
    /// Routing on the test split: for the first run of each routed model
    pub log: Option<RoutingLog>,
}

/// Runs in the order in which they were given.
#[derive(Clone, Debug, Default)]
pub struct Runs(Vec<Measured>);

impl From<Vec<Measured>> for Runs {
    fn from(runs: Vec<Measured>) -> Self {
        Self(runs)
    }
}

impl Runs {
    /// Reads what the runs left.
    ///
    /// # Errors
    /// A file of a run cannot be read.
    pub fn gather(stored: &[StoredRun]) -> Result<Self, CliError> {
        let mut runs: Vec<Measured> = Vec::with_capacity(stored.len());
        let mut names = BTreeSet::new();
        for run in stored {
            let first = names.insert(run.spec.name.as_str());
            let rules = run.spec.data.rules().is_some() && names.len() <= LOGS;
            let routed = run.spec.model.kind == ModelKind::Routed || rules;
            runs.push(Measured {
                spec: run.spec.clone(),
                entry: run.entry(),
                curves: run.curves()?,
                log: if first && routed { run.routing_log()? } else { None },
            });
        }
        Ok(Self(runs))
    }

    /// The runs.
    pub fn all(&self) -> &[Measured] {
        &self.0
    }

    /// Names of the models.
    pub fn models(&self) -> Vec<&str> {
        let mut models: Vec<&str> = Vec::new();
        for run in &self.0 {
            if !models.contains(&run.spec.name.as_str()) {
                models.push(&run.spec.name);
            }
        }
        models
    }

    /// Runs of a model.
    pub fn of(&self, model: &str) -> impl Iterator<Item = &Measured> {
        self.0.iter().filter(move |run| run.spec.name == model)
    }

    /// Whether there is a routing log of the model.
    pub fn routes(&self, model: &str) -> bool {
        self.of(model).any(|run| run.log.is_some())
    }

    /// A metric of a model's runs that have it, each with its seed. Timings are the metrics
    /// `timing/…`.
    fn seeded(&self, model: &str, metric: &str) -> impl Iterator<Item = (u64, f64)> {
        let value = move |run: &Measured| match metric.strip_prefix(TIMING_PREFIX) {
            Some(name) => run.entry.timing.as_ref()?.value(name),
            None => run.entry.record.metrics.get(metric).copied(),
        };
        self.of(model).filter_map(move |run| Some((run.spec.train.seed, value(run)?)))
    }

    /// A metric of a model's runs by seed, in ascending seeds; of runs with one seed, the last.
    pub fn by_seed(&self, model: &str, metric: &str) -> Vec<(u64, f64)> {
        let found: BTreeMap<u64, f64> = self.seeded(model, metric).collect();
        found.into_iter().collect()
    }

    /// A metric of a model's runs, in their order.
    pub fn values(&self, model: &str, metric: &str) -> Vec<f64> {
        self.seeded(model, metric).map(|(_, value)| value).collect()
    }

    /// A metric over a model's runs; none where no run has it.
    pub fn summary(&self, model: &str, metric: &str) -> Option<Summary> {
        let values = self.values(model, metric);
        (!values.is_empty()).then(|| Summary::new(model, metric, values))
    }

    /// The accuracy of `first` less that of `second`, in percentage points.
    pub fn gain(&self, first: &str, second: &str) -> Option<Difference> {
        let points = |model| -> Vec<(u64, f64)> {
            let values = self.by_seed(model, ACCURACY).into_iter();
            values.map(|(seed, value)| (seed, 100.0 * value)).collect()
        };
        verdict::difference(&points(first), &points(second))
    }

    /// [`Runs::gain`] as a row of the table, beside the document's number; none where a model was
    /// not run.
    pub fn gain_row(&self, first: &str, second: &str, paper: Option<f64>) -> Option<Summary> {
        let (ours, theirs) = (self.summary(first, ACCURACY)?, self.summary(second, ACCURACY)?);
        let row = Summary {
            mean: 100.0 * (ours.mean - theirs.mean),
            ci95: self.gain(first, second).map(|difference| difference.ci95),
            n: ours.n.min(theirs.n),
            paper,
            ..Summary::new(format!("{first} − {second}"), GAIN, Vec::new())
        };
        Some(row)
    }
}
