//! T figure 5.13: overlap of paths between signatures.

use pathweave::spec::RunSpec;
use pathweave_data::DatasetSpec;
use pathweave_data::dataset::implicatives::Variant;

use super::language::{self, Corpus};
use super::overlap;
use crate::experiment::ablation::Overrides;
use crate::experiment::claim::ClaimDef;
use crate::experiment::scale::Scale;
use crate::experiment::{Experiment, Source};

/// b = 4, d = 3.
const SET: Overrides =
    &["model.kind=routed", "model.text.routed=words", "model.modules=4", "router.max_depth=3"];

/// Figure 5.13.
pub static FIG_5_13: Experiment = Experiment {
    id: "thesis/fig-5.13",
    title: "overlap of paths between signatures",
    shows: "How many modules the words of two signatures share, nested ones among them, where each \
            signature has tables of its own: bags of words with routed words, four modules, three \
            decisions.",
    document: "T 5.3.2.2, figure 5.13",
    notes: &[NOTES, language::GENERATED, language::SETTING],
    exclusive: false,
    source: Source::Runs(sweep),
    rows: overlap::rows,
    report: |results| overlap::report(&FIG_5_13, results),
    claims: &[
        ClaimDef {
            text: "+|.4 and +|.5 are highly similar, as are -|.7 and -|.9",
            source: "T 5.3.2.2",
            paper: "more overlap than other pairs",
            test: |results| overlap::more(results, neighbours, |a, b| !neighbours(a, b)),
        },
        ClaimDef {
            text: "the isolation of the unusual signature +|+ (limited to just two constructions) \
                   seems expected",
            source: "T 5.3.2.2",
            paper: "less overlap than other pairs",
            test: |results| overlap::more(results, |a, b| !factive(a, b), factive),
        },
        ClaimDef {
            text: "the affinity of the nested signatures N+|- and N-|+ to their unnested \
                   counterparts",
            source: "T 5.3.2.2",
            paper: "more overlap than with other signatures",
            test: |results| overlap::more(results, counterparts, strangers),
        },
    ],
};

const NOTES: &str = "\
Half of the generated pairs are joint, half nested. The lexicon has few stochastic signatures; \
\"+|.4 and +|.5\" is judged by pairs of signatures of one sign whose other polarities are both \
strengths, where there are any. The claims compare the mean overlap of the named pairs with that of \
the others, by run. At paper scale the corpus is read from the data folder: its joint variant, \
learned after nothing.";

fn sweep(scale: Scale) -> Vec<RunSpec> {
    let mut base = language::base(scale, Corpus::Implicatives);
    if let DatasetSpec::Implicatives(data) = &mut base.data {
        data.also = Some(Variant::Nested);
    }
    overlap::sweep(&base, language::size(scale).seeds, SET)
}

/// Of one sign with strengths beside it: `+|.4` and `+|.5`.
fn neighbours(first: &str, second: &str) -> bool {
    let halves = |context: &str| {
        let (sign, strength) = context.split_once('|')?;
        strength.starts_with('.').then(|| sign.to_owned())
    };
    halves(first).is_some() && halves(first) == halves(second)
}

/// With the signature `+|+`.
fn factive(first: &str, second: &str) -> bool {
    [first, second].contains(&"+|+")
}

/// The context without its mark of nesting, where it is `N+|-` or `N-|+`.
fn unnested(context: &str) -> Option<&str> {
    context.strip_prefix('N').filter(|rest| matches!(*rest, "+|-" | "-|+"))
}

/// `N+|-` and `+|-`.
fn counterparts(first: &str, second: &str) -> bool {
    unnested(first) == Some(second) || unnested(second) == Some(first)
}

/// `N+|-` and an unnested signature other than `+|-`.
fn strangers(first: &str, second: &str) -> bool {
    let apart = |nested, other: &str| {
        unnested(nested).is_some_and(|rest| rest != other && !other.starts_with('N'))
    };
    apart(first, second) || apart(second, first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_of_signatures_are_told_apart() {
        assert!(neighbours("+|.4", "+|.5") && !neighbours("+|.4", "-|.5"));
        assert!(!neighbours("+|o", "+|o") && factive("-|o", "+|+"));
        assert!(counterparts("N+|-", "+|-") && counterparts("-|+", "N-|+"));
        assert!(!counterparts("N+|-", "-|+") && strangers("N+|-", "-|+"));
        assert!(!strangers("N+|-", "N-|+") && !strangers("N+|-", "+|-"));
    }
}
