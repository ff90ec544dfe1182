//! Settings of a run, as a table of dotted keys.

use serde_json::Value;

use super::html::{esc, put, short};

/// Settings that are shown; a spec has about a hundred.
const MOST: usize = 2000;

/// Adds the settings of a spec: those first that differ between the runs of the store.
pub(super) fn settings(out: &mut String, spec: &Value, varying: &[&str]) {
    let mut leaves = Vec::new();
    flatten(String::new(), spec, &mut leaves);
    if leaves.is_empty() {
        return;
    }
    let (first, others): (Vec<_>, Vec<_>) =
        leaves.into_iter().partition(|(key, _)| varying.contains(&key.as_str()));
    put!(out, "<section aria-labelledby=\"settings\">\n<h2 id=\"settings\">Settings</h2>\n");
    if !first.is_empty() {
        put!(out, "<p class=\"note\">What differs between the runs of this store:</p>\n");
        table(out, &first);
    }
    if !others.is_empty() {
        let what = if first.is_empty() { "All settings" } else { "The other settings" };
        put!(out, "<details>\n<summary>{what} ({})</summary>\n", others.len());
        table(out, &others);
        put!(out, "</details>\n");
    }
    put!(out, "</section>\n");
}

fn table(out: &mut String, leaves: &[(String, String)]) {
    put!(out, "<div class=\"wide\" role=\"region\" aria-label=\"Settings\" tabindex=\"0\">");
    put!(out, "<table class=\"grid pairs\"><tbody>\n");
    for (key, value) in leaves {
        let (key, value) = (short(key, 120), short(value, 300));
        put!(out, "<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", esc(&key), esc(&value));
    }
    put!(out, "</tbody></table></div>\n");
}

/// The leaves below a key. A list is one leaf, as is an empty table.
fn flatten(key: String, value: &Value, leaves: &mut Vec<(String, String)>) {
    if leaves.len() >= MOST {
        return;
    }
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                let dot = if key.is_empty() { "" } else { "." };
                flatten(format!("{key}{dot}{name}"), value, leaves);
            }
        }
        Value::Null => {}
        Value::String(text) => leaves.push((key, text.clone())),
        other => leaves.push((key, other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_that_differ_come_first() {
        let mut out = String::new();
        let spec = json!({"a": {"<b>": [1, 2], "c": "x"}, "d": null, "e": 0.5});
        settings(&mut out, &spec, &["e"]);
        let places = [
            "<th scope=\"row\">e</th><td>0.5",
            "(2)",
            "a.&lt;b&gt;</th><td>[1,2]",
            "a.c</th><td>x",
        ];
        let found: Vec<_> = places.iter().map(|place| out.find(place)).collect();
        assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{found:?}: {out}");
        assert!(!out.contains(">d<"));
    }
}
