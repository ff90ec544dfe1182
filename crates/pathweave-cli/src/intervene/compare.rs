//! Compares interventions with the learned router, sample by sample.

use pathweave::intervention::Scores;
use pathweave_eval::stats::{self, Difference};

use super::plan::Kind;

/// What became of an intervention.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Name of the intervention
    pub name: String,
    /// What it is
    pub note: String,
    /// What it is about
    pub kind: Kind,
    /// Share of right answers, mean over draws
    pub accuracy: f64,
    /// Half the width of its 95 % interval over draws, where there are several
    pub over_draws: Option<f64>,
    /// Mean cross entropy
    pub loss: f64,
    /// Share of right answers by task
    pub tasks: Vec<f64>,
    /// Accuracy less the learned router's, paired over samples; none for the router itself
    pub accuracy_difference: Option<Difference>,
    /// Loss less the learned router's
    pub loss_difference: Option<Difference>,
}

/// Whether the routing matters, by its 95 % intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Everything that does not look at the sample is worse.
    Matters,
    /// Random modules are worse, but some way without any choice is not.
    Specialised,
    /// Random modules are as good.
    Indifferent,
    /// Something that does not look at the sample is better.
    Harms,
}

impl Line {
    /// Whether accuracy is surely below the learned router's.
    pub fn is_worse(&self) -> bool {
        self.accuracy_difference.is_some_and(|d| d.mean + d.ci95 < 0.0)
    }

    /// Whether accuracy is surely above the learned router's.
    pub fn is_better(&self) -> bool {
        self.accuracy_difference.is_some_and(|d| d.mean - d.ci95 > 0.0)
    }
}

impl Answer {
    /// From the lines of the standard table; none without them.
    pub fn of(lines: &[Line]) -> Option<Self> {
        let of = |kind: Kind| lines.iter().filter(move |line| line.kind == kind);
        of(Kind::Random).next()?;
        let mut blind = of(Kind::Random).chain(of(Kind::Fixed));
        Some(if blind.clone().any(Line::is_better) {
            Self::Harms
        } else if !of(Kind::Random).all(Line::is_worse) {
            Self::Indifferent
        } else if blind.all(Line::is_worse) {
            Self::Matters
        } else {
            Self::Specialised
        })
    }

    /// As data.
    pub fn name(self) -> &'static str {
        match self {
            Self::Matters => "matters",
            Self::Specialised => "specialised",
            Self::Indifferent => "indifferent",
            Self::Harms => "harms",
        }
    }

    /// In plain words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Matters => {
                "Yes: random modules, one path for all, and averaged modules all answer worse than \
                 the modules that the router chooses."
            }
            Self::Specialised => {
                "In part: the modules differ, since random ones answer worse; but one path for all, \
                 or averaged modules, answer as well as the router's choices."
            }
            Self::Indifferent => {
                "No: random modules answer as well as the ones that the router chooses, as far as \
                 these samples tell."
            }
            Self::Harms => {
                "It harms: a way to decide that does not look at the sample answers better than the \
                 router."
            }
        }
    }
}

/// One line for each intervention, from its draws; the first one is the learned router.
pub fn compare(asked: Vec<(String, String, Kind, Vec<Scores>)>, tasks: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut learned: Option<(Vec<f64>, Vec<f64>)> = None;
    for (name, note, kind, draws) in asked {
        let right = |scores: &Scores| -> Vec<f64> {
            scores.correct.iter().map(|&correct| f64::from(u8::from(correct))).collect()
        };
        let correct = mean_of(draws.iter().map(right));
        let losses =
            mean_of(draws.iter().map(|scores| {
                scores.losses.iter().map(|&loss| f64::from(loss)).collect::<Vec<f64>>()
            }));
        let accuracies: Vec<f64> = draws.iter().map(|scores| mean(&right(scores))).collect();
        let difference = |ours: &Vec<f64>, theirs: &Vec<f64>| stats::paired(ours, theirs);
        let of_task = |task: usize| {
            let of = draws[0].tasks.iter().zip(&correct);
            let own: Vec<f64> =
                of.filter(|(of, _)| **of as usize == task).map(|(_, &right)| right).collect();
            mean(&own)
        };
        lines.push(Line {
            name,
            note,
            kind,
            accuracy: mean(&correct),
            over_draws: stats::ci95(&accuracies),
            loss: mean(&losses),
            tasks: (0..tasks).map(of_task).collect(),
            accuracy_difference: learned.as_ref().and_then(|l| difference(&correct, &l.0)),
            loss_difference: learned.as_ref().and_then(|l| difference(&losses, &l.1)),
        });
        learned.get_or_insert((correct, losses));
    }
    lines
}

/// Sample by sample, over draws.
fn mean_of(draws: impl Iterator<Item = Vec<f64>>) -> Vec<f64> {
    let (mut sum, mut count) = (Vec::new(), 0.0);
    for draw in draws {
        sum.resize(draw.len(), 0.0);
        sum.iter_mut().zip(draw).for_each(|(sum, value)| *sum += value);
        count += 1.0;
    }
    sum.iter_mut().for_each(|sum| *sum /= count);
    sum
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(correct: &[bool]) -> Scores {
        Scores {
            tasks: (0..correct.len() as u32).map(|sample| sample % 2).collect(),
            losses: correct.iter().map(|&right| if right { 0.5 } else { 2.5 }).collect(),
            correct: correct.to_vec(),
        }
    }

    fn lines(of: &[(Kind, Vec<Vec<bool>>)]) -> Vec<Line> {
        let asked = of.iter().map(|(kind, draws)| {
            let draws = draws.iter().map(|correct| scores(correct)).collect();
            (format!("{kind:?}"), String::new(), *kind, draws)
        });
        compare(asked.collect(), 2)
    }

    #[test]
    fn differences_are_paired_over_samples_and_draws_are_averaged() {
        let right = vec![true; 4];
        let of = [
            (Kind::Learned, vec![right.clone()]),
            (Kind::Random, vec![right.clone(), vec![true, false, true, false]]),
        ];
        let [learned, random] = &lines(&of)[..] else { panic!("two lines") };
        assert_eq!((learned.accuracy, learned.loss, learned.over_draws), (1.0, 0.5, None));
        assert_eq!(learned.accuracy_difference, None);
        assert_eq!((random.accuracy, random.loss), (0.75, 1.0));
        assert_eq!(random.tasks, [1.0, 0.5]);
        let difference = random.accuracy_difference.expect("four pairs");
        assert_eq!(difference.mean, -0.25);
        // Differences 0, −½, 0, −½: s = 0.2887, and t₃ = 3.1824.
        assert!((difference.ci95 - 3.182_446_3 * 0.288_675_13 / 2.0).abs() < 1e-6);
        assert!(random.over_draws.is_some() && !random.is_worse() && !random.is_better());
    }

    #[test]
    fn the_answer_follows_from_the_intervals() {
        let good = || vec![(0..100).map(|sample| sample % 10 > 0).collect::<Vec<bool>>()];
        let bad = || vec![(0..100).map(|sample| sample % 10 > 4).collect::<Vec<bool>>()];
        let answer = |learned, random, fixed| {
            let of = [
                (Kind::Learned, learned),
                (Kind::Random, random),
                (Kind::Task, bad()),
                (Kind::Fixed, fixed),
            ];
            Answer::of(&lines(&of)).expect("a standard table")
        };
        assert_eq!(answer(good(), bad(), bad()), Answer::Matters);
        assert_eq!(answer(good(), bad(), good()), Answer::Specialised);
        assert_eq!(answer(good(), good(), bad()), Answer::Indifferent);
        assert_eq!(answer(bad(), good(), bad()), Answer::Harms);
        assert_eq!(Answer::of(&lines(&[(Kind::Learned, good())])), None);
    }
}
