//! The frame of the tables on sentence pairs (T tables 5.2 and 6.1): a line a network, a column a
//! variant of the data, the thesis's numbers beside ours.

use pathweave::spec::RunSpec;
use pathweave_data::DatasetSpec;
use pathweave_data::dataset::implicatives::Variant;
use pathweave_eval::plot::{Bar, BarGroup, Bars, Unit};
use pathweave_eval::report::{Align, Block, TextTable};
use pathweave_eval::table::Summary;

use crate::experiment::ablation::{self, Overrides};
use crate::experiment::claim::Finding;
use crate::experiment::figures;
use crate::experiment::results::Results;
use crate::experiment::runs::{ACCURACY, Runs};
use crate::experiment::scale::over_seeds;
use crate::experiment::verdict;

/// The entropy of a dispatcher over its agents.
pub const DISPATCH: &str = "dispatch_entropy";

/// What the thesis reports: a mean and, where it has one, half its interval.
#[derive(Clone, Copy, Debug)]
pub struct Paper(pub f64, pub Option<f64>);

/// A mean with its interval.
pub const fn given(mean: f64, half: f64) -> Option<Paper> {
    Some(Paper(mean, Some(half)))
}

/// A number without an interval.
pub const fn alone(mean: f64) -> Option<Paper> {
    Some(Paper(mean, None))
}

/// A column: a variant of the data.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Ends its models' names
    pub tag: &'static str,
    /// Place among a line's numbers of the thesis
    pub at: usize,
    /// The variant; that of the base where there is none
    pub variant: Option<Variant>,
    /// The variant that is learned before
    pub before: Option<Variant>,
}

/// Training, validation and test share their constructions.
pub const JOINT: Column =
    Column { tag: "joint", at: 0, variant: Some(Variant::Joint), before: None };
/// They do not.
pub const DISJOINT: Column =
    Column { tag: "disjoint", at: 1, variant: Some(Variant::Disjoint), before: None };
/// They do not share their signatures.
pub const MISMATCH: Column =
    Column { tag: "mismatch", at: 2, variant: Some(Variant::Mismatch), before: None };
/// Compositions, learned after the joint variant.
pub const NESTED: Column =
    Column { tag: "nested", at: 3, variant: Some(Variant::Nested), before: Some(Variant::Joint) };

/// A line: a network.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// What encodes sentences, or dispatches them
    pub group: &'static str,
    /// What is routed, or by what
    pub label: &'static str,
    /// What it sets
    pub set: Overrides,
    /// Whether its dispatcher is trained after everything else (T 5.3.3)
    pub after: bool,
    /// Accuracies of the thesis in percent, by [`Column::at`]; the cells without one are not run
    pub paper: &'static [Option<Paper>],
    /// Entropies of dispatching of the thesis, by [`Column::at`]
    pub entropies: &'static [f64],
}

impl Line {
    /// A line without dispatching.
    pub const fn new(
        group: &'static str,
        label: &'static str,
        set: Overrides,
        paper: &'static [Option<Paper>],
    ) -> Self {
        Self { group, label, set, after: false, paper, entropies: &[] }
    }

    /// Name of its runs on a column.
    pub fn name(&self, column: &Column) -> String {
        name(self.group, self.label, column)
    }

    fn paper(&self, column: &Column) -> Option<Paper> {
        self.paper.get(column.at).copied().flatten()
    }
}

/// Name of the runs of a line on a column.
pub fn name(group: &str, label: &str, column: &Column) -> String {
    format!("{group} {label} ({})", column.tag)
}

/// Every line on every column that the thesis has a number for, with every seed. `last` epochs train
/// nothing but the dispatcher, where it is trained after everything else.
///
/// # Panics
/// Where an override of ours is faulty; a test goes through all of every scale.
pub fn sweep(
    base: &RunSpec,
    (seeds, last): (u64, u32),
    lines: &[Line],
    columns: &[Column],
) -> Vec<RunSpec> {
    let cells = lines.iter().flat_map(|line| columns.iter().map(move |column| (line, column)));
    let cells = cells.filter(|(line, column)| line.paper(column).is_some());
    let spec = |(line, column): (&Line, &Column)| {
        let mut base = on(base, column);
        if line.after {
            base.router.dispatch.after_epochs = base.train.epochs;
            base.train.epochs += last;
        }
        ablation::with(&base, line.set, &line.name(column))
    };
    cells.map(spec).flat_map(|spec| over_seeds(spec, seeds)).collect()
}

/// The base on the data of a column. Where another variant is learned before, each of the two phases
/// has the base's epochs.
pub fn on(base: &RunSpec, column: &Column) -> RunSpec {
    let mut spec = base.clone();
    let Some(variant) = column.variant else { return spec };
    match &mut spec.data {
        DatasetSpec::Implicatives(data) => (data.variant, data.before) = (variant, column.before),
        DatasetSpec::Sci(data) => (data.variant, data.before) = (variant, column.before),
        _ => {}
    }
    if column.before.is_some() {
        spec.train.before_epochs = spec.train.epochs;
        spec.train.epochs *= 2;
    }
    spec
}

/// Accuracies, and entropies of dispatching where the thesis has them, each with the thesis's number.
pub fn rows(runs: &Runs, lines: &[Line], columns: &[Column]) -> Vec<Summary> {
    let cells = || lines.iter().flat_map(|line| columns.iter().map(move |column| (line, column)));
    let with = |row: Summary, paper: Option<f64>| match paper {
        Some(paper) => row.with_paper(paper),
        None => row,
    };
    let accuracy = |(line, column): (&Line, &Column)| {
        let row = runs.summary(&line.name(column), ACCURACY)?;
        Some(with(row, line.paper(column).map(|paper| paper.0 / 100.0)))
    };
    let entropy = |(line, column): (&Line, &Column)| {
        let paper = line.entropies.get(column.at).copied()?;
        Some(with(runs.summary(&line.name(column), DISPATCH)?, Some(paper)))
    };
    cells().filter_map(accuracy).chain(cells().filter_map(entropy)).collect()
}

/// The table in the thesis's layout: for each column our number and the thesis's.
pub fn layout(runs: &Runs, lines: &[Line], columns: &[Column]) -> Block {
    let ours = |line: &Line, column: &Column| {
        let row = runs.summary(&line.name(column), ACCURACY);
        row.map_or(String::new(), |row| {
            written(100.0 * row.mean, row.ci95.map(|half| 100.0 * half))
        })
    };
    let theirs = |line: &Line, column: &Column| {
        line.paper(column).map_or(String::new(), |paper| written(paper.0, paper.1))
    };
    let text = |line: &Line| {
        let cells = columns.iter().flat_map(|column| [ours(line, column), theirs(line, column)]);
        [line.group.to_owned(), line.label.to_owned()].into_iter().chain(cells).collect()
    };
    grid("Accuracy on the test split in percent, and the thesis's number.", lines, columns, text)
}

/// As [`layout`] for the entropies of dispatching.
pub fn entropies(runs: &Runs, lines: &[Line], columns: &[Column]) -> Block {
    let ours = |line: &Line, column: &Column| {
        let row = runs.summary(&line.name(column), DISPATCH);
        row.map_or(String::new(), |row| written(row.mean, row.ci95))
    };
    let theirs = |line: &Line, column: &Column| {
        let found = line.entropies.get(column.at);
        found.map_or(String::new(), |entropy| format!("{entropy:.2}"))
    };
    let text = |line: &Line| {
        let cells = columns.iter().flat_map(|column| [ours(line, column), theirs(line, column)]);
        [line.group.to_owned(), line.label.to_owned()].into_iter().chain(cells).collect()
    };
    let caption = "Entropy of dispatching on the test split in nats, and the thesis's number.";
    grid(caption, lines, columns, text)
}

fn written(mean: f64, half: Option<f64>) -> String {
    half.map_or_else(|| format!("{mean:.2}"), |half| format!("{mean:.2} ± {half:.2}"))
}

fn grid(
    caption: &str,
    lines: &[Line],
    columns: &[Column],
    text: impl Fn(&Line) -> Vec<String>,
) -> Block {
    let heads = columns.iter().flat_map(|column| [column.tag.to_owned(), "paper".to_owned()]);
    let mut align = vec![Align::Right; 2 + 2 * columns.len()];
    align[..2].fill(Align::Left);
    Block::Table(TextTable {
        caption: caption.into(),
        headers: ["encoding".to_owned(), "routing".to_owned()].into_iter().chain(heads).collect(),
        align,
        rows: lines.iter().map(text).collect(),
    })
}

/// Bars of accuracy, a group a column.
pub fn bars(results: &Results, lines: &[Line], columns: &[Column]) -> Block {
    let bar = |line: &Line, column: &Column| {
        let row = results.runs.summary(&line.name(column), ACCURACY)?;
        let label = format!("{} {}", line.group, line.label);
        Some(Bar { label, value: row.mean, error: row.ci95, paper: None })
    };
    let group = |column: &Column| BarGroup {
        label: column.tag.into(),
        bars: lines.iter().filter_map(|line| bar(line, column)).collect(),
    };
    let bars = Bars {
        title: results.accuracy_title(),
        value_label: "test accuracy".into(),
        unit: Unit::Percent { digits: 1 },
        groups: columns.iter().map(group).collect(),
    };
    let caption = "Accuracy on the test split after training, for each variant of the data: mean \
                   over seeds and 95 % interval.";
    figures::figure("accuracy", bars.to_svg(), caption)
}

/// What is found on each of these columns that was run, as one.
pub fn each(results: &Results, columns: &[Column], find: impl Fn(&Column) -> Finding) -> Finding {
    let models = results.runs.models();
    let end = |column: &Column| format!("({})", column.tag);
    let run = |column: &&Column| models.iter().any(|model| model.ends_with(&end(column)));
    let found: Vec<(&str, Finding)> =
        columns.iter().filter(run).map(|column| (column.tag, find(column))).collect();
    if found.is_empty() {
        return Finding::missing();
    }
    let texts: Vec<String> =
        found.iter().map(|(tag, finding)| format!("{tag}: {}", finding.ours)).collect();
    Finding::new(texts.join("; "), verdict::all(found.iter().map(|(_, finding)| finding.verdict)))
}
