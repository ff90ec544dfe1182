//! What the sweeps of a store ask for.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use super::leaves::clip;
use super::look::{of_spec, seconds};
use super::write::Writer;
use crate::{MANIFEST, Manifest, SWEEPS};

/// No manifest has more bytes: some hundred for each of a hundred thousand runs.
const LARGEST: u64 = 256 << 20;

/// A manifest, unread.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Listed {
    folder: PathBuf,
    /// Changes with the file
    print: String,
    updated: f64,
    length: u64,
}

/// The manifests in a store by the names of their folders. Links are not followed.
pub(super) fn list(store: &Path) -> BTreeMap<String, Listed> {
    let sweeps = store.join(SWEEPS);
    let is_folder = |path: &Path| fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    let entries = is_folder(&sweeps).then(|| fs::read_dir(&sweeps)).into_iter().flatten();
    let listed = |folder: PathBuf| {
        let name = folder.file_name()?.to_str()?.to_owned();
        let found = fs::symlink_metadata(folder.join(MANIFEST)).ok()?;
        let usable = is_folder(&folder) && found.is_file();
        let (updated, length) = (seconds(&found), found.len());
        let print = format!("{updated} {length}");
        usable.then_some((name, Listed { folder, print, updated, length }))
    };
    entries.flatten().flatten().filter_map(|entry| listed(entry.path())).collect()
}

/// Whether other manifests than those that are listed were read last.
pub(super) fn differs(
    db: &Connection,
    listed: &BTreeMap<String, Listed>,
) -> rusqlite::Result<bool> {
    let mut known = db.prepare_cached("SELECT folder, print FROM sweep ORDER BY folder")?;
    let known = known.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let known = known.collect::<rusqlite::Result<Vec<(String, String)>>>()?;
    let now = listed.iter().map(|(folder, listed)| (folder, &listed.print));
    Ok(!now.eq(known.iter().map(|(folder, print)| (folder, print))))
}

/// What is wrong with the manifests that were read last.
pub(super) fn faults(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut faults = db.prepare_cached("SELECT fault FROM sweep WHERE fault IS NOT NULL")?;
    faults.query_map([], |row| row.get(0))?.collect()
}

fn read(listed: &Listed) -> Result<Manifest, String> {
    if listed.length > LARGEST {
        let folder = listed.folder.display();
        return Err(format!("{folder}: has {} bytes, allowed: {LARGEST}", listed.length));
    }
    Manifest::read(&listed.folder).map_err(|error| clip(&error.to_string()))
}

/// Writes what the sweeps ask for, in the place of what they asked for before.
pub(super) fn write(
    db: &Connection,
    writer: &mut Writer<'_>,
    listed: &BTreeMap<String, Listed>,
) -> rusqlite::Result<()> {
    db.execute_batch("DELETE FROM sweep; DELETE FROM member;")?;
    // Where several sweeps ask for a run, the first folder names it: the last one written.
    for (folder, listed) in listed.iter().rev() {
        let manifest = read(listed);
        let name = manifest.as_ref().map(|manifest| clip(&manifest.name));
        let mut insert = db.prepare_cached("INSERT INTO sweep VALUES (NULL, ?1, ?2, ?3, ?4)")?;
        let fault = name.as_ref().err();
        let sweep = insert.insert(params![
            folder,
            name.as_deref().unwrap_or_default(),
            listed.print,
            fault
        ])?;
        let mut member = db.prepare_cached("INSERT OR IGNORE INTO member VALUES (?1, ?2, ?3)")?;
        for planned in manifest.iter().flat_map(|manifest| &manifest.runs) {
            let (label, spec) = (clip(&planned.model), &planned.spec);
            let info = of_spec(&planned.name, Some(&label), planned.seed, spec);
            let run = writer.planned(&planned.id, &info.unwrap_or_default(), listed.updated)?;
            member.execute(params![run, sweep, label])?;
        }
    }
    for run in unasked(db, "inode IS NULL")? {
        writer.gone(run)?;
    }
    for run in unasked(db, "NOT told AND own_model <> ''")? {
        writer.unplanned(run)?;
    }
    // The others are named by other sweeps than before.
    db.execute_batch(
        "UPDATE run SET model = named.label FROM (
           SELECT run.run, coalesce((SELECT label FROM member JOIN sweep USING (sweep)
             WHERE member.run = run.run ORDER BY folder LIMIT 1), own_model) AS label FROM run
         ) AS named WHERE named.run = run.run AND named.label <> run.model;",
    )
}

/// Runs of a kind that no sweep asks for.
fn unasked(db: &Connection, kind: &str) -> rusqlite::Result<Vec<i64>> {
    let find = format!("SELECT run FROM run WHERE {kind} AND run NOT IN (SELECT run FROM member)");
    let mut find = db.prepare_cached(&find)?;
    find.query_map([], |row| row.get(0))?.collect()
}
