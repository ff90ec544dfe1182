//! Words of a filter: spaces part them, quotes keep spaces.

use super::QueryError;

/// A character, and whether it stood in quotes.
pub(super) type Letter = (char, bool);

/// The words of a text.
///
/// # Errors
/// Where a quote is not closed.
pub(super) fn words(text: &str) -> Result<Vec<Vec<Letter>>, QueryError> {
    let mut words = Vec::new();
    let mut word: Option<Vec<Letter>> = None;
    let mut quote = None;
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => word.get_or_insert_default().push((c, true)),
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            None => word.get_or_insert_default().push((c, false)),
        }
    }
    words.extend(word);
    match quote {
        Some(open) => Err(QueryError::word(text, format!("a quote is not closed: {open}"))),
        None => Ok(words),
    }
}

/// The letters as a text.
pub(super) fn plain(letters: &[Letter]) -> String {
    letters.iter().map(|&(c, _)| c).collect()
}
