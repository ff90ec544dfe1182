//! Overrides on the command line: `key=value`, and `key=one,two` for a sweep.

use toml::Value;

use super::leaf::{Leaf, Origin};

/// An override: one value, or several to sweep over.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// One leaf for each value, at least one
    pub leaves: Vec<Leaf>,
}

impl Override {
    /// Reads `key=value`.
    ///
    /// # Errors
    /// A line that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong =
            |found: &str, allowed: &str| format!("{text}: found {found}, allowed: {allowed}");
        let (key, value) =
            text.split_once('=').ok_or_else(|| wrong("no =", "KEY=VALUE, such as train.seed=1"))?;
        let key = key.trim();
        let name = |part: &str| {
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            !part.is_empty() && part.chars().all(fits)
        };
        if !key.split('.').all(name) {
            return Err(wrong(&format!("the key {key:?}"), "names joined by dots, as train.seed"));
        }
        let parts = split(value).ok_or_else(|| {
            wrong("a quote or bracket without its partner", "a value as in TOML, or a text")
        })?;
        let origin = Origin::Argument(text.into());
        let leaf = |part: &&str| Leaf::new(key, value_of(part), origin.clone());
        Ok(Self { leaves: parts.iter().map(leaf).collect() })
    }
}

/// A text's value: null, TOML, a list of such, or the text itself.
pub(super) fn value_of(text: &str) -> Option<Value> {
    if text == "null" {
        return None;
    }
    if let Ok(Value::Table(mut table)) =
        format!("v = {text}").parse::<toml::Table>().map(Value::Table)
        && table.len() == 1
        && let Some(value) = table.remove("v")
    {
        return Some(value);
    }
    match text.to_ascii_lowercase().as_str() {
        "true" => return Some(Value::Boolean(true)),
        "false" => return Some(Value::Boolean(false)),
        _ => {}
    }
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Some(parts) = inner.and_then(split) {
        let items = parts.iter().filter(|part| !part.is_empty()).filter_map(|part| value_of(part));
        return Some(Value::Array(items.collect()));
    }
    Some(Value::String(text.to_owned()))
}

/// The parts between commas that stand outside quotes and brackets; none where those do not match.
fn split(text: &str) -> Option<Vec<&str>> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let (mut open, mut quote) = (Vec::new(), None);
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if let Some(mark) = quote {
            if c == mark && !escaped {
                quote = None;
            }
            escaped = mark == '"' && c == '\\' && !escaped;
            continue;
        }
        match c {
            '"' | '\'' => quote = Some(c),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ']' | '}' if open.pop() != Some(c) => return None,
            ',' if open.is_empty() => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    (open.is_empty() && quote.is_none()).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<Option<Value>> {
        let parsed = Override::parse(text).expect(text);
        parsed.leaves.into_iter().map(|leaf| leaf.value).collect()
    }

    fn string(text: &str) -> Option<Value> {
        Some(Value::String(text.into()))
    }

    #[test]
    fn values_are_toml_or_text() {
        assert_eq!(values("a=1"), [Some(Value::Integer(1))]);
        assert_eq!(values("a=1e-3"), [Some(Value::Float(1e-3))]);
        assert_eq!(values("a=True"), [Some(Value::Boolean(true))]);
        assert_eq!(values("a=wpl"), [string("wpl")]);
        assert_eq!(values("a="), [string("")]);
        assert_eq!(values("a=b=c"), [string("b=c")]);
        assert_eq!(values("a=null"), [None]);
    }

    #[test]
    fn commas_sweep_unless_quoted_or_in_brackets() {
        assert_eq!(values("a=1,x"), [Some(Value::Integer(1)), string("x")]);
        assert_eq!(values("a='x,y'"), [string("x,y")]);
        assert_eq!(values("a=\"x\\\",y\",z"), [string("x\",y"), string("z")]);
        let list = |items: Vec<Value>| Some(Value::Array(items));
        let two = || vec![Value::Integer(8), Value::Integer(8)];
        assert_eq!(values("a=[8,8],[]"), [list(two()), list(vec![])]);
        let names = vec![Value::String("linear".into()), Value::String("mlp".into())];
        assert_eq!(values("a=[linear, mlp]"), [list(names)]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, part) in
            [("a", "no ="), ("a b=1", "the key"), (".a=1", "the key"), ("a=[1", "partner")]
        {
            let error = Override::parse(text).expect_err(text);
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn short_keys_are_spelled_out() {
        let key = |text: &str| Override::parse(text).expect(text).leaves[0].key.clone();
        assert_eq!(key("data=mnist-mtl"), "data.name");
        assert_eq!(key("model=cross-stitch"), "model.kind");
        assert_eq!(key("model.kind=routed"), "model.kind");
    }
}
