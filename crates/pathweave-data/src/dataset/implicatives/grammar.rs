//! From words to sentences: verb forms, complements, tense, negation and agreement. Words are
//! separated as corpora of natural language inference have them ("did n't"), without a full stop.

use super::lexicon::{Construction, Link};
use super::words::Who;

/// When it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tense {
    /// "closed"
    Past,
    /// "has closed"
    Perfect,
    /// "had closed"
    PastPerfect,
}

impl Tense {
    pub(super) const ALL: [Self; 3] = [Self::Past, Self::Perfect, Self::PastPerfect];
}

/// Ways to negate a clause.
pub(super) const NEGATIONS: [&str; 3] = ["not", "n't", "never"];

/// Places of a verb's forms.
const BASE: usize = 0;
const PAST: usize = 1;
const PARTICIPLE: usize = 2;
const GERUND: usize = 3;

/// Base, past, past participle and gerund of an entry: "close", "write wrote written" or, where the
/// gerund is irregular, "win won won winning".
pub(super) fn forms(entry: &str) -> [String; 4] {
    let words: Vec<&str> = entry.split(' ').collect();
    let base = words[0];
    let stem = base.strip_suffix('e');
    let past = match stem {
        Some(stem) => format!("{stem}ed"),
        None => match base.strip_suffix('y') {
            Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ied"),
            _ => format!("{base}ed"),
        },
    };
    let word = |at: usize, regular: String| words.get(at).map_or(regular, |&word| word.to_owned());
    [
        base.to_owned(),
        word(PAST, past.clone()),
        word(PARTICIPLE, past),
        word(GERUND, format!("{}ing", stem.unwrap_or(base))),
    ]
}

/// A verb with all that follows it.
#[derive(Clone, Debug)]
pub(super) struct Phrase {
    verb: [String; 4],
    /// Whether the verb is "be", which has its own negation and agreement
    be: bool,
    tail: String,
}

impl Phrase {
    /// A verb of the word lists and what follows it, for a subject.
    pub(super) fn new(entry: &str, tail: &str, who: Who) -> Self {
        let be = entry == "be";
        let entry = if be { "be was been being" } else { entry };
        Self { verb: forms(entry), be, tail: tail.replace('%', who.words().1) }
    }

    /// A construction, with one of its tails, around this phrase.
    pub(super) fn within(&self, construction: &Construction, tail: &str, who: Who) -> Self {
        let complement = match construction.link {
            Link::To => format!("to {}", self.form(BASE)),
            Link::From => format!("from {}", self.form(GERUND)),
            Link::Bare => self.form(GERUND),
            Link::That => format!("that {} had {}", who.words().0, self.form(PARTICIPLE)),
        };
        let mut phrase = Self::new(construction.verb, tail, who);
        phrase.tail = joined(&[&phrase.tail, &complement]);
        phrase
    }

    fn form(&self, form: usize) -> String {
        joined(&[&self.verb[form], &self.tail])
    }

    /// The sentence: subject, auxiliary, negation (one of [`NEGATIONS`], or empty), this phrase.
    pub(super) fn sentence(&self, subject: (&str, Who), tense: Tense, negation: &str) -> String {
        let (subject, who) = subject;
        let singular = who.words().2;
        let (auxiliary, form) = match tense {
            Tense::Past if self.be => {
                let agrees = if singular || who == Who::I { "was" } else { "were" };
                return joined(&[subject, agrees, negation, &self.tail]);
            }
            Tense::Past if negation.is_empty() || negation == "never" => ("", PAST),
            Tense::Past => ("did", BASE),
            Tense::Perfect if singular => ("has", PARTICIPLE),
            Tense::Perfect => ("have", PARTICIPLE),
            Tense::PastPerfect => ("had", PARTICIPLE),
        };
        joined(&[subject, auxiliary, negation, &self.verb[form], &self.tail])
    }
}

/// The parts that are not empty, with single spaces.
fn joined(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().filter(|part| !part.is_empty()).copied().collect();
    parts.join(" ")
}
