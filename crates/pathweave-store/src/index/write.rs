//! Writing what was seen.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Result, params};

use super::leaves::Part;
use super::look::{Info, Seen};
use crate::State;

/// Writes within one transaction: what it remembers is true until that ends.
pub(super) struct Writer<'a> {
    db: &'a Connection,
    parts: HashMap<[u8; 16], i64>,
    names: HashMap<(&'static str, String), i64>,
    changed: usize,
    /// A run's settings are to be taken from a manifest again
    pub is_to_plan: bool,
}

/// A run that is in the index already.
struct Old {
    run: i64,
    state: i64,
    print: i64,
    inode: Option<i64>,
    changed: i64,
    is_told: bool,
}

impl<'a> Writer<'a> {
    pub fn new(db: &'a Connection) -> Self {
        let (parts, names) = (HashMap::new(), HashMap::new());
        Self { db, parts, names, changed: 0, is_to_plan: false }
    }

    /// A run whose folder was looked at.
    pub fn seen(&mut self, seen: &Seen, inode: i64) -> Result<()> {
        let old = self.old(&seen.id)?;
        let print = seen.print();
        if let Some(old) = &old
            && (old.print, old.inode) == (print, Some(inode))
        {
            if old.changed != seen.changed {
                let mut update =
                    self.db.prepare_cached("UPDATE run SET changed = ?2 WHERE run = ?1")?;
                update.execute([old.run, seen.changed])?;
            }
            return Ok(());
        }
        self.changed += 1;
        let run = match &old {
            Some(old) => old.run,
            None => self.insert(&seen.id)?,
        };
        match (&seen.info, &old) {
            (Some(info), old) => self.info(run, info, true, old.is_some())?,
            // What a manifest told stays.
            (None, Some(old)) if !old.is_told => {}
            (None, Some(_)) => {
                self.info(run, &Info::default(), false, true)?;
                self.is_to_plan = true;
            }
            (None, None) => {}
        }
        let mut update = self.db.prepare_cached(
            "UPDATE run SET state = ?2, step = ?3, steps = ?4, alarms = ?5, error = ?6,
             updated = ?7, inode = ?8, changed = ?9, print = ?10 WHERE run = ?1",
        )?;
        let (step, steps) = (seen.step as i64, seen.steps as i64);
        let (alarms, error, updated) = (seen.alarms, &seen.error, seen.updated);
        let state = seen.state as i64;
        let changed = seen.changed;
        update.execute(params![
            run, state, step, steps, alarms, error, updated, inode, changed, print
        ])?;
        if old.is_some_and(|old| old.state == State::Done as i64) {
            self.forget_metrics(run)?;
        }
        let mut insert = self.db.prepare_cached("INSERT INTO metric VALUES (?1, ?2, ?3)")?;
        for (name, value) in &seen.metrics {
            let measure = self.name("measure", name)?;
            insert.execute(params![measure, run, value])?;
        }
        Ok(())
    }

    /// A run that a sweep asks for: its settings, where no file of it tells them.
    pub fn planned(&mut self, id: &str, info: &Info, updated: f64) -> Result<i64> {
        let old = self.old(id)?;
        if let Some(old) = &old
            && old.is_told
        {
            return Ok(old.run);
        }
        self.changed += 1;
        let run = match &old {
            Some(old) => old.run,
            None => self.insert(id)?,
        };
        self.info(run, info, false, old.is_some())?;
        let mut update = self
            .db
            .prepare_cached("UPDATE run SET updated = ?2 WHERE run = ?1 AND inode IS NULL")?;
        update.execute(params![run, updated])?;
        Ok(run)
    }

    /// A run that no sweep asks for any more, and whose files tell nothing of it yet.
    pub fn unplanned(&mut self, run: i64) -> Result<()> {
        self.changed += 1;
        self.info(run, &Info::default(), false, true)
    }

    /// A run whose folder is gone. It is pending where a sweep asks for it.
    pub fn gone(&mut self, run: i64) -> Result<()> {
        self.changed += 1;
        self.forget_parts(run)?;
        self.forget_metrics(run)?;
        let mut asked = self.db.prepare_cached("SELECT 1 FROM member WHERE run = ?1")?;
        if asked.exists([run])? {
            self.is_to_plan = true;
            let mut update = self.db.prepare_cached(
                "UPDATE run SET state = ?2, step = 0, steps = 0, alarms = 0, error = NULL,
                 told = 0, inode = NULL, changed = 0, print = 0 WHERE run = ?1",
            )?;
            update.execute(params![run, State::Pending as i64])?;
        } else {
            self.db.prepare_cached("DELETE FROM run WHERE run = ?1")?.execute([run])?;
        }
        Ok(())
    }

    /// Drops parts of specs that no run has any more; gives the number of runs that changed.
    pub fn end(self) -> Result<usize> {
        if self.changed > 0 {
            self.db.execute_batch(
                "DELETE FROM setting WHERE (key, part) IN (
                   SELECT key.key, part.part FROM part JOIN key USING (section)
                   WHERE part.uses = 0);
                 DELETE FROM part WHERE uses = 0;",
            )?;
        }
        Ok(self.changed)
    }

    fn old(&self, id: &str) -> Result<Option<Old>> {
        let mut find = self.db.prepare_cached(
            "SELECT run, state, print, inode, changed, told FROM run WHERE id = ?1",
        )?;
        let old = |row: &rusqlite::Row<'_>| {
            let (run, state, print) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let (inode, changed, is_told) = (row.get(3)?, row.get(4)?, row.get(5)?);
            Ok(Old { run, state, print, inode, changed, is_told })
        };
        find.query_row([id], old).optional()
    }

    fn insert(&self, id: &str) -> Result<i64> {
        let mut insert = self.db.prepare_cached(
            "INSERT INTO run VALUES
             (NULL, ?1, '', '', '', 0, '', ?2, 0, 0, 0, NULL, 0.0, 0, NULL, 0, 0)",
        )?;
        insert.insert(params![id, State::Pending as i64])
    }

    fn info(&mut self, run: i64, info: &Info, is_told: bool, is_old: bool) -> Result<()> {
        let Info { name, model, seed, dataset, parts } = info;
        // Sweeps name models better than a spec does.
        let mut update = self.db.prepare_cached(
            "UPDATE run SET name = ?2, own_model = ?3, model = coalesce(
               (SELECT label FROM member JOIN sweep USING (sweep) WHERE member.run = ?1
                ORDER BY folder LIMIT 1), ?3),
             seed = ?4, dataset = ?5, told = ?6 WHERE run = ?1",
        )?;
        update.execute(params![run, name, model, *seed as i64, dataset, is_told])?;
        if is_old {
            self.forget_parts(run)?;
        }
        for part in parts {
            let section = self.name("section", &part.section)?;
            let part = self.part(section, part)?;
            self.db
                .prepare_cached("INSERT INTO has VALUES (?1, ?2, ?3)")?
                .execute([section, run, part])?;
            self.db
                .prepare_cached("UPDATE part SET uses = uses + 1 WHERE part = ?1")?
                .execute([part])?;
        }
        Ok(())
    }

    fn part(&mut self, section: i64, part: &Part) -> Result<i64> {
        let hash = part.hash();
        if let Some(&known) = self.parts.get(&hash) {
            return Ok(known);
        }
        let mut find = self.db.prepare_cached("SELECT part FROM part WHERE hash = ?1")?;
        let found: Option<i64> = find.query_row([hash.as_slice()], |row| row.get(0)).optional()?;
        let id = match found {
            Some(id) => id,
            None => {
                let mut insert =
                    self.db.prepare_cached("INSERT INTO part VALUES (NULL, ?1, ?2, 0)")?;
                let id = insert.insert(params![section, hash.as_slice()])?;
                let mut insert =
                    self.db.prepare_cached("INSERT INTO setting VALUES (?1, ?2, ?3)")?;
                for (key, scalar) in &part.leaves {
                    let key = self.key(section, key)?;
                    let value = self.value(&scalar.text, scalar.number)?;
                    insert.execute([key, id, value])?;
                }
                id
            }
        };
        self.parts.insert(hash, id);
        Ok(id)
    }

    fn key(&self, section: i64, name: &str) -> Result<i64> {
        let mut find = self.db.prepare_cached("SELECT key FROM key WHERE name = ?1")?;
        let found = find.query_row([name], |row| row.get(0)).optional()?;
        let mut insert = self.db.prepare_cached("INSERT INTO key VALUES (NULL, ?1, ?2)")?;
        found.map_or_else(|| insert.insert(params![section, name]), Ok)
    }

    fn value(&self, text: &str, number: Option<f64>) -> Result<i64> {
        let is_number = number.is_some();
        let mut find =
            self.db.prepare_cached("SELECT value FROM value WHERE text = ?1 AND is_number = ?2")?;
        let found = find.query_row(params![text, is_number], |row| row.get(0)).optional()?;
        let mut insert = self.db.prepare_cached("INSERT INTO value VALUES (NULL, ?1, ?2, ?3)")?;
        found.map_or_else(|| insert.insert(params![text, number, is_number]), Ok)
    }

    /// The number of a name in a table of names, in which it is then.
    pub fn name(&mut self, table: &'static str, name: &str) -> Result<i64> {
        if let Some(&known) = self.names.get(&(table, name.to_owned())) {
            return Ok(known);
        }
        let find = format!("SELECT {table} FROM {table} WHERE name = ?1");
        let mut find = self.db.prepare_cached(&find)?;
        let found = find.query_row([name], |row| row.get(0)).optional()?;
        let mut insert =
            self.db.prepare_cached(&format!("INSERT INTO {table} VALUES (NULL, ?1)"))?;
        let id = found.map_or_else(|| insert.insert([name]), Ok)?;
        self.names.insert((table, name.to_owned()), id);
        Ok(id)
    }

    fn forget_parts(&self, run: i64) -> Result<()> {
        const OF_RUN: &str = "run = ?1 AND section IN (SELECT section FROM section)";
        let uses = format!(
            "UPDATE part SET uses = uses - 1 WHERE part IN (SELECT part FROM has WHERE {OF_RUN})"
        );
        self.db.prepare_cached(&uses)?.execute([run])?;
        let delete = format!("DELETE FROM has WHERE {OF_RUN}");
        self.db.prepare_cached(&delete)?.execute([run])?;
        Ok(())
    }

    fn forget_metrics(&self, run: i64) -> Result<()> {
        let mut delete = self.db.prepare_cached(
            "DELETE FROM metric WHERE run = ?1 AND measure IN (SELECT measure FROM measure)",
        )?;
        delete.execute([run])?;
        Ok(())
    }
}
