//! Groups of runs side by side: what a report of many runs says of each metric.

use super::better::better;
use super::frame::{Column, Frame};
use super::groups::{Group, UnknownKey, columns, groups, pair_keys};
use crate::metric::Better;
use crate::stats::{
    Aggregate, Improvement, Matched, Pairable, PairedDifference, Sample, aggregate, ci95,
    improvement, match_pairs, paired_difference, sd,
};

/// How runs are compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// Keys whose values make a group.
    pub by: Vec<String>,
    /// Keys whose values make a stratum; all runs of a group are one stratum without them.
    pub strata: Vec<String>,
    /// Keys that the runs of a pair share; what differs within the groups where none is named, see
    /// [`pair_keys`].
    pub pairs: Vec<String>,
    /// Name of the group that the others are compared with.
    pub against: Option<String>,
    /// Resamples of a bootstrap.
    pub resamples: usize,
}

/// A question that the runs do not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// No run has a key.
    #[error(transparent)]
    Key(#[from] UnknownKey),
    /// There is no such group.
    #[error("no group is named {found}; there are: {}", allowed.join("; "))]
    Against {
        /// The name
        found: String,
        /// The groups
        allowed: Vec<String>,
    },
}

/// Groups of runs, ready to be compared.
#[derive(Clone, Debug)]
pub struct Comparison<'a> {
    frame: &'a Frame,
    /// The groups, ascending.
    pub groups: Vec<Group>,
    /// Of each run the name of its stratum.
    strata: Vec<String>,
    /// Keys that the runs of a pair share.
    pub pair_keys: Vec<String>,
    pair_columns: Vec<Column>,
    /// The group that the others are compared with.
    pub against: Option<usize>,
    resamples: usize,
}

/// A metric over the runs of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Place of the group.
    pub group: usize,
    /// The metric.
    pub metric: String,
    /// Runs that have it.
    pub n: usize,
    /// Of these, those whose value is not finite: then there is no statistic.
    pub not_finite: usize,
    /// Number of strata.
    pub strata: usize,
    /// Mean and interquartile mean.
    pub aggregate: Option<Aggregate>,
    /// Half the width of Student's t interval of the mean, which knows no strata.
    pub ci95: Option<f64>,
    /// The standard deviation.
    pub sd: Option<f64>,
    /// The least value.
    pub least: Option<f64>,
    /// The greatest value.
    pub greatest: Option<f64>,
    /// Beside the group that the others are compared with; none for that group itself.
    pub against: Option<Against>,
}

/// A group beside another one.
#[derive(Clone, Debug, PartialEq)]
pub struct Against {
    /// Pairs of runs.
    pub pairs: usize,
    /// Runs of the group without a partner.
    pub left: usize,
    /// Runs of the other one without a partner.
    pub left_of_other: usize,
    /// Runs that were averaged with others, since nothing that pairs share tells them apart.
    pub averaged: usize,
    /// The group less the other one, over pairs.
    pub difference: Option<PairedDifference>,
    /// How likely a run of the group is better than one of the other.
    pub improvement: Option<Improvement>,
}

impl<'a> Comparison<'a> {
    /// Groups the runs.
    ///
    /// # Errors
    /// [`QuestionError`].
    pub fn new(frame: &'a Frame, question: &Question) -> Result<Self, QuestionError> {
        let groups = groups(frame, &question.by)?;
        let of_strata = columns(frame, &question.strata)?;
        let stratum = |run: usize| {
            of_strata.iter().map(|column| column.text(run)).collect::<Vec<_>>().join(", ")
        };
        let strata: Vec<String> = (0..frame.len()).map(stratum).collect();
        let named = |name: &String| {
            let of_name = groups.iter().position(|group| group.name == *name);
            of_name.ok_or_else(|| QuestionError::Against {
                found: name.clone(),
                allowed: groups.iter().map(|group| group.name.clone()).collect(),
            })
        };
        let against = question.against.as_ref().map(named).transpose()?;
        let pair_keys = match question.pairs.is_empty() {
            true => pair_keys(frame, &groups, &strata, &question.by),
            false => question.pairs.clone(),
        };
        let pair_columns = columns(frame, &pair_keys)?;
        let resamples = question.resamples;
        Ok(Self { frame, groups, strata, pair_keys, pair_columns, against, resamples })
    }

    /// A metric over a group; none where no run of it has the metric.
    pub fn row(&self, metric: &str, group: usize) -> Option<Row> {
        let sample = self.sample(metric, group);
        if sample.is_empty() {
            return None;
        }
        let values = sample.values();
        let against = self.against.filter(|&other| other != group);
        Some(Row {
            group,
            metric: metric.to_owned(),
            n: values.len(),
            not_finite: values.iter().filter(|value| !value.is_finite()).count(),
            strata: sample.strata().count(),
            aggregate: aggregate(&sample, self.resamples),
            ci95: ci95(&values),
            sd: sd(&values),
            least: values.iter().copied().min_by(f64::total_cmp),
            greatest: values.iter().copied().max_by(f64::total_cmp),
            against: against.map(|other| self.beside(metric, group, other, &sample)),
        })
    }

    fn beside(&self, metric: &str, group: usize, other: usize, sample: &Sample) -> Against {
        let matched = self.matched(metric, group, other);
        Against {
            pairs: matched.pairs.len(),
            left: matched.left_of_first,
            left_of_other: matched.left_of_second,
            averaged: matched.averaged,
            difference: paired_difference(&matched, self.resamples),
            improvement: self.duel(metric, sample, &self.sample(metric, other), self.resamples),
        }
    }

    fn matched(&self, metric: &str, group: usize, other: usize) -> Matched {
        let side = |group: usize| {
            let run = |&run: &usize| {
                let code = |column: &Column| column.codes.get(run).copied().flatten();
                Some(Pairable {
                    key: (
                        &self.strata[run],
                        self.pair_columns.iter().map(code).collect::<Vec<_>>(),
                    ),
                    stratum: self.strata[run].clone(),
                    value: self.frame.number(metric, run)?,
                })
            };
            self.groups[group].runs.iter().filter_map(run).collect()
        };
        match_pairs(side(group), side(other))
    }

    /// P that a run of the first is better than one of the second.
    fn duel(&self, metric: &str, first: &Sample, second: &Sample, n: usize) -> Option<Improvement> {
        match better(metric) {
            Better::Lower => improvement(second, first, n),
            Better::Higher | Better::Neither => improvement(first, second, n),
        }
    }

    /// How likely a run of each group is better in a metric than one of each other group, without
    /// intervals: \[groups\]\[groups\], NaN where there is no value.
    pub fn duels(&self, metric: &str) -> Vec<Vec<f64>> {
        let samples: Vec<Sample> =
            (0..self.groups.len()).map(|at| self.sample(metric, at)).collect();
        let against = |first: &Sample, second: &Sample| {
            self.duel(metric, first, second, 0).map_or(f64::NAN, |found| found.probability)
        };
        let row = |first: &Sample| samples.iter().map(|second| against(first, second)).collect();
        samples.iter().map(row).collect()
    }

    fn sample(&self, metric: &str, group: usize) -> Sample {
        let mut sample = Sample::default();
        for &run in &self.groups[group].runs {
            if let Some(value) = self.frame.number(metric, run) {
                sample.push(&self.strata[run], value);
            }
        }
        sample
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RunRecord;
    use serde_json::json;

    /// Two models on two data sets with three seeds; b is better by 0.1, and lacks the last seed.
    fn frame() -> Frame {
        let mut frame = Frame::new();
        for (model, gain, seeds) in [("a", 0.0, 3), ("b", 0.1, 2)] {
            for (data, level) in [("x", 0.5), ("y", 5.0)] {
                for seed in 0..seeds {
                    let mut record = RunRecord::new(format!("{model}{data}{seed}"), model);
                    record.dataset.fingerprint = data.into();
                    record.spec = json!({"data": {"name": data}, "train": {"seed": seed}});
                    let value = level + gain + 0.01 * f64::from(seed);
                    record.metrics.insert("accuracy".into(), value);
                    record.metrics.insert("loss".into(), -value);
                    frame.push(&record, None);
                }
            }
        }
        frame
    }

    fn question() -> Question {
        Question {
            by: vec!["name".into()],
            strata: vec!["data.name".into()],
            against: Some("a".into()),
            resamples: 200,
            ..Question::default()
        }
    }

    #[test]
    fn a_group_beside_another_one() {
        let frame = frame();
        let comparison = Comparison::new(&frame, &question()).expect("a question");
        assert_eq!(comparison.pair_keys, ["train.seed", "dataset.fingerprint"]);
        let [a, b] = [0, 1].map(|group| comparison.row("accuracy", group).expect("a row"));
        assert_eq!((a.n, a.strata, a.against), (6, 2, None));
        // Means differ since b lacks runs; pairs do not.
        let against = b.against.expect("beside a");
        assert_eq!((against.pairs, against.left, against.left_of_other), (4, 0, 2));
        assert!((against.difference.expect("pairs").mean - 0.1).abs() < 1e-12);
        assert_eq!(against.improvement.map(|found| found.probability), Some(1.0));
        assert!((b.aggregate.expect("sound").mean - 2.855).abs() < 1e-12);
        let loss = comparison.row("loss", 1).and_then(|row| row.against).expect("beside a");
        assert_eq!(loss.improvement.map(|found| found.probability), Some(1.0), "less is better");
        assert_eq!(comparison.duels("accuracy"), [[0.5, 0.0], [1.0, 0.5]]);
        assert_eq!(comparison.row("nothing", 0), None);
    }

    #[test]
    fn without_strata_data_sets_are_mixed() {
        let frame = frame();
        let question = Question { strata: Vec::new(), ..question() };
        let comparison = Comparison::new(&frame, &question).expect("a question");
        let row = comparison.row("accuracy", 1).expect("a row");
        assert_eq!((row.strata, row.least), (1, Some(0.6)));
        assert!((row.greatest.expect("values") - 5.11).abs() < 1e-12);
        // On one data set b is above a, of two it is the other one half of the time.
        let probability = row.against.and_then(|found| found.improvement).expect("one").probability;
        assert_eq!(probability, 0.75);
    }

    #[test]
    fn unknown_keys_and_groups_are_told() {
        let frame = frame();
        let of = |question: Question| Comparison::new(&frame, &question).expect_err("a fault");
        let unknown = of(Question { against: Some("c".into()), ..question() });
        assert_eq!(unknown.to_string(), "no group is named c; there are: a; b");
        let key = of(Question { strata: vec!["no".into()], ..question() });
        assert_eq!(key.to_string(), "no run has the key no");
    }

    #[test]
    fn a_run_that_diverged_is_told() {
        let mut frame = frame();
        let mut record = RunRecord::new("z", "b");
        record.metrics.insert("accuracy".into(), f64::NAN);
        frame.push(&record, None);
        let comparison = Comparison::new(&frame, &question()).expect("a question");
        let row = comparison.row("accuracy", 1).expect("a row");
        assert_eq!((row.n, row.not_finite, row.aggregate), (5, 1, None));
    }
}
