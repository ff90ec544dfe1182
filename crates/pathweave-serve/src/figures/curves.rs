//! Curves of a run, finished or not.

use pathweave_eval::curves::Curves;
use pathweave_eval::plot::{CurvePlot, Line, Panel, Point, Unit};
use pathweave_store::{CURVES, LIVE};

use crate::files::{Refused, RunFiles};

/// Most bytes of curves that are read.
pub(crate) const LIMIT: u64 = 32 * 1024 * 1024;
/// Curves larger than this are not read only to see what can be drawn.
const PEEK: u64 = 4 * 1024 * 1024;
/// Lines of a panel, and panels of a picture, at most.
const LINES: usize = 20;
const PANELS: usize = 12;

/// The picture to which a tag belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// How well it does
    Learning,
    /// How it decides
    Decisions,
    /// How well it does on each task
    Tasks,
}

/// The group of a tag, the panel there, and the line in it.
pub(crate) fn group_of(tag: &str) -> (Group, String, String) {
    let parts: Vec<&str> = tag.splitn(3, '/').collect();
    let plain = |name: &str| name.replace('_', " ");
    match parts.as_slice() {
        ["train" | "test" | "validation" | "best", name, task] => {
            (Group::Tasks, format!("{} {}", parts[0], plain(name)), (*task).to_owned())
        }
        [split @ ("train" | "test" | "validation" | "best"), name] => {
            (Group::Learning, plain(name), (*split).to_owned())
        }
        ["routing", name, rest @ ..] => {
            let panel = match *name {
                "decision_fluctuation" | "path_fluctuation" => "fluctuation",
                "collapse_avg" | "collapse_worst" => "collapse",
                "alignment" | "adaptation" | "inverse_mutual_information" => "specialization",
                name => name,
            };
            let line = [&plain(name), rest.first().copied().unwrap_or_default()].join(" ");
            (Group::Decisions, plain(panel), line.trim_end().to_owned())
        }
        [family, name @ ..] => {
            let line = if name.is_empty() { plain(family) } else { plain(&name.join(" ")) };
            let panel = if *family == "explore" { "exploration" } else { family };
            (Group::Decisions, plain(panel), line)
        }
        [] => (Group::Decisions, String::new(), String::new()),
    }
}

/// How the values of a panel, or of a metric, are written.
pub(crate) fn unit(panel: &str) -> Unit {
    let share = ["accuracy", "fluctuation", "exploration"].iter().any(|word| panel.contains(word));
    if share { Unit::Percent { digits: 1 } } else { Unit::Number { digits: 3 } }
}

/// The curves of a finished run, or those so far; none where there are none.
///
/// # Errors
/// Where the file is refused or broken.
pub(crate) fn read(files: &RunFiles) -> Result<Option<Curves>, Refused> {
    if let Some(bytes) = files.bytes(CURVES, LIMIT)? {
        let curves = Curves::from_csv(&bytes[..]);
        return curves.map(Some).map_err(|error| Refused::broken(CURVES, error));
    }
    let Some(bytes) = files.bytes(LIVE, LIMIT)? else { return Ok(None) };
    Curves::so_far(&bytes).map(Some).map_err(|error| Refused::broken(LIVE, error))
}

/// The groups of which there are curves; all where it is not known without a long look.
pub(crate) fn groups(files: &RunFiles) -> Vec<Group> {
    let all = [Group::Learning, Group::Decisions, Group::Tasks];
    let size = |name| files.file(name).ok().flatten().map(|(_, size)| size);
    if size(CURVES).or(size(LIVE)).is_none_or(|size| size > PEEK) {
        return all.to_vec();
    }
    match read(files) {
        Ok(Some(curves)) => {
            let there: Vec<Group> = curves.tags().map(|tag| group_of(tag).0).collect();
            all.into_iter().filter(|group| there.contains(group)).collect()
        }
        Ok(None) => Vec::new(),
        // One picture says what is wrong.
        Err(_) => vec![Group::Learning],
    }
}

/// The curves of a group.
///
/// # Errors
/// Where the file is refused or broken.
pub(crate) fn draw(files: &RunFiles, title: &str, group: Group) -> Result<Option<String>, Refused> {
    let Some(curves) = read(files)? else { return Ok(None) };
    let epochs = by_epoch(&curves);
    let mut panels: Vec<Panel> = Vec::new();
    let mut left_out = 0;
    for tag in curves.tags() {
        let (of, panel, label) = group_of(tag);
        if of != group {
            continue;
        }
        let point = |p: pathweave_eval::curves::CurvePoint| {
            let x = if epochs { p.epoch } else { p.step as f64 };
            Point { x, y: p.value, error: None }
        };
        let line = Line { label, points: curves.points(tag).map(point).collect() };
        let known = panels.iter().position(|known| known.y_label == panel);
        match known {
            Some(at) if panels[at].lines.len() < LINES => panels[at].lines.push(line),
            None if panels.len() < PANELS => panels.push(Panel {
                title: String::new(),
                x_label: if epochs { "epoch" } else { "step" }.to_owned(),
                unit: unit(&panel),
                y_label: panel,
                lines: vec![line],
            }),
            _ => left_out += 1,
        }
    }
    if panels.is_empty() {
        return Ok(None);
    }
    let title = match left_out {
        0 => title.to_owned(),
        many => format!("{title} ({many} more are not drawn)"),
    };
    Ok(Some(CurvePlot { title, panels }.to_compact_svg()))
}

/// Whether epochs tell the points of curves apart.
pub(crate) fn by_epoch(curves: &Curves) -> bool {
    curves.tags().any(|tag| curves.points(tag).any(|point| point.epoch > 0.0))
}
