//! Tables of a comparison.

use std::collections::BTreeSet;

use pathweave_store::index::Cell;
use pathweave_store::query::Op;

use super::super::cells::{NOTHING, Style, count, counted, interval, state};
use super::super::html::{esc, put, short};
use super::super::view::View;
use super::choose::Chosen;
use crate::live::METRIC;

/// Groups whose settings stand side by side, at most.
const ACROSS: usize = 12;
/// Settings at most.
const SETTINGS: usize = 100;
/// Runs with alarms that are listed at most.
const ALARMED: usize = 50;

/// A row a group: how many runs, what they reached, how many alarms.
pub(super) fn groups(out: &mut String, chosen: &Chosen) {
    put!(out, "<div class=\"wide\" role=\"region\" aria-label=\"Groups\" tabindex=\"0\">\n");
    put!(out, "<table class=\"grid cards\">\n<thead><tr><th scope=\"col\">");
    let alone = chosen.by == [super::ID];
    put!(out, "{}</th>", if alone { "run" } else { "group" });
    if !alone {
        put!(out, "<th scope=\"col\" class=\"number\">runs</th>");
    }
    for metric in &chosen.show {
        put!(out, "<th scope=\"col\" class=\"number\">{}</th>", esc(&short(named(metric), 60)));
    }
    put!(out, "<th scope=\"col\" class=\"number\">alarms</th></tr></thead>\n<tbody>\n");
    let means = |metric: usize| chosen.groups.iter().filter_map(move |group| group.mean(metric));
    let styles: Vec<Style> = (0..chosen.show.len()).map(|at| Style::of(means(at))).collect();
    for (at, (group, label)) in chosen.groups.iter().zip(&chosen.labels).enumerate() {
        put!(out, "<tr data-row><th scope=\"row\">");
        match address(chosen, at) {
            Some(to) => put!(out, "<a class=\"open\" href=\"{}\">{}</a>", esc(&to), esc(label)),
            None => put!(out, "{}", esc(label)),
        }
        put!(out, "</th>");
        if !alone {
            let runs = count(group.runs as u64);
            put!(out, "<td data-label=\"runs\" class=\"number\">{runs}</td>");
        }
        for (metric, name) in chosen.show.iter().enumerate() {
            let text = interval(group.mean(metric), group.ci95(metric), styles[metric]);
            put!(out, "<td data-label=\"{}\" class=\"number\">{text}</td>", esc(named(name)));
        }
        let alarms: u64 = chosen.rows_of(at).map(|row| u64::from(row.alarms)).sum();
        put!(out, "<td data-label=\"alarms\" class=\"number\">");
        match alarms {
            0 => put!(out, "{NOTHING}"),
            some => put!(out, "<span aria-hidden=\"true\">▲</span> {}", count(some)),
        }
        put!(out, "</td></tr>\n");
    }
    put!(out, "</tbody>\n</table>\n</div>\n");
    if !alone {
        put!(
            out,
            "<p class=\"note\">Means over the runs that have the metric, with 95 % \
             intervals.</p>\n"
        );
    }
}

/// A metric's name without what tells it from a field.
pub(super) fn named(key: &str) -> &str {
    key.strip_prefix(METRIC).unwrap_or(key)
}

/// Where a group's runs are; none where they cannot be asked for.
fn address(chosen: &Chosen, at: usize) -> Option<String> {
    let group = &chosen.groups[at];
    if let ([key], [id]) = (&chosen.by[..], &group.key[..])
        && key == super::ID
    {
        return Some(format!("/run/{id}"));
    }
    let asked = chosen.by.iter().zip(&group.key);
    let filter = asked.fold(chosen.filter.clone(), |f, (key, value)| f.and(key, Op::Is, value));
    let view = View { filter: filter.to_string(), page: 1, ..View::default() };
    (!group.key.iter().any(String::is_empty)).then(|| view.address())
}

/// The settings that differ, side by side.
pub(super) fn differences(out: &mut String, chosen: &Chosen) {
    if chosen.settings.is_empty() {
        return;
    }
    put!(out, "<section aria-labelledby=\"differences\">\n");
    put!(out, "<h2 id=\"differences\">Settings that differ</h2>\n");
    let region = "role=\"region\" aria-label=\"Settings that differ\" tabindex=\"0\"";
    put!(out, "<div class=\"wide\" {region}>\n<table class=\"grid\">\n<thead><tr>");
    put!(out, "<th scope=\"col\">setting</th>");
    let shown = chosen.groups.len().min(ACROSS);
    for label in &chosen.labels[..shown] {
        put!(out, "<th scope=\"col\">{}</th>", esc(label));
    }
    put!(out, "</tr></thead>\n<tbody>\n");
    for (at, key) in chosen.settings.iter().enumerate().take(SETTINGS) {
        put!(out, "<tr><th scope=\"row\"><code>{}</code></th>", esc(&short(key, 100)));
        for group in 0..shown {
            let cells = chosen.rows_of(group).map(|row| row.columns[at].as_ref());
            let word = |value: Option<&Cell>| match value {
                Some(value) => esc(&short(&value.to_string(), 60)).to_string(),
                None => NOTHING.to_owned(),
            };
            let texts: BTreeSet<String> = cells.map(word).collect();
            let mut texts: Vec<String> = texts.into_iter().collect();
            let more = texts.len().saturating_sub(4);
            texts.truncate(4);
            if more > 0 {
                texts.push(format!("and {more} more"));
            }
            put!(out, "<td>{}</td>", texts.join(", "));
        }
        put!(out, "</tr>\n");
    }
    put!(out, "</tbody>\n</table>\n</div>\n");
    let mut notes = Vec::new();
    if chosen.groups.len() > ACROSS {
        notes.push(format!("The first {ACROSS} of {} groups.", chosen.groups.len()));
    }
    if chosen.settings.len() > SETTINGS {
        notes.push(format!("The first {SETTINGS} of {} settings.", chosen.settings.len()));
    }
    if !notes.is_empty() {
        put!(out, "<p class=\"note\">{}</p>\n", notes.join(" "));
    }
    put!(out, "</section>\n");
}

/// The runs in which an alarm rang.
pub(super) fn alarms(out: &mut String, chosen: &Chosen) {
    let with: Vec<_> = chosen.rows.iter().filter(|row| row.alarms > 0).collect();
    if with.is_empty() {
        return;
    }
    put!(out, "<section aria-labelledby=\"alarms\">\n<h2 id=\"alarms\">Alarms</h2>\n");
    put!(out, "<ul class=\"alarms\">\n");
    for row in with.iter().take(ALARMED) {
        put!(
            out,
            "<li><span aria-hidden=\"true\">▲</span> <a href=\"/run/{}#alarms\">{}, seed {}</a>: \
             {}</li>\n",
            esc(&row.id),
            esc(&short(if row.name.is_empty() { &row.id } else { &row.name }, 80)),
            row.seed,
            counted(u64::from(row.alarms), "alarm", "alarms")
        );
    }
    if with.len() > ALARMED {
        put!(out, "<li>and {} more runs</li>\n", with.len() - ALARMED);
    }
    put!(out, "</ul>\n</section>\n");
}

/// Every run that was looked at.
pub(super) fn runs(out: &mut String, chosen: &Chosen) {
    if chosen.by == [super::ID] {
        return;
    }
    put!(out, "<details class=\"runs\"><summary>");
    put!(
        out,
        "{}</summary>\n<ul class=\"files\">\n",
        counted(chosen.rows.len() as u64, "run", "runs")
    );
    for row in &chosen.rows {
        put!(
            out,
            "<li><a href=\"/run/{0}\">{1}, seed {2}</a> {3} <code>{0}</code></li>\n",
            esc(&row.id),
            esc(&short(&row.name, 80)),
            row.seed,
            state(row.state)
        );
    }
    put!(out, "</ul>\n</details>\n");
}
