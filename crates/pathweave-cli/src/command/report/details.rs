//! What a page of few runs shows of each: curves, routing, specs.

use std::path::Path;

use pathweave_eval::report::{Block, Section};

use crate::error::CliError;
use crate::experiment::runs::Runs;
use crate::experiment::{figures, routes, rule_figures};
use crate::selection::Selection;
use crate::store::StoredRun;

/// The most runs whose curves and routing logs are read.
const RUNS: usize = 256;
/// The most groups: each has its lines, maps and spec.
const GROUPS: usize = 40;

/// Bars of the groups, and the sections below the tables; none where there are too many runs for one
/// page. `names` are the runs' groups.
///
/// # Errors
/// Where a file of a run cannot be read.
pub fn details(
    selection: &Selection,
    names: &[String],
    groups: usize,
) -> Result<Option<(Block, Vec<Section>)>, CliError> {
    if selection.runs.len() > RUNS || groups > GROUPS {
        return Ok(None);
    }
    let read = |(run, name): (&pathweave_store::RunFolder, &String)| named(&run.path, name);
    let stored = selection.runs.iter().zip(names).map(read).collect::<Result<Vec<_>, _>>()?;
    let runs = Runs::gather(&stored)?;
    let rules = rule_figures::are_rules(&runs);
    let bars = match rules {
        true => rule_figures::performance_bars(&runs),
        false => figures::accuracy_bars(&runs, "Test accuracy"),
    };
    let mut sections = Vec::new();
    if rules {
        sections.extend(rule_figures::sections(&runs));
    } else {
        let curves = figures::accuracy_curves(&runs, "Test accuracy");
        sections.push(Section { heading: "Training".into(), blocks: vec![curves] });
    }
    let routed: Vec<&str> = runs.models().into_iter().filter(|model| runs.routes(model)).collect();
    if !routed.is_empty() && !rules {
        let mut blocks = vec![routes::dynamics(&runs, &routed)];
        blocks.extend(routed.iter().flat_map(|model| routes::map(&runs, model)));
        sections.push(Section { heading: "Routing".into(), blocks });
    }
    sections.push(Section { heading: "Specs".into(), blocks: figures::specs(&runs) });
    Ok(Some((bars, sections)))
}

/// A run under the name of its group.
fn named(folder: &Path, name: &str) -> Result<StoredRun, CliError> {
    let mut run = StoredRun::read(folder, None)?;
    run.spec.name = name.to_owned();
    run.record.name = name.to_owned();
    Ok(run)
}
