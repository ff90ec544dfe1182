//! SNLI (Bowman and others 2015): sentence pairs about pictures, one task.
//!
//! # Deviations
//! - The thesis has no results on SNLI; it is here for the layout that it shares with MultiNLI.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::pairs::{self, Fault};
use super::{DatasetInfo, Loader};
use crate::error::{DataErrors, Faults};
use crate::source::Places;
use crate::streams::Streams;
use crate::text::{PairSplits, WordsSpec};

const NAME: &str = "snli";
const PLACES: &[&str] = &["snli", "snli/plain_text", "snli/snli_1.0", "snli_1.0"];

/// Settings of `snli`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SnliSpec {
    /// Seed of every random choice among the samples
    pub seed: u64,
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

impl Default for SnliSpec {
    fn default() -> Self {
        Self { seed: 0, train: None, test: None, bad_share: 0.01, words: WordsSpec::default() }
    }
}

impl SnliSpec {
    /// The row of the data set.
    pub const INFO: DatasetInfo = DatasetInfo {
        name: NAME,
        what: "SNLI: sentence pairs, three answers, one task",
        source: "after T 5.3",
        files: &[
            "snli/snli_1.0_{train,dev,test}.jsonl[.gz]",
            "snli/{train,validation,test}-*.parquet",
        ],
        licence: "the user's own copy of SNLI",
        loader: Loader::Files,
    };

    /// What is wrong with the settings: (key, found, allowed).
    pub fn faults(&self) -> Vec<Fault> {
        let caps = [("train", self.train), ("test", self.test)];
        pairs::common(caps, self.bad_share, &self.words)
    }

    /// Reads the pairs below `folder`; they have no context.
    ///
    /// # Errors
    /// Faults of the settings or the files.
    pub fn pairs(&self, folder: &Path) -> Result<PairSplits, DataErrors> {
        pairs::check(NAME, self.faults())?;
        let places = Places { folder, below: PLACES };
        let mut notes = Vec::new();
        let mut read = |what: &str, lines: &str, shards: &str| {
            pairs::split(&places, (what, lines, shards), self.bad_share, &mut notes)
        };
        let mut faults = Faults::default();
        let train = faults.take(read("SNLI training samples", "snli_1.0_train.jsonl", "train-"));
        let validation =
            faults.take(read("SNLI development samples", "snli_1.0_dev.jsonl", "validation-"));
        let test = faults.take(read("SNLI test samples", "snli_1.0_test.jsonl", "test-"));
        faults.finish()?;
        let all = train.zip(validation).zip(test);
        let ((mut train, validation), mut test) = all.expect("no fault, so all were read");
        let streams = Streams::new(self.seed);
        pairs::cap(&mut train, self.train, &streams, "train-pairs");
        pairs::cap(&mut test, self.test, &streams, "test-pairs");
        let source = "SNLI".to_owned();
        Ok(PairSplits { source, before: Vec::new(), train, validation, test, notes })
    }
}
