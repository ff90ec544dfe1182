//! MultiNLI (T 5.3): sentence pairs of five genres.
//!
//! # Deviations
//! - The labels of MultiNLI's test samples are not public. The matched development samples are the
//!   test here, and `validation` samples are held out of the training samples instead, all pairs of a
//!   premise together. The thesis (table 5.2, "match") does not say which it reports.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::pairs::{self, Fault};
use super::{DatasetInfo, Loader};
use crate::error::{DataErrors, Faults};
use crate::source::Places;
use crate::streams::Streams;
use crate::text::{PairSplits, WordsSpec};

const NAME: &str = "multi-nli";
const PLACES: &[&str] = &["multinli", "multinli/data", "multinli/multinli_1.0", "multinli_1.0"];

/// Settings of `multi-nli`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct MultiNliSpec {
    /// Seed of every random choice among the samples
    pub seed: u64,
    /// Training samples held out for validation
    pub validation: usize,
    /// Cap on the training samples, for reduced scales; none by default
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train: Option<usize>,
    /// Cap on the test samples, for reduced scales; none by default
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<usize>,
    /// Share of a file's rows that may be bad
    pub bad_share: f64,
    /// Words and their vectors
    pub words: WordsSpec,
}

impl Default for MultiNliSpec {
    fn default() -> Self {
        Self {
            seed: 0,
            validation: 2000,
            train: None,
            test: None,
            bad_share: 0.01,
            words: WordsSpec::default(),
        }
    }
}

impl MultiNliSpec {
    /// The row of the data set.
    pub const INFO: DatasetInfo = DatasetInfo {
        name: NAME,
        what: "MultiNLI: sentence pairs, three answers, one task for each genre",
        source: "T 5.3",
        files: &[
            "multinli/multinli_1.0_{train,dev_matched}.jsonl[.gz]",
            "multinli/{train,validation_matched}-*.parquet",
        ],
        licence: "the user's own copy of MultiNLI",
        loader: Loader::Files,
    };

    /// What is wrong with the settings: (key, found, allowed).
    pub fn faults(&self) -> Vec<Fault> {
        let caps = [("train", self.train), ("test", self.test)];
        pairs::common(caps, self.bad_share, &self.words)
    }

    /// Reads the pairs below `folder`; contexts are genres.
    ///
    /// # Errors
    /// Faults of the settings or the files; fewer training samples than `validation`.
    pub fn pairs(&self, folder: &Path) -> Result<PairSplits, DataErrors> {
        pairs::check(NAME, self.faults())?;
        let places = Places { folder, below: PLACES };
        let mut notes = Vec::new();
        let mut read = |what: &str, lines: &str, shards: &str| {
            pairs::split(&places, (what, lines, shards), self.bad_share, &mut notes)
        };
        let mut faults = Faults::default();
        let train =
            faults.take(read("MultiNLI training samples", "multinli_1.0_train.jsonl", "train-"));
        let test = faults.take(read(
            "MultiNLI matched development samples",
            "multinli_1.0_dev_matched.jsonl",
            "validation_matched-",
        ));
        faults.finish()?;
        let (mut train, mut test) = train.zip(test).expect("no fault, so both were read");
        let streams = Streams::new(self.seed);
        let validation =
            pairs::hold_out(NAME, &mut train, self.validation, &streams, "validation")?;
        pairs::cap(&mut train, self.train, &streams, "train-pairs");
        pairs::cap(&mut test, self.test, &streams, "test-pairs");
        let source = "MultiNLI, tested on the matched development samples".to_owned();
        Ok(PairSplits { source, before: Vec::new(), train, validation, test, notes })
    }
}
