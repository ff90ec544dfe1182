//! What an experiment's runs gave.

use std::path::PathBuf;

use pathweave_data::{Split, TaskSet};

use super::computed::Computed;
use super::runs::Runs;
use super::scale::Scale;
use crate::error::CliError;

/// All that an experiment measured.
#[derive(Clone, Debug)]
pub struct Results {
    /// At this scale
    pub scale: Scale,
    /// Where data files are
    pub data: Option<PathBuf>,
    /// What the user changed
    pub overrides: Vec<String>,
    /// The runs, in the order of the sweep
    pub runs: Runs,
    /// What was computed in the place of runs
    pub computed: Option<Computed>,
}

impl Results {
    /// Heading of a figure of accuracies: names the data that were in fact used.
    pub fn accuracy_title(&self) -> String {
        let data = self.runs.all().first().map_or("no data", |run| run.spec.data.name());
        format!("Test accuracy on {data}")
    }

    /// Whether the runs are of the rule benchmark.
    pub fn on_rules(&self) -> bool {
        self.runs.all().first().is_some_and(|run| run.spec.data.rules().is_some())
    }

    /// Whether the runs are of sentence pairs.
    pub fn on_pairs(&self) -> bool {
        self.runs.all().first().is_some_and(|run| run.spec.data.is_text())
    }

    /// Accuracy on the test split of always giving each task's most frequent answer.
    ///
    /// # Errors
    /// The data cannot be read.
    pub fn majority(&self) -> Result<Option<f64>, CliError> {
        let Some(run) = self.runs.all().first() else {
            return Ok(None);
        };
        let data = run.spec.data.load(self.data.as_deref());
        let data = data.map_err(|errors| CliError::Data(errors.to_string()))?;
        Ok(Some(majority(&data)))
    }
}

fn majority(data: &TaskSet) -> f64 {
    let examples = data.examples(Split::Test);
    let mut counts = vec![vec![0_u64; data.classes]; data.tasks];
    for example in examples {
        counts[usize::from(example.task)][usize::from(example.label)] += 1;
    }
    let right: u64 = counts.iter().filter_map(|of_task| of_task.iter().max()).sum();
    right as f64 / examples.len().max(1) as f64
}
