//! The page of a report: prose, tables and figures of the comparison.

use pathweave_eval::metric::Better;
use pathweave_eval::plot::{HeatMap, HeatPanel, IntervalPanel, Intervals, Mark, Unit};
use pathweave_eval::report::{Block, Report, Section, TextTable};
use pathweave_eval::stats::Interval;
use pathweave_eval::table::better;
use pathweave_eval::table::compare::{Comparison, Row};
use pathweave_eval::table::rows::{Show, beside, digits, wide};

use crate::experiment::figures::figure;

/// Groups that tables and figures show; the files beside the page have all.
const SHOWN: usize = 60;
/// Groups of which every one is set beside every other.
const DUELS: usize = 12;
/// Rows of the table beside the group that the others are compared with.
const BESIDE: usize = 400;

/// A mean of some kind, with its interval where there is one.
type Centre = (f64, Option<Interval>);

/// What a page is about.
pub struct Page<'a> {
    /// The groups
    pub comparison: &'a Comparison<'a>,
    /// Every metric over every group
    pub rows: &'a [Row],
    /// The metrics, in their order
    pub metrics: &'a [String],
    /// Keys of groups, and of strata
    pub by: &'a [String],
    /// Keys of strata
    pub strata: &'a [String],
    /// Resamples of every bootstrap
    pub resamples: usize,
    /// Runs of the named sweeps that are not finished
    pub unfinished: usize,
}

impl Page<'_> {
    /// The tables, each with the label that LaTeX knows it by.
    pub fn tables(&self) -> Vec<(&'static str, TextTable)> {
        let Self { comparison, rows, metrics, .. } = *self;
        let table = |show, caption: &str| {
            let table = wide(rows, comparison, metrics, (show, SHOWN));
            TextTable { caption: caption.into(), ..table }
        };
        let mut tables = vec![
            ("runs-mean", table(Show::Mean, "Mean ± half the 95 % interval (Student's t)")),
            ("runs-iqm", table(Show::Iqm, "Interquartile mean [95 % bootstrap interval]")),
        ];
        if let Some(against) = comparison.against {
            let mut table = beside(rows, comparison);
            table.rows.truncate(BESIDE);
            let name = &comparison.groups[against].name;
            table.caption =
                format!("Less {name}: mean difference of pairs, and P(better than {name})");
            tables.push(("runs-against", table));
        }
        tables
    }

    /// The report; `details` are bars and sections of few runs.
    pub fn report(&self, details: Option<(Block, Vec<Section>)>) -> Report {
        let Self { comparison, by, .. } = *self;
        let (bars, sections) = details.map_or((None, Vec::new()), |(b, s)| (Some(b), s));
        let mut tables = self.tables().into_iter().map(|(_, table)| Block::Table(table));
        let mut blocks: Vec<Block> = bars.into_iter().chain(tables.by_ref().take(2)).collect();
        if comparison.groups.len() > SHOWN {
            let more = comparison.groups.len() - SHOWN;
            blocks.push(Block::Prose(format!("… and {more} more groups: rows.csv has all.")));
        }
        let section = |heading: &str, blocks| Section { heading: heading.into(), blocks };
        let mut all = vec![section("Result", blocks), section("Intervals", self.intervals())];
        if let Some(against) = comparison.against {
            let name = &comparison.groups[against].name;
            let mut blocks = vec![Block::Prose(self.pairs())];
            blocks.extend(tables);
            blocks.extend(self.differences(name));
            all.push(section(&format!("Beside {name}"), blocks));
        }
        let duels = self.duels();
        if !duels.is_empty() {
            all.push(section("Which is better", duels));
        }
        all.extend(sections);
        let count: usize = comparison.groups.iter().map(|group| group.runs.len()).sum();
        Report {
            title: format!("{count} runs by {}", by.join(", ")),
            lead: self.lead(count),
            sections: all,
        }
    }

    fn lead(&self, count: usize) -> String {
        let groups = self.comparison.groups.len();
        let mut text = format!("{count} finished runs in {groups} groups.");
        if self.unfinished > 0 {
            text += &format!(" {} more are not finished.", self.unfinished);
        }
        let strata = match self.strata {
            [] => "Each group is one stratum".to_owned(),
            keys => format!("Strata are the values of {}", keys.join(", ")),
        };
        text += &format!(
            "\n\nIntervals cover 95 %: of means by Student's t, of interquartile means, differences \
             and probabilities by a stratified bootstrap with {} resamples (percentiles). {strata}. \
             No p value is corrected for how many there are.",
            self.resamples
        );
        let broken: usize = self.rows.iter().map(|row| row.not_finite).max().unwrap_or(0);
        if broken > 0 {
            text += "\n\nSome values are not finite: their groups have no statistic.";
        }
        text
    }

    /// How runs were paired, and what was left over.
    fn pairs(&self) -> String {
        let keys = match self.comparison.pair_keys.as_slice() {
            [] => "nothing: all runs of a group and stratum are averaged".to_owned(),
            keys => keys.join(", "),
        };
        let averaged =
            self.rows.iter().filter_map(|row| Some(row.against.as_ref()?.averaged)).max();
        let averaged = match averaged.unwrap_or(0) {
            0 => "",
            _ => " Runs that share all of it were averaged.",
        };
        format!(
            "The two runs of a pair have in common: {keys}.{averaged} Runs without a partner are counted \
             and play no part in the difference; they do in P(better), the share of pairs of any two \
             runs of one stratum in which the group's is better, ties half, averaged over strata."
        )
    }

    fn shown(&self) -> usize {
        self.comparison.groups.len().min(SHOWN)
    }

    /// The row of each shown group.
    fn of<'b>(&'b self, metric: &'b str) -> impl Iterator<Item = Option<&'b Row>> {
        let rows: Vec<&Row> = self.rows.iter().filter(|row| row.metric == *metric).collect();
        (0..self.shown()).map(move |at| rows.iter().find(|row| row.group == at).copied())
    }

    fn labels(&self) -> Vec<String> {
        let groups = self.comparison.groups.iter().take(self.shown());
        groups.map(|group| group.name.clone()).collect()
    }

    /// A picture a metric: mean and interquartile mean.
    fn intervals(&self) -> Vec<Block> {
        let one = |metric: &String| {
            let unit = Unit::Number { digits: digits(self.rows, metric) + 1 };
            let panel = |title: &str, of: fn(&Row) -> Option<Centre>| {
                let marks = self.of(metric).map(|row| row.and_then(of).map(mark)).collect();
                IntervalPanel { title: title.into(), unit, reference: None, marks }
            };
            let panels = vec![
                panel("mean", |row| Some((row.aggregate?.mean, row.aggregate?.mean_interval))),
                panel("interquartile mean", |row| {
                    Some((row.aggregate?.iqm, row.aggregate?.iqm_interval))
                }),
            ];
            let title = metric.replace('_', " ");
            let direction = match better(metric) {
                Better::Higher => " Higher is better.",
                Better::Lower => " Lower is better.",
                Better::Neither => "",
            };
            let caption = format!(
                "{title}: mean and interquartile mean with stratified bootstrap intervals.{direction}"
            );
            let picture = Intervals { title, labels: self.labels(), panels };
            figure(&format!("intervals-{metric}"), picture.to_svg(), &caption)
        };
        self.metrics.iter().map(one).collect()
    }

    /// A picture a metric: differences from the group that the others are compared with.
    fn differences(&self, name: &str) -> Vec<Block> {
        let one = |metric: &String| {
            let against = |row: Option<&Row>| row.and_then(|row| row.against.clone());
            let digits = digits(self.rows, metric) + 1;
            let differences = self.of(metric).map(|row| {
                let difference = against(row)?.difference?;
                Some(mark((difference.mean, difference.interval)))
            });
            let chances = self.of(metric).map(|row| {
                let improvement = against(row)?.improvement?;
                Some(mark((improvement.probability, improvement.interval)))
            });
            let panel = |title: String, digits, reference, marks| IntervalPanel {
                title,
                unit: Unit::Number { digits },
                reference: Some(reference),
                marks,
            };
            let panels = vec![
                panel(format!("less {name}"), digits, 0.0, differences.collect()),
                panel(format!("P(better than {name})"), 2, 0.5, chances.collect()),
            ];
            let title = format!("{} beside {name}", metric.replace('_', " "));
            let caption = format!("{title}: paired difference and probability of improvement.");
            let picture = Intervals { title, labels: self.labels(), panels };
            figure(&format!("against-{metric}"), picture.to_svg(), &caption)
        };
        self.metrics.iter().map(one).collect()
    }

    /// Every group beside every other one, where there are few.
    fn duels(&self) -> Vec<Block> {
        let groups = self.comparison.groups.len();
        if !(2..=DUELS).contains(&groups) {
            return Vec::new();
        }
        let contexts: Vec<String> = self
            .labels()
            .iter()
            .enumerate()
            .map(|(at, name)| format!("{}. {name}", at + 1))
            .collect();
        let one = |metric: &&String| {
            let name = metric.replace('_', " ");
            let panel = HeatPanel {
                label: "is better than".into(),
                columns: (1..=groups).map(|at| at.to_string()).collect(),
                shares: self.comparison.duels(metric),
            };
            let title = format!("Probability of improvement, {name}");
            let map = HeatMap { title, contexts: contexts.clone(), panels: vec![panel] };
            let caption = format!(
                "{name}: how likely, in percent, a run of the row's group is better than one of the \
                 column's, ties half."
            );
            figure(&format!("better-{metric}"), map.to_svg(), &caption)
        };
        let judged = self.metrics.iter().filter(|metric| better(metric) != Better::Neither);
        judged.collect::<Vec<_>>().iter().map(one).collect()
    }
}

fn mark((value, interval): (f64, Option<Interval>)) -> Mark {
    Mark { value, interval: interval.map(|ends| (ends.low, ends.high)) }
}
