//! The data sets whose samples are sentence pairs (T 5.3).

use std::path::Path;

use super::DatasetSpec;
use crate::error::{DataError, DataErrors};
use crate::text::{PairSplits, WordsSpec};

impl DatasetSpec {
    /// How words become vectors, where samples are sentence pairs.
    pub fn words(&self) -> Option<&WordsSpec> {
        Some(match self {
            Self::Implicatives(spec) => &spec.words,
            Self::Sci(spec) => &spec.words,
            Self::MultiNli(spec) => &spec.words,
            Self::Snli(spec) => &spec.words,
            Self::NliTsv(spec) => &spec.words,
            _ => return None,
        })
    }

    /// Whether samples are sentence pairs.
    pub fn is_text(&self) -> bool {
        self.words().is_some()
    }

    /// Whether there are samples for a phase before the training proper.
    pub fn has_before(&self) -> bool {
        match self {
            Self::Implicatives(spec) => spec.before.is_some(),
            Self::Sci(spec) => spec.before.is_some(),
            _ => false,
        }
    }

    /// What is wrong with the settings of a set of sentence pairs: (key, found, allowed).
    pub fn text_faults(&self) -> Vec<(&'static str, String, &'static str)> {
        match self {
            Self::Implicatives(spec) => {
                spec.faults().into_iter().chain(spec.words.faults()).collect()
            }
            Self::Sci(spec) => spec.faults(),
            Self::MultiNli(spec) => spec.faults(),
            Self::Snli(spec) => spec.faults(),
            Self::NliTsv(spec) => spec.faults(),
            _ => Vec::new(),
        }
    }

    /// The sentence pairs before words become numbers; `None` where samples are none.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn pairs(&self, folder: Option<&Path>) -> Option<Result<PairSplits, DataErrors>> {
        let need = || folder.ok_or_else(|| DataErrors::from(self.no_folder()));
        Some(match self {
            Self::Implicatives(spec) => spec.pairs(),
            Self::Sci(spec) => need().and_then(|folder| spec.pairs(folder)),
            Self::MultiNli(spec) => need().and_then(|folder| spec.pairs(folder)),
            Self::Snli(spec) => need().and_then(|folder| spec.pairs(folder)),
            Self::NliTsv(spec) => need().and_then(|folder| spec.pairs(folder)),
            _ => return None,
        })
    }

    /// The complaint that a set of files has no folder.
    pub(super) fn no_folder(&self) -> DataError {
        let dataset = self.name().to_owned();
        DataError::NoFolder { dataset, files: self.info().files.join("; or ") }
    }
}
