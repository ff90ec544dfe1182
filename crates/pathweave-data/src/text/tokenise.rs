//! Raw English sentences to words, much as the Penn Treebank has them.
//!
//! Punctuation at the edges of a word stands alone, as do dashes and commas within one, "n't", "'s",
//! "'ll" and their like are words, "cannot" is two; typographic quotes become plain ones. A full stop
//! stays within a number, with single letters ("U.S.") and with a few titles. Case is kept. What is
//! words already (spaces between them) stays as it is.
//!
//! # Deviations
//! - MultiNLI and SNLI come with parses whose leaves are words; sentences are split here by our own
//!   small rules instead, because the parses are not in every distribution of the data. A few words
//!   differ: quotes stay `"` rather than become `` and ''.

/// Words that follow an apostrophe, with it.
const CLITICS: [&str; 6] = ["'s", "'m", "'d", "'ll", "'re", "'ve"];
/// Titles that keep their full stop.
const TITLES: [&str; 12] =
    ["mr.", "mrs.", "ms.", "dr.", "st.", "prof.", "gen.", "sen.", "gov.", "jr.", "sr.", "vs."];

/// The words of `sentence` with single spaces between them.
pub fn tokenise(sentence: &str) -> String {
    let plain: std::borrow::Cow<str> = if sentence.is_ascii() {
        sentence.into()
    } else {
        sentence.replace(['’', '‘'], "'").replace(['“', '”', '«', '»'], "\"").into()
    };
    let mut words = String::with_capacity(plain.len() + 16);
    plain.split_whitespace().for_each(|chunk| split(chunk, &mut words));
    words
}

/// Only spaces set right: the words are those of the corpus.
pub fn respace(sentence: &str) -> String {
    let mut words = String::with_capacity(sentence.len());
    sentence.split_whitespace().for_each(|word| push(word, &mut words));
    words
}

fn push(word: &str, words: &mut String) {
    if !word.is_empty() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
}

/// Splits what stands between two spaces.
fn split(chunk: &str, words: &mut String) {
    if chunk.bytes().all(|byte| byte.is_ascii_lowercase()) && chunk != "cannot" {
        return push(chunk, words);
    }
    let mut rest = chunk;
    while let Some(length) = leading(rest) {
        push(&rest[..length], words);
        rest = &rest[length..];
    }
    // The trailing marks come off from the right, and go on after the word.
    let mut end = rest.len();
    let mut marks = Vec::new();
    while let Some(length) = trailing(&rest[..end]) {
        marks.push(&rest[end - length..end]);
        end -= length;
    }
    middle(&rest[..end], words);
    marks.iter().rev().for_each(|mark| push(mark, words));
}

/// Length of the mark that begins a word.
fn leading(word: &str) -> Option<usize> {
    if let Some(run) = run(word.bytes()) {
        return Some(run);
    }
    let first = word.chars().next()?;
    let clitic = CLITICS.iter().any(|clitic| word.eq_ignore_ascii_case(clitic));
    match first {
        '\'' if clitic => None,
        // "#1" and "$5" are two words, ":)" stays one.
        '(' | '[' | '{' | '"' | '\'' | '`' | '$' | '#' | '£' | '€' | '—' | '–' | '…' => {
            Some(first.len_utf8())
        }
        ',' | ';' | '?' | '!' => Some(1),
        _ => None,
    }
}

/// Length of the mark that ends a word.
fn trailing(word: &str) -> Option<usize> {
    if let Some(run) = run(word.bytes().rev()) {
        return Some(run);
    }
    let last = word.chars().next_back()?;
    match last {
        '.' if keeps_stop(word) => None,
        '.' | ',' | ';' | ':' | '?' | '!' | ')' | ']' | '}' | '"' | '\'' | '`' | '%' | '—'
        | '–' | '…' => Some(last.len_utf8()),
        _ => None,
    }
}

/// Length of the dots or hyphens, two or more, that `bytes` begin with.
fn run(mut bytes: impl Iterator<Item = u8>) -> Option<usize> {
    let first = bytes.next().filter(|byte| b".-".contains(byte))?;
    let length = 1 + bytes.take_while(|byte| *byte == first).count();
    (length > 1).then_some(length)
}

/// "U.S.", "a.m.", "J.", "Mr."
fn keeps_stop(word: &str) -> bool {
    let letters = word.split_terminator('.');
    let single = |part: &str| part.len() == 1 && part.as_bytes()[0].is_ascii_alphabetic();
    word.len() > 1 && letters.clone().all(single) && word != "I."
        || TITLES.iter().any(|title| word.eq_ignore_ascii_case(title))
}

/// Splits a word without marks at its edges.
fn middle(word: &str, words: &mut String) {
    let bytes = word.as_bytes();
    if word.contains("://") {
        return push(word, words);
    }
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    for at in 1..bytes.len() {
        let length = match bytes[at] {
            b'-' => run(bytes[at..].iter().copied()).unwrap_or(0),
            b',' | b':' if at > 0 && digit(at - 1) && digit(at + 1) => 0,
            b',' | b';' | b'?' | b'!' | b'"' | b'(' | b')' | b'[' | b']' => 1,
            b'.' => run(bytes[at..].iter().copied()).unwrap_or(0),
            _ => 0,
        };
        if length > 0 {
            split(&word[..at], words);
            push(&word[at..at + length], words);
            return split(&word[at + length..], words);
        }
    }
    clitics(word, words);
}

/// Splits off "n't" and its like.
fn clitics(word: &str, words: &mut String) {
    let ends = |end: &str| {
        let at = word.len().checked_sub(end.len())?;
        let found = word.get(at..)?;
        (at > 0 && found.eq_ignore_ascii_case(end)).then_some(at)
    };
    if word.eq_ignore_ascii_case("cannot") {
        push(&word[..3], words);
        return push(&word[3..], words);
    }
    match ends("n't").or_else(|| CLITICS.iter().find_map(|clitic| ends(clitic))) {
        Some(at) => {
            // Marks before it were within the word, and now end one.
            split(&word[..at], words);
            push(&word[at..], words);
        }
        None => push(word, words),
    }
}
