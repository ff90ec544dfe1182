//! Experiments that compute their numbers in this process instead of training runs.

use std::num::NonZeroUsize;

use pathweave_eval::report::Block;
use pathweave_eval::table::Summary;

use super::results::Results;
use super::scale::Scale;
use crate::error::CliError;
use crate::ui::Ui;

/// Seed where `--seed` names none.
pub const SEED: u64 = 1;

/// What a computation is told. Its result depends on `scale` and `seed` alone.
#[derive(Clone, Debug)]
pub struct Setting {
    /// How much to compute
    pub scale: Scale,
    /// Root of all random numbers
    pub seed: u64,
    /// Threads; as many as there are cores where none are named
    pub jobs: Option<NonZeroUsize>,
    /// Where progress goes
    pub ui: Ui,
}

/// What a computation gave.
#[derive(Clone, Debug, Default)]
pub struct Computed {
    /// A value a repetition for every (key, metric): what rows and claims are made of
    pub rows: Vec<Summary>,
    /// Pictures; the first one stands above the table
    pub figures: Vec<Block>,
    /// Names and values of the settings
    pub settings: Vec<(String, String)>,
}

impl Computed {
    /// The values of a metric, one a repetition; none where it was not computed.
    pub fn values(&self, key: &str, metric: &str) -> &[f64] {
        let found = self.rows.iter().find(|row| row.key == key && row.metric == metric);
        found.map_or(&[], |row| &row.values)
    }
}

/// The computed rows as the experiment's table.
///
/// # Errors
/// Never: the signature is that of [`super::Experiment::rows`].
pub fn rows(results: &Results) -> Result<Vec<Summary>, CliError> {
    Ok(results.computed.as_ref().map(|computed| computed.rows.clone()).unwrap_or_default())
}
