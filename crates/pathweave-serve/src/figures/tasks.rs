//! What a finished run reached on each task, and each group.

use pathweave_eval::plot::{Bar, BarGroup, Bars, Unit};
use pathweave_eval::record::{RunRecord, TaskResult};
use pathweave_store::RECORD;

use crate::files::{Refused, RunFiles};

/// Most bytes of a record that are read.
const LIMIT: u64 = 8 * 1024 * 1024;

/// Bars of a group at most.
const BARS: usize = 60;

/// Bars of accuracy, or of the loss where nothing can be right; none without tasks.
pub(super) fn draw(files: &RunFiles, title: &str) -> Result<Option<String>, Refused> {
    let Some(text) = files.text(RECORD, LIMIT)? else { return Ok(None) };
    let record = RunRecord::from_json(&text, RECORD);
    let record = record.map_err(|error| Refused::broken(RECORD, error))?;
    let all = || record.per_task.iter().chain(&record.per_group);
    if all().next().is_none() {
        return Ok(None);
    }
    let accuracy = all().any(|result| result.accuracy.is_finite());
    let group = |heading: &str, results: &[TaskResult]| {
        let bar = |result: &TaskResult| Bar {
            label: result.task.clone(),
            value: if accuracy { result.accuracy } else { result.loss },
            error: None,
            paper: None,
        };
        let label = match results.len().checked_sub(BARS) {
            Some(more) if more > 0 => format!("{heading}, the first {BARS} of {}", results.len()),
            _ if record.per_group.is_empty() => String::new(),
            _ => heading.to_owned(),
        };
        BarGroup { label, bars: results.iter().take(BARS).map(bar).collect() }
    };
    let groups = [("tasks", &record.per_task), ("groups", &record.per_group)];
    let groups = groups.into_iter().filter(|(_, results)| !results.is_empty());
    let (value_label, unit) = match accuracy {
        true => ("test accuracy", Unit::Percent { digits: 1 }),
        false => ("test loss", Unit::Number { digits: 3 }),
    };
    let groups = groups.map(|(heading, results)| group(heading, results)).collect();
    let bars = Bars { title: title.into(), value_label: value_label.into(), unit, groups };
    Ok(Some(bars.to_svg()))
}
