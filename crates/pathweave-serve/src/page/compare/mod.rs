//! `/compare`: runs or groups side by side.

mod choose;
mod figures;
mod tables;
#[cfg(test)]
mod tests;

use super::cells::counted;
use super::frame;
use super::html::{esc, put, short, url};
use super::view::View;
use crate::site::Site;
use choose::{Chosen, ID, RUNS};

pub(crate) use figures::draw;

/// Lines of curves at most; more cannot be told apart.
const LINES: usize = 20;

/// The page. `pairs` are the parameters of the address in order: `run=ID` several times, or
/// `filter=…`; `by=…`, `show=…` as for the table; `tag=…`, the curves that are drawn.
pub(crate) fn page(site: &Site, pairs: &[(String, String)]) -> String {
    let chosen = match Chosen::of(site, pairs) {
        Ok(Some(chosen)) => chosen,
        Ok(None) => return frame::notice("Comparison", NOTHING),
        Err(error) => return frame::notice("Comparison", &error.to_string()),
    };
    if chosen.groups.is_empty() {
        return frame::notice("Comparison", "No run passes the filter.");
    }
    let mut body = String::with_capacity(64 * 1024);
    put!(body, "<h1>Comparison</h1>\n");
    lead(&mut body, &chosen, pairs);
    tables::groups(&mut body, &chosen);
    pictures(&mut body, site, &chosen, pairs);
    tables::differences(&mut body, &chosen);
    tables::alarms(&mut body, &chosen);
    tables::runs(&mut body, &chosen);
    frame::page("Comparison", &body)
}

const NOTHING: &str = "Nothing to compare yet: mark runs in the table, or group it, and choose \
                       Compare.";

/// What is compared, and what else it may be compared by.
fn lead(out: &mut String, chosen: &Chosen, pairs: &[(String, String)]) {
    put!(out, "<p class=\"lead\">{}", counted(chosen.total as u64, "run", "runs"));
    let keys: Vec<String> =
        chosen.by.iter().map(|key| format!("<code>{}</code>", esc(&short(key, 80)))).collect();
    let without = |key: &str| pairs.iter().filter(|pair| pair.0 != key).cloned().collect();
    if chosen.by == [ID] {
        put!(out, ", each by itself");
        if pairs.iter().any(|(key, value)| key == "by" && value == ID) {
            let together: Vec<_> = without("by");
            put!(out, ". <a href=\"{}\">Alike runs together</a>", esc(&address(&together)));
        }
    } else {
        let groups = counted(chosen.all_groups as u64, "group", "groups");
        put!(out, " in {groups} by {}", keys.join(", "));
        let mut apart: Vec<_> = without("by");
        apart.push(("by".to_owned(), ID.to_owned()));
        put!(out, ". <a href=\"{}\">Each run by itself</a>", esc(&address(&apart)));
    }
    let table = View { filter: chosen.filter.to_string(), page: 1, ..View::default() };
    put!(out, " · <a href=\"{}\">Table of these runs</a></p>\n", esc(&table.address()));
    if chosen.total > RUNS {
        put!(
            out,
            "<p class=\"note\">Means and intervals are of all runs; of curves, alarms and \
             differences only the first {RUNS} runs are looked at.</p>\n"
        );
    }
    if chosen.all_groups > chosen.groups.len() {
        put!(
            out,
            "<p class=\"note\">The first {} of {} groups are shown.</p>\n",
            chosen.groups.len(),
            chosen.all_groups
        );
    }
}

fn address(pairs: &[(String, String)]) -> String {
    format!("/compare?{}", query(pairs))
}

fn query(pairs: &[(String, String)]) -> String {
    let parts: Vec<String> =
        pairs.iter().map(|(key, value)| format!("{}={}", url(key), url(value))).collect();
    parts.join("&")
}

fn pictures(out: &mut String, site: &Site, chosen: &Chosen, pairs: &[(String, String)]) {
    let image = |out: &mut String, name: &str, alt: &str, class: &str, query: &str| {
        let stamp = url(&site.stamp());
        let to = format!("/compare/figure/{name}.svg?{query}&v={stamp}");
        put!(
            out,
            "<figure class=\"{class}\"><a href=\"{0}\"><img src=\"{0}\" alt=\"{1}\"></a></figure>\n",
            esc(&to),
            esc(alt)
        );
    };
    let all = query(pairs);
    put!(out, "<section class=\"figures\" aria-label=\"Figures\">\n");
    if !chosen.show.is_empty() {
        image(out, "intervals", "Means with 95 % intervals, and the runs", "broad", &all);
    }
    let tags = figures::tags(site, chosen);
    if let Some(tag) = figures::tag(&tags, pairs) {
        put!(out, "<form class=\"tag\" action=\"/compare\" method=\"get\">\n");
        for (key, value) in pairs.iter().filter(|(key, _)| key != "tag") {
            put!(out, "<input type=\"hidden\" name=\"{}\" value=\"{}\">\n", esc(key), esc(value));
        }
        put!(out, "<label for=\"tag\">Curves of</label> <select id=\"tag\" name=\"tag\">");
        for known in &tags {
            let selected = if known == tag { " selected" } else { "" };
            put!(
                out,
                "<option value=\"{}\"{selected}>{}</option>",
                esc(known),
                esc(&short(known, 80))
            );
        }
        put!(out, "</select> <button type=\"submit\">Draw</button>\n</form>\n");
        image(out, "curves", &format!("Curves of {}", short(tag, 80)), "broad", &all);
        if chosen.groups.len() > LINES {
            put!(out, "<p class=\"note\">Curves of the first {LINES} groups.</p>\n");
        }
    }
    put!(out, "</section>\n");
}
