//! The grammar of filters.
//!
//! ```text
//! filter    = word { space word }                  every word must hold
//! word      = key op value { "|" value }           with "=": any of the values; with "!=": none
//! op        = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~"
//! ```
//!
//! `~` asks whether a text contains the value, in upper or lower case. An empty value stands for none:
//! `key=` keeps the runs that have no such thing. Quotes, double or single, keep spaces, bars and
//! operators in a value.

use std::fmt;

use super::words::{Letter, plain, words};
use super::{Field, QueryError};
use crate::State;

/// No filter has more values.
const MOST: usize = 200;

/// Which runs to keep: those for which every condition holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The conditions
    pub conditions: Vec<Condition>,
}

/// One word of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// A field, a setting or a metric
    pub key: String,
    /// How it is compared
    pub op: Op,
    /// With what: one value, or several for [`Op::Is`], [`Op::IsNot`] and [`Op::Contains`]
    pub values: Vec<String>,
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Is one of the values: numbers as numbers, texts letter by letter
    Is,
    /// Not [`Op::Is`]: also where the run has no such value
    IsNot,
    /// Is a number below it
    Below,
    /// Is a number at most as large
    AtMost,
    /// Is a number above it
    Above,
    /// Is a number at least as large
    AtLeast,
    /// Contains one of the values, in upper or lower case
    Contains,
}

impl Op {
    /// All of them, the longer signs first.
    pub const ALL: [Self; 7] = [
        Self::IsNot,
        Self::AtMost,
        Self::AtLeast,
        Self::Is,
        Self::Below,
        Self::Above,
        Self::Contains,
    ];

    /// Its sign.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Is => "=",
            Self::IsNot => "!=",
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Contains => "~",
        }
    }

    /// Whether it asks which of two numbers is larger.
    pub fn is_order(self) -> bool {
        matches!(self, Self::Below | Self::AtMost | Self::Above | Self::AtLeast)
    }
}

impl Filter {
    /// Reads a filter; an empty one keeps every run.
    ///
    /// # Errors
    /// [`QueryError::Word`] at the first word that is wrong. Keys that are no fields are looked up
    /// when the filter is used.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        let found = words(text)?;
        let conditions = found.iter().map(|word| condition(word)).collect::<Result<_, _>>()?;
        let filter = Self { conditions };
        let values: usize = filter.conditions.iter().map(|one| one.values.len()).sum();
        match values > MOST {
            true => Err(QueryError::word("filter", format!("{values} values, allowed: {MOST}"))),
            false => Ok(filter),
        }
    }

    /// With one more condition.
    #[must_use]
    pub fn and(mut self, key: &str, op: Op, value: &str) -> Self {
        self.conditions.push(Condition { key: key.into(), op, values: vec![value.into()] });
        self
    }
}

fn condition(word: &[Letter]) -> Result<Condition, QueryError> {
    let whole = plain(word);
    let signs = || Op::ALL.map(Op::sign).join(" ");
    let found = (0..word.len()).find_map(|at| Some((at, op_at(word, at)?)));
    let Some((at, op)) = found else {
        let what = format!(
            "found no comparison; allowed: KEY, one of {}, VALUE; quotes keep spaces in a value",
            signs()
        );
        return Err(QueryError::word(&whole, what));
    };
    let key = plain(&word[..at]);
    if key.is_empty() {
        return Err(QueryError::word(&whole, format!("found no key before {}", op.sign())));
    }
    let rest = &word[at + op.sign().len()..];
    if let Some(second) = (!rest.is_empty()).then(|| op_at(rest, 0)).flatten() {
        let what = format!("found {}{}; allowed: {}", op.sign(), second.sign(), signs());
        return Err(QueryError::word(&whole, what));
    }
    let values: Vec<String> = rest.split(|&(c, quoted)| c == '|' && !quoted).map(plain).collect();
    if values.iter().any(String::is_empty) && !matches!(op, Op::Is | Op::IsNot) {
        return Err(QueryError::word(&whole, format!("found no value after {}", op.sign())));
    }
    let condition = Condition { key, op, values };
    condition.check()?;
    Ok(condition)
}

fn op_at(word: &[Letter], at: usize) -> Option<Op> {
    let begins = |op: &Op| {
        let mut letters = word[at..].iter();
        op.sign().chars().all(|c| letters.next() == Some(&(c, false)))
    };
    Op::ALL.into_iter().find(begins)
}

impl Condition {
    /// Refuses what can hold for no run.
    ///
    /// # Errors
    /// [`QueryError::Word`] with what was found and what is allowed.
    pub fn check(&self) -> Result<(), QueryError> {
        let Self { key, op, values } = self;
        let word = Filter { conditions: vec![self.clone()] }.to_string();
        let refuse = |what: String| Err(QueryError::word(&word, what));
        if op.is_order() {
            let sign = op.sign();
            match values.as_slice() {
                [one] if number(one).is_some() => {}
                [one] => return refuse(format!("found {one:?} after {sign}, allowed: a number")),
                many => {
                    return refuse(format!(
                        "found {} values after {sign}, allowed: one",
                        many.len()
                    ));
                }
            }
        }
        let Some(field) = Field::of(key) else { return Ok(()) };
        if *op == Op::Contains && (field.is_number() || field == Field::State) {
            return refuse(format!("{key} is no text; allowed: = and !="));
        }
        if op.is_order() && !field.is_number() {
            return refuse(format!("{key} is no number; allowed: =, != and ~"));
        }
        for value in values {
            if field == Field::State && !State::ALL.iter().any(|state| state.name() == value) {
                let states = State::ALL.map(State::name).join(", ");
                return refuse(format!("found {value:?}, allowed: {states}"));
            }
            if field.is_number() && number(value).is_none() {
                return refuse(format!("found {value:?}, allowed: a number"));
            }
        }
        Ok(())
    }
}

/// A value as a number: `nan` and `inf` are such too.
pub(crate) fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

impl fmt::Display for Filter {
    /// A text that [`Filter::parse`] reads as the same filter.
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Condition { key, op, values }) in self.conditions.iter().enumerate() {
            let space = if at > 0 { " " } else { "" };
            let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            write!(to, "{space}{key}{}{}", op.sign(), values.join("|"))?;
        }
        Ok(())
    }
}

fn quoted(value: &str) -> String {
    let plain = |c: char| !c.is_whitespace() && !"\"'|=!<>~".contains(c);
    match (value.chars().all(plain), value.contains('"')) {
        (true, _) => value.to_owned(),
        (false, false) => format!("\"{value}\""),
        // A quote of the other kind around each double quote.
        (false, true) => format!("\"{}\"", value.replace('"', "\"'\"'\"")),
    }
}
