//! Pictures of one run, drawn from its files.
//!
//! A picture is drawn when it is asked for. Files are read up to a limit; of what is too large, or is
//! not what its name promises, a picture says so in words.

mod curves;
mod routing;
mod tasks;
#[cfg(test)]
mod tests;

use pathweave_eval::plot;
use pathweave_store::{ACTIVATION, CURVES, LIVE, RECORD, ROUTING_JSONL, ROUTING_PARQUET};

use crate::files::{Refused, RunFiles};

pub(crate) use curves::{
    by_epoch, group_of as curve_group, read as read_curves, unit as curve_unit,
};

/// A picture that a run's files allow.
pub(crate) struct Figure {
    /// Its name in addresses: letters, digits and `-`
    pub(crate) name: &'static str,
    /// Its heading
    pub(crate) title: &'static str,
    /// Whether it needs the width of the page
    pub(crate) wide: bool,
    /// The files from which it is drawn: it is drawn anew when they change
    pub(crate) files: &'static [&'static str],
    draw: fn(&RunFiles, &str) -> Result<Option<String>, Refused>,
}

const OVER_TRAINING: &[&str] = &[CURVES, LIVE];
const OF_LOG: &[&str] = &[ROUTING_JSONL, ROUTING_PARQUET];

/// All of them, in the order of the page.
static FIGURES: [Figure; 8] = [
    Figure {
        name: "learning",
        title: "Accuracy and loss",
        wide: false,
        files: OVER_TRAINING,
        draw: |files, title| curves::draw(files, title, curves::Group::Learning),
    },
    Figure {
        name: "decisions",
        title: "Decisions over training",
        wide: false,
        files: OVER_TRAINING,
        draw: |files, title| curves::draw(files, title, curves::Group::Decisions),
    },
    Figure {
        name: "tasks-over-training",
        title: "Tasks over training",
        wide: false,
        files: OVER_TRAINING,
        draw: |files, title| curves::draw(files, title, curves::Group::Tasks),
    },
    Figure {
        name: "agents",
        title: "Dispatching",
        wide: false,
        files: OF_LOG,
        draw: routing::agents,
    },
    Figure {
        name: "paths",
        title: "Paths through the modules",
        wide: true,
        files: OF_LOG,
        draw: routing::paths,
    },
    Figure {
        name: "routing-map",
        title: "Routing map",
        wide: true,
        files: OF_LOG,
        draw: routing::map,
    },
    Figure {
        name: "activation",
        title: "Activation of modules",
        wide: true,
        files: &[ACTIVATION, ROUTING_JSONL, ROUTING_PARQUET],
        draw: routing::activation,
    },
    Figure {
        name: "tasks",
        title: "Results by task",
        wide: true,
        files: &[RECORD],
        draw: tasks::draw,
    },
];

/// The pictures that the files of this run allow, in the order of the page.
pub(crate) fn of_run(files: &RunFiles) -> Vec<&'static Figure> {
    let there = |name: &&str| !matches!(files.file(name), Ok(None));
    let groups = curves::groups(files);
    let agents = || routing::has_agents(files);
    let allowed = |figure: &&Figure| {
        figure.files.iter().any(there)
            && match figure.name {
                "learning" => groups.contains(&curves::Group::Learning),
                "decisions" => groups.contains(&curves::Group::Decisions),
                "tasks-over-training" => groups.contains(&curves::Group::Tasks),
                "agents" => agents(),
                _ => true,
            }
    };
    FIGURES.iter().filter(allowed).collect()
}

/// A picture as an SVG document; none where there is none of that name, or no file for it.
///
/// # Errors
/// Where a file is refused or broken.
pub(crate) fn draw(files: &RunFiles, name: &str) -> Result<Option<String>, Refused> {
    match FIGURES.iter().find(|figure| figure.name == name) {
        Some(figure) => (figure.draw)(files, figure.title),
        None => Ok(None),
    }
}

/// A picture that says why there is no other.
pub(crate) fn notice(text: &str) -> String {
    plot::notice("Not drawn", text)
}
