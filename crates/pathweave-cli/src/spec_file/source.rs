//! Where a spec comes from: a preset that ships with the program, or a file.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::DeTable;
use toml::{Table, Value};

use super::leaf::{Leaf, Origin, lines, of_table};
use super::preset::PRESETS;
use super::{Plan, Variant, nearest};
use crate::error::CliError;

/// Whether a word names a file rather than a preset.
pub fn is_file(word: &str) -> bool {
    word.ends_with(".toml") || word.contains(['/', '\\']) || Path::new(word).is_file()
}

/// Reads a preset or file.
///
/// # Errors
/// [`CliError::Usage`] where there is none of that name; [`CliError::Spec`] with every syntax fault.
pub fn read(word: &str) -> Result<Plan, CliError> {
    if let Some(preset) = PRESETS.iter().find(|preset| preset.name == word) {
        return parse(preset.toml, &format!("preset {word}"), word);
    }
    if is_file(word) {
        let path = Path::new(word);
        let text = std::fs::read_to_string(path)
            .map_err(|error| CliError::Usage(format!("{word}: {error}")))?;
        let name = path.file_stem().map_or(word.into(), |stem| stem.to_string_lossy());
        return parse(&text, word, &name);
    }
    let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
    let hint = nearest(word, &names).map(|name| format!("; did you mean {name}?"));
    Err(CliError::Usage(format!(
        "{word}: no such preset or file; presets: {}{}",
        names.join(", "),
        hint.unwrap_or_default()
    )))
}

fn parse(text: &str, file: &str, name: &str) -> Result<Plan, CliError> {
    let (table, mut errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        errors.sort_by_key(|error| error.span().map(|span| span.start));
        let fault = |error: &toml::de::Error| {
            let start = error.span().map_or(0, |span| span.start).min(text.len());
            let line = text[..start].matches('\n').count() + 1;
            format!("{file}:{line}: {}", error.message().replace('\n', ", "))
        };
        return Err(CliError::Spec(errors.iter().map(fault).collect()));
    }
    let lines = lines(table.get_ref(), text);
    // What parses once parses again, as plain values.
    let whole: Table = text
        .parse()
        .map_err(|error: toml::de::Error| CliError::Spec(vec![format!("{file}: {error}")]))?;
    Reader { file, lines }.plan(&whole, name).map_err(CliError::Spec)
}

struct Reader<'a> {
    file: &'a str,
    lines: BTreeMap<String, usize>,
}

impl Reader<'_> {
    fn plan(&self, whole: &Table, name: &str) -> Result<Plan, Vec<String>> {
        let name = name.to_owned();
        let (variants, grid, given) = (Vec::new(), Vec::new(), Vec::new());
        if !["base", "variants", "grid"].iter().any(|part| whole.contains_key(*part)) {
            let base = of_table(whole, "", self.file, &self.lines);
            return Ok(Plan { name, base, variants, grid, given });
        }
        let mut plan = Plan { name, base: Vec::new(), variants, grid, given };
        let mut faults = Vec::new();
        for (key, value) in whole {
            let wrong = match (key.as_str(), value) {
                ("base", Value::Table(table)) => {
                    plan.base = of_table(table, "base.", self.file, &self.lines);
                    None
                }
                ("variants", Value::Array(items)) => {
                    self.variants(items, &mut plan.variants, &mut faults);
                    None
                }
                ("grid", Value::Table(table)) => {
                    self.grid(table, &mut plan.grid, &mut faults);
                    None
                }
                ("base" | "grid", _) => Some("a table"),
                ("variants", _) => Some("a list of tables"),
                _ => Some("base, variants, grid in a file that has one of them"),
            };
            if let Some(allowed) = wrong {
                faults.push(self.fault(key, &value.to_string(), allowed));
            }
        }
        if faults.is_empty() { Ok(plan) } else { Err(faults) }
    }

    fn variants(&self, items: &[Value], out: &mut Vec<Variant>, faults: &mut Vec<String>) {
        for (index, item) in items.iter().enumerate() {
            let path = format!("variants.{index}");
            let Value::Table(table) = item else {
                faults.push(self.fault("variants", &item.to_string(), "a list of tables"));
                continue;
            };
            let mut table = table.clone();
            match table.remove("name") {
                Some(Value::String(name)) => {
                    let leaves = of_table(&table, &format!("{path}."), self.file, &self.lines);
                    out.push(Variant { name, leaves });
                }
                other => {
                    let found = other.map_or("nothing".to_owned(), |value| value.to_string());
                    faults.push(self.fault(&format!("{path}.name"), &found, "the model's name"));
                }
            }
        }
    }

    fn grid(&self, table: &Table, out: &mut Vec<Vec<Leaf>>, faults: &mut Vec<String>) {
        for leaf in of_table(table, "grid.", self.file, &self.lines) {
            match &leaf.value {
                Some(Value::Array(items)) if !items.is_empty() => out.push(
                    items
                        .iter()
                        .map(|item| Leaf::new(&leaf.key, Some(item.clone()), leaf.origin.clone()))
                        .collect(),
                ),
                _ => {
                    let found = leaf.value.as_ref().map_or(String::new(), Value::to_string);
                    let key = format!("grid.{}", leaf.key);
                    faults.push(self.fault(&key, &found, "a list of values, not empty"));
                }
            }
        }
    }

    fn fault(&self, key: &str, found: &str, allowed: &str) -> String {
        let line = self.lines.get(key).copied().unwrap_or(1);
        let origin = Origin::File(self.file.to_owned(), line);
        format!("{origin}: {key}: found {found}, allowed: {allowed}")
    }
}
