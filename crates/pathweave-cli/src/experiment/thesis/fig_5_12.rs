//! T figure 5.12: overlap of paths between genres.

use pathweave::spec::RunSpec;

use super::language::{self, Corpus, WORDS};
use super::overlap;
use crate::experiment::claim::ClaimDef;
use crate::experiment::scale::Scale;
use crate::experiment::{Experiment, Source};

/// Figure 5.12.
pub static FIG_5_12: Experiment = Experiment {
    id: "thesis/fig-5.12",
    title: "overlap of paths between genres",
    shows: "How many modules the words of two genres of MultiNLI share, where each genre has tables \
            of its own: bags of words with routed words.",
    document: "T 5.3.2.1, figure 5.12",
    notes: &[NOTES, language::MULTI_NLI, language::SETTING],
    exclusive: false,
    source: Source::Runs(sweep),
    rows: overlap::rows,
    report: |results| overlap::report(&FIG_5_12, results),
    claims: &[ClaimDef {
        text: "government (the 9/11 report), Slate (current affairs), and travel cluster together, \
               distinct from the two more isolated genres (Switchboard; spoken language) and fiction",
        source: "T 5.3.2.1",
        paper: "government, Slate and travel share more of their paths",
        test: |results| overlap::more(results, |a, b| written(a) && written(b), mixed),
    }],
};

const NOTES: &str = "\
At smoke scale generated implicatives stand in, which have signatures and no genres. The claim \
compares the mean overlap among government, Slate and travel with that of all other pairs of \
genres, by run.";

fn sweep(scale: Scale) -> Vec<RunSpec> {
    overlap::sweep(&language::base(scale, Corpus::MultiNli), language::size(scale).seeds, WORDS)
}

/// Whether the genre is of those that cluster.
fn written(genre: &str) -> bool {
    matches!(genre, "government" | "slate" | "travel")
}

fn mixed(first: &str, second: &str) -> bool {
    !(written(first) && written(second))
}
