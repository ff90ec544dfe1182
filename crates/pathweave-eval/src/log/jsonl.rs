//! Logs as JSON lines: the header first, then a row a line.
//!
//! ```text
//! {"format":"pathweave-routing-log","version":1,"modules":[3,3],"contexts":["cat","dog"]}
//! {"sample":0,"depth":0,"context":1,"choice":2}
//! {"sample":0,"depth":1,"context":1,"choice":"skip"}
//! {"sample":1,"depth":0,"context":0,"choice":[0.25,0.5,0.25]}
//! ```
//!
//! A row needs `sample`, `depth` and `choice` (a module's index, `"skip"`, `"end"` or a list of
//! weights); `context`, `condition` and `agent` may be there. Other keys are passed over. Without
//! a header line the header is inferred. Empty lines are passed over.

use std::io::{self, BufRead, BufWriter, Write};

use serde_json::{Map, Value};

use super::fault::{Faults, LogError};
use super::header::LogHeader;
use super::row::{Choice, RoutingRow};
use super::{RoutingLog, check, header_json};

const CHOICES: &str = "a module's index, \"skip\", \"end\" or a list of weights";
const INDEX: &str = "an integer from 0 to 4294967295";

/// Writes `log`. The same log gives the same bytes.
///
/// # Errors
///
/// What `to` reports.
pub fn write(log: &RoutingLog, to: impl Write) -> io::Result<()> {
    let mut to = BufWriter::new(to);
    writeln!(to, "{}", header_json::write(log.header()))?;
    for row in log.rows() {
        write!(to, "{{\"sample\":{},\"depth\":{}", row.sample, row.depth)?;
        for (key, value) in
            [("context", row.context), ("condition", row.condition), ("agent", row.agent)]
        {
            if let Some(value) = value {
                write!(to, ",\"{key}\":{value}")?;
            }
        }
        write!(to, ",\"choice\":")?;
        match &row.choice {
            Choice::Module(module) => write!(to, "{module}")?,
            Choice::Skip => write!(to, "\"skip\"")?,
            Choice::End => write!(to, "\"end\"")?,
            // serde_json writes an f32 with the fewest digits that read back to it.
            Choice::Weights(weights) => serde_json::to_writer(&mut to, weights)?,
        }
        writeln!(to, "}}")?;
    }
    to.flush()
}

/// Reads a log; `name` is the file's name in faults.
///
/// # Errors
///
/// [`LogError::Io`] when `from` fails; [`LogError::Faults`] with every fault found otherwise, those
/// of [`RoutingLog::new`] included. An empty file is a fault.
pub fn read(mut from: impl BufRead, name: &str) -> Result<RoutingLog, LogError> {
    let mut faults = Faults::new(name);
    let mut header: Option<LogHeader> = None;
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    let (mut buffer, mut line, mut objects) = (Vec::new(), 0, 0_u64);
    loop {
        buffer.clear();
        let failed = |source| LogError::Io { file: name.to_owned(), source };
        if from.read_until(b'\n', &mut buffer).map_err(failed)? == 0 {
            break;
        }
        line += 1;
        if buffer.trim_ascii().is_empty() {
            continue;
        }
        objects += 1;
        let Some(object) = object(&buffer, line, &mut faults) else {
            continue;
        };
        if objects == 1 && header_json::is_header(&object) {
            header = header_json::read(&object, Some(line), &mut faults);
        } else if let Some(row) = row(&object, line, &mut faults) {
            rows.push(row);
            lines.push(line);
        }
    }
    if objects == 0 {
        faults.add(None, "file", "nothing", "a header line or a row");
    }
    // A header line that could not be read is reported once, not again by each row.
    if header.is_some() || faults.is_empty() {
        let header = header.unwrap_or_else(|| LogHeader::inferred(&rows));
        check::header(&header, &mut faults);
        check::rows(&header, &rows, |index| lines[index], &mut faults);
        return Ok(faults.into_result(RoutingLog { header, rows })?);
    }
    Err(faults.into())
}

fn object(text: &[u8], line: u64, faults: &mut Faults) -> Option<Map<String, Value>> {
    match serde_json::from_slice(text) {
        Ok(Value::Object(object)) => return Some(object),
        Ok(other) => faults.add(line, "line", other, "a JSON object"),
        Err(error) if error.is_eof() => {
            faults.add(line, "line", "a line that breaks off", "a JSON object");
        }
        Err(_) => {
            let found = String::from_utf8_lossy(text.trim_ascii()).into_owned();
            faults.add(line, "line", found, "a JSON object");
        }
    }
    None
}

fn row(object: &Map<String, Value>, line: u64, faults: &mut Faults) -> Option<RoutingRow> {
    let given = |key: &str| object.get(key).filter(|value| !value.is_null());
    let sample = given("sample").and_then(Value::as_u64);
    if sample.is_none() {
        faults.add(line, "sample", found(given("sample")), "an integer of 0 or more");
    }
    let index = |value: &Value| value.as_u64().and_then(|value| u32::try_from(value).ok());
    let depth = given("depth").and_then(index);
    if depth.is_none() {
        faults.add(line, "depth", found(given("depth")), INDEX);
    }
    let mut whole = true;
    let mut optional = |key: &str, faults: &mut Faults| {
        let value = given(key)?;
        let read = index(value);
        if read.is_none() {
            faults.add(line, key, value, format_args!("{INDEX}, or nothing"));
            whole = false;
        }
        read
    };
    let context = optional("context", faults);
    let condition = optional("condition", faults);
    let agent = optional("agent", faults);
    let choice = given("choice").and_then(choice);
    if choice.is_none() {
        faults.add(line, "choice", found(given("choice")), CHOICES);
    }
    let row =
        RoutingRow { sample: sample?, depth: depth?, context, condition, agent, choice: choice? };
    whole.then_some(row)
}

fn choice(value: &Value) -> Option<Choice> {
    match value {
        Value::Number(number) => {
            number.as_u64().and_then(|module| u32::try_from(module).ok()).map(Choice::Module)
        }
        Value::String(name) if name == "skip" => Some(Choice::Skip),
        Value::String(name) if name == "end" => Some(Choice::End),
        Value::Array(weights) => {
            let weight = |weight: &Value| weight.as_f64().map(|weight| weight as f32);
            weights.iter().map(weight).collect::<Option<Vec<f32>>>().map(Choice::Weights)
        }
        _ => None,
    }
}

fn found(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}
