//! Rows of several steps, gathered into a log for each.

use std::collections::BTreeMap;

use super::super::fault::{Faults, LogError};
use super::super::header::LogHeader;
use super::super::{RoutingLog, RoutingRow, check};
use super::{Content, Format, Reading};

/// The rows of a file.
#[derive(Default)]
pub(super) struct Rows {
    /// Rows and their lines, by step
    pub steps: BTreeMap<Option<u64>, (Vec<RoutingRow>, Vec<u64>)>,
    /// Names of contexts and of conditions; empty where they are numbers
    pub names: [Vec<String>; 2],
    /// Modules at every depth, where that is known
    pub modules: Option<usize>,
}

impl Rows {
    pub fn add(&mut self, step: Option<u64>, line: u64, row: RoutingRow) {
        let (rows, lines) = self.steps.entry(step).or_default();
        rows.push(row);
        lines.push(line);
    }

    /// A log for each step, all with the same header but for the step.
    pub fn finish(
        self,
        format: Format,
        layers: Option<Vec<String>>,
        mut faults: Faults,
    ) -> Result<Reading, LogError> {
        if self.steps.is_empty() && faults.is_empty() {
            faults.add(None, "file", "nothing", "at least one decision");
        }
        let mut whole = LogHeader::new(Vec::new());
        for (rows, _) in self.steps.values() {
            let seen = LogHeader::inferred(rows);
            let depths = seen.depths().max(whole.depths());
            whole.modules.resize(depths, 1);
            whole.modules.iter_mut().zip(&seen.modules).for_each(|(to, &m)| *to = m.max(*to));
            whole.actions.skip |= seen.actions.skip;
            whole.actions.end |= seen.actions.end;
            for (to, from) in
                [(&mut whole.contexts, seen.contexts), (&mut whole.conditions, seen.conditions)]
            {
                if from.len() > to.len() {
                    *to = from;
                }
            }
        }
        let [contexts, conditions] = self.names;
        for (to, names) in [(&mut whole.contexts, contexts), (&mut whole.conditions, conditions)] {
            if !names.is_empty() {
                *to = names;
            }
        }
        if let Some(known) = self.modules {
            whole.modules.fill(known);
        }
        check::header(&whole, &mut faults);
        let mut logs = Vec::new();
        for (step, (rows, lines)) in self.steps {
            check::rows(&whole, &rows, |index| lines[index], &mut faults);
            let header = LogHeader { step, ..whole.clone() };
            logs.push(RoutingLog { header, rows });
        }
        let layers =
            layers.unwrap_or_else(|| (0..whole.depths()).map(|depth| depth.to_string()).collect());
        Ok(faults.into_result(Reading { format, layers, content: Content::Logs(logs) })?)
    }
}
