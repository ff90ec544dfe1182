//! The order in which samples lie side by side: at each time step, by module where that is known.

use pathweave_data::dataset::rules::RuleBatch;

use super::sizes::Sizes;

/// Neighbouring columns that pass the same modules.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// The first of those modules
    pub module: usize,
    pub first: usize,
    pub columns: usize,
}

/// Some samples of a batch, column by column at each time step.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Samples
    pub columns: usize,
    /// Time steps
    pub length: usize,
    /// Row of the batch of each column. [length, columns]
    rows: Vec<u32>,
    /// Context of each column. [length, columns]
    contexts: Vec<u32>,
    /// Where each column's sample was a time step earlier. [length, columns]
    before: Vec<u32>,
    groups: Vec<Group>,
    /// Ends of each time step's groups
    ends: Vec<usize>,
    /// Columns, sorted; and where each sample is
    sorted: Vec<u32>,
    places: Vec<u32>,
}

impl Order {
    /// Of the samples from `first` on.
    pub fn set(&mut self, sizes: &Sizes, batch: &RuleBatch, first: usize, columns: usize) {
        (self.columns, self.length) = (columns, batch.length);
        for list in [&mut self.rows, &mut self.contexts, &mut self.before, &mut self.places] {
            list.clear();
        }
        self.places.extend(0..columns as u32);
        self.groups.clear();
        self.ends.clear();
        for time in 0..batch.length {
            let context =
                |sample: u32| batch.context[(first + sample as usize) * batch.length + time];
            self.sorted.clear();
            self.sorted.extend(0..columns as u32);
            if sizes.grouped() {
                // Missing contexts name no module and come last.
                let (rules, modules) = (sizes.rules as u32, sizes.modules as u32);
                let module = |sample: &u32| match context(*sample) {
                    missing if missing >= rules => modules,
                    known => known % modules,
                };
                self.sorted.sort_by_key(module);
                let mut at = 0;
                while let Some(own) = self.sorted.get(at).map(module).filter(|own| *own < modules) {
                    let rest = &self.sorted[at..];
                    let columns = rest.iter().take_while(|sample| module(sample) == own).count();
                    self.groups.push(Group { module: own as usize, first: at, columns });
                    at += columns;
                }
            } else {
                self.groups.push(Group { module: 0, first: 0, columns });
            }
            self.ends.push(self.groups.len());
            for &sample in &self.sorted {
                let row = (first + sample as usize) * batch.length + time;
                self.rows.push(row as u32);
                self.contexts.push(batch.context[row].min(sizes.rules as u32));
                self.before.push(self.places[sample as usize]);
            }
            for (column, &sample) in self.sorted.iter().enumerate() {
                self.places[sample as usize] = column as u32;
            }
        }
    }

    /// Rows of the batch at a time step, column by column.
    pub fn rows(&self, time: usize) -> &[u32] {
        &self.rows[time * self.columns..][..self.columns]
    }

    /// Contexts at a time step, R where missing.
    pub fn contexts(&self, time: usize) -> &[u32] {
        &self.contexts[time * self.columns..][..self.columns]
    }

    /// Columns that the samples had at the time step before.
    pub fn before(&self, time: usize) -> &[u32] {
        &self.before[time * self.columns..][..self.columns]
    }

    /// Groups of a time step; columns that no module takes are in none.
    pub fn groups(&self, time: usize) -> &[Group] {
        let start = if time == 0 { 0 } else { self.ends[time - 1] };
        &self.groups[start..self.ends[time]]
    }
}
