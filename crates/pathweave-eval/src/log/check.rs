//! The rules that every log obeys.

use super::fault::Faults;
use super::header::LogHeader;
use super::row::{Choice, RoutingRow};

/// Most modules at one depth. Bounds what a damaged file can make a reader allocate.
pub const MODULE_LIMIT: usize = 1 << 16;
/// Most depths.
pub const DEPTH_LIMIT: usize = 1 << 16;
/// Most contexts, and most conditions.
pub const CONTEXT_LIMIT: usize = 1 << 16;
/// How far from one the sum of a row's weights may be. Weights may come from half precision.
pub const WEIGHT_SUM_TOLERANCE: f64 = 1e-2;

pub(super) fn header(header: &LogHeader, faults: &mut Faults) {
    if header.version == 0 {
        faults.add(None, "version", 0, "1 or more");
    }
    let counts = [
        ("modules", header.modules.len(), DEPTH_LIMIT, "depths"),
        ("contexts", header.contexts.len(), CONTEXT_LIMIT, "contexts"),
        ("conditions", header.conditions.len(), CONTEXT_LIMIT, "conditions"),
    ];
    for (key, found, limit, of) in counts {
        if found > limit {
            faults.add(None, key, format_args!("{found} {of}"), format_args!("at most {limit}"));
        }
    }
    for (depth, &modules) in header.modules.iter().enumerate() {
        if !(1..=MODULE_LIMIT).contains(&modules) {
            let found = format_args!("{modules} at depth {depth}").to_string();
            faults.add(None, "modules", found, format_args!("1 to {MODULE_LIMIT}"));
        }
    }
}

/// Checks each row by itself, then the rows of each sample together.
pub(super) fn rows(
    header: &LogHeader,
    rows: &[RoutingRow],
    line_of: impl Fn(usize) -> u64,
    faults: &mut Faults,
) {
    for (index, row) in rows.iter().enumerate() {
        one_row(header, row, line_of(index), faults);
    }
    samples(rows, line_of, faults);
}

fn one_row(header: &LogHeader, row: &RoutingRow, line: u64, faults: &mut Faults) {
    let below = |name: &str, value: Option<u32>, count: usize, faults: &mut Faults| {
        if let Some(value) = value.filter(|&value| value as usize >= count) {
            faults.add(line, name, value, below_text(count));
        }
    };
    below("depth", Some(row.depth), header.depths(), faults);
    below("context", row.context, header.contexts.len(), faults);
    below("condition", row.condition, header.conditions.len(), faults);
    match &row.choice {
        Choice::Skip if !header.actions.skip => {
            faults.add(line, "choice", "skip", "a module: the header names no skip");
        }
        Choice::End if !header.actions.end => {
            faults.add(line, "choice", "end", "a module: the header names no end");
        }
        Choice::Skip | Choice::End => {}
        Choice::Module(module) => {
            if let Some(&count) = header.modules.get(row.depth as usize) {
                below("choice", Some(*module), count, faults);
            }
        }
        Choice::Weights(weights) => {
            if let Some(&count) = header.modules.get(row.depth as usize)
                && weights.len() != count
            {
                let found = format_args!("{} weights", weights.len()).to_string();
                faults.add(line, "choice", found, format_args!("{count} weights"));
            }
            weights_sum(weights, line, faults);
        }
    }
}

fn weights_sum(weights: &[f32], line: u64, faults: &mut Faults) {
    if let Some(wrong) = weights.iter().find(|weight| !(weight.is_finite() && **weight >= 0.0)) {
        let found = format_args!("a weight of {wrong}").to_string();
        faults.add(line, "choice", found, "finite weights of 0 or more");
        return;
    }
    let sum: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
    if (sum - 1.0).abs() > WEIGHT_SUM_TOLERANCE {
        let found = format_args!("weights that sum to {sum}").to_string();
        faults.add(line, "choice", found, format_args!("a sum of 1 ± {WEIGHT_SUM_TOLERANCE}"));
    }
}

fn samples(rows: &[RoutingRow], line_of: impl Fn(usize) -> u64, faults: &mut Faults) {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|&index| (rows[index].sample, rows[index].depth, index));
    for pair in order.windows(2) {
        let (before, after) = (&rows[pair[0]], &rows[pair[1]]);
        if before.sample != after.sample {
            continue;
        }
        let line = line_of(pair[1]);
        let sample = after.sample;
        if before.depth == after.depth {
            let found = format_args!("a second row at depth {}", after.depth).to_string();
            faults.add(line, "sample", found, format_args!("one row for sample {sample} there"));
        } else if before.choice == Choice::End {
            let allowed = format_args!("none: sample {sample} ended at depth {}", before.depth);
            faults.add(line, "depth", after.depth, allowed.to_string());
        }
        for (key, first, second) in [
            ("context", before.context, after.context),
            ("condition", before.condition, after.condition),
        ] {
            if first != second {
                let allowed = format!("{} as in sample {sample}'s other rows", text(first));
                faults.add(line, key, text(second), allowed);
            }
        }
    }
}

fn below_text(count: usize) -> String {
    match count {
        0 => "none".to_owned(),
        1 => "0".to_owned(),
        count => format!("0 to {}", count - 1),
    }
}

fn text(index: Option<u32>) -> String {
    index.map_or_else(|| "none".to_owned(), |index| index.to_string())
}
