//! The only way from a page to a run's files: no link is followed, nothing but a plain file is
//! opened, nothing larger than asked for is read.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use pathweave_store::is_id;

/// Why a run's file is not read.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The text is no id, or the store has no folder of that name.
    #[error("there is no such run")]
    NoRun,
    /// The name leads out of the folder.
    #[error("{0:?} is no name of a file")]
    Name(String),
    /// A link, a folder, a pipe.
    #[error("{0} is not a plain file, so it is not read")]
    NotPlain(String),
    /// Larger than what is read into memory.
    #[error("{name} has {size} bytes, more than the {limit} that this page reads")]
    TooLarge {
        /// The file
        name: String,
        /// Its bytes
        size: u64,
        /// Most that is read
        limit: u64,
    },
    /// It is not what its name promises.
    #[error("{name}: {what}")]
    Broken {
        /// The file
        name: String,
        /// What is wrong
        what: String,
    },
    /// The system refuses.
    #[error("{name}: {error}")]
    System {
        /// The file
        name: String,
        /// The system's words
        error: io::Error,
    },
}

impl Refused {
    /// A file whose content cannot be used.
    pub fn broken(name: &str, what: impl std::fmt::Display) -> Self {
        Self::Broken { name: name.to_owned(), what: what.to_string() }
    }
}

/// The folder of one run, opened.
#[derive(Debug)]
pub struct RunFiles {
    id: String,
    folder: open::Folder,
}

impl RunFiles {
    /// Opens the folder of a run.
    ///
    /// # Errors
    /// [`Refused::NoRun`] where the text is no id or the store has no folder, other than a link, of
    /// that name.
    pub fn open(store: &Path, id: &str) -> Result<Self, Refused> {
        if !is_id(id) {
            return Err(Refused::NoRun);
        }
        let folder = open::folder(store, id).map_err(|_| Refused::NoRun)?;
        Ok(Self { id: id.to_owned(), folder })
    }

    /// The run's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Opens a file of the run and says how large it is; none where there is none.
    ///
    /// # Errors
    /// Where the name is none of a file in the folder, or it is not a plain file.
    pub fn file(&self, name: &str) -> Result<Option<(File, u64)>, Refused> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
            return Err(Refused::Name(name.to_owned()));
        }
        match open::file(&self.folder, name) {
            Ok(Some(file)) => {
                let size = file.metadata().map_err(|error| system(name, error))?.len();
                Ok(Some((file, size)))
            }
            Ok(None) => Err(Refused::NotPlain(name.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(system(name, error)),
        }
    }

    /// The whole of a file of at most `limit` bytes; none where there is none.
    ///
    /// # Errors
    /// As [`RunFiles::file`], and [`Refused::TooLarge`].
    pub fn bytes(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, Refused> {
        let Some((file, size)) = self.file(name)? else { return Ok(None) };
        let too_large = |size| Refused::TooLarge { name: name.to_owned(), size, limit };
        if size > limit {
            return Err(too_large(size));
        }
        let mut bytes = Vec::with_capacity(size as usize);
        // A file that grows meanwhile is not followed for ever.
        let read = file.take(limit + 1).read_to_end(&mut bytes);
        read.map_err(|error| system(name, error))?;
        if bytes.len() as u64 > limit {
            Err(too_large(bytes.len() as u64))
        } else {
            Ok(Some(bytes))
        }
    }

    /// The same as text; bytes that are no UTF-8 become U+FFFD.
    ///
    /// # Errors
    /// As [`RunFiles::bytes`].
    pub fn text(&self, name: &str, limit: u64) -> Result<Option<String>, Refused> {
        let bytes = self.bytes(name, limit)?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// The last `most` bytes of a file as text from the beginning of a line, and whether that is all
    /// of it; none where there is none.
    ///
    /// # Errors
    /// As [`RunFiles::file`].
    pub fn tail(&self, name: &str, most: u64) -> Result<Option<(String, bool)>, Refused> {
        let Some((mut file, size)) = self.file(name)? else { return Ok(None) };
        let whole = size <= most;
        let mut bytes = Vec::new();
        let read = file
            .seek(SeekFrom::Start(size.saturating_sub(most)))
            .and_then(|_| file.take(most).read_to_end(&mut bytes));
        read.map_err(|error| system(name, error))?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let text = match text.split_once('\n') {
            Some((_, rest)) if !whole => rest.to_owned(),
            _ => text,
        };
        Ok(Some((text, whole)))
    }

    /// What tells one content of the run's files from another: sizes and times of those named.
    pub fn stamp(&self, names: &[&str]) -> String {
        let one = |name: &&str| {
            let metadata = self.file(name).ok().flatten()?.0.metadata().ok()?;
            let since = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
            Some(format!("{:x}-{:x}", since.as_nanos(), metadata.len()))
        };
        let stamps: Vec<String> = names.iter().map(|name| one(name).unwrap_or_default()).collect();
        stamps.join(".")
    }
}

fn system(name: &str, error: io::Error) -> Refused {
    Refused::System { name: name.to_owned(), error }
}

/// Each step opened below the one before and without following a link, so that no exchange of a
/// folder for a link at the wrong moment leads elsewhere.
#[cfg(unix)]
mod open {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    use rustix::fd::OwnedFd;
    use rustix::fs::{CWD, FileType, Mode, OFlags, fstat, openat};
    use rustix::io::Errno;

    pub type Folder = OwnedFd;

    pub fn folder(store: &Path, id: &str) -> io::Result<Folder> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let store = openat(CWD, store, flags, Mode::empty())?;
        Ok(openat(store, id, flags | OFlags::NOFOLLOW, Mode::empty())?)
    }

    /// None where it is not a plain file.
    pub fn file(folder: &Folder, name: &str) -> io::Result<Option<File>> {
        // Not blocking: opening a pipe would wait for its writer.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match openat(folder, name, flags, Mode::empty()) {
            // What the system says of a link, and of a socket.
            Err(Errno::LOOP | Errno::NXIO) => return Ok(None),
            file => file?,
        };
        let plain = FileType::from_raw_mode(fstat(&file)?.st_mode) == FileType::RegularFile;
        Ok(plain.then(|| File::from(file)))
    }
}

#[cfg(not(unix))]
mod open {
    use std::fs::{File, symlink_metadata};
    use std::io;
    use std::path::{Path, PathBuf};

    pub type Folder = PathBuf;

    pub fn folder(store: &Path, id: &str) -> io::Result<Folder> {
        let path = store.join(id);
        match symlink_metadata(&path)?.is_dir() {
            true => Ok(path),
            false => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// None where it is not a plain file.
    pub fn file(folder: &Folder, name: &str) -> io::Result<Option<File>> {
        let path = folder.join(name);
        symlink_metadata(&path)?.is_file().then(|| File::open(&path)).transpose()
    }
}
