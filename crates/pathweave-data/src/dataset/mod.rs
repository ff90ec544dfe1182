//! The data sets by name: how tasks are made of labelled images (T 5.2.1) and of sentence pairs (T 5.3). Adding one is a new file
//! here, a variant of [`DatasetSpec`] and a row of [`DATASETS`].

mod cifar_mtl;
mod construct;
mod digits_mtl;
pub mod formula;
pub mod implicatives;
pub mod lines;
mod min_mtl;
mod mnist_mtl;
mod multi_nli;
mod nli_tsv;
mod pairs;
pub mod rules;
mod sci;
mod snli;
mod texts;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use cifar_mtl::CifarMtlSpec;
pub use digits_mtl::DigitsMtlSpec;
pub use formula::FormulaSpec;
pub use implicatives::ImplicativesSpec;
pub use lines::LinesSpec;
pub use min_mtl::{MinMtlSpec, Source};
pub use mnist_mtl::MnistMtlSpec;
pub use multi_nli::MultiNliSpec;
pub use nli_tsv::NliTsvSpec;
pub use pairs::Tokens;
pub use rules::RulesSpec;
pub use sci::{SciCorpus, SciSpec};
pub use snli::SnliSpec;

use crate::batch::TaskSet;
use crate::error::{DataError, DataErrors};
use crate::source::{cifar100, folder, mnist};

/// Where a data set's images come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loader {
    /// They are part of the program.
    Embedded,
    /// They are read from files in a folder that the user names.
    Files,
    /// They are drawn for every step.
    Drawn,
}

/// What there is to know about a data set before it is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DatasetInfo {
    /// The name in specs.
    pub name: &'static str,
    /// One line.
    pub what: &'static str,
    /// Document and section that describe it.
    pub source: &'static str,
    /// Files needed below the data folder; empty if none.
    pub files: &'static [&'static str],
    /// Terms of the images.
    pub licence: &'static str,
    /// Where the images come from.
    pub loader: Loader,
}

/// Every data set.
pub const DATASETS: &[DatasetInfo] = &[
    DatasetInfo {
        name: "digits-mtl",
        what: "ten one-vs-rest tasks on the UCI handwritten digits, 8×8, embedded",
        source: "after T 5.2.1",
        files: &[],
        licence: "digits as scikit-learn ships them (BSD-3-Clause)",
        loader: Loader::Embedded,
    },
    DatasetInfo {
        name: "mnist-mtl",
        what: "ten one-vs-rest tasks on MNIST",
        source: "T 5.2.1",
        files: &[mnist::FILES],
        licence: "the user's own copy of MNIST",
        loader: Loader::Files,
    },
    DatasetInfo {
        name: "cifar-mtl",
        what: "CIFAR-100, one task of five classes for each of the 20 coarse labels",
        source: "T 5.2.1",
        files: &[cifar100::FILES],
        licence: "the user's own copy of CIFAR-100",
        loader: Loader::Files,
    },
    DatasetInfo {
        name: "min-mtl",
        what: "ten disjoint tasks of five random classes of any labelled image set",
        source: "T 5.2.1",
        files: &[cifar100::FILES, mnist::FILES, folder::FILES],
        licence: "the user's own copy of the image set",
        loader: Loader::Files,
    },
    DatasetInfo {
        name: "rules",
        what: "numbers labelled by one of R rules that the context names (mlp, mha, rnn)",
        source: "M 3",
        files: &[],
        licence: "drawn, none",
        loader: Loader::Drawn,
    },
    ImplicativesSpec::INFO,
    SciSpec::INFO,
    MultiNliSpec::INFO,
    SnliSpec::INFO,
    NliTsvSpec::INFO,
];

/// Data sets that are drawn for toys and are no images; no run's spec can name them.
pub const DRAWN: &[DatasetInfo] = &[LinesSpec::INFO, FormulaSpec::INFO];

/// A data set with its settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum DatasetSpec {
    /// `digits-mtl`.
    DigitsMtl(DigitsMtlSpec),
    /// `mnist-mtl`.
    MnistMtl(MnistMtlSpec),
    /// `cifar-mtl`.
    CifarMtl(CifarMtlSpec),
    /// `min-mtl`.
    MinMtl(MinMtlSpec),
    /// `rules`: no images, see [`rules`].
    Rules(RulesSpec),
    /// `implicatives`: generated sentence pairs.
    Implicatives(ImplicativesSpec),
    /// `sci`: implicatives as corpora have them.
    Sci(SciSpec),
    /// `multi-nli`.
    MultiNli(MultiNliSpec),
    /// `snli`.
    Snli(SnliSpec),
    /// `nli-tsv`: sentence pairs of any table.
    NliTsv(NliTsvSpec),
}

impl DatasetSpec {
    /// The data set `name` of [`DATASETS`] with its default settings.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "digits-mtl" => Self::DigitsMtl(DigitsMtlSpec::default()),
            "mnist-mtl" => Self::MnistMtl(MnistMtlSpec::default()),
            "cifar-mtl" => Self::CifarMtl(CifarMtlSpec::default()),
            "min-mtl" => Self::MinMtl(MinMtlSpec::default()),
            "rules" => Self::Rules(RulesSpec::default()),
            "implicatives" => Self::Implicatives(ImplicativesSpec::default()),
            "sci" => Self::Sci(SciSpec::default()),
            "multi-nli" => Self::MultiNli(MultiNliSpec::default()),
            "snli" => Self::Snli(SnliSpec::default()),
            "nli-tsv" => Self::NliTsv(NliTsvSpec::default()),
            _ => return None,
        })
    }

    /// The name in specs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::DigitsMtl(_) => "digits-mtl",
            Self::MnistMtl(_) => "mnist-mtl",
            Self::CifarMtl(_) => "cifar-mtl",
            Self::MinMtl(_) => "min-mtl",
            Self::Rules(_) => "rules",
            Self::Implicatives(_) => "implicatives",
            Self::Sci(_) => "sci",
            Self::MultiNli(_) => "multi-nli",
            Self::Snli(_) => "snli",
            Self::NliTsv(_) => "nli-tsv",
        }
    }

    /// The data set's row of [`DATASETS`].
    pub fn info(&self) -> &'static DatasetInfo {
        let row = DATASETS.iter().find(|row| row.name == self.name());
        row.expect("every data set has a row, as a test shows")
    }

    /// The settings of rule data; `None` for a set of images.
    pub fn rules(&self) -> Option<&RulesSpec> {
        match self {
            Self::Rules(spec) => Some(spec),
            _ => None,
        }
    }

    /// Loads a set of images or of sentence pairs; `folder` is where the user's files are.
    ///
    /// # Errors
    /// All faults of the files and settings that one pass finds; no folder where one is needed;
    /// rule data, which are drawn.
    pub fn load(&self, folder: Option<&Path>) -> Result<TaskSet, DataErrors> {
        let need = || folder.ok_or_else(|| DataErrors::from(self.no_folder()));
        if let (Some(pairs), Some(words)) = (self.pairs(folder), self.words()) {
            return TaskSet::of_pairs(self.name(), pairs?, words, folder);
        }
        match self {
            Self::DigitsMtl(spec) => spec.load(),
            Self::MnistMtl(spec) => spec.load(need()?),
            Self::CifarMtl(spec) => spec.load(need()?),
            Self::MinMtl(spec) => spec.load(need()?),
            _ => Err(DataError::Drawn { dataset: self.name().to_owned() }.into()),
        }
    }
}
