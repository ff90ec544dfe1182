//! What a run reached: metrics, tasks, files, its log.

use pathweave_eval::record::{RunRecord, TaskResult};

use super::cells::{bytes, count, number};
use super::html::{esc, put, short, url};
use crate::download::FILES;
use crate::files::RunFiles;

/// Bytes of the log's end that are shown.
const TAIL: u64 = 16 * 1024;
/// Rows of a table of results.
const ROWS: usize = 1000;

/// Adds the metrics.
pub(super) fn metrics(out: &mut String, record: &RunRecord) {
    if record.metrics.is_empty() {
        return;
    }
    put!(
        out,
        "<section aria-labelledby=\"metrics\">\n<h2 id=\"metrics\">Metrics</h2>\n\
         <dl class=\"metrics\">\n"
    );
    for (name, value) in record.metrics.iter().take(ROWS) {
        put!(out, "<div><dt>{}</dt><dd>{}</dd></div>\n", esc(&short(name, 120)), number(*value));
    }
    put!(out, "</dl>\n</section>\n");
}

/// Adds the results on tasks or groups.
pub(super) fn results(out: &mut String, id: &str, heading: &str, list: &[TaskResult]) {
    if list.is_empty() {
        return;
    }
    put!(out, "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{heading}</h2>\n");
    put!(
        out,
        "<div class=\"wide\" role=\"region\" aria-label=\"{heading}\" tabindex=\"0\">\n\
         <table class=\"grid results\">\n<thead><tr><th scope=\"col\">name</th>"
    );
    for column in ["accuracy", "loss", "samples"] {
        put!(out, "<th scope=\"col\" class=\"number\">{column}</th>");
    }
    put!(out, "</tr></thead>\n<tbody>\n");
    for TaskResult { task, accuracy, loss, n, .. } in list.iter().take(ROWS) {
        put!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"number\">{}</td>\
             <td class=\"number\">{}</td></tr>\n",
            esc(&short(task, 120)),
            number(*accuracy),
            number(*loss),
            count(*n)
        );
    }
    put!(out, "</tbody>\n</table>\n</div>\n");
    if list.len() > ROWS {
        put!(out, "<p class=\"note\">The first {ROWS} of {}.</p>\n", list.len());
    }
    put!(out, "</section>\n");
}

/// Adds links to the files.
pub(super) fn links(out: &mut String, files: &RunFiles) {
    put!(
        out,
        "<section aria-labelledby=\"files\">\n<h2 id=\"files\">Files</h2>\n<ul class=\"files\">\n"
    );
    for (name, _) in FILES {
        match files.file(name) {
            Ok(None) => {}
            Ok(Some((_, size))) => put!(
                out,
                "<li><a href=\"/run/{}/file/{name}\">{name}</a> <span class=\"half\">{}</span></li>\n",
                url(files.id()),
                bytes(size)
            ),
            Err(refused) => put!(out, "<li>{}</li>\n", esc(&refused.to_string())),
        }
    }
    put!(out, "</ul>\n</section>\n");
}

/// Adds the end of the log.
pub(super) fn log(out: &mut String, log: &str) {
    if log.is_empty() {
        return;
    }
    let cut = log.len().saturating_sub(TAIL as usize);
    let from = log.ceil_char_boundary(cut);
    put!(
        out,
        "<section aria-labelledby=\"log\">\n<h2 id=\"log\">Log</h2>\n<pre class=\"log\" tabindex=\"0\">{}</pre>\n</section>\n",
        esc(&log[from..])
    );
}
