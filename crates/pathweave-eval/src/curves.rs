//! Training curves in memory and as long-format CSV: `step,epoch,tag,value`.

use std::collections::BTreeMap;
use std::io::{Read, Write};

/// The header of the CSV form.
const HEADER: [&str; 4] = ["step", "epoch", "tag", "value"];

/// Scalars by tag and step. A tag holds one value a step; writing it again replaces it, so a
/// run that resumes from a checkpoint overwrites what it had logged after that checkpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    tags: BTreeMap<String, BTreeMap<u64, Sample>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Sample {
    epoch: f64,
    value: f64,
}

/// One scalar of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// Number of training steps done.
    pub step: u64,
    /// Passes over the training data done, not necessarily whole.
    pub epoch: f64,
    /// The scalar.
    pub value: f64,
}

/// Why curves could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CurvesError {
    /// The CSV itself is broken, or reading or writing failed.
    #[error("curves: {0}")]
    Csv(#[from] csv::Error),
    /// The first line is not the header.
    #[error("curves, line 1: found columns {found:?}, expected step,epoch,tag,value")]
    Header {
        /// What stands there.
        found: String,
    },
    /// A field does not hold what its column needs.
    #[error("curves, line {line}, {column}: found {found:?}, expected {allowed}")]
    Field {
        /// Line in the file, from 1.
        line: u64,
        /// Column by its name in the header.
        column: &'static str,
        /// What stands there.
        found: String,
        /// What may stand there.
        allowed: &'static str,
    },
}

impl Curves {
    /// No curves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the value of `tag` at `step`.
    pub fn push(&mut self, tag: &str, step: u64, epoch: f64, value: f64) {
        let sample = Sample { epoch, value };
        if let Some(curve) = self.tags.get_mut(tag) {
            curve.insert(step, sample);
        } else {
            self.tags.insert(tag.to_owned(), BTreeMap::from([(step, sample)]));
        }
    }

    /// The tags, in ascending order.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.tags.keys().map(String::as_str)
    }

    /// The points of a tag in ascending steps; none for a tag that is not there.
    pub fn points(&self, tag: &str) -> impl Iterator<Item = CurvePoint> {
        self.tags
            .get(tag)
            .into_iter()
            .flatten()
            .map(|(&step, &Sample { epoch, value })| CurvePoint { step, epoch, value })
    }

    /// Steps and values of a tag in ascending steps; empty for a tag that is not there.
    pub fn series(&self, tag: &str) -> Vec<(u64, f64)> {
        self.points(tag).map(|p| (p.step, p.value)).collect()
    }

    /// Drops everything after `step`: what a resumed run will log again.
    pub fn truncate_after(&mut self, step: u64) {
        for curve in self.tags.values_mut() {
            curve.retain(|&s, _| s <= step);
        }
        self.tags.retain(|_, curve| !curve.is_empty());
    }

    /// Writes the CSV form, ordered by step and then tag. Numbers are the shortest that read
    /// back to the same bits; not finite ones are `NaN`, `inf`, `-inf`.
    ///
    /// # Errors
    ///
    /// When writing fails.
    pub fn to_csv(&self, writer: impl Write) -> Result<(), CurvesError> {
        let mut rows: Vec<(u64, &str, Sample)> = self
            .tags
            .iter()
            .flat_map(|(tag, curve)| curve.iter().map(move |(&s, &v)| (s, tag.as_str(), v)))
            .collect();
        // Stable, and tags come in ascending order already.
        rows.sort_by_key(|(step, ..)| *step);
        let mut writer = csv::Writer::from_writer(writer);
        writer.write_record(HEADER)?;
        for (step, tag, Sample { epoch, value }) in rows {
            let numbers = (step.to_string(), format!("{epoch:?}"), format!("{value:?}"));
            writer.write_record([&numbers.0, &numbers.1, tag, &numbers.2])?;
        }
        writer.flush().map_err(csv::Error::from)?;
        Ok(())
    }

    /// Reads the CSV form; rows may come in any order.
    ///
    /// # Errors
    ///
    /// [`CurvesError`] for broken CSV, another header, or a field that is not a number, with
    /// its line, column, and what may stand there.
    pub fn from_csv(reader: impl Read) -> Result<Self, CurvesError> {
        let mut reader = csv::Reader::from_reader(reader);
        let header = reader.headers()?;
        if header.iter().ne(HEADER) {
            return Err(CurvesError::Header { found: header.iter().collect::<Vec<_>>().join(",") });
        }
        let mut curves = Self::new();
        for record in reader.records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            let field = |index: usize, allowed| {
                let found = record[index].to_owned();
                CurvesError::Field { line, column: HEADER[index], found, allowed }
            };
            let float = |i: usize| record[i].parse().map_err(|_| field(i, "a number"));
            let step = record[0].parse().map_err(|_| field(0, "a whole number from 0"))?;
            curves.push(&record[2], step, float(1)?, float(3)?);
        }
        Ok(curves)
    }

    /// Reads what a running process has written of the CSV form so far: a line that is not ended is
    /// left out, and so is everything where not even the header is.
    ///
    /// # Errors
    ///
    /// As [`Curves::from_csv`], for the lines that are ended.
    pub fn so_far(text: &[u8]) -> Result<Self, CurvesError> {
        let ended = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        match ended {
            0 => Ok(Self::new()),
            ended => Self::from_csv(&text[..ended]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn csv_of(curves: &Curves) -> String {
        let mut bytes = Vec::new();
        curves.to_csv(&mut bytes).expect("written to memory");
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn the_csv_form_is_long_and_ordered() {
        let mut curves = Curves::new();
        curves.push("loss", 20, 1.0, 0.1);
        curves.push("loss", 10, 0.5, 1e300);
        curves.push("acc,\"task 1\"", 10, 0.5, f64::NAN);
        let text = csv_of(&curves);
        let want = "step,epoch,tag,value\n10,0.5,\"acc,\"\"task 1\"\"\",NaN\n10,0.5,loss,1e300\n\
                    20,1.0,loss,0.1\n";
        assert_eq!(text, want);
        assert_eq!(csv_of(&Curves::from_csv(text.as_bytes()).expect("read")), want);
        assert_eq!(csv_of(&Curves::new()), "step,epoch,tag,value\n");
    }

    #[test]
    fn a_step_written_again_is_replaced_and_a_resumed_run_forgets_the_future() {
        let mut curves = Curves::new();
        for step in [1, 2, 3, 2] {
            curves.push("loss", step, 0.0, step as f64 * 2.0);
        }
        curves.push("late", 3, 0.0, 0.0);
        assert_eq!(curves.series("loss"), [(1, 2.0), (2, 4.0), (3, 6.0)]);
        curves.truncate_after(2);
        assert_eq!(curves.series("loss"), [(1, 2.0), (2, 4.0)]);
        assert_eq!(curves.tags().collect::<Vec<_>>(), ["loss"]);
        assert_eq!(curves.series("missing"), []);
    }

    #[test]
    fn a_line_that_is_still_written_does_not_count() {
        let whole = "step,epoch,tag,value\n1,0.5,loss,0.25\n2,1.0,loss,0.125\n";
        for end in 0..=whole.len() {
            let curves = Curves::so_far(&whole.as_bytes()[..end]).expect("read");
            let lines = whole[..end].matches('\n').count().saturating_sub(1);
            assert_eq!(curves.series("loss").len(), lines, "{end}");
        }
        assert!(Curves::so_far(b"step,epoch,tag,value\nx,0,a,1\n").is_err());
    }

    #[test]
    fn faults_name_line_column_and_what_is_allowed() {
        let fault = |text: &str| Curves::from_csv(text.as_bytes()).expect_err("fault").to_string();
        assert_eq!(
            fault("step,value\n"),
            "curves, line 1: found columns \"step,value\", expected step,epoch,tag,value"
        );
        assert_eq!(
            fault("step,epoch,tag,value\n1,0.0,a,1.0\n-2,0.0,a,1.0\n"),
            "curves, line 3, step: found \"-2\", expected a whole number from 0"
        );
        assert_eq!(
            fault("step,epoch,tag,value\n1,0.0,a,x\n"),
            "curves, line 2, value: found \"x\", expected a number"
        );
        assert!(fault("step,epoch,tag,value\n1,0.0\n").contains("line: 2"));
    }

    proptest! {
        #[test]
        fn csv_round_trips_bit_for_bit(
            rows in prop::collection::vec(
                (any::<u64>(), any::<f64>(), "(?s).{0,12}", any::<f64>()), 0..20),
        ) {
            let mut curves = Curves::new();
            for (step, epoch, tag, value) in &rows {
                curves.push(tag, *step, *epoch, *value);
            }
            let read = Curves::from_csv(csv_of(&curves).as_bytes()).expect("read");
            prop_assert_eq!(csv_of(&read), csv_of(&curves));
            for tag in curves.tags() {
                let bits = |c: &Curves| -> Vec<_> {
                    c.points(tag).map(|p| (p.step, p.epoch.to_bits(), p.value.to_bits())).collect()
                };
                prop_assert_eq!(bits(&read), bits(&curves));
            }
        }
    }
}
