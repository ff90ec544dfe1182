//! The table of interventions as text, JSON and report.

use pathweave_eval::report::{Align, Block, Report, Section, TextTable};
use pathweave_eval::stats::Difference;
use serde_json::{Map, Value, json};

use super::compare::{Answer, Line};
use super::plan::Kind;
use crate::output;

/// How the table is to be read.
const RULES: &str = "\
Differences are to the learned router, in percentage points of accuracy, paired over samples, with \
95 % intervals by Student's t; they do not speak of other seeds of the training. Several lines are \
compared without a correction: of twenty that change nothing, one is expected to leave its interval. \
An ablated module's rows take the module that the router uses most of the others at that depth.";

/// Everything that is told.
pub struct Page<'a> {
    /// Id of the run
    pub id: &'a str,
    /// Its name
    pub name: &'a str,
    /// The samples
    pub split: &'a str,
    /// Names of the tasks
    pub tasks: &'a [String],
    /// Number of samples
    pub samples: usize,
    /// The learned router first
    pub lines: &'a [Line],
    /// Where the standard table was asked for
    pub answer: Option<Answer>,
}

/// The table for a terminal.
pub fn text(page: &Page) -> String {
    let table = |modules: bool| {
        let table = page.table(modules);
        let headers: Vec<&str> = table.headers.iter().map(String::as_str).collect();
        output::columns(&headers, &table.rows)
    };
    let mut text = table(false);
    if page.answer.is_some() && page.has_modules() {
        text = format!("{text}\n{}", table(true));
    }
    match page.answer {
        Some(answer) => format!("{text}\nDoes the routing matter here? {}\n", answer.text()),
        None => text,
    }
}

impl Page<'_> {
    fn has_modules(&self) -> bool {
        self.lines.iter().any(|line| line.kind == Kind::Module)
    }

    /// Whole ways to decide, or interventions at one module; both where no answer was asked for.
    fn table(&self, modules: bool) -> TextTable {
        let shown = |line: &&Line| self.answer.is_none() || (line.kind == Kind::Module) == modules;
        let right = Align::Right;
        TextTable {
            caption: String::new(),
            headers: ["decided by", "accuracy, %", "difference, points", "loss", "what"]
                .map(str::to_owned)
                .into(),
            align: vec![Align::Left, right, right, right, Align::Left],
            rows: self.lines.iter().filter(shown).map(row).collect(),
        }
    }

    /// The page as a report.
    pub fn report(&self) -> Report {
        let lead = format!(
            "{} samples of the {} split; run {}.\n\n{}",
            self.samples,
            self.split,
            self.id,
            self.answer.map_or("", Answer::text)
        );
        let section = |heading: &str, table: TextTable| Section {
            heading: heading.into(),
            blocks: vec![Block::Table(table)],
        };
        let mut sections = vec![section("Who decides", self.table(false))];
        if self.answer.is_some() && self.has_modules() {
            sections.push(section("Single modules", self.table(true)));
        }
        let prose = vec![Block::Prose(RULES.into())];
        sections.push(Section { heading: "How to read it".into(), blocks: prose });
        Report { title: format!("Interventions on {}", self.name), lead, sections }
    }

    /// The page as data.
    pub fn json(&self) -> Value {
        let line = |line: &Line| {
            let tasks = self.tasks.iter().zip(&line.tasks);
            let tasks: Map<_, _> = tasks.map(|(name, &v)| (name.clone(), json!(v))).collect();
            json!({
                "name": line.name,
                "what": line.note,
                "accuracy": line.accuracy,
                "accuracy_ci95_over_draws": line.over_draws,
                "loss": line.loss,
                "accuracy_difference": line.accuracy_difference.map(difference),
                "loss_difference": line.loss_difference.map(difference),
                "accuracy_by_task": tasks,
            })
        };
        json!({
            "id": self.id,
            "name": self.name,
            "split": self.split,
            "samples": self.samples,
            "answer": self.answer.map(Answer::name),
            "verdict": self.answer.map(Answer::text),
            "rows": self.lines.iter().map(line).collect::<Vec<_>>(),
        })
    }
}

fn difference(difference: Difference) -> Value {
    json!({"mean": difference.mean, "ci95": difference.ci95, "p": difference.p})
}

fn row(line: &Line) -> Vec<String> {
    let over = line.over_draws.map(|half| format!(" ± {:.1}", 100.0 * half));
    let moved = line.accuracy_difference.map(|d| {
        let sign = if d.mean < 0.0 { "−" } else { "+" };
        format!("{sign}{:.1} ± {:.1}", 100.0 * d.mean.abs(), 100.0 * d.ci95)
    });
    vec![
        line.name.clone(),
        format!("{:.1}{}", 100.0 * line.accuracy, over.unwrap_or_default()),
        moved.unwrap_or_else(|| "–".into()),
        format!("{:.3}", line.loss),
        line.note.clone(),
    ]
}
