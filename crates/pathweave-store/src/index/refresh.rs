//! Bringing the index up to date.
//!
//! A finished run is known by its folder's inode, which listing the store tells: it costs nothing.
//! Others cost a look at their folder, and are read where it changed or a process works on them. A
//! few finished runs are looked at all the same, by turns: a folder that was removed and made again
//! may have got the same inode.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::file::File;
use super::look::{Seen, look, settled};
use super::plan;
use super::row::Refreshed;
use super::write::Writer;
use crate::{State, StoreError, is_id};

/// Runs that are read and written at once.
const CHUNK: usize = 2048;
/// Finished runs that are looked at each time.
const SAMPLE: usize = 64;
/// How long to wait for another process that writes, where there is something to show meanwhile.
const PATIENCE: Duration = Duration::from_millis(250);

/// Why the index could not be brought up to date.
pub(super) enum Fault {
    Store(StoreError),
    Index(rusqlite::Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Index(error)
    }
}

struct Known {
    run: i64,
    state: i64,
    inode: Option<i64>,
    changed: i64,
}

/// Looks at what may have changed and writes what did.
pub(super) fn refresh(store: &Path, file: &mut File) -> Result<Refreshed, Fault> {
    let listed = list(store).map_err(Fault::Store)?;
    let sweeps = plan::list(store);
    let mut known = known(&file.db)?;
    let todo = todo(store, &listed, &known);
    for (id, _) in &listed {
        known.remove(id);
    }
    let gone: Vec<i64> =
        known.values().filter(|known| known.inode.is_some()).map(|known| known.run).collect();
    let mut is_to_plan = plan::differs(&file.db, &sweeps)?;
    let is_whole = file.is_whole()?;
    let mut refreshed = Refreshed { looked: todo.len(), ..Refreshed::default() };
    // Not while there is nothing to show.
    if is_whole {
        file.wait_at_most(PATIENCE)?;
    }
    for chunk in todo.chunks(CHUNK) {
        let seen = look_at(store, chunk);
        let change = begin(&mut file.db)?;
        let mut writer = Writer::new(&change);
        for (seen, (_, inode)) in seen.iter().zip(chunk) {
            if let Some(seen) = seen {
                writer.seen(seen, *inode)?;
            }
        }
        is_to_plan |= writer.is_to_plan;
        refreshed.changed += writer.end()?;
        change.commit()?;
    }
    if is_to_plan || !is_whole || !gone.is_empty() {
        let change = begin(&mut file.db)?;
        let mut writer = Writer::new(&change);
        for run in gone {
            writer.gone(run)?;
        }
        if is_to_plan || writer.is_to_plan {
            plan::write(&change, &mut writer, &sweeps)?;
        }
        refreshed.changed += writer.end()?;
        if !is_whole {
            change.execute_batch("INSERT INTO whole VALUES (1)")?;
        }
        change.commit()?;
    }
    file.wait_as_usual()?;
    refreshed.faults = plan::faults(&file.db)?;
    Ok(refreshed)
}

fn begin(db: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    db.transaction_with_behavior(TransactionBehavior::Immediate)
}

/// Names of runs in a store and the inodes of their folders.
fn list(store: &Path) -> Result<Vec<(String, i64)>, StoreError> {
    let failed = |error| StoreError::file(store, error);
    let entries = match fs::read_dir(store) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut listed = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        if let Some(id) = entry.file_name().to_str().filter(|name| is_id(name)) {
            listed.push((id.to_owned(), inode(&entry)));
        }
    }
    // So that a store that is made anew is the same one.
    listed.sort();
    Ok(listed)
}

fn inode(entry: &fs::DirEntry) -> i64 {
    #[cfg(unix)]
    {
        std::os::unix::fs::DirEntryExt::ino(entry) as i64
    }
    #[cfg(not(unix))]
    {
        let _ = entry;
        0
    }
}

fn known(db: &Connection) -> rusqlite::Result<HashMap<String, Known>> {
    let mut known = db.prepare_cached("SELECT id, run, state, inode, changed FROM run")?;
    let row = |row: &rusqlite::Row<'_>| {
        let (run, state) = (row.get(1)?, row.get(2)?);
        Ok((row.get(0)?, Known { run, state, inode: row.get(3)?, changed: row.get(4)? }))
    };
    known.query_map([], row)?.collect()
}

/// The runs to look at.
fn todo(
    store: &Path,
    listed: &[(String, i64)],
    known: &HashMap<String, Known>,
) -> Vec<(String, i64)> {
    let is_as_it_was = |id: &str, known: &Known| {
        let found = fs::symlink_metadata(store.join(id));
        known.changed != 0 && found.is_ok_and(|found| settled(&found) == known.changed)
    };
    let (done, running) = (State::Done as i64, State::Running as i64);
    let (mut todo, mut finished) = (Vec::new(), Vec::new());
    for (id, inode) in listed {
        match known.get(id).filter(|known| known.inode == Some(*inode)) {
            Some(known) if known.state == done => finished.push((id, inode, known)),
            Some(known) if known.state != running && is_as_it_was(id, known) => {}
            _ => todo.push((id.clone(), *inode)),
        }
    }
    let nanoseconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let first = (nanoseconds / 1000) as usize % finished.len().max(1);
    let sample = finished.iter().cycle().skip(first).take(SAMPLE.min(finished.len()));
    let changed = sample.filter(|(id, _, known)| !is_as_it_was(id, known));
    todo.extend(changed.map(|(id, inode, _)| ((*id).clone(), **inode)));
    todo
}

/// Looks at runs, at some of them at once: on a network file system most of it is waiting.
fn look_at(store: &Path, runs: &[(String, i64)]) -> Vec<Option<Seen>> {
    let threads = thread::available_parallelism().map_or(1, usize::from).clamp(4, 16);
    let share = runs.len().div_ceil(threads).max(16);
    thread::scope(|scope| {
        let look_at = |runs: &[(String, i64)]| -> Vec<Option<Seen>> {
            runs.iter().map(|(id, _)| look(store, id)).collect()
        };
        let begun: Vec<_> =
            runs.chunks(share).map(|part| scope.spawn(move || look_at(part))).collect();
        begun.into_iter().flat_map(|part| part.join().expect("looking does not panic")).collect()
    })
}
