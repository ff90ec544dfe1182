//! Logs as comma-separated values: a head, then a row a decision.
//!
//! ```text
//! sample,layer,task,expert
//! 0,0,cat,2
//! 0,1,cat,0
//! ```
//!
//! | column | names |
//! |---|---|
//! | training step | `step`, `global_step`, `iteration` |
//! | sample | `sample`, `sample_id`, `token`, `token_id`, `id`, `index` |
//! | depth, from 0 | `depth` |
//! | depth, any numbers | `layer`, `layer_id`, `layer_idx`, `layer_index`, `layer_number` |
//! | context | `context`, `task`, `domain` |
//! | rule | `condition`, `rule`, `label` |
//! | sub-router | `agent`, `router` |
//! | choice | `module`, `module_id`, `expert`, `expert_id`, `choice`: a number, `skip` or `end` |
//! | or weights | `w0`, `w1`, … (also `p`, `weight`, `prob`, `probability`, `module`, `expert`, `_0`) |
//!
//! Names are read without regard to case; a blank, hyphen or dot is as good as `_`. Fields are divided
//! by comma, semicolon or tab. Other columns are passed over. Contexts and rules are numbers or names.
//! Without a sample and a depth column, every row is a sample of one depth.

use std::collections::BTreeSet;
use std::io::Read;

use ::csv::{ReaderBuilder, StringRecord, Trim};

use super::super::fault::{Faults, LogError};
use super::super::row::{Choice, RoutingRow};
use super::csv_columns::Columns;
use super::rows::Rows;
use super::{Format, Reading};

/// Reads a table; `name` is the file's name in faults.
///
/// # Errors
///
/// [`LogError::Faults`] with every fault found: in the head, or in the rows.
pub fn read(from: impl Read, delimiter: u8, name: &str) -> Result<Reading, LogError> {
    let mut faults = Faults::new(name);
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter).trim(Trim::All).flexible(true).from_reader(from);
    let head = match reader.headers() {
        Ok(head) => head.clone(),
        Err(error) => {
            faults.add(1, "head", error, "names of columns");
            return Err(faults.into());
        }
    };
    let columns = Columns::of(&head.iter().collect::<Vec<_>>(), &mut faults);
    // A head that cannot be read is reported once, not again by each row.
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let mut records = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) if record.len() == head.len() => records.push(record),
            Ok(record) => {
                let found = format!("{} fields", record.len());
                faults.add(line(&record), "line", found, format!("{} fields", head.len()));
            }
            Err(error) => faults.add(None, "line", error, "a row of text"),
        }
    }
    let mut table = Table { columns, faults, names: Default::default() };
    table.name_columns(&records);
    let mut rows = Rows::default();
    for (index, record) in records.iter().enumerate() {
        if let Some((step, row)) = table.row(record, index as u64) {
            rows.add(step, line(record), row);
        }
    }
    let layers = table.layers(&mut rows);
    let [contexts, conditions, _] = table.names;
    rows.names = [contexts, conditions];
    rows.finish(Format::Csv, layers, table.faults)
}

fn line(record: &StringRecord) -> u64 {
    record.position().map_or(0, ::csv::Position::line)
}

struct Table {
    columns: Columns,
    faults: Faults,
    /// Names of contexts, conditions, agents, by number; empty where they are numbers
    names: [Vec<String>; 3],
}

impl Table {
    /// A column with anything but numbers holds names, which are numbered as they appear.
    fn name_columns(&mut self, records: &[StringRecord]) {
        for (names, column) in self.names.iter_mut().zip(self.columns.optional) {
            let Some(column) = column else { continue };
            let cells = || records.iter().map(|r| &r[column]).filter(|cell| !cell.is_empty());
            if cells().all(|cell| cell.parse::<u32>().is_ok()) {
                continue;
            }
            let mut seen = BTreeSet::new();
            names.extend(cells().filter(|cell| seen.insert(*cell)).map(str::to_owned));
        }
    }

    fn row(&mut self, record: &StringRecord, index: u64) -> Option<(Option<u64>, RoutingRow)> {
        let at = line(record);
        let before = self.faults.faults.len() + self.faults.more;
        let step = self.columns.step.and_then(|column| self.number(record, column, "step"));
        let sample = match self.columns.sample {
            Some(column) => self.number(record, column, "sample"),
            None => Some(index),
        };
        let depth = match self.columns.depth {
            Some((column, _)) => self.number(record, column, "depth"),
            None => Some(0),
        };
        let label = |which: usize| {
            let cell = &record[self.columns.optional[which]?];
            let named = self.names[which].iter().position(|name| name == cell);
            named.map(|number| number as u32).or_else(|| cell.parse().ok())
        };
        let [context, condition, agent] = [0, 1, 2].map(label);
        let choice = match self.columns.choice {
            Some(column) => match &record[column] {
                "skip" => Some(Choice::Skip),
                "end" => Some(Choice::End),
                cell => {
                    let module = cell.parse().ok().map(Choice::Module);
                    if module.is_none() {
                        let allowed = "a module's number, skip or end";
                        self.faults.add(at, "choice", quoted(cell), allowed);
                    }
                    module
                }
            },
            None => self.weights(record),
        };
        let sound = self.faults.faults.len() + self.faults.more == before;
        let depth = depth?.try_into().unwrap_or(u32::MAX);
        let row = RoutingRow { sample: sample?, depth, context, condition, agent, choice: choice? };
        sound.then_some((step, row))
    }

    fn number(&mut self, record: &StringRecord, column: usize, key: &str) -> Option<u64> {
        let cell = &record[column];
        let number = cell.parse().ok();
        if number.is_none() {
            self.faults.add(line(record), key, quoted(cell), "an integer of 0 or more");
        }
        number
    }

    fn weights(&mut self, record: &StringRecord) -> Option<Choice> {
        let mut weights = Vec::with_capacity(self.columns.weights.len());
        for (module, &column) in self.columns.weights.iter().enumerate() {
            match record[column].parse::<f32>() {
                Ok(weight) => weights.push(weight),
                Err(_) => {
                    let key = format!("weight of module {module}");
                    self.faults.add(line(record), &key, quoted(&record[column]), "a number");
                }
            }
        }
        (weights.len() == self.columns.weights.len()).then_some(Choice::Weights(weights))
    }

    /// Where the depth is a layer, replaces layers by their rank and gives their names.
    fn layers(&self, rows: &mut Rows) -> Option<Vec<String>> {
        self.columns.depth.filter(|(_, layer)| *layer)?;
        let all = || rows.steps.values().flat_map(|(rows, _)| rows);
        let layers: Vec<u32> =
            all().map(|row| row.depth).collect::<BTreeSet<_>>().into_iter().collect();
        for row in rows.steps.values_mut().flat_map(|(rows, _)| rows) {
            row.depth = layers.partition_point(|&layer| layer < row.depth) as u32;
        }
        Some(layers.iter().map(ToString::to_string).collect())
    }
}

fn quoted(cell: &str) -> String {
    if cell.is_empty() { "nothing".to_owned() } else { format!("\"{cell}\"") }
}
