//! Reading files of folders that somebody else may have made.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::StoreError;

/// No file of a run that is read whole has more bytes.
pub const LARGEST: u64 = 16 << 20;

/// Whether a path is a plain file: no folder, no symbolic link, nothing that would make a reader
/// wait.
pub fn is_plain(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file())
}

/// Reads a plain file of at most `largest` bytes; none where there is none.
///
/// A symbolic link as the last part of the path is not followed.
///
/// # Errors
/// Where it is no plain file, is larger, or cannot be read.
pub fn read_plain(path: &Path, largest: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let fault = |what: String| Err(StoreError::file(path, what));
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return fault(error.to_string()),
    };
    if !found.is_file() {
        return fault("is no plain file".into());
    }
    let too_large = |length: u64| fault(format!("has {length} bytes or more, allowed: {largest}"));
    if found.len() > largest {
        return too_large(found.len());
    }
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return fault(error.to_string()),
    };
    let opened = file.metadata().map_err(|error| StoreError::file(path, error))?;
    if !opened.is_file() {
        return fault("is no plain file".into());
    }
    let mut bytes = Vec::with_capacity(opened.len().min(largest) as usize);
    // One byte more tells that it grew.
    let read = file.take(largest + 1).read_to_end(&mut bytes);
    read.map_err(|error| StoreError::file(path, error))?;
    if bytes.len() as u64 > largest {
        return too_large(bytes.len() as u64);
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_files_of_modest_size_are_read() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a");
        assert_eq!(read_plain(&path, 9).expect("nothing there"), None);
        fs::write(&path, "text").expect("written");
        assert_eq!(read_plain(&path, 4).expect("read").as_deref(), Some(&b"text"[..]));
        let told = read_plain(&path, 3).expect_err("too large").to_string();
        assert!(told.ends_with("has 4 bytes or more, allowed: 3"), "{told}");
        assert!(read_plain(folder.path(), 9).is_err() && !is_plain(folder.path()));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (path, link) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&path, "text").expect("written");
        std::os::unix::fs::symlink(&path, &link).expect("linked");
        assert!(is_plain(&path) && !is_plain(&link));
        assert!(read_plain(&link, 9).expect_err("a link").to_string().contains("no plain file"));
    }
}
