//! Experiments: figures of the documents as code that yields specs, reads what they gave, and
//! judges the documents' claims. One file a figure; adding one is a new file and a row of
//! [`EXPERIMENTS`].

mod ablation;
pub mod claim;
mod compare;
pub mod compose;
pub mod computed;
pub mod estimators;
pub mod figures;
pub mod ledger;
mod mittal;
pub mod results;
pub mod routes;
pub mod rule_figures;
pub mod runs;
pub mod scale;
mod thesis;
mod toys;
pub mod verdict;

use pathweave::spec::RunSpec;
use pathweave_eval::report::Report;
use pathweave_eval::table::Summary;

use claim::ClaimDef;
use computed::{Computed, Setting};
use results::Results;
use scale::Scale;

use crate::error::CliError;

/// A figure of a document.
#[derive(Clone, Copy, Debug)]
pub struct Experiment {
    /// As the command line names it
    pub id: &'static str,
    /// In a line
    pub title: &'static str,
    /// What the figure shows
    pub shows: &'static str,
    /// Document, section and figure
    pub document: &'static str,
    /// What we do otherwise, and what the document leaves open; paragraphs
    pub notes: &'static [&'static str],
    /// Whether runs must not share the cores, since their time is measured
    pub exclusive: bool,
    /// Where its numbers come from
    pub source: Source,
    /// Rows of the table, with the document's number where it has one
    pub rows: fn(&Results) -> Result<Vec<Summary>, CliError>,
    /// Figures, table, claims and settings
    pub report: fn(&Results) -> Result<Report, CliError>,
    /// What the document says about the figure
    pub claims: &'static [ClaimDef],
}

/// Where an experiment's numbers come from.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// Training runs; a spec's name is its model's label
    Runs(fn(Scale) -> Vec<RunSpec>),
    /// A computation of seconds to a few minutes in this process, the same for the same setting
    Computed(fn(&Setting) -> Result<Computed, CliError>),
}

impl Source {
    /// Every run, where there are runs.
    pub fn specs(&self, scale: Scale) -> Vec<RunSpec> {
        match self {
            Self::Runs(sweep) => sweep(scale),
            Self::Computed(_) => Vec::new(),
        }
    }
}

/// Every experiment.
pub static EXPERIMENTS: &[&Experiment] = &[
    &thesis::FIG_3_2,
    &thesis::FIG_4_3,
    &thesis::FIG_4_4,
    &thesis::FIG_5_1,
    &thesis::FIG_5_2,
    &thesis::FIG_5_3,
    &thesis::FIG_5_4,
    &thesis::FIG_5_5,
    &thesis::FIG_5_6,
    &thesis::TABLE_5_2,
    &thesis::TABLE_5_2_FORERUNNER,
    &thesis::TABLE_5_2_MULTI_NLI,
    &thesis::FIG_5_12,
    &thesis::FIG_5_13,
    &thesis::TAKE_VOW,
    &thesis::TABLE_6_1,
    &thesis::TABLE_6_1_FORERUNNER,
    &thesis::FIG_6_4,
    &thesis::FIG_6_5,
    &thesis::FIG_7_1,
    &thesis::FIG_7_1_SCI,
    &thesis::FIG_7_2,
    &thesis::FIG_7_3,
    &thesis::FIG_7_3_SCI,
    &thesis::FIG_7_4,
    &thesis::FIG_7_4_SCI,
    &thesis::FIG_7_5,
    &thesis::FIG_7_6,
    &thesis::FIG_7_6_SCI,
    &thesis::FIG_7_7,
    &thesis::FIG_7_7_SCI,
    &thesis::FIG_7_8,
    &thesis::FIG_7_8_SCI,
    &thesis::FIG_7_9,
    &thesis::FIG_7_9_SCI,
    &thesis::FIG_7_10,
    &thesis::FIG_7_11,
    &thesis::FIG_7_12,
    &thesis::FIG_7_13,
    &thesis::FIG_7_14,
    &thesis::CHANG_CURRICULUM,
    &mittal::FIG_2,
    &mittal::FIG_3,
    &mittal::FIG_4,
    &mittal::FIG_5,
    &mittal::FIG_6,
    &mittal::FIG_7,
    &mittal::SIZES,
];

/// The experiment of that id.
pub fn find(id: &str) -> Option<&'static Experiment> {
    EXPERIMENTS.iter().find(|experiment| experiment.id == id).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_found() {
        let ids: BTreeSet<&str> = EXPERIMENTS.iter().map(|experiment| experiment.id).collect();
        assert_eq!(ids.len(), EXPERIMENTS.len());
        assert!(ids.iter().all(|id| find(id).is_some_and(|found| found.id == *id)));
        assert!(find("thesis/fig-0.0").is_none());
    }

    #[test]
    fn every_spec_of_every_scale_is_sound_and_its_own() {
        for experiment in EXPERIMENTS {
            for scale in [Scale::Smoke, Scale::Small, Scale::Paper] {
                let specs = experiment.source.specs(scale);
                let runs = matches!(experiment.source, Source::Runs(_));
                assert_eq!(runs, !specs.is_empty());
                let mut seen = BTreeSet::new();
                for spec in specs {
                    let label = format!("{} {:?} {}", experiment.id, scale, spec.name);
                    assert!(!spec.name.is_empty(), "{label}");
                    assert!(seen.insert((spec.name.clone(), spec.train.seed)), "{label}");
                    let drawn = spec.data.rules().is_some() || spec.data.name() == "implicatives";
                    let generated = scale == Scale::Smoke || drawn;
                    assert_eq!(spec.data.info().files.is_empty(), generated, "{label}");
                    spec.check().unwrap_or_else(|faults| panic!("{label}: {faults}"));
                }
            }
        }
    }

    #[test]
    fn every_claim_names_its_section() {
        for claim in EXPERIMENTS.iter().flat_map(|experiment| experiment.claims) {
            assert!(["T ", "M "].iter().any(|d| claim.source.starts_with(d)), "{}", claim.text);
            assert!(!claim.text.is_empty() && !claim.paper.is_empty());
        }
    }
}
