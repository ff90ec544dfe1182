//! The pages, as HTML made on the server, and the requests that they answer.

mod alarms;
mod cells;
pub(crate) mod compare;
mod found;
pub(crate) mod frame;
mod groups;
pub(crate) mod html;
mod results;
mod rows;
mod run;
mod settings;
mod table;
mod tools;
mod view;

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::header::{ETAG, IF_NONE_MATCH, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::answer;
use crate::figures;
use crate::files::{Refused, RunFiles};
use crate::site::Site;
pub(crate) use view::View;

/// The parameters of an address, in order.
pub(crate) type Pairs = Vec<(String, String)>;

/// Does what waits for files or the index where waiting harms nobody.
///
/// # Errors
/// An answer, where it panicked.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Response> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| answer::plain(StatusCode::INTERNAL_SERVER_ERROR, "a fault of the program\n"))
}

/// `/`: the table.
pub(crate) async fn table(
    State(site): State<Arc<Site>>,
    Query(pairs): Query<Pairs>,
    headers: HeaderMap,
) -> Response {
    let view = View::of(&pairs);
    if pairs.iter().any(|(key, _)| key == "add") {
        // A menu was used: the address that says the same without it can be kept.
        return (StatusCode::SEE_OTHER, [(LOCATION, table::tidy(&site, view).address())])
            .into_response();
    }
    let stamp = format!("\"{}\"", site.stamp());
    if is_part(&pairs) && is_known(&headers, &stamp) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let part = is_part(&pairs);
    let page = blocking(move || match part {
        true => (StatusCode::OK, table::part(&site, &view)),
        false => table::page(&site, &view),
    });
    match page.await {
        Ok((status, page)) => ([(ETAG, stamp)], answer::html(status, page)).into_response(),
        Err(failed) => failed,
    }
}

/// `/run/ID`: one run.
pub(crate) async fn run(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    Query(pairs): Query<Pairs>,
    headers: HeaderMap,
) -> Response {
    let part = is_part(&pairs);
    let page = blocking(move || {
        let stamp = format!("\"{}.{}\"", site.stamp(), run::stamp(&site, &id));
        let known = part && is_known(&headers, &stamp);
        (!known).then(|| (stamp, run::page(&site, &id, part)))
    });
    match page.await {
        Ok(None) => StatusCode::NOT_MODIFIED.into_response(),
        Ok(Some((stamp, Ok(page)))) => {
            ([(ETAG, stamp)], answer::html(StatusCode::OK, page)).into_response()
        }
        Ok(Some((_, Err(refused)))) => answer::refused(&refused),
        Err(failed) => failed,
    }
}

/// `/run/ID/figure/NAME.svg`: a picture.
pub(crate) async fn figure(
    State(site): State<Arc<Site>>,
    Path((id, name)): Path<(String, String)>,
) -> Response {
    let drawn = blocking(move || {
        let name = name.strip_suffix(".svg").unwrap_or_default();
        figures::draw(&RunFiles::open(site.store(), &id)?, name)
    });
    match drawn.await {
        Ok(Ok(Some(picture))) => answer::svg(picture),
        Ok(Ok(None)) => answer::plain(StatusCode::NOT_FOUND, "there is no such picture\n"),
        Ok(Err(refused @ (Refused::TooLarge { .. } | Refused::Broken { .. }))) => {
            answer::svg(figures::notice(&refused.to_string()))
        }
        Ok(Err(refused)) => answer::refused(&refused),
        Err(failed) => failed,
    }
}

/// `/compare`: runs or groups side by side.
pub(crate) async fn compare(State(site): State<Arc<Site>>, Query(pairs): Query<Pairs>) -> Response {
    match blocking(move || compare::page(&site, &pairs)).await {
        Ok(page) => answer::html(StatusCode::OK, page),
        Err(failed) => failed,
    }
}

/// `/compare/figure/NAME.svg`: a picture of runs or groups.
pub(crate) async fn compare_figure(
    State(site): State<Arc<Site>>,
    Path(name): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Response {
    let drawn = blocking(move || {
        let name = name.strip_suffix(".svg").unwrap_or_default();
        compare::draw(&site, &pairs, name)
    });
    match drawn.await {
        Ok(Ok(Some(picture))) => answer::svg(picture),
        Ok(Ok(None)) => answer::plain(StatusCode::NOT_FOUND, "there is no such picture\n"),
        Ok(Err(error)) => answer::svg(figures::notice(&error.to_string())),
        Err(failed) => failed,
    }
}

/// Whether only what changes by itself is asked for.
fn is_part(pairs: &Pairs) -> bool {
    pairs.iter().any(|(key, _)| key == "part")
}

/// Whether the client has what this stamp is of.
fn is_known(headers: &HeaderMap, stamp: &str) -> bool {
    headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == stamp.as_bytes())
}
