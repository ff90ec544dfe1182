//! `/run/ID`: what a run is, where it is, what it reached.

use pathweave_store as store;
use pathweave_store::index::Row;
use pathweave_store::query::{Filter, Op};
use pathweave_store::{Progress, State};

use super::cells::{ago, count, duration, number, progress, state};
use super::found::Found;
use super::html::{esc, put, short, url};
use super::view::View;
use super::{alarms, frame, results, settings};
use crate::figures;
use crate::files::{Refused, RunFiles};
use crate::site::Site;

/// Figures of a run that works are drawn from these.
const LIVE: [&str; 5] = [store::LIVE, store::PROGRESS, store::LOG, store::RECORD, store::FAILED];

/// What tells one state of the run's files from another.
pub(super) fn stamp(site: &Site, id: &str) -> String {
    RunFiles::open(site.store(), id).map(|files| files.stamp(&LIVE)).unwrap_or_default()
}

/// The page, or only the part of it that changes by itself.
pub(super) fn page(site: &Site, id: &str, part: bool) -> Result<String, Refused> {
    let row = site.row(id);
    let files = match (RunFiles::open(site.store(), id), &row) {
        (Ok(files), _) => Some(files),
        // A run that a sweep asks for and nobody has begun.
        (Err(Refused::NoRun), Some(_)) => None,
        (Err(refused), _) => return Err(refused),
    };
    let found = files.as_ref().map(Found::read).unwrap_or_default();
    let mut out = String::with_capacity(32 * 1024);
    content(&mut out, site, id, row.as_ref(), files.as_ref(), &found);
    if part {
        return Ok(out);
    }
    let name = found.name(row.as_ref()).unwrap_or(id).to_owned();
    Ok(frame::page(&name, &format!("<div id=\"live\" data-live>\n{out}</div>\n")))
}

fn content(
    out: &mut String,
    site: &Site,
    id: &str,
    row: Option<&Row>,
    files: Option<&RunFiles>,
    found: &Found,
) {
    put!(
        out,
        "<div class=\"title\" data-part=\"title\"><h1>{}</h1> ",
        esc(&short(found.name(row).unwrap_or(id), 200))
    );
    if let Some(row) = row {
        put!(out, "{} ", state(row.state));
    }
    put!(out, "<code class=\"id\">{}</code></div>\n", esc(id));
    put!(out, "<div data-part=\"facts\">\n");
    for fault in &found.faults {
        put!(out, "<p class=\"fault\" role=\"status\">{}</p>\n", esc(&fault.to_string()));
    }
    failure(out, row, found);
    working(out, row, found);
    facts(out, row, found);
    put!(out, "</div>\n<div data-part=\"alarms\">\n");
    alarms::list(out, &alarms::alarms(found.record.as_ref(), &found.log));
    put!(out, "</div>\n");
    if let Some(files) = files {
        pictures(out, files);
    }
    put!(out, "<div data-part=\"results\">\n");
    if let Some(record) = &found.record {
        results::metrics(out, record);
        results::results(out, "tasks", "Tasks", &record.per_task);
        results::results(out, "groups", "Groups", &record.per_group);
        let known = site.known();
        let varying: Vec<&str> = known.facets.iter().map(|facet| facet.key.as_str()).collect();
        settings::settings(out, &record.spec, &varying);
    }
    put!(out, "</div>\n<div data-part=\"files\">\n");
    if let Some(files) = files {
        results::links(out, files);
    }
    put!(out, "</div>\n<div data-part=\"log\">\n");
    results::log(out, &found.log);
    put!(out, "</div>\n");
}

fn failure(out: &mut String, row: Option<&Row>, found: &Found) {
    let kept = found.failure.as_ref().map(|failure| (failure.error.as_str(), failure.attempts));
    let told = row.and_then(|row| row.error.as_deref()).map(|error| (error, 0));
    let Some((error, attempts)) = kept.or(told) else { return };
    put!(
        out,
        "<section class=\"failure\" aria-label=\"Failure\"><pre tabindex=\"0\">{}</pre>",
        esc(&short(error, 8000))
    );
    if attempts > 0 {
        put!(out, "<p class=\"note\">Tried {attempts} times.</p>");
    }
    put!(out, "</section>\n");
}

/// Where a run that somebody works on is.
fn working(out: &mut String, row: Option<&Row>, found: &Found) {
    let Some(row) = row.filter(|row| row.state == State::Running) else { return };
    let told = found.progress.clone().unwrap_or_default();
    let (step, steps) = (row.step.max(told.step), row.steps.max(told.steps));
    put!(out, "<div class=\"working\">{}</div>\n", progress(step, steps));
}

fn facts(out: &mut String, row: Option<&Row>, found: &Found) {
    put!(out, "<dl class=\"facts\">\n");
    let mut fact = |name: &str, html: &str| {
        if !html.is_empty() {
            put!(out, "<div><dt>{name}</dt><dd>{html}</dd></div>\n");
        }
    };
    if let Some(row) = row {
        fact("model", &asking("model", &row.model));
        fact("seed", &row.seed.to_string());
    }
    if let Some(record) = &found.record {
        let data = &record.dataset;
        let sizes = match data.train + data.test {
            0 => String::new(),
            _ => format!(
                " <span class=\"half\">{} to train, {} to test, {} tasks</span>",
                count(data.train),
                count(data.test),
                count(data.tasks)
            ),
        };
        fact("data", &format!("{}{sizes}", asking("dataset", &data.name)));
        fact("trained", &format!("{} steps, {} epochs", count(record.steps), count(record.epochs)));
        fact("parameters", &count(record.parameters));
        fact("program", &esc(&short(&record.program, 80)).to_string());
        fact("device", &esc(&short(&record.device, 80)).to_string());
        let experiment = record.experiment.as_deref().unwrap_or_default();
        fact("experiment", &esc(&short(experiment, 120)).to_string());
    } else if let Some(row) = row {
        fact("data", &asking("dataset", &row.dataset));
    }
    if let Some(timing) = &found.timing {
        fact("took", &duration(timing.wall_seconds));
        fact("speed", &format!("{} steps a second", number(timing.steps_per_second.round())));
        fact("processor", &esc(&short(&timing.host_cpu, 80)).to_string());
    }
    if let Some(Progress { host, process, job, started, updated, .. }) = &found.progress {
        fact("machine", &format!("{}, process {process}", esc(&short(host, 80))));
        fact("job", &esc(&short(job.as_deref().unwrap_or_default(), 80)).to_string());
        fact("started", &ago(*started));
        fact("last word", &ago(*updated));
    }
    if let Some(row) = row {
        let sweeps: Vec<String> = row.sweeps.iter().map(|sweep| asking("sweep", sweep)).collect();
        fact("sweeps", &sweeps.join(", "));
        fact("changed", &ago(row.updated));
    }
    put!(out, "</dl>\n");
}

/// A value that leads to the runs that have it.
fn asking(key: &str, value: &str) -> String {
    if value.is_empty() {
        return String::new();
    }
    let view = View::default().filtered(&Filter::default().and(key, Op::Is, value));
    format!("<a href=\"{}\">{}</a>", esc(&view.address()), esc(&short(value, 80)))
}

fn pictures(out: &mut String, files: &RunFiles) {
    let figures = figures::of_run(files);
    if figures.is_empty() {
        return;
    }
    put!(out, "<section class=\"figures\" aria-label=\"Figures\">\n");
    for figure in figures {
        // Another address where the files changed, so that a browser draws it anew.
        let to = format!(
            "/run/{}/figure/{}.svg?v={}",
            url(files.id()),
            figure.name,
            files.stamp(figure.files)
        );
        put!(
            out,
            "<figure data-part=\"figure-{0}\"{3}><a href=\"{1}\"><img src=\"{1}\" alt=\"{2}\"></a>\
             </figure>\n",
            figure.name,
            esc(&to),
            esc(figure.title),
            if figure.wide { " class=\"broad\"" } else { "" }
        );
    }
    put!(out, "</section>\n");
}
