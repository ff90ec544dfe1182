//! The file of the index: its tables, and how it is opened, made anew or done without.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::INDEX;
use crate::StoreError;

/// Changes with the tables and with what is in them: another one's index is made anew.
const VERSION: i64 = 1;
/// How long a reader waits for a writer to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs have fields of their own. Their settings are kept once for each part of a spec that runs
/// share; metrics are in the order of their names, so that one is read without the others.
const TABLES: &str = "
CREATE TABLE run (
  run INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, own_model TEXT NOT NULL,
  model TEXT NOT NULL, seed INTEGER NOT NULL, dataset TEXT NOT NULL, state INTEGER NOT NULL,
  step INTEGER NOT NULL, steps INTEGER NOT NULL, alarms INTEGER NOT NULL, error TEXT,
  updated REAL NOT NULL, told INTEGER NOT NULL, inode INTEGER, changed INTEGER NOT NULL,
  print INTEGER NOT NULL
);
CREATE TABLE section (section INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE key (
  key INTEGER PRIMARY KEY, section INTEGER NOT NULL, name TEXT NOT NULL UNIQUE
);
CREATE TABLE value (
  value INTEGER PRIMARY KEY, text TEXT NOT NULL, number REAL, is_number INTEGER NOT NULL,
  UNIQUE (text, is_number)
);
CREATE TABLE part (
  part INTEGER PRIMARY KEY, section INTEGER NOT NULL, hash BLOB NOT NULL UNIQUE,
  uses INTEGER NOT NULL
);
CREATE INDEX idle ON part (section) WHERE uses = 0;
CREATE TABLE setting (
  key INTEGER NOT NULL, part INTEGER NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (key, part)
) WITHOUT ROWID;
CREATE TABLE has (
  section INTEGER NOT NULL, run INTEGER NOT NULL, part INTEGER NOT NULL, PRIMARY KEY (section, run)
) WITHOUT ROWID;
CREATE TABLE measure (measure INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE metric (
  measure INTEGER NOT NULL, run INTEGER NOT NULL, value REAL, PRIMARY KEY (measure, run)
) WITHOUT ROWID;
CREATE TABLE sweep (
  sweep INTEGER PRIMARY KEY, folder TEXT NOT NULL UNIQUE, name TEXT NOT NULL, print TEXT NOT NULL,
  fault TEXT
);
CREATE TABLE member (
  run INTEGER NOT NULL, sweep INTEGER NOT NULL, label TEXT NOT NULL, PRIMARY KEY (run, sweep)
) WITHOUT ROWID;
CREATE TABLE whole (whole INTEGER NOT NULL);
";

/// An open index.
#[derive(Debug)]
pub(super) struct File {
    pub db: Connection,
    /// None in memory
    place: Option<(PathBuf, u64)>,
}

impl File {
    /// Opens the index of a store, makes it anew where it is broken or of another version, or one
    /// in memory where the store cannot be written.
    pub fn open(store: &Path) -> Result<Self, StoreError> {
        let path = store.join(INDEX);
        if store.is_dir() {
            // A second try after what was there is gone.
            for _ in 0..2 {
                match Self::at(&path) {
                    Ok(Some(file)) => return Ok(file),
                    Ok(None) => {}
                    Err(error) if is_broken(&error) => {}
                    Err(_) => break,
                }
                if !remove(&path) {
                    break;
                }
            }
        }
        Self::in_memory(store)
    }

    /// Opens one that is forgotten when it is closed.
    pub fn in_memory(store: &Path) -> Result<Self, StoreError> {
        let memory = || {
            let mut db = Connection::open_in_memory()?;
            prepare(&mut db)?;
            Ok::<_, rusqlite::Error>(db)
        };
        let db = memory().map_err(|error| StoreError::file(&store.join(INDEX), error))?;
        Ok(Self { db, place: None })
    }

    /// None where it is of another version.
    fn at(path: &Path) -> Result<Option<Self>, rusqlite::Error> {
        let cannot = || {
            let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN);
            rusqlite::Error::SqliteFailure(code, None)
        };
        // A link could lead out of the store.
        if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
            return Err(cannot());
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut db = Connection::open_with_flags(path, flags)?;
        if db.is_readonly("main")? {
            return Err(cannot());
        }
        if !prepare(&mut db)? {
            return Ok(None);
        }
        let place = Some((path.to_owned(), inode(path)));
        Ok(Some(Self { db, place }))
    }

    /// Opens it anew where somebody put another one in its place.
    pub fn follow(&mut self, store: &Path) -> Result<(), StoreError> {
        let moved = match &self.place {
            Some((path, opened)) => inode(path) != *opened,
            None => false,
        };
        if moved {
            *self = Self::open(store)?;
        }
        Ok(())
    }

    /// Makes it anew.
    pub fn reset(&mut self, store: &Path) -> Result<(), StoreError> {
        if let Some((path, _)) = &self.place {
            remove(path);
        }
        *self = Self::open(store)?;
        Ok(())
    }

    /// Whether it was filled once.
    pub fn is_whole(&self) -> Result<bool, rusqlite::Error> {
        self.db.query_row("SELECT EXISTS (SELECT 1 FROM whole)", [], |row| row.get(0))
    }

    /// Waits at most so long for other processes.
    pub fn wait_at_most(&self, time: Duration) -> Result<(), rusqlite::Error> {
        self.db.busy_timeout(time)
    }

    /// Waits as long as readers do.
    pub fn wait_as_usual(&self) -> Result<(), rusqlite::Error> {
        self.db.busy_timeout(PATIENCE)
    }
}

/// Makes the tables where there are none; false where they are of another version.
fn prepare(db: &mut Connection) -> Result<bool, rusqlite::Error> {
    db.busy_timeout(PATIENCE)?;
    // The journal of old: the other one needs memory that processes share, which network file
    // systems do not have. Readers are locked out only while a change is written, since what
    // changed stays in memory until then.
    db.execute_batch(
        "PRAGMA journal_mode = DELETE; PRAGMA synchronous = NORMAL; PRAGMA cache_spill = OFF;
         PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;",
    )?;
    let version = |db: &Connection| db.query_row("PRAGMA user_version", [], |row| row.get(0));
    if version(db)? == VERSION {
        return is_ours(db);
    }
    let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have made them meanwhile.
    let found: i64 = version(&change)?;
    let tables: i64 =
        change.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if found == 0 && tables == 0 {
        change.execute_batch(TABLES)?;
        change.pragma_update(None, "user_version", VERSION)?;
        change.commit()?;
        return Ok(true);
    }
    Ok(found == VERSION && is_ours(&change)?)
}

/// Whether the tables are those that this version makes: a view of the same name could keep its
/// reader busy for ever.
fn is_ours(db: &Connection) -> Result<bool, rusqlite::Error> {
    let tables = |db: &Connection| {
        let mut tables = db.prepare("SELECT sql FROM sqlite_schema ORDER BY name")?;
        tables.query_map([], |row| row.get(0))?.collect::<Result<Vec<Option<String>>, _>>()
    };
    let ours = Connection::open_in_memory()?;
    ours.execute_batch(TABLES)?;
    Ok(tables(db)? == tables(&ours)?)
}

fn remove(path: &Path) -> bool {
    let journal = path.with_file_name(format!("{INDEX}-journal"));
    let removed = fs::remove_file(path);
    // Without its file it would be taken for that of the next one.
    _ = fs::remove_file(journal);
    removed.is_ok()
}

/// Whether the file is damaged, or no index at all.
pub(crate) fn is_broken(error: &rusqlite::Error) -> bool {
    use rusqlite::Error;
    let code = error.sqlite_error_code();
    let is_damaged = matches!(
        code,
        Some(
            ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::ConstraintViolation
                | ErrorCode::TypeMismatch
        )
    );
    // Tables or columns that are not there, values of another kind.
    let is_foreign = match error {
        Error::SqlInputError { msg, .. } | Error::SqliteFailure(_, Some(msg)) => {
            msg.starts_with("no such") || msg.contains("has no column")
        }
        Error::InvalidColumnType(..)
        | Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..) => true,
        _ => false,
    };
    is_damaged || is_foreign
}

/// Whether another process is writing.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(code, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Tells one file from another at the same path; zero where there is none.
fn inode(path: &Path) -> u64 {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        fs::symlink_metadata(path).map_or(0, |found| found.ino())
    }
    #[cfg(not(unix))]
    {
        u64::from(path.exists())
    }
}
