//! Implicatives: labels against truth tables, what each variant shares and does not, sentences.

mod labels;
mod models;
mod sentences;
mod settings;
mod variants;

use std::collections::BTreeSet;

use pathweave_data::dataset::ImplicativesSpec;
use pathweave_data::dataset::implicatives::{Construction, Variant, constructions};
use pathweave_data::text::{Pair, PairSplits};

/// The variant with its default settings.
fn of(variant: Variant) -> ImplicativesSpec {
    ImplicativesSpec { variant, ..ImplicativesSpec::default() }
}

fn pairs(spec: &ImplicativesSpec) -> PairSplits {
    spec.pairs().unwrap_or_else(|errors| panic!("{spec:?}: {errors}"))
}

/// Every pair of every split.
fn all(splits: &PairSplits) -> impl Iterator<Item = &Pair> {
    let PairSplits { before, train, validation, test, .. } = splits;
    before.iter().chain(train).chain(validation).chain(test)
}

/// The constructions of a pair, outermost first.
fn chain(pair: &Pair) -> Vec<&'static Construction> {
    let named = |name: &str| constructions().find(|construction| construction.name == name);
    pair.group.split(" > ").map(|name| named(name).expect(name)).collect()
}

/// What a set of the pairs' values holds.
fn set<'a, T: Ord>(pairs: &'a [Pair], of: impl Fn(&'a Pair) -> T) -> BTreeSet<T> {
    pairs.iter().map(of).collect()
}

/// Lower-cased words of both sentences.
fn words(pair: &Pair) -> impl Iterator<Item = String> {
    let both = pair.premise.split(' ').chain(pair.hypothesis.split(' '));
    both.map(str::to_lowercase).collect::<Vec<_>>().into_iter()
}
