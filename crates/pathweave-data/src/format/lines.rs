//! Lines of a text file, one at a time, gzip or plain by its first bytes, whatever its name.

use std::fs::File;
use std::io::{BufRead, BufReader, Error, ErrorKind};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::unreadable;
use crate::error::DataError;

/// Bytes read together.
const BLOCK: usize = 1 << 18;

/// The lines of a file.
pub(crate) struct Lines<'a> {
    file: &'a Path,
    from: Box<dyn BufRead>,
    line: Vec<u8>,
    number: usize,
}

impl<'a> Lines<'a> {
    /// Opens the file.
    pub(crate) fn open(file: &'a Path) -> Result<Self, DataError> {
        let opened = File::open(file).map_err(|error| unreadable(file, error))?;
        let mut plain = BufReader::with_capacity(BLOCK, opened);
        let start = plain.fill_buf().map_err(|error| unreadable(file, error))?;
        let from: Box<dyn BufRead> = if start.starts_with(&[0x1f, 0x8b]) {
            Box::new(BufReader::with_capacity(BLOCK, MultiGzDecoder::new(plain)))
        } else {
            Box::new(plain)
        };
        Ok(Self { file, from, line: Vec::new(), number: 0 })
    }

    /// The next line without its end, and its number from 1.
    pub(crate) fn bytes(&mut self) -> Result<Option<(usize, &[u8])>, DataError> {
        self.line.clear();
        let read = self.from.read_until(b'\n', &mut self.line);
        if read.map_err(|error| self.broken(&error))? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        Ok(Some((self.number, line.strip_suffix(b"\r").unwrap_or(line))))
    }

    /// The next line as text; a byte-order mark before the first is dropped.
    pub(crate) fn text(&mut self) -> Result<Option<(usize, &str)>, DataError> {
        let file = self.file;
        let Some((number, line)) = self.bytes()? else {
            return Ok(None);
        };
        let line = utf8(file, number, line)?;
        let line = if number == 1 { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line };
        Ok(Some((number, line)))
    }

    fn broken(&self, error: &Error) -> DataError {
        match error.kind() {
            ErrorKind::UnexpectedEof => unreadable(self.file, "the gzip stream is truncated"),
            _ => unreadable(self.file, error),
        }
    }
}

/// The bytes of a line as text.
pub(crate) fn utf8<'a>(file: &Path, line: usize, bytes: &'a [u8]) -> Result<&'a str, DataError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        DataError::Line {
            file: file.to_path_buf(),
            line,
            found: format!("byte {:#04x} at byte {} of the line", bytes[at], at + 1),
            allowed: "text in UTF-8".to_owned(),
        }
    })
}
