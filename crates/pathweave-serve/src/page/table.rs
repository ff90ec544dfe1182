//! `/`: the table of runs, or of groups of runs.

use axum::http::StatusCode;
use pathweave_store::query::{Condition, Filter, Op, QueryError};

use super::cells::{count, counted};
use super::frame;
use super::html::{esc, put};
use super::view::View;
use super::{groups, rows, tools};
use crate::live::METRIC;
use crate::site::{Known, Site};

/// Columns where none are chosen, of those that there are.
pub(super) const TELLING: [&str; 6] =
    ["accuracy", "loss", "metric:error", "performance_ood", "collapse_avg", "timing/train_seconds"];

/// The whole page; where the filter is wrong, with what is wrong beside it.
pub(super) fn page(site: &Site, view: &View) -> (StatusCode, String) {
    let known = site.known();
    let filter = Filter::parse(&view.filter);
    let part = filter.as_ref().map_err(Clone::clone).and_then(|f| content(site, view, &known, f));
    let status = match &part {
        Ok(_) => StatusCode::OK,
        Err(QueryError::Word { .. }) => StatusCode::BAD_REQUEST,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let mut body = String::with_capacity(64 * 1024);
    put!(body, "<h1 class=\"away\">Runs</h1>\n");
    let (error, filter) = (part.as_ref().err(), filter.as_ref().ok());
    tools::form(&mut body, view, &columns(view, &known), &known, error, filter);
    put!(body, "<div id=\"live\" data-live>\n{}</div>\n", part.unwrap_or_default());
    (status, frame::page("Runs", &body))
}

/// Only what changes by itself; nothing where the filter is wrong.
pub(super) fn part(site: &Site, view: &View) -> String {
    let filter = Filter::parse(&view.filter);
    let part = filter.and_then(|filter| content(site, view, &site.known(), &filter));
    match part {
        // Said beside the filter already.
        Err(QueryError::Word { .. }) => String::new(),
        Err(error) => {
            format!("<p class=\"fault\" role=\"alert\">{}</p>\n", esc(&error.to_string()))
        }
        Ok(part) => part,
    }
}

fn content(site: &Site, view: &View, known: &Known, filter: &Filter) -> Result<String, QueryError> {
    let mut out = String::with_capacity(64 * 1024);
    if let Some(fault) = &known.fault {
        put!(out, "<p class=\"fault\" role=\"status\">{}</p>\n", esc(fault));
    }
    if !known.ready {
        put!(out, "<p role=\"status\">The runs are being read for the first time.</p>\n");
        return Ok(out);
    }
    let show = columns(view, known);
    let kept = states(&mut out, site, view, filter)?;
    let total = if view.by.is_empty() {
        let total = match kept {
            Some(total) => total,
            None => site.ask(|index| index.counts(filter))?.total,
        };
        rows::rows(&mut out, site, view, filter, &show, total)?;
        total
    } else {
        groups::groups(&mut out, site, view, filter, &show)?
    };
    if total == 0 {
        let what = match filter.conditions.is_empty() {
            true => "This store has no runs yet.",
            false => "No run passes the filter.",
        };
        put!(out, "<p class=\"empty\">{what}</p>\n");
    }
    Ok(out)
}

/// A view without what would be so anyway: its address is short.
pub(super) fn tidy(site: &Site, mut view: View) -> View {
    let known = site.known();
    if view.show == columns(&View::default(), &known) {
        view.show.clear();
    }
    view
}

/// The columns that are shown besides the fixed ones.
fn columns(view: &View, known: &Known) -> Vec<String> {
    if !view.show.is_empty() {
        return view.show.clone();
    }
    let there = |name: &&str| known.metrics.iter().any(|metric| metric == name);
    TELLING.into_iter().filter(there).take(4).map(str::to_owned).collect()
}

/// Adds links to the runs of each state, with their number; gives the number of runs that the filter
/// keeps, where it does not ask for a state.
fn states(
    out: &mut String,
    site: &Site,
    view: &View,
    filter: &Filter,
) -> Result<Option<usize>, QueryError> {
    let tabbed = |condition: &&Condition| matches!(condition.key.as_str(), "state" | "alarms");
    let (chosen, others): (Vec<_>, Vec<_>) = filter.conditions.iter().partition(tabbed);
    let base = Filter { conditions: others.into_iter().cloned().collect() };
    let counts = site.ask(|index| index.counts(&base))?;
    let tabs = [
        ("all", counts.total, base.clone()),
        ("running", counts.running, base.clone().and("state", Op::Is, "running")),
        ("pending", counts.pending, base.clone().and("state", Op::Is, "pending")),
        ("done", counts.done, base.clone().and("state", Op::Is, "done")),
        ("failed", counts.failed, base.clone().and("state", Op::Is, "failed")),
        ("with alarms", counts.alarmed, base.clone().and("alarms", Op::Above, "0")),
    ];
    put!(out, "<nav class=\"tabs\" aria-label=\"States\"><ul>\n");
    for (name, number, of) in tabs {
        let own = &of.conditions[base.conditions.len()..];
        let here = chosen.iter().copied().eq(own);
        let current = if here { " aria-current=\"true\"" } else { "" };
        put!(
            out,
            "<li><a href=\"{}\"{current}>{name} <span class=\"count\">{}</span></a></li>\n",
            esc(&view.filtered(&of).address()),
            count(number as u64)
        );
    }
    put!(out, "</ul></nav>\n");
    Ok(chosen.is_empty().then_some(counts.total))
}

/// Links to the pages before and after, and which runs these are.
pub(super) fn pager(
    out: &mut String,
    view: &View,
    (first, shown, total): (usize, usize, usize),
    size: usize,
    what: (&str, &str),
) {
    put!(out, "<nav class=\"pager\" aria-label=\"Pages\">");
    if total > shown {
        let last = first + shown;
        put!(
            out,
            "<span>{}–{} of {}</span>",
            count(first as u64 + 1),
            count(last as u64),
            counted(total as u64, what.0, what.1)
        );
        let page = first / size + 1;
        if page > 1 {
            put!(
                out,
                " <a rel=\"prev\" href=\"{}\">Previous</a>",
                esc(&view.at(page - 1).address())
            );
        }
        if last < total {
            put!(out, " <a rel=\"next\" href=\"{}\">Next</a>", esc(&view.at(page + 1).address()));
        }
    } else {
        put!(out, "<span>{}</span>", counted(total as u64, what.0, what.1));
    }
    put!(out, "</nav>\n");
}

/// The head of a column by which the table can be sorted.
pub(super) fn head(out: &mut String, view: &View, key: &str, text: &str, number: bool) {
    let sorted = view.sort.as_ref().filter(|sort| sort.key == key);
    let (aria, sign) = match sorted.map(|sort| sort.descending) {
        Some(true) => (" aria-sort=\"descending\"", " <span aria-hidden=\"true\">↓</span>"),
        Some(false) => (" aria-sort=\"ascending\"", " <span aria-hidden=\"true\">↑</span>"),
        None => ("", ""),
    };
    let class = if number { " class=\"number\"" } else { "" };
    put!(
        out,
        "<th scope=\"col\"{class}{aria}><a href=\"{}\">{}{sign}</a></th>",
        esc(&view.sorted(key, number).address()),
        esc(text.strip_prefix(METRIC).unwrap_or(text))
    );
}
