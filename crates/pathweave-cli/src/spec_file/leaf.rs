//! Settings as leaves: a dotted key, its value, and where it was written.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

/// Where a setting was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// File and line, from 1
    File(String, usize),
    /// An override or flag, as it was given; shared, since a list of ten thousand seeds is long
    Argument(Arc<str>),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file, line) => write!(f, "{file}:{line}"),
            Self::Argument(text) => f.write_str(text),
        }
    }
}

/// One setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// Dotted key
    pub key: String,
    /// None removes the setting
    pub value: Option<Value>,
    /// Where it was written
    pub origin: Origin,
}

/// Settings by key.
pub type Leaves = BTreeMap<String, Leaf>;

/// Keys whose change voids the settings beside them: they say which settings there are.
const KINDS: [&str; 2] = ["data.name", "exploration.schedule"];

/// Keys that stand for another one when they hold a text.
const SHORT: [(&str, &str); 3] =
    [("data", "data.name"), ("model", "model.kind"), ("exploration", "exploration.schedule")];

impl Leaf {
    /// A setting; short keys are spelled out.
    pub fn new(key: &str, value: Option<Value>, origin: Origin) -> Self {
        let short = SHORT.iter().find(|(short, _)| *short == key);
        let key = match (short, &value) {
            (Some((_, long)), Some(Value::String(_))) => long,
            _ => key,
        };
        Self { key: key.to_owned(), value, origin }
    }
}

/// Lays `layer` over `leaves`: later settings win, and a new data set or exploration schedule
/// takes the settings of the old one away.
pub fn overlay(leaves: &mut Leaves, layer: &[Leaf]) {
    for kind in KINDS {
        let Some(new) = layer.iter().rfind(|leaf| leaf.key == kind) else { continue };
        let same = leaves.get(kind).is_none_or(|old| old.value == new.value);
        if !same {
            let group = kind.split_once('.').map_or(kind, |(group, _)| group);
            leaves.retain(|key, _| !is_below(key, group));
        }
    }
    for leaf in layer {
        // Of a sweep's many specs every key comes by here: only its neighbours are looked at.
        let prefix = format!("{}.", leaf.key);
        let below = leaves.range(prefix.clone()..).map(|(key, _)| key);
        let below: Vec<String> =
            below.take_while(|key| key.starts_with(&prefix)).cloned().collect();
        let above = leaf.key.match_indices('.').map(|(at, _)| leaf.key[..at].to_owned());
        for key in below.into_iter().chain(above) {
            leaves.remove(&key);
        }
        leaves.insert(leaf.key.clone(), leaf.clone());
    }
}

fn is_below(key: &str, group: &str) -> bool {
    key.strip_prefix(group).is_some_and(|rest| rest.starts_with('.'))
}

/// The leaves of a table in the order of its text, with their lines. `lines` holds the line of
/// every key, see [`lines`].
pub fn of_table(
    table: &Table,
    prefix: &str,
    file: &str,
    lines: &BTreeMap<String, usize>,
) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    walk(table, "", &mut |key, value| {
        let line = lines.get(&format!("{prefix}{key}")).copied().unwrap_or(1);
        leaves.push(Leaf::new(key, Some(value.clone()), Origin::File(file.to_owned(), line)));
    });
    leaves
}

/// Calls `visit` with the dotted key of everything that is not a table.
pub fn walk(table: &Table, prefix: &str, visit: &mut impl FnMut(&str, &Value)) {
    for (key, value) in table {
        let key = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            Value::Table(table) => walk(table, &key, visit),
            other => visit(&key, other),
        }
    }
}

/// The line of every key in a text, by its dotted path; entries of lists of tables by number.
pub fn lines(table: &DeTable<'_>, text: &str) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    collect(table, "", text, &mut lines);
    lines
}

fn collect(table: &DeTable<'_>, prefix: &str, text: &str, lines: &mut BTreeMap<String, usize>) {
    for (key, value) in table {
        let path = format!("{prefix}{}", key.get_ref());
        let line = text[..key.span().start].matches('\n').count() + 1;
        lines.insert(path.clone(), line);
        match value.get_ref() {
            DeValue::Table(table) => collect(table, &format!("{path}."), text, lines),
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if let DeValue::Table(table) = item.get_ref() {
                        collect(table, &format!("{path}.{index}."), text, lines);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Puts a value at a dotted key, making tables on the way. False where something that is no table
/// stands in the way.
pub fn put(table: &mut Table, key: &str, value: Value) -> bool {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
            true
        }
        Some((first, rest)) => {
            let below = table.entry(first).or_insert_with(|| Value::Table(Table::new()));
            below.as_table_mut().is_some_and(|below| put(below, rest, value))
        }
    }
}

/// Removes what is at a dotted key.
pub fn remove(table: &mut Table, key: &str) {
    match key.split_once('.') {
        None => {
            table.remove(key);
        }
        Some((first, rest)) => {
            if let Some(Value::Table(below)) = table.get_mut(first) {
                remove(below, rest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(key: &str, value: &str) -> Leaf {
        Leaf::new(key, Some(Value::String(value.into())), Origin::Argument(key.into()))
    }

    #[test]
    fn a_new_data_set_voids_the_settings_of_the_old_one() {
        let mut leaves = Leaves::new();
        overlay(&mut leaves, &[leaf("data", "digits-mtl"), leaf("data.seed", "1")]);
        overlay(&mut leaves, &[leaf("data.name", "digits-mtl")]);
        assert!(leaves.contains_key("data.seed"));
        overlay(&mut leaves, &[leaf("data.positives", "2"), leaf("data", "mnist-mtl")]);
        assert_eq!(leaves.keys().collect::<Vec<_>>(), ["data.name", "data.positives"]);
    }

    #[test]
    fn a_key_and_one_below_it_do_not_stand_together() {
        let mut leaves = Leaves::new();
        overlay(&mut leaves, &[leaf("a.b", "1"), leaf("a.b.c", "2"), leaf("a.bc", "3")]);
        assert_eq!(leaves.keys().collect::<Vec<_>>(), ["a.b.c", "a.bc"]);
    }

    #[test]
    fn lines_are_those_of_the_keys() {
        let text = "a = 1\n[b]\nc.d = 2\n\n[[e]]\nf = 3\n[[e]]\nf = 4\n";
        let table = DeTable::parse(text).expect("TOML");
        let lines = lines(table.get_ref(), text);
        let of = |key: &str| lines.get(key).copied();
        assert_eq!([of("a"), of("b.c.d"), of("e.0.f"), of("e.1.f")], [1, 3, 6, 8].map(Some));
    }
}
