//! Serde's words in the user's: what is allowed, and what may have been meant.

/// What serde says about one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// There is no such key; these are beside it
    UnknownKey(Vec<String>),
    /// The value does not fit; what does
    Value(String),
}

/// Reads an error message of serde.
pub fn complaint(message: &str) -> Complaint {
    let message = message.lines().next().unwrap_or_default();
    let expected = message.rsplit_once("expected ").map_or("", |(_, expected)| expected);
    if message.starts_with("unknown field") {
        return Complaint::UnknownKey(quoted(expected));
    }
    let names = quoted(expected);
    if message.starts_with("unknown variant") && !names.is_empty() {
        return Complaint::Value(names.join(", "));
    }
    Complaint::Value(match expected {
        "" => message.to_owned(),
        "usize" | "u32" | "u64" => "a whole number of at least 0".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a string" | "string or table" => "a text".to_owned(),
        "a sequence" => "a list".to_owned(),
        other if other.starts_with("struct") || other.contains("enum") => {
            "a table of settings".to_owned()
        }
        other => other.to_owned(),
    })
}

/// The names between backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The most similar of these names, where one is similar.
pub fn nearest<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    let scored = names.iter().map(|&other| (strsim::jaro_winkler(name, other), other));
    let (score, best) = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (score > 0.75).then_some(best)
}

/// "did you mean …?", or the keys of the group, or all groups.
pub fn nearest_key(key: &str, known: &[String]) -> String {
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let same: Vec<&str> =
        known.iter().filter(|other| last(other) == last(key)).map(String::as_str).collect();
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let group = key.rsplit_once('.').map_or("", |(group, _)| group);
    let beside: Vec<&str> = names
        .iter()
        .filter(|other| other.rsplit_once('.').map_or("", |(group, _)| group) == group)
        .copied()
        .collect();
    let of_group = nearest(key, &beside).filter(|_| !group.is_empty());
    let meant = match of_group {
        Some(other) => other.to_owned(),
        None if !same.is_empty() => same.join(" or "),
        None => nearest(key, &names).unwrap_or_default().to_owned(),
    };
    if !meant.is_empty() {
        return format!("a known key (did you mean {meant}?)");
    }
    let mut groups: Vec<&str> =
        names.iter().map(|name| name.split('.').next().unwrap_or(name)).collect();
    groups.dedup();
    format!("{} and their settings; pathweave show prints them", groups.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read() {
        let unknown = complaint("unknown field `x`, expected one of `a`, `b`\nin `train`");
        assert_eq!(unknown, Complaint::UnknownKey(vec!["a".into(), "b".into()]));
        let variant = complaint("unknown variant `x`, expected `sgd` or `adam`");
        assert_eq!(variant, Complaint::Value("sgd, adam".into()));
        let kind = complaint("invalid type: string \"x\", expected u32");
        assert_eq!(kind, Complaint::Value("a whole number of at least 0".into()));
        assert_eq!(complaint("odd"), Complaint::Value("odd".into()));
    }

    #[test]
    fn the_nearest_key_is_named() {
        let known: Vec<String> =
            ["data.name", "data.seed", "train.batch", "train.seed"].map(str::to_owned).into();
        assert!(nearest_key("train.btch", &known).contains("train.batch"));
        assert!(nearest_key("seed", &known).contains("data.seed or train.seed"));
        assert!(nearest_key("zzz", &known).contains("data, train"));
    }
}
