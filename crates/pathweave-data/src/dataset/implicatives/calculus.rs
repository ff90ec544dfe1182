//! The calculus of signatures: what a construction says of its complement, forwards, backwards and
//! composed (Nairn, Condoravdi, Karttunen 2006; T 5.3).

use std::fmt;

use crate::text::Label;

/// What a construction of one polarity says of its complement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// `+`: the complement is true
    Plus,
    /// `-`: the complement is false
    Minus,
    /// `o`: nothing
    Open,
    /// `.1` to `.9`: the complement is true with this probability, in tenths
    Likely(u8),
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plus => f.write_str("+"),
            Self::Minus => f.write_str("-"),
            Self::Open => f.write_str("o"),
            Self::Likely(tenths) => write!(f, ".{tenths}"),
        }
    }
}

/// What a construction says of its complement: `+|-` for "manage to", written with the positive
/// polarity first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signature {
    /// In a positive sentence: "managed to"
    pub positive: Sign,
    /// In a negative one: "did not manage to"
    pub negative: Sign,
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|{}", self.positive, self.negative)
    }
}

impl Signature {
    /// positive|negative
    pub const fn new(positive: Sign, negative: Sign) -> Self {
        Self { positive, negative }
    }

    /// What the construction says where it is negated or not.
    pub fn sign(self, negated: bool) -> Sign {
        if negated { self.negative } else { self.positive }
    }

    /// Whether a polarity has a strength between 0 and 1.
    pub fn is_stochastic(self) -> bool {
        [self.positive, self.negative].iter().any(|sign| matches!(sign, Sign::Likely(_)))
    }

    /// How the construction stands to its complement, each negated or not: "did not manage to go"
    /// (`premise`) contradicts "went".
    pub fn forwards(self, premise: bool, hypothesis: bool) -> Label {
        match (self.sign(premise), hypothesis) {
            (Sign::Plus, false) | (Sign::Minus, true) => Label::Entails,
            (Sign::Plus, true) | (Sign::Minus, false) => Label::Contradicts,
            _ => Label::Permits,
        }
    }

    /// How the complement stands to the construction, each negated or not: "did not go" (`premise`)
    /// contradicts "managed to go", by contraposition.
    ///
    /// # Deviations
    /// - Never "entails": a construction whose presupposition fails is neither true nor false, so
    ///   that "went" permits "managed to go".
    pub fn backwards(self, premise: bool, hypothesis: bool) -> Label {
        match (self.sign(hypothesis), premise) {
            (Sign::Plus, true) | (Sign::Minus, false) => Label::Contradicts,
            _ => Label::Permits,
        }
    }

    /// The signature of `self` with `inner` as its complement: "fail to forget to" is `+|-`.
    ///
    /// A strength passes through a two-way `inner`, as itself or as its complement to 1; any other
    /// `inner` leaves nothing of it.
    pub fn around(self, inner: Self) -> Self {
        let through = |sign| match (sign, inner.positive, inner.negative) {
            (Sign::Plus, positive, _) => positive,
            (Sign::Minus, _, negative) => negative,
            (Sign::Likely(tenths), Sign::Plus, Sign::Minus) => Sign::Likely(tenths),
            (Sign::Likely(tenths), Sign::Minus, Sign::Plus) => Sign::Likely(10 - tenths),
            _ => Sign::Open,
        };
        Self { positive: through(self.positive), negative: through(self.negative) }
    }
}
