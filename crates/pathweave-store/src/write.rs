//! How files are written so that a kill at any moment harms nothing.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::StoreError;

/// Writes a file whole or not at all: beside its place, to the disk, then renamed.
///
/// # Errors
/// What `write` says, or the system.
pub fn write_atomic<E: std::fmt::Display>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), E>,
) -> Result<(), StoreError> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // The process's id, since two commands may write one report at once.
    let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let failed = |error: &dyn std::fmt::Display| StoreError::file(path, error);
    let mut file = BufWriter::new(File::create(&beside).map_err(|error| failed(&error))?);
    write(&mut file).map_err(|error| failed(&error))?;
    let finish = || -> std::io::Result<()> {
        file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&beside, path)
    };
    finish().map_err(|error| failed(&error))?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Writes a text whole or not at all.
///
/// # Errors
/// What the system says.
pub fn write_text(path: &Path, text: &str) -> Result<(), StoreError> {
    write_atomic(path, |file| file.write_all(text.as_bytes()))
}

/// Makes renames in a folder last.
///
/// # Errors
/// What the system says.
pub fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    // Only Unix opens folders as files.
    if cfg!(unix) {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let synced = File::open(folder).and_then(|open| open.sync_all());
        synced.map_err(|error| StoreError::file(folder, error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a");
        write_text(&path, "old").expect("written");
        let failed = write_atomic(&path, |file| {
            file.write_all(b"half").expect("written");
            Err("no")
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path).expect("read"), "old");
    }
}
