//! Pictures of several runs: means with intervals, curves with bands.

use std::collections::BTreeSet;

use pathweave_eval::curves::Curves;
use pathweave_eval::plot::{CurvePlot, DotPanel, DotRow, Dots, Line, Panel};
use pathweave_eval::stats;
use pathweave_store::query::QueryError;

use super::LINES;
use super::choose::{Chosen, RUNS};
use super::tables::named;
use crate::figures::{by_epoch, curve_group, curve_unit, read_curves};
use crate::files::RunFiles;
use crate::site::Site;

/// Rows of the picture of intervals at most.
const ROWS: usize = 60;
/// Tags that are offered at most.
const TAGS: usize = 200;
/// Which curves are drawn where none are chosen: the first of these that there is.
const FIRST: [&str; 4] = ["test/accuracy", "validation/loss", "test/loss", "train/loss"];

/// A picture; none where there is none of that name, or nothing to compare.
///
/// # Errors
/// Where the address asks what the index cannot answer.
pub(crate) fn draw(
    site: &Site,
    pairs: &[(String, String)],
    name: &str,
) -> Result<Option<String>, QueryError> {
    let Some(chosen) = Chosen::of(site, pairs)? else { return Ok(None) };
    Ok(match name {
        "intervals" => Some(intervals(&chosen)),
        "curves" => {
            let tags = tags(site, &chosen);
            tag(&tags, pairs).map(|tag| curves(site, &chosen, tag))
        }
        _ => None,
    })
}

fn intervals(chosen: &Chosen) -> String {
    let panel = |(at, metric): (usize, &String)| DotPanel {
        label: named(metric).to_owned(),
        unit: curve_unit(metric),
        rows: chosen
            .groups
            .iter()
            .take(ROWS)
            .map(|group| DotRow {
                values: group.values[at].clone(),
                mean: group.mean(at),
                error: group.ci95(at),
            })
            .collect(),
    };
    let title = match chosen.groups.len() {
        0..=ROWS => "Metrics".to_owned(),
        many => format!("Metrics of the first {ROWS} of {many} groups"),
    };
    let rows = chosen.labels.iter().take(ROWS).cloned().collect();
    Dots { title, rows, panels: chosen.show.iter().enumerate().map(panel).collect() }.to_svg()
}

/// The curves of some runs of a group, the runs that have none left out.
fn of_group(site: &Site, chosen: &Chosen, group: usize, most: usize) -> Vec<Curves> {
    let ids = chosen.groups[group].ids.iter().take(most);
    let read = |id: &String| read_curves(&RunFiles::open(site.store(), id).ok()?).ok().flatten();
    ids.filter_map(read).collect()
}

/// Tags of the first run of each group, sorted.
pub(super) fn tags(site: &Site, chosen: &Chosen) -> Vec<String> {
    let groups = 0..chosen.groups.len().min(LINES);
    let curves = groups.flat_map(|group| of_group(site, chosen, group, 1));
    let tags: BTreeSet<String> =
        curves.flat_map(|c| c.tags().map(str::to_owned).collect::<Vec<_>>()).collect();
    tags.into_iter().take(TAGS).collect()
}

/// The tag that is chosen, or a telling one.
pub(super) fn tag<'a>(tags: &'a [String], pairs: &[(String, String)]) -> Option<&'a String> {
    let chosen = pairs.iter().find(|(key, _)| key == "tag").map(|(_, value)| value.as_str());
    let find = |name: &str| tags.iter().find(|tag| *tag == name);
    chosen.and_then(find).or_else(|| FIRST.into_iter().find_map(find)).or(tags.first())
}

fn curves(site: &Site, chosen: &Chosen, tag: &str) -> String {
    let groups = chosen.groups.len().min(LINES);
    let most = (RUNS / groups.max(1)).max(1);
    let all: Vec<Vec<Curves>> =
        (0..groups).map(|group| of_group(site, chosen, group, most)).collect();
    let epochs = all.iter().flatten().all(by_epoch);
    let line = |(curves, label): (&Vec<Curves>, &String)| {
        let series = |curves: &Curves| {
            let at = |p: pathweave_eval::curves::CurvePoint| {
                (if epochs { p.epoch } else { p.step as f64 }, p.value)
            };
            curves.points(tag).map(at).collect::<Vec<_>>()
        };
        let seeds: Vec<Vec<(f64, f64)>> = curves.iter().map(series).collect();
        Line::over_seeds(label.as_str(), &seeds, stats::ci95)
    };
    let (_, name, _) = curve_group(tag);
    let panel = Panel {
        title: String::new(),
        x_label: if epochs { "epoch" } else { "step" }.to_owned(),
        y_label: name.clone(),
        unit: curve_unit(&name),
        lines: all.iter().zip(&chosen.labels).map(line).collect(),
    };
    CurvePlot { title: tag.to_owned(), panels: vec![panel] }.to_compact_svg()
}
