//! The table of runs.

use pathweave_store::State;
use pathweave_store::index::{Cell, Row};
use pathweave_store::query::{Filter, Query, QueryError, Sort};

use super::cells::{Style, ago, cell, count, counted, progress, state};
use super::html::{esc, put, short};
use super::table::{head, pager};
use super::view::View;
use crate::site::Site;

/// Runs of a page.
const PAGE: usize = 100;

fn newest() -> Sort {
    Sort { key: "updated".to_owned(), descending: true }
}

/// Adds the table; `total` is the number of runs that the filter keeps.
pub(super) fn rows(
    out: &mut String,
    site: &Site,
    view: &View,
    filter: &Filter,
    show: &[String],
    total: usize,
) -> Result<(), QueryError> {
    // A page that is gone, since runs went, is the last one.
    let page = view.page.min(total.div_ceil(PAGE)).max(1);
    let offset = (page - 1) * PAGE;
    let query = Query {
        filter: filter.clone(),
        // Those at work first, then what ended last.
        sort: Some(view.sort.clone().unwrap_or_else(newest)),
        columns: show.to_vec(),
        offset,
        limit: Some(PAGE),
    };
    let rows = site.ask(|index| index.rows(&query))?;
    if rows.is_empty() {
        return Ok(());
    }
    put!(out, "<form class=\"runs\" action=\"/compare\" method=\"get\">\n<div class=\"bar\">");
    put!(out, "<button type=\"submit\" class=\"compare\">Compare marked</button>");
    pager(out, view, (offset, rows.len(), total), PAGE, ("run", "runs"));
    put!(out, "</div>\n<div class=\"wide\" role=\"region\" aria-label=\"Runs\" tabindex=\"0\">\n");
    put!(out, "<table class=\"grid cards\">\n<thead><tr><th scope=\"col\"><span class=\"away\">");
    put!(out, "Mark</span></th>");
    for (key, text) in [("state", "state"), ("name", "name"), ("dataset", "data")] {
        head(out, view, key, text, false);
    }
    head(out, view, "seed", "seed", true);
    for key in show {
        head(out, view, key, key, true);
    }
    head(out, view, "alarms", "alarms", true);
    head(out, view, "updated", "changed", true);
    put!(out, "</tr></thead>\n<tbody>\n");
    let style = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.columns.get(at)?.as_ref());
        Style::of(cells.filter_map(Cell::number))
    };
    let styles: Vec<Style> = (0..show.len()).map(style).collect();
    for row in &rows {
        put_row(out, row, show, &styles);
    }
    put!(out, "</tbody>\n</table>\n</div>\n");
    if total > PAGE {
        pager(out, view, (offset, rows.len(), total), PAGE, ("run", "runs"));
    }
    put!(out, "</form>\n");
    Ok(())
}

fn put_row(out: &mut String, row: &Row, show: &[String], styles: &[Style]) {
    let Row { id, name, .. } = row;
    let name = if name.is_empty() { id } else { name };
    let label = format!("{name}, seed {}", row.seed);
    put!(
        out,
        "<tr data-row><td class=\"mark\"><input type=\"checkbox\" name=\"run\" value=\"{0}\" \
         aria-label=\"Mark {1}\"></td><td data-label=\"state\">{2}",
        esc(id),
        esc(&label),
        state(row.state)
    );
    let part_made = row.step > 0 && row.state != State::Done;
    if row.state == State::Running || part_made {
        put!(out, " {}", progress(row.step, row.steps));
    }
    put!(
        out,
        "</td><th scope=\"row\"><a class=\"open\" href=\"/run/{}\">{}</a> <code>{0}</code>",
        esc(id),
        esc(&short(name, 80))
    );
    if let Some(error) = &row.error {
        put!(out, "<span class=\"why\">{}</span>", esc(&short(error, 160)));
    }
    put!(out, "</th><td data-label=\"data\">{}</td>", esc(&short(&row.dataset, 40)));
    put!(out, "<td data-label=\"seed\" class=\"number\">{}</td>", row.seed);
    for ((key, value), style) in show.iter().zip(&row.columns).zip(styles) {
        let (text, number) = cell(value.as_ref(), *style);
        let class = if number { "number" } else { "text" };
        put!(out, "<td data-label=\"{}\" class=\"{class}\">{text}</td>", esc(key));
    }
    put!(out, "<td data-label=\"alarms\" class=\"number\">");
    if row.alarms > 0 {
        let words = counted(u64::from(row.alarms), "alarm", "alarms");
        put!(out, "<a class=\"alarm\" href=\"/run/{}#alarms\" aria-label=\"{words}\">", esc(id));
        put!(out, "<span aria-hidden=\"true\">▲</span> {}</a>", count(u64::from(row.alarms)));
    }
    put!(out, "</td><td data-label=\"changed\" class=\"number\">{}</td></tr>\n", ago(row.updated));
}
