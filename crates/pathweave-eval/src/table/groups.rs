//! Runs that are alike, and what a pair of runs has in common.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::frame::{Column, Frame};

/// What stands where a run has no value.
pub const NONE: &str = "–";

/// Runs with the same values of some keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The values, joined.
    pub name: String,
    /// The value of each key.
    pub key: Vec<String>,
    /// Places of the runs in the frame, ascending.
    pub runs: Vec<usize>,
}

/// A key that no run has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no run has the key {0}")]
pub struct UnknownKey(
    /// The key
    pub String,
);

/// The columns of keys.
///
/// # Errors
/// [`UnknownKey`].
pub fn columns(frame: &Frame, keys: &[String]) -> Result<Vec<Column>, UnknownKey> {
    let column = |key: &String| frame.column(key).ok_or_else(|| UnknownKey(key.clone()));
    keys.iter().map(column).collect()
}

/// The runs by the values of keys: groups ascending, numbers as numbers and before texts; all runs in
/// one group without keys.
///
/// # Errors
/// [`UnknownKey`].
pub fn groups(frame: &Frame, by: &[String]) -> Result<Vec<Group>, UnknownKey> {
    let columns = columns(frame, by)?;
    let mut groups: BTreeMap<Vec<Option<u32>>, Vec<usize>> = BTreeMap::new();
    for run in 0..frame.len() {
        let code = |column: &Column| column.codes.get(run).copied().flatten();
        groups.entry(columns.iter().map(code).collect()).or_default().push(run);
    }
    let named = |runs: Vec<usize>| {
        let first = runs.first().copied().unwrap_or(0);
        let value = |column: &Column| match column.text(first) {
            text if text.is_empty() => NONE.to_owned(),
            text => text,
        };
        let key: Vec<String> = columns.iter().map(value).collect();
        Group { name: if key.is_empty() { "all".into() } else { key.join(", ") }, key, runs }
    };
    let mut groups: Vec<Group> = groups.into_values().map(named).collect();
    groups.sort_by(|a, b| {
        let of_keys = a.key.iter().zip(&b.key).map(|(a, b)| natural(a, b));
        of_keys.fold(Ordering::Equal, Ordering::then)
    });
    Ok(groups)
}

fn natural(a: &str, b: &str) -> Ordering {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(x), Ok(y)) => x.total_cmp(&y),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    }
}

/// Keys that a pair of runs of two groups must share: the data, and every setting that differs within
/// some group and stratum. What only differs between groups is what is compared.
pub fn pair_keys(frame: &Frame, groups: &[Group], strata: &[String], by: &[String]) -> Vec<String> {
    const DATA: &str = "dataset.fingerprint";
    let candidates = frame.settings().filter(|(key, column)| {
        let absent = column.codes.len() < frame.len() || column.codes.contains(&None);
        (absent || column.values.len() > 1) && !by.iter().any(|by| by == key)
    });
    let differs = |column: &Column| {
        groups.iter().any(|group| {
            let mut seen: BTreeMap<&str, Option<u32>> = BTreeMap::new();
            group.runs.iter().any(|&run| {
                let code = column.codes.get(run).copied().flatten();
                *seen.entry(&strata[run]).or_insert(code) != code
            })
        })
    };
    let mut keys: Vec<String> =
        candidates.filter(|(_, column)| differs(column)).map(|(key, _)| key.to_owned()).collect();
    if frame.column(DATA).is_some()
        && !by.iter().any(|by| by == "dataset" || by.starts_with("data."))
    {
        keys.push(DATA.into());
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RunRecord;
    use serde_json::json;

    /// Kind, rate, seed, depth.
    fn frame(runs: &[(&str, f64, u64, u64)]) -> Frame {
        let mut frame = Frame::new();
        for &(kind, rate, seed, depth) in runs {
            let mut record = RunRecord::new("x", "a");
            record.spec = json!({"model": {"kind": kind}, "train": {"rate": rate, "seed": seed},
                "depth": depth, "same": 1});
            record.dataset.fingerprint = "f".into();
            frame.push(&record, None);
        }
        frame
    }

    fn keys(keys: &[&str]) -> Vec<String> {
        keys.iter().map(|&key| key.to_owned()).collect()
    }

    #[test]
    fn groups_are_sorted_as_readers_sort() {
        let frame = frame(&[("b", 0.1, 10, 1), ("a", 0.1, 9, 1), ("b", 0.1, 9, 1)]);
        let names = |by: &[&str]| -> Vec<(String, usize)> {
            let groups = groups(&frame, &keys(by)).expect("keys");
            groups.into_iter().map(|group| (group.name, group.runs.len())).collect()
        };
        assert_eq!(names(&["train.seed"]), [("9".into(), 2), ("10".into(), 1)]);
        let both = [("a, 9".into(), 1), ("b, 9".into(), 1), ("b, 10".into(), 1)];
        assert_eq!(names(&["model.kind", "train.seed"]), both);
        assert_eq!(names(&[]), [("all".into(), 3)]);
        assert_eq!(groups(&frame, &keys(&["no"])), Err(UnknownKey("no".into())));
    }

    #[test]
    fn pairs_share_what_differs_within_groups() {
        // Each kind has its own rate: that is part of what is compared.
        let frame =
            frame(&[("a", 0.1, 1, 2), ("a", 0.1, 2, 2), ("b", 0.2, 1, 2), ("b", 0.2, 2, 2)]);
        let by = keys(&["model.kind"]);
        let groups = groups(&frame, &by).expect("keys");
        let none = vec![String::new(); 4];
        let found = pair_keys(&frame, &groups, &none, &by);
        assert_eq!(found, ["train.seed", "dataset.fingerprint"]);
        // What differs only between the strata of a group is not shared either.
        let strata = ["1", "2", "1", "2"].map(str::to_owned);
        assert_eq!(pair_keys(&frame, &groups, &strata, &by), ["dataset.fingerprint"]);
    }
}
