//! The form above the table: filter, menus that narrow it, groups, columns.

use pathweave_store::query::{Filter, Op, QueryError};

use super::html::{esc, put, short};
use super::view::{View, sort_text};
use crate::site::{Facet, Known};

/// Settings that are offered in menus.
const MENUS: usize = 40;
/// Metrics that are offered as columns.
const METRICS: usize = 200;

/// Adds the form. `show` are the columns in force; `error` is what is wrong with the filter; `filter`
/// what it says where it is right.
pub(super) fn form(
    out: &mut String,
    view: &View,
    show: &[String],
    known: &Known,
    error: Option<&QueryError>,
    filter: Option<&Filter>,
) {
    let (invalid, told) = match error {
        Some(_) => (" aria-invalid=\"true\" aria-describedby=\"wrong\"", true),
        None => ("", false),
    };
    put!(
        out,
        "<form class=\"tools\" action=\"/\" method=\"get\" role=\"search\">\n<div class=\"ask\">\
         <label for=\"filter\" class=\"away\">Filter</label>\
         <input id=\"filter\" name=\"filter\" type=\"search\" value=\"{}\" autocomplete=\"off\" \
         spellcheck=\"false\" maxlength=\"4000\" \
         placeholder=\"Filter: model=routed train.seed!=3 accuracy&gt;=0.9 name~wpl\"{invalid}>\
         <button type=\"submit\">Filter</button></div>\n",
        esc(&view.filter)
    );
    if let (Some(error), true) = (error, told) {
        put!(
            out,
            "<p id=\"wrong\" class=\"fault\" role=\"alert\">{}</p>\n",
            esc(&error.to_string())
        );
    }
    if let Some(filter) = filter {
        chips(out, view, filter);
    }
    put!(out, "<div class=\"menus\">\n");
    narrow(out, &known.facets);
    by(out, view, &known.facets);
    columns(out, show, known);
    put!(out, "</div>\n");
    if let Some(sort) = &view.sort {
        put!(out, "<input type=\"hidden\" name=\"sort\" value=\"{}\">\n", esc(&sort_text(sort)));
    }
    put!(out, "</form>\n");
}

/// The words of the filter, each with a link that takes it away.
fn chips(out: &mut String, view: &View, filter: &Filter) {
    if filter.conditions.is_empty() && view.by.is_empty() {
        return;
    }
    put!(out, "<ul class=\"chips\" aria-label=\"In force\">\n");
    let mut chip = |text: &str, without: &View| {
        put!(
            out,
            "<li><a href=\"{}\" aria-label=\"Take {1} away\">{1} \
             <span aria-hidden=\"true\">×</span></a></li>\n",
            esc(&without.address()),
            esc(&short(text, 120))
        );
    };
    for at in 0..filter.conditions.len() {
        let mut rest = filter.clone();
        let word = Filter { conditions: vec![rest.conditions.remove(at)] };
        chip(&word.to_string(), &view.filtered(&rest));
    }
    for at in 0..view.by.len() {
        let mut rest = View { page: 1, ..view.clone() };
        let key = rest.by.remove(at);
        chip(&format!("by {key}"), &rest);
    }
    put!(out, "</ul>\n");
}

fn menu(out: &mut String, name: &str, inside: impl FnOnce(&mut String)) {
    put!(out, "<details class=\"menu\"><summary>{name}</summary><div class=\"drop\">\n");
    inside(out);
    put!(out, "<button type=\"submit\">Apply</button></div></details>\n");
}

/// A list of values for each key of which there are a few.
fn narrow(out: &mut String, facets: &[Facet]) {
    if facets.is_empty() {
        return;
    }
    menu(out, "Narrow", |out| {
        put!(out, "<div class=\"fields\">\n");
        for Facet { key, values } in facets.iter().take(MENUS) {
            put!(out, "<label><span>{}</span><select name=\"add\">", esc(key));
            put!(out, "<option value=\"\">any</option>");
            for value in values {
                let word = Filter::default().and(key, Op::Is, value).to_string();
                put!(out, "<option value=\"{}\">{}</option>", esc(&word), esc(&short(value, 60)));
            }
            put!(out, "</select></label>\n");
        }
        put!(out, "</div>\n");
    });
}

fn by(out: &mut String, view: &View, facets: &[Facet]) {
    let offered = facets.iter().take(MENUS).map(|facet| facet.key.as_str());
    let keys = with_chosen(offered, &view.by);
    if !keys.is_empty() {
        menu(out, "Group by", |out| boxes(out, "by", &keys, &view.by));
    }
}

fn columns(out: &mut String, show: &[String], known: &Known) {
    let metrics = known.metrics.iter().take(METRICS).map(String::as_str);
    let settings = known.facets.iter().take(MENUS).map(|facet| facet.key.as_str());
    let keys = with_chosen(metrics.chain(settings), show);
    if !keys.is_empty() {
        menu(out, "Columns", |out| boxes(out, "show", &keys, show));
    }
}

/// The chosen keys and then those that are offered, each once: sending the form keeps a choice that
/// came by the address.
fn with_chosen<'a>(offered: impl Iterator<Item = &'a str>, chosen: &'a [String]) -> Vec<&'a str> {
    let mut keys: Vec<&str> = chosen.iter().map(String::as_str).collect();
    for key in offered {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

fn boxes(out: &mut String, name: &str, keys: &[&str], chosen: &[String]) {
    put!(out, "<div class=\"boxes\">\n");
    for key in keys {
        let checked = if chosen.iter().any(|chosen| chosen == key) { " checked" } else { "" };
        put!(
            out,
            "<label><input type=\"checkbox\" name=\"{name}\" value=\"{0}\"{checked}> {0}</label>\n",
            esc(key)
        );
    }
    put!(out, "</div>\n");
}
