//! Choosing runs by their settings: `key=value|value`.

use pathweave::spec::RunSpec;
use toml::{Table, Value};

use super::leaf::Leaf;
use super::overrides::Override;
use super::table_of;
use crate::error::CliError;

/// The values that a setting may have.
#[derive(Clone, Debug, PartialEq)]
pub struct Only {
    text: String,
    key: String,
    values: Vec<Value>,
}

impl Only {
    /// Reads `key=value|value`.
    ///
    /// # Errors
    /// A line that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (key, values) = text.split_once('=').ok_or_else(|| {
            format!("{text}: found no =, allowed: KEY=VALUE|VALUE, such as 'train.seed=1|2'")
        })?;
        let leaf = |value: &str| -> Result<Leaf, String> {
            let parsed = Override::parse(&format!("{}={}", key.trim(), value.trim()))?;
            match <[Leaf; 1]>::try_from(parsed.leaves) {
                Ok([leaf]) => Ok(leaf),
                Err(_) => Err(format!("{text}: found a comma, allowed: | between values")),
            }
        };
        let leaves = values.split('|').map(leaf).collect::<Result<Vec<Leaf>, String>>()?;
        let key = leaves.first().map_or_else(String::new, |leaf| leaf.key.clone());
        let values = leaves.into_iter().filter_map(|leaf| leaf.value).collect();
        Ok(Self { text: text.to_owned(), key, values })
    }

    /// Reads several.
    ///
    /// # Errors
    /// [`CliError::Usage`] with every fault.
    pub fn all(texts: &[String]) -> Result<Vec<Self>, CliError> {
        let (good, bad): (Vec<_>, Vec<_>) =
            texts.iter().map(|text| Self::parse(text)).partition(Result::is_ok);
        let faults: Vec<String> = bad.into_iter().filter_map(Result::err).collect();
        if faults.is_empty() {
            Ok(good.into_iter().flatten().collect())
        } else {
            Err(CliError::Usage(faults.join("\n")))
        }
    }

    /// The specs whose settings all of `wanted` allow.
    ///
    /// # Errors
    /// [`CliError::Usage`] where no spec has a key, or none is left.
    pub fn filter(specs: Vec<RunSpec>, wanted: &[Self]) -> Result<Vec<RunSpec>, CliError> {
        if wanted.is_empty() {
            return Ok(specs);
        }
        let mut known = vec![false; wanted.len()];
        let mut kept = Vec::new();
        for spec in specs {
            let table = table_of(&spec);
            let mut all = true;
            for (only, known) in wanted.iter().zip(&mut known) {
                let found = at(&table, &only.key);
                *known |= found.is_some();
                all &= found.is_some_and(|found| only.values.iter().any(|one| same(one, found)));
            }
            if all {
                kept.push(spec);
            }
        }
        if let Some((only, _)) = wanted.iter().zip(known).find(|(_, known)| !known) {
            let Self { text, key, .. } = only;
            return Err(CliError::Usage(format!("--only {text}: no run has the setting {key}")));
        }
        if kept.is_empty() {
            let texts: Vec<String> = wanted.iter().map(Self::to_string).collect();
            return Err(CliError::Usage(format!("{}: no run is left", texts.join(" "))));
        }
        Ok(kept)
    }
}

impl std::fmt::Display for Only {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "--only {}", self.text)
    }
}

/// What stands at a dotted key, where it is no table.
fn at<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        None => table.get(key).filter(|value| !value.is_table()),
        Some((first, rest)) => at(table.get(first)?.as_table()?, rest),
    }
}

/// Whether two values are the same setting: 1 is 1.0.
fn same(first: &Value, second: &Value) -> bool {
    let float = |value: &Value| value.as_float().or(value.as_integer().map(|one| one as f64));
    first == second || float(first).is_some_and(|one| float(second) == Some(one))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::find;
    use crate::experiment::scale::Scale;

    fn left(texts: &[&str]) -> Result<Vec<RunSpec>, CliError> {
        let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
        let specs = find("mittal/fig-4").expect("an id").source.specs(Scale::Small);
        Only::filter(specs, &Only::all(&texts)?)
    }

    #[test]
    fn runs_are_kept_where_all_settings_have_one_of_their_values() {
        let all = left(&[]).expect("all").len();
        assert_eq!(left(&["data.family=mlp|mha|rnn"]).expect("all").len(), all);
        let one = left(&["data.family=mlp", "model=modular|gt-modular", "data.task=1|2"]);
        let one = one.expect("some");
        assert!(one.iter().all(|spec| spec.data.rules().is_some_and(|data| data.task < 3)));
        assert_eq!(one.len(), 3 * 2 * 2 * 2);
        assert_eq!(left(&["train.learning_rate=1e-4"]).expect("all").len(), all);
    }

    #[test]
    fn unknown_keys_and_nothing_left_are_told() {
        let error = |texts: &[&str]| left(texts).expect_err("faulty").to_string();
        assert!(error(&["data.familly=mlp"]).contains("no run has the setting data.familly"));
        assert!(error(&["data.rules=3"]).contains("no run is left"));
        assert!(error(&["data.rules"]).contains("no ="));
        assert!(error(&["data.rules=2,8"]).contains("| between values"));
    }
}
