//! Implicatives: sentence pairs whose label follows from the signature of a construction such as
//! "manage to" or "waste the chance to" (T 5.3), generated from a lexicon of published signatures
//! and templates of our own. Nothing is read.
//!
//! # Deviations
//! - The thesis uses the Stanford Corpus of Implicatives; the sentences of `implicatives` are
//!   generated, and what is measured on them is not what the thesis measured.
//! - Where linguists and corpora of implicatives give a construction different signatures, the
//!   strengths of the corpora are used: "be forced" is `+|.5` (`+|o` in MacCartney and Manning
//!   2009), "be able" `.9|-` and "have chance" `.4|-` (`o|-` in Karttunen 1971).
//! - A polarity with a strength between 0 and 1, as the negative one of "be forced", is labelled
//!   "permits" whatever the strength: so T table 5.1 labels "had not been forced to change". The
//!   strength names the context alone.
//! - Where the premise of an implicative pair is the complement ("Joan closed the door") and the hypothesis the
//!   construction ("Joan managed to close the door"), the label is "contradicts" or "permits",
//!   never "entails": constructions have presuppositions (Karttunen 1971), so neither the positive
//!   nor the negative sentence need be true.
//! - In `implicatives` no premise is its own hypothesis, and no pair joins sentences about different subjects or
//!   events; corpora hold both kinds, and they teach nothing about signatures.
//! - `disjoint` implicatives draw validation and test from the same constructions, none of which training has,
//!   as T 5.3 says first; its example ("take vow" in training and validation, "make vow" in test)
//!   would have validation share training's.
//! - `mismatch` implicatives test on `o|-`, `-|o`, `-|-`, `+|.5` and `.4|-`, and train and validate on the
//!   other signatures: the thesis does not say which are left out.
//! - `nested` implicatives compose two constructions that have no strengths, for strengths do not compose
//!   without knowing how they depend on each other. Of the compositions of each signature a fifth
//!   is kept for validation and test: the thesis does not say how its parts differ.
//! - The negative of "take no time to" and "waste no time to" is "take some time to" and "waste
//!   some time to", which entails the complement as well; "did not take no time" is no English that
//!   people use.
//! - Generated implicatives are in the past, the present perfect or the past perfect, and the hypothesis is in
//!   the premise's tense; a clause with "that" is in the past perfect.

mod calculus;
mod draw;
mod faults;
mod grammar;
mod lexicon;
mod phrasal;
mod plan;
mod settings;
mod words;

pub use calculus::{Sign, Signature};
pub use lexicon::{Construction, Link, Nesting, Source, constructions};
pub use settings::{ImplicativesSpec, Variant};
