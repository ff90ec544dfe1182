//! When a run began and ended.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use pathweave_eval::timing::Timing;
use pathweave_store::{LOG, RECORD, RunFolder};

/// Start and end in seconds since 1970: the first and last line of the run's log; without a log the
/// time of its record, and that less what the run took.
pub fn times(run: &RunFolder, timing: Option<&Timing>) -> (f64, f64) {
    let log = fs::read_to_string(run.file(LOG)).unwrap_or_default();
    let mut lines = log.lines().filter_map(moment);
    let written = || fs::metadata(run.file(RECORD)).and_then(|file| file.modified()).ok();
    match (lines.next(), lines.next_back()) {
        (Some(start), Some(end)) if end >= start => (start, end),
        _ => {
            let end = written().map_or(0.0, seconds);
            (end - timing.map_or(0.0, |timing| timing.wall_seconds), end)
        }
    }
}

fn moment(line: &str) -> Option<f64> {
    let (time, _) = line.split_once(' ')?;
    humantime::parse_rfc3339(time).ok().map(seconds)
}

fn seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_tells_or_the_record() {
        let place = tempfile::tempdir().expect("a folder");
        let run = RunFolder::new(place.path(), "0123456789abcdef");
        run.create().expect("made");
        fs::write(run.file(RECORD), "{}").expect("written");
        let timing = Timing { wall_seconds: 100.0, ..Timing::default() };
        let (start, end) = times(&run, Some(&timing));
        assert!(start > 1.6e9 && (end - start - 100.0).abs() < 1e-6);
        let log = "2026-11-22T17:59:17Z started\nbroken\n2026-11-22T17:59:25Z finished\n";
        fs::write(run.file(LOG), log).expect("written");
        let (start, end) = times(&run, Some(&timing));
        assert_eq!((start, end - start), (1_795_370_357.0, 8.0));
    }
}
