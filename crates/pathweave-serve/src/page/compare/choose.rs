//! What is compared with what.

use std::collections::{BTreeMap, BTreeSet};

use pathweave_store::index::{Cell, Group, Row};
use pathweave_store::is_id;
use pathweave_store::query::{Condition, Field, Filter, Op, Query, QueryError};

use super::super::html::short;
use super::super::table::TELLING;
use super::super::view::View;
use crate::site::Site;

/// Runs that are looked at one by one, at most.
pub(super) const RUNS: usize = 200;
/// Groups at most.
const GROUPS: usize = 200;
/// Settings that are looked at for differences, at most.
const SETTINGS: usize = 200;
/// Keys by which runs are told apart, at most.
const KEYS: usize = 4;
/// Metrics where none are chosen, at most.
const METRICS: usize = 6;
/// The key by which every run is alone.
pub(super) const ID: &str = "id";

/// Runs in groups.
pub(super) struct Chosen {
    /// Which runs
    pub(super) filter: Filter,
    /// Number of runs
    pub(super) total: usize,
    /// Told apart by these keys
    pub(super) by: Vec<String>,
    /// With these metrics
    pub(super) show: Vec<String>,
    /// At most [`GROUPS`]
    pub(super) groups: Vec<Group>,
    /// Name of each group
    pub(super) labels: Vec<String>,
    /// All there are
    pub(super) all_groups: usize,
    /// At most [`RUNS`] of the runs, with the values of `settings`
    pub(super) rows: Vec<Row>,
    /// The settings that differ between the rows
    pub(super) settings: Vec<String>,
}

impl Chosen {
    /// What an address asks for; none where it asks for nothing.
    pub(super) fn of(site: &Site, pairs: &[(String, String)]) -> Result<Option<Self>, QueryError> {
        let view = View::of(pairs);
        let Some(filter) = filter(pairs, &view)? else { return Ok(None) };
        let varying = site.ask(|index| index.varying())?;
        let keys: Vec<String> = varying.into_iter().map(|s| s.key).take(SETTINGS).collect();
        let query = Query {
            filter: filter.clone(),
            columns: keys.clone(),
            limit: Some(RUNS),
            ..Query::default()
        };
        let mut rows = site.ask(|index| index.rows(&query))?;
        let total = site.ask(|index| index.counts(&filter))?.total;
        let settings = only_differing(&mut rows, &keys);
        let by = match view.by.is_empty() {
            true => told_apart(&rows, &settings),
            false => view.by.clone(),
        };
        let show = match view.show.is_empty() {
            true => TELLING.map(str::to_owned).to_vec(),
            false => view.show.clone(),
        };
        let known = site.known();
        let there = |name: &String| known.metrics.contains(name) || !view.show.is_empty();
        let mut show: Vec<String> = show.into_iter().filter(there).collect();
        let mut groups = site.ask(|index| index.groups(&filter, &by, &show))?;
        if view.show.is_empty() {
            keep_measured(&mut show, &mut groups);
        }
        let all_groups = groups.len();
        groups.truncate(GROUPS);
        let labels = labels(&by, &groups, &rows);
        let chosen = Self { filter, total, by, show, groups, labels, all_groups, rows, settings };
        Ok(Some(chosen))
    }

    /// Those of the looked-at runs that are in a group.
    pub(super) fn rows_of(&self, group: usize) -> impl Iterator<Item = &Row> {
        let ids: BTreeSet<&str> = self.groups[group].ids.iter().map(String::as_str).collect();
        self.rows.iter().filter(move |row| ids.contains(row.id.as_str()))
    }
}

fn filter(pairs: &[(String, String)], view: &View) -> Result<Option<Filter>, QueryError> {
    let runs = pairs.iter().filter(|(key, value)| key == "run" && is_id(value));
    let ids: BTreeSet<String> = runs.map(|(_, value)| value.clone()).take(RUNS).collect();
    if !ids.is_empty() {
        let values = ids.into_iter().collect();
        return Ok(Some(Filter {
            conditions: vec![Condition { key: ID.to_owned(), op: Op::Is, values }],
        }));
    }
    let asked = !view.filter.is_empty() || !view.by.is_empty();
    asked.then(|| Filter::parse(&view.filter)).transpose()
}

fn text(cell: Option<&Cell>) -> Option<String> {
    cell.map(ToString::to_string)
}

/// Leaves only the columns whose values differ between rows; gives their keys.
fn only_differing(rows: &mut [Row], keys: &[String]) -> Vec<String> {
    let value = |row: &Row, at: usize| text(row.columns.get(at).and_then(Option::as_ref));
    let differs = |at: &usize| {
        let mut values = rows.iter().map(|row| value(row, *at));
        let first = values.next();
        values.any(|other| Some(other) != first)
    };
    let kept: Vec<usize> = (0..keys.len()).filter(differs).collect();
    for row in rows {
        row.columns = kept.iter().map(|&at| row.columns.get(at).cloned().flatten()).collect();
    }
    kept.into_iter().map(|at| keys[at].clone()).collect()
}

/// The fewest keys found that tell all those rows apart that differ in more than their seed: one
/// after the other the key that parts them most. Where nothing but seeds differs, ids.
fn told_apart(rows: &[Row], settings: &[String]) -> Vec<String> {
    let of = |row: &Row, key: &str| match Field::of(key) {
        Some(Field::Model) => Some(row.model.clone()),
        Some(Field::Dataset) => Some(row.dataset.clone()),
        _ => {
            let at = settings.iter().position(|setting| setting == key);
            text(at.and_then(|at| row.columns[at].as_ref()))
        }
    };
    let parts = |keys: &[&str]| {
        let values = rows.iter().map(|row| keys.iter().map(|key| of(row, key)).collect::<Vec<_>>());
        values.collect::<BTreeSet<_>>().len()
    };
    let mut candidates = vec!["model", "dataset"];
    candidates.extend(settings.iter().map(String::as_str));
    let wanted = parts(&candidates);
    let mut keys: Vec<&str> = Vec::new();
    while keys.len() < KEYS && parts(&keys) < wanted {
        let with = |key: &str| parts(&[keys.clone(), vec![key]].concat());
        // The first of those that part equally well.
        let best = candidates.iter().rev().max_by_key(|key| with(key));
        keys.extend(best);
    }
    if keys.is_empty() {
        vec![ID.to_owned()]
    } else {
        keys.into_iter().map(str::to_owned).collect()
    }
}

/// Leaves only the first few metrics of which some group has a value.
fn keep_measured(show: &mut Vec<String>, groups: &mut [Group]) {
    let measured = |at: &usize| groups.iter().any(|group| !group.values[*at].is_empty());
    let kept: Vec<usize> = (0..show.len()).filter(measured).take(METRICS).collect();
    *show = kept.iter().map(|&at| show[at].clone()).collect();
    for group in groups {
        group.values = kept.iter().map(|&at| group.values[at].clone()).collect();
    }
}

/// Names of groups, each another one.
fn labels(by: &[String], groups: &[Group], rows: &[Row]) -> Vec<String> {
    let run = |id: &str| {
        let row = rows.iter().find(|row| row.id == id)?;
        let name = if row.name.is_empty() { &row.id } else { &row.name };
        Some(format!("{}, seed {}", short(name, 60), row.seed))
    };
    let part = |(key, value): (&String, &String)| match (value.as_str(), by.len()) {
        ("", _) => format!("no {key}"),
        (value, 1) => short(value, 60),
        (value, _) if matches!(key.as_str(), "model" | "name" | "dataset") => short(value, 60),
        (value, _) => {
            format!("{} {}", key.rsplit('.').next().unwrap_or(key), short(value, 40))
        }
    };
    let one = |group: &Group| match by {
        [key] if key == ID => group.key.first().and_then(|id| run(id)).unwrap_or_default(),
        _ => by.iter().zip(&group.key).map(part).collect::<Vec<_>>().join(" · "),
    };
    let mut labels: Vec<String> = groups.iter().map(one).collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    labels.iter().for_each(|label| *counts.entry(label.clone()).or_default() += 1);
    for (label, group) in labels.iter_mut().zip(groups) {
        if counts[label] > 1 {
            let id: String = group.ids.iter().flat_map(|id| id.chars().take(8)).take(8).collect();
            *label = format!("{label} {id}");
        }
    }
    labels
}
