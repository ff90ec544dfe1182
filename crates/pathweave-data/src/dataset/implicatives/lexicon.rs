//! Implicative constructions with their signatures, as published.

use super::calculus::{Sign, Signature};
use super::phrasal::PHRASAL;

/// Where a signature is published: of the construction itself or, for a verb with a noun, of the
/// verb's family with the noun's family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// L. Karttunen, "Implicative verbs", Language 47(2), 1971
    Karttunen1971,
    /// R. Nairn, C. Condoravdi, L. Karttunen, "Computing relative polarity for textual inference",
    /// ICoS-5, 2006
    NairnEtAl2006,
    /// B. MacCartney, C. Manning, "An extended model of natural logic", IWCS-8, 2009
    MacCartney2009,
    /// L. Karttunen, "Simple and phrasal implicatives", *SEM 2012
    Karttunen2012,
    /// I. Cases and others, "Recursive routing networks", NAACL 2019, and the corpora of
    /// implicatives made for it, which give strengths; T 5.3
    CasesEtAl2019,
}

/// How a construction takes its complement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// "manage to close the door"
    To,
    /// "refrain from closing the door"
    From,
    /// "avoid closing the door"
    Bare,
    /// "pretend that she had closed the door"
    That,
}

/// The places that a construction may have in a nested one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// None
    None,
    /// The first: "manage to …"
    Outer,
    /// The second: "… to take the chance to"
    Inner,
    /// Both
    Both,
}

/// An implicative construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Construction {
    /// Verb and noun without articles: "take vow"
    pub name: &'static str,
    /// The verb's forms, see `grammar::forms`; "be" is the auxiliary
    pub verb: &'static str,
    /// What may stand behind the verb; % is the subject's possessive
    pub tails: &'static [&'static str],
    /// Where the negative sentence has no negation: what stands behind the verb there
    pub negative_tails: &'static [&'static str],
    /// How the complement follows
    pub link: Link,
    /// What it says of the complement
    pub signature: Signature,
    /// Where that is published
    pub source: Source,
    /// Places in nested constructions
    pub nesting: Nesting,
    /// Whether the variant `disjoint` keeps it for validation and test
    pub held_out: bool,
}

/// Every construction.
pub fn constructions() -> impl Iterator<Item = &'static Construction> {
    SIMPLE.iter().chain(PHRASAL)
}

pub(super) const UP: Signature = Signature::new(Sign::Plus, Sign::Minus);
pub(super) const DOWN: Signature = Signature::new(Sign::Minus, Sign::Plus);
pub(super) const ALWAYS: Signature = Signature::new(Sign::Plus, Sign::Plus);
const NEVER: Signature = Signature::new(Sign::Minus, Sign::Minus);
const IF: Signature = Signature::new(Sign::Plus, Sign::Open);
const IF_NOT: Signature = Signature::new(Sign::Minus, Sign::Open);
pub(super) const ONLY_IF: Signature = Signature::new(Sign::Open, Sign::Minus);
const UNLESS: Signature = Signature::new(Sign::Open, Sign::Plus);
pub(super) const NEUTRAL: Signature = Signature::new(Sign::Open, Sign::Open);

impl Construction {
    /// A construction with "to".
    pub(super) const fn new(
        name: &'static str,
        verb: &'static str,
        tails: &'static [&'static str],
        signature: Signature,
        source: Source,
    ) -> Self {
        let (nesting, link) = (Nesting::None, Link::To);
        let negative_tails = &[];
        let held_out = false;
        Self { name, verb, tails, negative_tails, link, signature, source, nesting, held_out }
    }

    const fn link(self, link: Link) -> Self {
        Self { link, ..self }
    }

    pub(super) const fn nests(self, nesting: Nesting) -> Self {
        Self { nesting, ..self }
    }

    pub(super) const fn held_out(self) -> Self {
        Self { held_out: true, ..self }
    }

    pub(super) const fn negative(self, negative_tails: &'static [&'static str]) -> Self {
        Self { negative_tails, ..self }
    }
}

/// A verb alone.
const fn one(
    name: &'static str,
    verb: &'static str,
    signature: Signature,
    source: Source,
) -> Construction {
    Construction::new(name, verb, &[""], signature, source)
}

/// A form of "be" with a word.
const fn be(
    name: &'static str,
    tails: &'static [&'static str],
    signature: Signature,
    source: Source,
) -> Construction {
    Construction::new(name, "be", tails, signature, source)
}

const FORGET: &str = "forget forgot forgotten forgetting";
const FORCED: Signature = Signature::new(Sign::Plus, Sign::Likely(5));
const PREVENTED: Signature = Signature::new(Sign::Minus, Sign::Likely(7));
pub(super) const MOSTLY: Signature = Signature::new(Sign::Likely(9), Sign::Minus);
pub(super) const SOMETIMES: Signature = Signature::new(Sign::Likely(4), Sign::Minus);

use Nesting::{Both, Inner, Outer};
use Source::{CasesEtAl2019, Karttunen1971, Karttunen2012, MacCartney2009, NairnEtAl2006};

const SIMPLE: &[Construction] = &[
    one("manage", "manage", UP, Karttunen1971).nests(Both),
    one("remember", "remember", UP, Karttunen1971).nests(Both),
    one("bother", "bother", UP, Karttunen1971).nests(Both),
    one("dare", "dare", UP, Karttunen1971).nests(Outer),
    one("happen", "happen", UP, Karttunen1971).nests(Outer),
    one("venture", "venture", UP, Karttunen1971),
    one("deign", "deign", UP, Karttunen2012),
    Construction::new("see fit", "see saw seen seeing", &["fit"], UP, Karttunen1971),
    one("fail", "fail", DOWN, Karttunen1971).nests(Both).held_out(),
    one("forget", FORGET, DOWN, Karttunen1971).nests(Both),
    one("neglect", "neglect", DOWN, Karttunen1971).nests(Outer).held_out(),
    one("decline", "decline", DOWN, Karttunen1971).nests(Outer),
    one("avoid", "avoid", DOWN, Karttunen1971).link(Link::Bare),
    one("refrain", "refrain", DOWN, Karttunen1971).link(Link::From),
    be("be compelled", &["compelled"], IF, CasesEtAl2019).nests(Outer),
    be("be caused", &["caused"], IF, Karttunen1971),
    be("be made", &["made"], IF, Karttunen1971).held_out(),
    one("refuse", "refuse", IF_NOT, NairnEtAl2006).nests(Outer),
    be("be dissuaded", &["dissuaded"], IF_NOT, Karttunen1971).link(Link::From),
    be("be kept", &["kept"], IF_NOT, Karttunen2012).link(Link::From).held_out(),
    one("attempt", "attempt", ONLY_IF, NairnEtAl2006).nests(Outer),
    be("be permitted", &["permitted"], ONLY_IF, MacCartney2009).nests(Outer),
    one("hesitate", "hesitate", UNLESS, NairnEtAl2006).nests(Both),
    one("want", "want", NEUTRAL, MacCartney2009),
    one("hope", "hope", NEUTRAL, Karttunen1971),
    one("intend", "intend", NEUTRAL, Karttunen1971),
    one("promise", "promise", NEUTRAL, Karttunen1971),
    one("forget that", FORGET, ALWAYS, NairnEtAl2006).link(Link::That),
    one("realize that", "realize", ALWAYS, NairnEtAl2006).link(Link::That),
    one("pretend", "pretend", NEVER, Karttunen2012).nests(Inner),
    one("pretend that", "pretend", NEVER, NairnEtAl2006).link(Link::That).held_out(),
    be("be forced", &["forced"], FORCED, CasesEtAl2019),
    be("be prevented", &["prevented"], PREVENTED, CasesEtAl2019).link(Link::From),
    be("be able", &["able"], MOSTLY, CasesEtAl2019),
];
