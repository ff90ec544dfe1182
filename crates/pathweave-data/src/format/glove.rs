//! GloVe text (<https://nlp.stanford.edu/projects/glove/>): a word and its numbers a line, with
//! spaces between them, gzip or plain. A first line of two numbers (words and width), as fastText and
//! word2vec write it, is passed over.

use std::collections::HashMap;
use std::path::Path;

use super::lines::{Lines, utf8};
use crate::error::{DataError, DataErrors};

/// Reads the vectors of the words in `index` into the rows of `into` that it names, \[V, D\] with D
/// = `width`, and says for each row whether the file had the word. Numbers of other words are
/// counted and not read. Of a word that the file has twice the first vector counts.
///
/// The last D fields of a line are the numbers, so that a word may have spaces in it.
///
/// # Errors
/// Unreadable, not UTF-8, a line with another number of numbers, a number that is none or not
/// finite, no line: each names the line.
///
/// # Panics
/// If `width` is 0, or `index` names a row that `into` does not have.
pub fn read(
    file: &Path,
    index: &HashMap<&str, u32>,
    width: usize,
    into: &mut [f32],
) -> Result<Vec<bool>, DataErrors> {
    assert!(width > 0, "vectors of width 0");
    let mut found = vec![false; into.len() / width];
    let mut lines = Lines::open(file)?;
    let mut any = false;
    while let Some((number, line)) = lines.bytes()? {
        let line = line.trim_ascii_end();
        let spaces = count_spaces(line);
        if number == 1 && spaces == 1 && width > 1 && header(line, width) {
            continue;
        }
        any = true;
        let (word, numbers) = split(line, spaces, width).map_err(|numbers| DataError::Line {
            file: file.to_path_buf(),
            line: number,
            found: format!("a vector of {numbers} numbers"),
            allowed: format!("{width} numbers, the width that was asked for"),
        })?;
        let Some(&row) = index.get(utf8(file, number, word)?) else {
            continue;
        };
        let row = row as usize;
        if found[row] {
            continue;
        }
        found[row] = true;
        for (value, field) in into[row * width..][..width].iter_mut().zip(fields(numbers)) {
            *value = parse(field).ok_or_else(|| DataError::Line {
                file: file.to_path_buf(),
                line: number,
                found: format!("{:?}", String::from_utf8_lossy(field)),
                allowed: "a finite number".to_owned(),
            })?;
        }
    }
    if any { Ok(found) } else { Err(DataError::Empty { file: file.to_path_buf() }.into()) }
}

/// Word and numbers of a line, or how many numbers it seems to have.
fn split(line: &[u8], spaces: usize, width: usize) -> Result<(&[u8], &[u8]), usize> {
    if spaces < width {
        return Err(spaces);
    }
    // A word with spaces in it is rare, and a file of another width is not: such a file's lines are
    // numbers from the second field on.
    if spaces > width && fields(line).skip(1).all(|field| parse(field).is_some()) {
        return Err(spaces);
    }
    let mut places = (0..line.len()).filter(|&at| line[at] == b' ');
    let at = places.nth(spaces - width).expect("as many spaces were counted");
    Ok((&line[..at], &line[at + 1..]))
}

fn count_spaces(line: &[u8]) -> usize {
    // Sums of bytes, of which the compiler makes vectors.
    let block = |bytes: &[u8]| bytes.iter().map(|&byte| u8::from(byte == b' ')).sum::<u8>();
    line.chunks(255).map(|bytes| usize::from(block(bytes))).sum()
}

fn fields(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|&byte| byte == b' ')
}

fn parse(field: &[u8]) -> Option<f32> {
    let value: f32 = std::str::from_utf8(field).ok()?.parse().ok()?;
    value.is_finite().then_some(value)
}

/// Whether the line is "words width".
fn header(line: &[u8], width: usize) -> bool {
    let number = |field: &[u8]| std::str::from_utf8(field).ok()?.parse::<usize>().ok();
    let mut numbers = fields(line).map(number);
    matches!((numbers.next(), numbers.next()), (Some(Some(_)), Some(Some(w))) if w == width)
}
