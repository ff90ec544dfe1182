//! Results on standard output.

use std::io::{ErrorKind, Write, stdout};

use serde_json::Value;

use crate::error::CliError;

/// Prints a text as it is. Whoever reads may go away, as `head` does: that is no error.
///
/// # Errors
/// Where standard output cannot be written.
pub fn text(text: &str) -> Result<(), CliError> {
    let mut to = stdout().lock();
    match to.write_all(text.as_bytes()).and_then(|()| to.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CliError::Internal(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints JSON with a line end.
///
/// # Errors
/// As [`text`].
pub fn json(value: &Value) -> Result<(), CliError> {
    text(&format!("{value:#}\n"))
}

/// Prints an error: on standard error, and as JSON on standard output where that was asked for.
pub fn error(error: &CliError, as_json: bool) {
    if as_json {
        // Nothing is left to do where even this cannot be written.
        json(&error.to_json()).unwrap_or_default();
    }
    for line in error.to_string().lines() {
        eprintln!("error: {line}");
    }
}

/// Columns padded to equal width, two spaces between them; a heading and a rule above.
pub fn columns(headers: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([headers[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headers.len()).map(width).collect();
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}"));
        let line: Vec<String> = padded.collect();
        format!("{}\n", line.join("  ").trim_end())
    };
    let headings: Vec<String> = headers.iter().map(|&header| header.to_owned()).collect();
    let rule: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
    let body: String = rows.iter().map(|row| line(row)).collect();
    format!("{}{}{body}", line(&headings), line(&rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![vec!["a".to_owned(), "x".to_owned()], vec!["long".to_owned(), "yé".into()]];
        assert_eq!(columns(&["n", "wh"], &rows), "n     wh\n----  --\na     x\nlong  yé\n");
    }
}
