//! Answering questions.

use std::collections::HashMap;

use rusqlite::types::Value;
use rusqlite::{
    Connection, OptionalExtension, Result as SqlResult, Row as Found, params_from_iter,
};

use super::column::{Column, condition};
use super::row::{Cell, Counts, Group, Row, Setting};
use crate::State;
use crate::query::{Field, Filter, Query, QueryError};

/// The fields of a row, and its sweeps as their numbers with commas.
const FIELDS: &str = "run.id, run.name, run.model, run.seed, run.dataset, run.state, run.step, \
    run.steps, run.alarms, run.error, run.updated, \
    (SELECT group_concat(sweep) FROM member WHERE member.run = run.run)";

/// SQLite joins at most 64 tables; one is that of the runs.
const MOST_TABLES: usize = 60;

fn keep(db: &Connection, filter: &Filter) -> Result<(String, Vec<Value>), QueryError> {
    let mut values = Vec::new();
    let conditions = filter
        .conditions
        .iter()
        .map(|one| condition(db, one, &mut values))
        .collect::<Result<Vec<_>, _>>()?;
    let conditions = match conditions.is_empty() {
        true => "1".to_owned(),
        false => conditions.join(" AND "),
    };
    Ok((conditions, values))
}

fn columns(db: &Connection, names: &[String]) -> Result<Vec<Column>, QueryError> {
    names.iter().map(|name| Column::of(db, name)).collect()
}

/// Number of runs in each state.
pub(super) fn counts(db: &Connection, filter: &Filter) -> Result<Counts, QueryError> {
    let (conditions, values) = keep(db, filter)?;
    let question = format!(
        "SELECT state, count(*), sum(alarms > 0) FROM run WHERE {conditions} GROUP BY state"
    );
    let mut counts = Counts::default();
    let mut question = db.prepare(&question)?;
    let mut found = question.query(params_from_iter(values))?;
    while let Some(row) = found.next()? {
        let count = row.get::<_, i64>(1)? as usize;
        counts.total += count;
        counts.alarmed += row.get::<_, i64>(2)? as usize;
        *match state(row.get(0)?)? {
            State::Pending => &mut counts.pending,
            State::Running => &mut counts.running,
            State::Done => &mut counts.done,
            State::Failed => &mut counts.failed,
        } += count;
    }
    Ok(counts)
}

/// Runs with the columns that are asked for.
pub(super) fn rows(db: &Connection, query: &Query) -> Result<Vec<Row>, QueryError> {
    let (conditions, values) = keep(db, &query.filter)?;
    let columns = columns(db, &query.columns)?;
    let (joins, order) = match &query.sort {
        None => (String::new(), String::new()),
        Some(sort) => {
            let column = Column::of(db, &sort.key)?;
            // A run stays one row, also where several sweeps ask for it.
            let is_sweep = column == Column::Field(Field::Sweep);
            let joins = if is_sweep { String::new() } else { column.joins(0) };
            (joins, format!("{}, ", column.order(0, sort.descending)))
        }
    };
    let limit = query.limit.map_or(-1, |limit| limit.min(i64::MAX as usize) as i64);
    let offset = query.offset.min(i64::MAX as usize) as i64;
    // First the page, then what is on it: an order carries all that is asked for along.
    let page = format!(
        "SELECT run.run FROM run{joins} WHERE {conditions}
         ORDER BY {order}run.id LIMIT {limit} OFFSET {offset}"
    );
    let mut page = db.prepare(&page)?;
    let page = page.query_map(params_from_iter(values), |row| row.get(0))?;
    let page = page.collect::<SqlResult<Vec<i64>>>()?;
    let mut reader = Reader::new(db, &columns)?;
    page.into_iter().map(|run| reader.row(run)).collect()
}

/// One run.
pub(super) fn run(db: &Connection, id: &str) -> Result<Option<Row>, QueryError> {
    let mut find = db.prepare_cached("SELECT run FROM run WHERE id = ?1")?;
    let found: Option<i64> = find.query_row([id], |row| row.get(0)).optional()?;
    found.map(|run| Reader::new(db, &[])?.row(run)).transpose()
}

/// Reads rows by their numbers.
struct Reader<'a> {
    /// The fields with the first columns, then the other columns, and how many each has
    questions: Vec<(rusqlite::Statement<'a>, usize)>,
    sweeps: HashMap<i64, String>,
}

impl<'a> Reader<'a> {
    fn new(db: &'a Connection, columns: &[Column]) -> Result<Self, QueryError> {
        let mut sweeps = db.prepare_cached("SELECT sweep, folder FROM sweep")?;
        let sweeps = sweeps.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let sweeps = sweeps.collect::<SqlResult<_>>()?;
        let mut questions = Vec::new();
        let mut rest = columns;
        while questions.is_empty() || !rest.is_empty() {
            let fit = (1..=rest.len()).rev().find(|&count| tables(&rest[..count]) <= MOST_TABLES);
            let (now, later) = rest.split_at(fit.unwrap_or(0));
            let (results, joins) = selected(now);
            let mut question =
                format!("SELECT {FIELDS}{results} FROM run{joins} WHERE run.run = ?1");
            // Of several sweeps as a column the first one.
            if let Some(at) = now.iter().position(|one| *one == Column::Field(Field::Sweep)) {
                question += &format!(" ORDER BY w{at}.folder");
            }
            questions.push((db.prepare(&question)?, now.len()));
            rest = later;
        }
        Ok(Self { questions, sweeps })
    }

    fn row(&mut self, run: i64) -> Result<Row, QueryError> {
        let sweeps = &self.sweeps;
        let cells = |found: &Found<'_>, columns: usize| {
            (0..columns).map(|at| cell(found, 12 + 3 * at)).collect::<SqlResult<Vec<_>>>()
        };
        let read = |found: &Found<'_>, columns: usize| {
            let asked: Option<String> = found.get(11)?;
            let asked = asked.unwrap_or_default();
            let asked = asked.split(',').filter_map(|sweep| sweep.parse().ok());
            let mut sweeps: Vec<String> =
                asked.filter_map(|sweep: i64| sweeps.get(&sweep).cloned()).collect();
            sweeps.sort();
            Ok(Row {
                id: found.get(0)?,
                name: found.get(1)?,
                model: found.get(2)?,
                seed: found.get::<_, i64>(3)? as u64,
                dataset: found.get(4)?,
                state: state(found.get(5)?)?,
                step: found.get::<_, i64>(6)? as u64,
                steps: found.get::<_, i64>(7)? as u64,
                alarms: found.get(8)?,
                error: found.get(9)?,
                updated: found.get(10)?,
                sweeps,
                columns: cells(found, columns)?,
            })
        };
        let mut questions = self.questions.iter_mut();
        let (first, count) = questions.next().expect("the fields are asked for");
        let mut row = first.query_row([run], |found| read(found, *count))?;
        for (question, count) in questions {
            row.columns.extend(question.query_row([run], |found| cells(found, *count))?);
        }
        Ok(row)
    }
}

/// Tables that the columns are looked up in.
fn tables(columns: &[Column]) -> usize {
    columns.iter().map(|column| column.tables()).sum()
}

/// Results and joins of columns.
fn selected(columns: &[Column]) -> (String, String) {
    let numbered = || columns.iter().enumerate();
    let results = numbered().map(|(at, column)| format!(", {}", column.results(at))).collect();
    (results, numbered().map(|(at, column)| column.joins(at)).collect())
}

fn cell(found: &Found<'_>, at: usize) -> SqlResult<Option<Cell>> {
    if !found.get::<_, bool>(at)? {
        return Ok(None);
    }
    Ok(Some(match found.get::<_, Option<String>>(at + 1)? {
        Some(text) => Cell::Text(text),
        None => Cell::Number(found.get::<_, Option<f64>>(at + 2)?.unwrap_or(f64::NAN)),
    }))
}

fn state(number: i64) -> SqlResult<State> {
    let state = State::ALL.into_iter().find(|state| *state as i64 == number);
    state.ok_or(rusqlite::Error::IntegralValueOutOfRange(0, number))
}

/// Runs that are alike, sorted by what they are alike in.
pub(super) fn groups(
    db: &Connection,
    filter: &Filter,
    by: &[String],
    metrics: &[String],
) -> Result<Vec<Group>, QueryError> {
    let (conditions, values) = keep(db, filter)?;
    let mut asked = columns(db, by)?;
    asked.extend(columns(db, metrics)?);
    if tables(&asked) > MOST_TABLES {
        let what = "so many keys and metrics cannot be asked for at once";
        return Err(QueryError::word(&by.join(","), what));
    }
    let (results, joins) = selected(&asked);
    let question =
        format!("SELECT run.id{results} FROM run{joins} WHERE {conditions} ORDER BY run.id");
    let mut question = db.prepare(&question)?;
    let mut found = question.query(params_from_iter(values))?;
    let mut places: HashMap<Vec<String>, usize> = HashMap::new();
    let mut groups: Vec<(Vec<Option<Cell>>, Group)> = Vec::new();
    while let Some(row) = found.next()? {
        let cells = (0..asked.len()).map(|at| cell(row, 1 + 3 * at));
        let mut cells = cells.collect::<SqlResult<Vec<_>>>()?;
        let of_metrics = cells.split_off(by.len());
        let text = |cell: &Option<Cell>| cell.as_ref().map(Cell::to_string).unwrap_or_default();
        let key: Vec<String> = cells.iter().map(text).collect();
        let place = *places.entry(key).or_insert_with_key(|key| {
            let values = vec![Vec::new(); metrics.len()];
            groups.push((cells, Group { key: key.clone(), values, ..Group::default() }));
            groups.len() - 1
        });
        let group = &mut groups[place].1;
        group.runs += 1;
        group.ids.push(row.get(0)?);
        for (values, cell) in group.values.iter_mut().zip(of_metrics) {
            values.extend(cell.and_then(|cell| cell.number()));
        }
    }
    let order = |a: &[Option<Cell>], b: &[Option<Cell>]| {
        let pairs = a.iter().zip(b);
        pairs.map(|(a, b)| Cell::order(a.as_ref(), b.as_ref())).find(|order| order.is_ne())
    };
    groups.sort_by(|a, b| order(&a.0, &b.0).unwrap_or(std::cmp::Ordering::Equal));
    Ok(groups.into_iter().map(|(_, group)| group).collect())
}

/// Names of metrics.
pub(super) fn metrics(db: &Connection) -> Result<Vec<String>, QueryError> {
    let mut names = db.prepare_cached(
        "SELECT name FROM measure
         WHERE EXISTS (SELECT 1 FROM metric WHERE metric.measure = measure.measure) ORDER BY name",
    )?;
    Ok(names.query_map([], |row| row.get(0))?.collect::<SqlResult<_>>()?)
}

/// Settings with more than one value.
pub(super) fn varying(db: &Connection) -> Result<Vec<Setting>, QueryError> {
    let mut question = db.prepare_cached(
        "SELECT key.name, 1, iif(value.is_number, NULL, value.text), value.number FROM key
         JOIN (SELECT DISTINCT key, value FROM setting WHERE key IN (
           SELECT key FROM setting GROUP BY key HAVING min(value) <> max(value))) USING (key)
         JOIN value USING (value) ORDER BY key.name",
    )?;
    let mut found = question.query([])?;
    let mut settings: Vec<Setting> = Vec::new();
    while let Some(row) = found.next()? {
        let key: String = row.get(0)?;
        let value = cell(row, 1)?;
        match settings.last_mut() {
            Some(last) if last.key == key => last.values.extend(value),
            _ => settings.push(Setting { key, values: value.into_iter().collect() }),
        }
    }
    for setting in &mut settings {
        setting.values.sort_by(|a, b| Cell::order(Some(a), Some(b)));
    }
    Ok(settings)
}
