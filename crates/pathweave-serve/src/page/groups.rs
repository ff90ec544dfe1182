//! The table of groups of runs: means and intervals.

use std::cmp::Ordering;

use pathweave_store::index::Group;
use pathweave_store::query::{Filter, Op, QueryError, Sort};

use super::cells::{NOTHING, Style, count, interval};
use super::html::{esc, put, short};
use super::table::{head, pager};
use super::view::View;
use crate::site::Site;

/// Groups of a page.
const PAGE: usize = 200;
/// The column of the number of runs.
const RUNS: &str = "runs";

/// Adds the table; gives the number of groups.
pub(super) fn groups(
    out: &mut String,
    site: &Site,
    view: &View,
    filter: &Filter,
    show: &[String],
) -> Result<usize, QueryError> {
    let mut groups = site.ask(|index| index.groups(filter, &view.by, show))?;
    if let Some(sort) = &view.sort {
        order(&mut groups, sort, &view.by, show);
    }
    let total = groups.len();
    let page = view.page.min(total.div_ceil(PAGE)).max(1);
    let first = (page - 1) * PAGE;
    let shown: Vec<&Group> = groups.iter().skip(first).take(PAGE).collect();
    if shown.is_empty() {
        return Ok(total);
    }
    let compare = View { sort: None, page: 1, ..view.clone() }.address_at("/compare");
    put!(out, "<div class=\"bar\"><a class=\"compare\" href=\"{}\">", esc(&compare));
    put!(out, "Compare these groups</a>");
    pager(out, view, (first, shown.len(), total), PAGE, ("group", "groups"));
    put!(
        out,
        "</div>\n<div class=\"wide\" role=\"region\" aria-label=\"Groups\" tabindex=\"0\">\n"
    );
    put!(out, "<table class=\"grid cards\">\n<thead><tr>");
    for key in &view.by {
        head(out, view, key, key, false);
    }
    head(out, view, RUNS, RUNS, true);
    for key in show {
        head(out, view, key, key, true);
    }
    put!(out, "</tr></thead>\n<tbody>\n");
    let style = |at: usize| Style::of(shown.iter().filter_map(|group| group.mean(at)));
    let columns: Vec<_> = show.iter().enumerate().map(|(at, key)| (key, style(at))).collect();
    for group in &shown {
        put_group(out, view, filter, group, &columns);
    }
    put!(out, "</tbody>\n</table>\n</div>\n");
    put!(
        out,
        "<p class=\"note\">Means over the runs that have the metric, with 95 % intervals.</p>\n"
    );
    Ok(total)
}

fn put_group(
    out: &mut String,
    view: &View,
    filter: &Filter,
    group: &Group,
    columns: &[(&String, Style)],
) {
    let mut of = filter.clone();
    // Runs that have no value of a key cannot be asked for: then there is no link.
    let link = group.key.iter().all(|value| !value.is_empty());
    for (key, value) in view.by.iter().zip(&group.key) {
        of = of.and(key, Op::Is, value);
    }
    let to = View { by: Vec::new(), sort: None, ..view.filtered(&of) }.address();
    put!(out, "<tr data-row>");
    for (at, (key, value)) in view.by.iter().zip(&group.key).enumerate() {
        let text = match value.is_empty() {
            true => NOTHING.to_owned(),
            false => esc(&short(value, 80)).to_string(),
        };
        match at {
            0 if link => put!(
                out,
                "<th scope=\"row\"><a class=\"open\" href=\"{}\">{text}</a></th>",
                esc(&to)
            ),
            0 => put!(out, "<th scope=\"row\">{text}</th>"),
            _ => put!(out, "<td data-label=\"{}\">{text}</td>", esc(key)),
        }
    }
    put!(out, "<td data-label=\"runs\" class=\"number\">{}</td>", count(group.runs as u64));
    for (at, (key, style)) in columns.iter().enumerate() {
        let text = interval(group.mean(at), group.ci95(at), *style);
        put!(out, "<td data-label=\"{}\" class=\"number\">{text}</td>", esc(key));
    }
    put!(out, "</tr>\n");
}

/// Sorts by a key, by the number of runs or by a mean; groups without it come last.
fn order(groups: &mut [Group], sort: &Sort, by: &[String], show: &[String]) {
    let turn = |order: Ordering| if sort.descending { order.reverse() } else { order };
    if sort.key == RUNS {
        groups.sort_by(|a, b| turn(a.runs.cmp(&b.runs)));
    } else if let Some(at) = show.iter().position(|key| *key == sort.key) {
        let mean = |group: &Group| group.mean(at);
        groups.sort_by(|a, b| match (mean(a), mean(b)) {
            (Some(a), Some(b)) => turn(a.total_cmp(&b)),
            (a, b) => b.is_some().cmp(&a.is_some()),
        });
    } else if let Some(at) = by.iter().position(|key| *key == sort.key) {
        // They come in the order of their keys; numbers are compared as numbers.
        let number = |group: &Group| group.key[at].parse::<f64>().ok();
        groups.sort_by(|a, b| match (number(a), number(b)) {
            (Some(a), Some(b)) => turn(a.total_cmp(&b)),
            (None, None) => turn(a.key[at].cmp(&b.key[at])),
            (a, b) => b.is_some().cmp(&a.is_some()),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_without_a_mean_come_last() {
        let group = |key: &str, values: &[f64]| Group {
            key: vec![key.to_owned()],
            runs: values.len(),
            ids: Vec::new(),
            values: vec![values.to_vec()],
        };
        let mut groups = vec![
            group("a", &[1.0]),
            group("10", &[]),
            group("9", &[3.0, 5.0]),
            group("b", &[f64::NAN]),
        ];
        let keys = |groups: &[Group]| groups.iter().map(|g| g.key[0].clone()).collect::<Vec<_>>();
        let (by, show) = (vec!["k".to_owned()], vec!["m".to_owned()]);
        for (key, descending, want) in [
            ("m", true, ["9", "a", "10", "b"]),
            ("m", false, ["a", "9", "10", "b"]),
            ("k", false, ["9", "10", "a", "b"]),
            ("runs", true, ["9", "a", "b", "10"]),
        ] {
            order(&mut groups, &Sort { key: key.to_owned(), descending }, &by, &show);
            assert_eq!(keys(&groups), want, "{key}");
        }
    }
}
