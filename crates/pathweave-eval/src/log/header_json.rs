//! The header as a JSON object: the first line of a JSON-lines log, and a Parquet file's metadata.

use serde_json::{Map, Value, json};

use super::fault::Faults;
use super::header::{Actions, FORMAT, LogHeader};

pub(super) fn write(header: &LogHeader) -> Value {
    let mut actions = Vec::new();
    if header.actions.skip {
        actions.push("skip");
    }
    if header.actions.end {
        actions.push("end");
    }
    let mut object = json!({
        "format": FORMAT,
        "version": header.version,
        "modules": header.modules,
        "contexts": header.contexts,
        "conditions": header.conditions,
        "actions": actions,
        "source": header.source,
    });
    for (key, value) in [("step", header.step), ("epoch", header.epoch)] {
        if let Some(value) = value {
            object[key] = value.into();
        }
    }
    object
}

/// Whether `object` is a header rather than a row.
pub(super) fn is_header(object: &Map<String, Value>) -> bool {
    object.contains_key("format") || object.contains_key("modules")
}

/// Reads a header. Only `modules` must be there; keys that this version does not know are passed
/// over, so that the log of a newer version can be read.
pub(super) fn read(
    object: &Map<String, Value>,
    line: Option<u64>,
    faults: &mut Faults,
) -> Option<LogHeader> {
    let mut fields = Fields { object, line, faults };
    if let Some(format) = fields.get("format").filter(|format| *format != FORMAT) {
        fields.fault("format", &format.to_string(), FORMAT);
    }
    let version = fields.integer("version");
    let modules = fields.list("modules", "a list of counts, one a depth", |value| {
        value.as_u64().and_then(|count| usize::try_from(count).ok())
    });
    if !object.contains_key("modules") {
        fields.fault("modules", "nothing", "a list of counts, one a depth");
    }
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let contexts = fields.list("contexts", "a list of names", text);
    let conditions = fields.list("conditions", "a list of names", text);
    let actions = fields.list("actions", "\"skip\" and \"end\"", |value| match value.as_str() {
        Some(name @ ("skip" | "end")) => Some(name.to_owned()),
        _ => None,
    });
    let source = fields.get("source").map(|value| match value.as_str() {
        Some(text) => text.to_owned(),
        None => {
            fields.fault("source", &value.to_string(), "a text");
            String::new()
        }
    });
    let mut header = LogHeader::new(modules?);
    header.version = match version {
        Some(version) => u32::try_from(version).unwrap_or(u32::MAX),
        None => header.version,
    };
    header.contexts = contexts?;
    header.conditions = conditions?;
    let actions = actions?;
    header.actions = Actions {
        skip: actions.iter().any(|action| action == "skip"),
        end: actions.iter().any(|action| action == "end"),
    };
    header.source = source.unwrap_or_default();
    header.step = fields.integer("step");
    header.epoch = fields.integer("epoch");
    Some(header)
}

struct Fields<'a> {
    object: &'a Map<String, Value>,
    line: Option<u64>,
    faults: &'a mut Faults,
}

impl<'a> Fields<'a> {
    fn get(&self, key: &str) -> Option<&'a Value> {
        self.object.get(key).filter(|value| !value.is_null())
    }

    fn fault(&mut self, key: &str, found: &str, allowed: &str) {
        self.faults.add(self.line, key, found, allowed);
    }

    fn integer(&mut self, key: &str) -> Option<u64> {
        let value = self.get(key)?;
        if value.as_u64().is_none() {
            self.fault(key, &value.to_string(), "an integer of 0 or more");
        }
        value.as_u64()
    }

    /// An absent list is an empty one; a faulty one is reported and none.
    fn list<T>(
        &mut self,
        key: &str,
        allowed: &str,
        item: impl Fn(&Value) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Some(value) = self.get(key) else {
            return Some(Vec::new());
        };
        let items = value.as_array().and_then(|list| list.iter().map(item).collect());
        if items.is_none() {
            self.fault(key, &value.to_string(), allowed);
        }
        items
    }
}
