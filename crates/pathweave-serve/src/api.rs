//! `/api/…`: what the pages show, as JSON.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use pathweave_eval::curves::Curves;
use pathweave_store as store;
use pathweave_store::query::{self, Filter, QueryError};
use serde_json::{Map, Value, json};

use crate::answer;
use crate::files::{Refused, RunFiles};
use crate::page::{Pairs, View, blocking};
use crate::site::Site;

/// Runs of one answer at most.
const MOST: usize = 1000;
/// Bytes of a record that are read.
const RECORD: u64 = 8 * 1024 * 1024;
/// Bytes of curves that are read.
const CURVES: u64 = 64 * 1024 * 1024;

/// `/api/runs`: `{"total", "offset", "columns", "runs": […]}`, or with `by` `{"columns", "groups"}`.
/// The parameters are those of the table, and `offset` and `limit`.
pub(crate) async fn runs(State(site): State<Arc<Site>>, Query(pairs): Query<Pairs>) -> Response {
    let number = |name: &str, most: usize, otherwise: usize| {
        let given = pairs.iter().find(|(key, _)| key == name);
        given.and_then(|(_, value)| value.parse().ok()).unwrap_or(otherwise).min(most)
    };
    let (offset, limit) = (number("offset", usize::MAX >> 2, 0), number("limit", MOST, 100));
    let view = View::of(&pairs);
    if !site.known().ready {
        let text = "the runs are being read for the first time";
        return answer::json_error(StatusCode::SERVICE_UNAVAILABLE, text);
    }
    match blocking(move || listed(&site, &view, offset, limit)).await {
        Ok(Ok(value)) => answer::json(StatusCode::OK, &value),
        Ok(Err(error @ QueryError::Word { .. })) => {
            answer::json_error(StatusCode::BAD_REQUEST, &error.to_string())
        }
        Ok(Err(error)) => answer::json_error(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
        Err(failed) => failed,
    }
}

fn listed(site: &Site, view: &View, offset: usize, limit: usize) -> Result<Value, QueryError> {
    let filter = Filter::parse(&view.filter)?;
    if !view.by.is_empty() {
        let groups = site.ask(|index| index.groups(&filter, &view.by, &view.show))?;
        let groups: Vec<Value> = groups.iter().map(|group| group_json(group, &view.show)).collect();
        return Ok(json!({"by": view.by, "columns": view.show, "groups": groups}));
    }
    let counts = site.ask(|index| index.counts(&filter))?;
    let query = query::Query {
        filter,
        sort: view.sort.clone(),
        columns: view.show.clone(),
        offset,
        limit: Some(limit),
    };
    let rows = site.ask(|index| index.rows(&query))?;
    Ok(json!({
        "total": counts.total,
        "counts": counts,
        "offset": offset,
        "columns": view.show,
        "runs": rows,
    }))
}

fn group_json(group: &store::index::Group, show: &[String]) -> Value {
    let metric = |at: usize| json!({"mean": group.mean(at), "ci95": group.ci95(at), "n": group.values[at].len()});
    let metrics: Map<String, Value> =
        show.iter().enumerate().map(|(at, name)| (name.clone(), metric(at))).collect();
    json!({"key": group.key, "runs": group.runs, "metrics": metrics})
}

/// `/api/run/ID`: `{"run": …, "record": …, "progress": …, "failure": …}`.
pub(crate) async fn run(State(site): State<Arc<Site>>, Path(id): Path<String>) -> Response {
    answered(blocking(move || whole(&site, &id)).await)
}

fn whole(site: &Site, id: &str) -> Result<Value, Refused> {
    let row = site.row(id);
    let files = match (RunFiles::open(site.store(), id), &row) {
        (Err(Refused::NoRun), Some(_)) => return Ok(json!({"run": row})),
        (files, _) => files?,
    };
    let read = |name: &str| {
        let text = files.text(name, RECORD)?;
        let parse = |text: String| serde_json::from_str::<Value>(&text);
        text.map(parse).transpose().map_err(|error| Refused::broken(name, error))
    };
    Ok(json!({
        "run": row,
        "record": read(store::RECORD)?,
        "timing": read(store::TIMING)?,
        "progress": read(store::PROGRESS)?,
        "failure": read(store::FAILED)?,
    }))
}

/// `/api/run/ID/curves`: `{"TAG": [[step, epoch, value], …], …}`; a value that is not finite is null.
pub(crate) async fn curves(State(site): State<Arc<Site>>, Path(id): Path<String>) -> Response {
    answered(blocking(move || drawn(&site, &id)).await)
}

fn drawn(site: &Site, id: &str) -> Result<Value, Refused> {
    let files = RunFiles::open(site.store(), id)?;
    let finished = files.text(store::CURVES, CURVES)?;
    let (name, text) = match finished {
        Some(text) => (store::CURVES, text),
        None => (store::LIVE, whole_lines(files.text(store::LIVE, CURVES)?.unwrap_or_default())),
    };
    if text.is_empty() {
        return Ok(json!({}));
    }
    let curves = Curves::from_csv(text.as_bytes()).map_err(|error| Refused::broken(name, error))?;
    let points = |tag: &str| -> Value {
        curves.points(tag).map(|point| json!([point.step, point.epoch, point.value])).collect()
    };
    Ok(curves.tags().map(|tag| (tag.to_owned(), points(tag))).collect::<Map<_, _>>().into())
}

/// Without a last line that is being written.
fn whole_lines(mut text: String) -> String {
    text.truncate(text.rfind('\n').map_or(0, |end| end + 1));
    text
}

fn answered(found: Result<Result<Value, Refused>, Response>) -> Response {
    match found {
        Ok(Ok(value)) => answer::json(StatusCode::OK, &value),
        Ok(Err(refused)) => answer::json_error(answer::status(&refused), &refused.to_string()),
        Err(failed) => failed,
    }
}
