//! Texts as words of a shell's command line.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::error::CliError;

/// A word that a POSIX shell reads as exactly this text.
pub fn quote(text: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(format!("'{}'", text.replace('\'', r"'\''"))),
    }
}

/// Words, quoted, with spaces between.
pub fn line<S: AsRef<str>>(words: &[S]) -> String {
    words.iter().map(|word| quote(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// A path from the root as text that fits on one line of a file.
///
/// # Errors
/// [`CliError::Usage`] where it is no text, or has line ends or other control characters: neither
/// job files nor Slurm carry them.
pub fn path(path: &Path) -> Result<String, CliError> {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let text = whole.to_str().filter(|text| !text.contains(char::is_control));
    let text = text.ok_or_else(|| {
        CliError::Usage(format!("{}: job files need paths without odd characters", path.display()))
    })?;
    Ok(text.to_owned())
}

/// Where this very program is.
///
/// # Errors
/// Where the system does not know.
pub fn program() -> Result<PathBuf, CliError> {
    let found = std::env::current_exe();
    found.map_err(|error| CliError::Internal(format!("the program cannot be found: {error}")))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn plain_words_stay_plain() {
        assert_eq!(line(&["a/b", "x=1", "", "it's"]), r"a/b x=1 '' 'it'\''s'");
        assert!(path(Path::new("/a\nb")).is_err());
        assert!(path(Path::new("a")).expect("fine").starts_with('/'));
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_reads_what_was_meant() {
        let odd = ["$(touch no)", "`x`", "a b", "'\"'", "-n", "\\", "*", "ü;|&<>", "#", "~", "!!"];
        let script = format!("printf '%s\\n' {}", line(&odd));
        let output = Command::new("sh").args(["-c", &script]).output().expect("a shell");
        let read = String::from_utf8(output.stdout).expect("text");
        assert_eq!(read.lines().collect::<Vec<_>>(), odd);
    }
}
