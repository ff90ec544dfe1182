//! Any sentence pairs in columns, split into training, validation and test samples here.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::pairs::{self, Fault, Tokens};
use super::{DatasetInfo, Loader};
use crate::error::{DataError, DataErrors};
use crate::format::nli_tsv::{self, Columns};
use crate::streams::Streams;
use crate::text::{PairSplits, WordsSpec};

const NAME: &str = "nli-tsv";

/// Settings of `nli-tsv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct NliTsvSpec {
    /// Seed of every random choice among the samples
    pub seed: u64,
    /// The file below the data folder, plain or gzip
    pub file: String,
    /// Column of the premise
    pub premise: String,
    /// Column of the hypothesis
    pub hypothesis: String,
    /// Column of the label: entailment, contradiction, neutral, or entails, contradicts, permits
    pub label: String,
    /// Column of what becomes the task; empty for one task
    pub context: String,
    /// Column of a finer group; empty for none
    pub group: String,
    /// Takes the label "non-entailment" as permits
    pub two_way: bool,
    /// How sentences become words
    pub tokens: Tokens,
    /// Samples for validation, all pairs of a premise together
    pub validation: usize,
    /// Samples for testing, all pairs of a premise together
    pub test: usize,
    /// Cap on the training samples, for reduced scales; none by default
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train: Option<usize>,
    /// Share of the rows that may be bad
    pub bad_share: f64,
    /// Words and their vectors
    pub words: WordsSpec,
}

impl Default for NliTsvSpec {
    fn default() -> Self {
        Self {
            seed: 0,
            file: String::new(),
            premise: "premise".to_owned(),
            hypothesis: "hypothesis".to_owned(),
            label: "label".to_owned(),
            context: String::new(),
            group: String::new(),
            two_way: false,
            tokens: Tokens::default(),
            validation: 500,
            test: 500,
            train: None,
            bad_share: 0.01,
            words: WordsSpec::default(),
        }
    }
}

impl NliTsvSpec {
    /// The row of the data set.
    pub const INFO: DatasetInfo = DatasetInfo {
        name: NAME,
        what: "sentence pairs in columns, three answers, one task for each value of a column",
        source: "after T 5.3",
        files: &["the one that `file` names: TSV with a header, plain or gzip"],
        licence: "the user's own file",
        loader: Loader::Files,
    };

    /// What is wrong with the settings: (key, found, allowed).
    pub fn faults(&self) -> Vec<Fault> {
        let caps = [("train", self.train), ("test", Some(self.test))];
        let mut faults = pairs::common(caps, self.bad_share, &self.words);
        for (key, value, allowed) in [
            ("file", &self.file, "a file below the data folder"),
            ("premise", &self.premise, "the name of a column"),
            ("hypothesis", &self.hypothesis, "the name of a column"),
            ("label", &self.label, "the name of a column"),
        ] {
            if value.is_empty() {
                faults.push((key, "nothing".to_owned(), allowed));
            }
        }
        faults
    }

    /// Reads the file below `folder` and splits it.
    ///
    /// # Errors
    /// Faults of the settings or the file; fewer samples than `validation` and `test` ask for.
    pub fn pairs(&self, folder: &Path) -> Result<PairSplits, DataErrors> {
        pairs::check(NAME, self.faults())?;
        let file = folder.join(&self.file);
        if !file.is_file() {
            return Err(DataErrors::from(DataError::Missing {
                folder: folder.to_path_buf(),
                what: "file of sentence pairs".to_owned(),
                looked_for: vec![self.file.clone()],
            }));
        }
        let columns = Columns {
            premise: &self.premise,
            hypothesis: &self.hypothesis,
            label: &self.label,
            context: &self.context,
            group: &self.group,
        };
        let mut notes = Vec::new();
        let mut train = pairs::read(&[file], &mut notes, |file| {
            nli_tsv::read(file, &columns, self.two_way, self.bad_share)
        })?;
        self.tokens.apply(&mut train);
        let streams = Streams::new(self.seed);
        let test = pairs::hold_out(NAME, &mut train, self.test, &streams, "test")?;
        let validation =
            pairs::hold_out(NAME, &mut train, self.validation, &streams, "validation")?;
        pairs::cap(&mut train, self.train, &streams, "train-pairs");
        let source = format!("{}, column {:?} as context", self.file, self.context);
        Ok(PairSplits { source, before: Vec::new(), train, validation, test, notes })
    }
}
