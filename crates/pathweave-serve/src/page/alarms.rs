//! Alarms of a run: from its record, or from the log of one that is not finished.

use pathweave_eval::alarm::Alarm;
use pathweave_eval::record::RunRecord;
use serde::Deserialize as _;

use super::html::{esc, put, short};

/// Alarms that are shown.
const MOST: usize = 100;
/// What stands before an alarm in a log.
const MARK: &str = " alarm: ";

/// The alarms, in words.
pub(super) fn alarms(record: Option<&RunRecord>, log: &str) -> Vec<String> {
    let recorded = record.and_then(|record| record.extra.get("alarms"));
    match recorded.and_then(|alarms| alarms.as_array()) {
        Some(list) => {
            let word = |alarm: &serde_json::Value| match Alarm::deserialize(alarm) {
                Ok(alarm) => alarm.to_string(),
                Err(_) => alarm.to_string(),
            };
            list.iter().map(word).collect()
        }
        None => {
            let told = log.lines().filter_map(|line| Some(line.split_once(MARK)?.1.to_owned()));
            told.collect()
        }
    }
}

/// Adds the list.
pub(super) fn list(out: &mut String, alarms: &[String]) {
    if alarms.is_empty() {
        return;
    }
    put!(
        out,
        "<section aria-labelledby=\"alarms\">\n<h2 id=\"alarms\">Alarms</h2>\n\
         <ul class=\"alarms\">\n"
    );
    for alarm in alarms.iter().take(MOST) {
        put!(out, "<li><span aria-hidden=\"true\">▲</span> {}</li>\n", esc(&short(alarm, 400)));
    }
    if let Some(more) = alarms.len().checked_sub(MOST).filter(|&more| more > 0) {
        put!(out, "<li>and {more} more</li>\n");
    }
    put!(out, "</ul>\n</section>\n");
}
