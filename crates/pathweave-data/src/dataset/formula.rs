//! Formulas: sums, differences and products of digits modulo 10, the data of Chang et al. 2019
//! ("Automatically composing representation transformations as a means for generalization", T 2.7).
//!
//! # Deviations
//! - Chang et al. write numbers in several languages and have the learner translate between them;
//!   here digits are digits, which leaves the part that the thesis speaks of: formulas that are
//!   longer than those of training.
//! - The length of a formula is the number of its digits: neither document says what it counts.

use serde::{Deserialize, Serialize};

use super::{DatasetInfo, Loader};
use crate::streams::{Stream, Streams};

/// Number of different tokens: ten digits and three operators.
pub const TOKENS: usize = 13;
/// Digits are the tokens 0 to 9.
pub const DIGITS: usize = 10;
/// The token +
pub const PLUS: u8 = 10;
/// The token −
pub const MINUS: u8 = 11;
/// The token ×
pub const TIMES: u8 = 12;

/// A digit, then an operator and a digit again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula {
    /// Tokens; an odd number of them
    pub tokens: Vec<u8>,
    /// Its value modulo 10
    pub value: u8,
}

impl Formula {
    /// The formula of these tokens; none where they are not one.
    pub fn new(tokens: Vec<u8>) -> Option<Self> {
        let value = value(&tokens)?;
        Some(Self { tokens, value })
    }

    /// Number of digits.
    pub fn length(&self) -> usize {
        self.tokens.len().div_ceil(2)
    }
}

/// Value of a formula modulo 10: products first, then sums and differences from the left; none
/// where the tokens are no formula.
///
/// ```
/// use pathweave_data::dataset::formula::{MINUS, PLUS, TIMES, value};
/// assert_eq!(value(&[2, PLUS, 3, TIMES, 4]), Some(4));
/// assert_eq!(value(&[2, MINUS, 3, MINUS, 4]), Some(5));
/// assert_eq!(value(&[2, PLUS]), None);
/// ```
pub fn value(tokens: &[u8]) -> Option<u8> {
    let digit = |token: u8| (usize::from(token) < DIGITS).then_some(i32::from(token));
    let (&first, rest) = tokens.split_first()?;
    // The sum so far and the product that it still waits for.
    let (mut sum, mut product) = (0, digit(first)?);
    for pair in rest.chunks(2) {
        let &[operator, next] = pair else { return None };
        let next = digit(next)?;
        match operator {
            TIMES => product = product * next % 10,
            PLUS | MINUS => {
                sum += product;
                product = if operator == PLUS { next } else { -next };
            }
            _ => return None,
        }
    }
    Some((sum + product).rem_euclid(10) as u8)
}

/// Value of one operation modulo 10; none where the operator is none.
pub fn apply(left: u8, operator: u8, right: u8) -> Option<u8> {
    value(&[left, operator, right])
}

/// Settings of `formula`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FormulaSpec {
    /// Seed of all formulas
    pub seed: u64,
    /// k, digits in the longest training formula; the shortest has two
    pub longest: usize,
    /// Test formulas have up to this many digits more
    pub beyond: usize,
    /// Test formulas of each length
    pub test_each: usize,
}

impl Default for FormulaSpec {
    /// Trained to length 5, tested to length 7.
    fn default() -> Self {
        Self { seed: 0, longest: 5, beyond: 2, test_each: 1000 }
    }
}

impl FormulaSpec {
    /// What there is to know about the data set.
    pub const INFO: DatasetInfo = DatasetInfo {
        name: "formula",
        what: "sums, differences and products of digits modulo 10; for chang-curriculum alone",
        source: "T 2.7 (Chang et al. 2019)",
        files: &[],
        licence: "none: random numbers",
        loader: Loader::Drawn,
    };

    /// What is wrong with the settings: (key, found, allowed).
    pub fn faults(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut faults = Vec::new();
        if !(2..=64).contains(&self.longest) {
            faults.push(("longest", self.longest.to_string(), "a whole number from 2 to 64"));
        }
        if self.beyond > 64 {
            faults.push(("beyond", self.beyond.to_string(), "a whole number of at most 64"));
        }
        faults
    }

    /// `count` fresh training formulas for a step, their lengths drawn evenly from `lengths`, which
    /// are at least 1 each.
    ///
    /// # Panics
    /// Where there is no length to draw from.
    pub fn training(&self, step: u64, lengths: &[usize], count: usize) -> Vec<Formula> {
        let mut stream = Streams::new(self.seed).stream("formula/train", step);
        (0..count)
            .map(|_| {
                let length = lengths[stream.below(lengths.len())];
                draw(&mut stream, length)
            })
            .collect()
    }

    /// The test formulas of a length, always the same. Short ones also occur in training, of which
    /// there are few; those beyond the longest trained length never do.
    pub fn test(&self, length: usize) -> Vec<Formula> {
        let mut stream = Streams::new(self.seed).stream("formula/test", length as u64);
        (0..self.test_each).map(|_| draw(&mut stream, length)).collect()
    }
}

/// Digits and operators, each evenly.
fn draw(stream: &mut Stream, length: usize) -> Formula {
    let token = |place: usize, stream: &mut Stream| match place % 2 {
        0 => stream.below(DIGITS) as u8,
        _ => PLUS + stream.below(TOKENS - DIGITS) as u8,
    };
    let tokens = (0..2 * length - 1).map(|place| token(place, stream)).collect();
    Formula::new(tokens).expect("digits and operators in turn are a formula")
}
