//! The ledger: every claim of every reproduced experiment beside what was measured, from the data
//! that reports leave.

use pathweave_eval::report::{Align, Block, Report, TextTable, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::compose::section;
use super::scale::Scale;
use super::{EXPERIMENTS, mittal, verdict};

const LEAD: &str = "\
Every sentence of the documents that an experiment checks, what the document reports, what was \
measured here and whether that agrees. Written by the program from the reports' data; a verdict \
holds for its scale. Refuted and inconclusive claims stay in the list.";

const VERDICTS: [Verdict; 4] =
    [Verdict::Supported, Verdict::Refuted, Verdict::Inconclusive, Verdict::NotTested];

/// A claim in a report's data. Those of the first version hold text and verdict alone.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Row {
    text: String,
    verdict: Verdict,
    #[serde(default)]
    source: String,
    #[serde(default)]
    paper: String,
    #[serde(default)]
    ours: String,
}

/// A line of the ledger.
#[derive(Serialize)]
struct Flat<'a> {
    experiment: &'a str,
    scale: Scale,
    #[serde(flatten)]
    claim: &'a Row,
}

/// What a report's data say of one experiment.
#[derive(Clone, Debug, Deserialize)]
pub struct Reproduced {
    experiment: String,
    scale: Scale,
    claims: Vec<Row>,
    #[serde(default)]
    overrides: Vec<String>,
}

impl Reproduced {
    /// Reads a report's data; none where they are not of an experiment as it is: of other runs, or
    /// of an experiment that the user changed.
    ///
    /// # Errors
    /// What is missing, where they are an experiment's.
    pub fn from_json(data: &Value) -> Result<Option<Self>, serde_json::Error> {
        if data.get("experiment").is_none() {
            return Ok(None);
        }
        let found = Self::deserialize(data)?;
        Ok(found.overrides.is_empty().then_some(found))
    }
}

/// Claims by experiment, in the order of the registry, and by scale.
#[derive(Clone, Debug)]
pub struct Ledger(Vec<Reproduced>);

impl Ledger {
    /// A ledger of these experiments, in any order.
    pub fn new(mut found: Vec<Reproduced>) -> Self {
        let place = |id: &str| EXPERIMENTS.iter().position(|experiment| experiment.id == id);
        // One that this version does not know stands last.
        let key = |one: &Reproduced| {
            (place(&one.experiment).unwrap_or(usize::MAX), one.experiment.clone(), one.scale)
        };
        found.sort_by_cached_key(key);
        Self(found)
    }

    /// As a list of claims, each with its experiment and scale.
    pub fn to_json(&self) -> Value {
        let rows = self.0.iter().flat_map(|one| {
            one.claims
                .iter()
                .map(|claim| json!(Flat { experiment: &one.experiment, scale: one.scale, claim }))
        });
        Value::Array(rows.collect())
    }

    /// As a page.
    pub fn to_markdown(&self) -> String {
        let sections = vec![
            section("Verdicts", vec![Block::Table(self.counts())]),
            section("Claims", vec![Block::Table(self.claims())]),
            section(
                "Rules",
                [verdict::RULES, mittal::RULES].map(|text| Block::Prose(text.into())).into(),
            ),
        ];
        let report = Report { title: "Ledger of claims".into(), lead: LEAD.into(), sections };
        report.to_markdown("")
    }

    fn counts(&self) -> TextTable {
        let line = |experiment: &str, scale: &str, claims: &[&Row]| {
            let count = |verdict| claims.iter().filter(|claim| claim.verdict == verdict).count();
            let counts = VERDICTS.map(|verdict| count(verdict).to_string());
            [experiment.to_owned(), scale.to_owned()].into_iter().chain(counts).collect()
        };
        let of = |one: &Reproduced| {
            line(&one.experiment, one.scale.name(), &one.claims.iter().collect::<Vec<_>>())
        };
        let all: Vec<&Row> = self.0.iter().flat_map(|one| &one.claims).collect();
        let mut rows: Vec<Vec<String>> = self.0.iter().map(of).collect();
        rows.push(line("all", "", &all));
        let headers = ["experiment", "scale"].into_iter().chain(VERDICTS.map(Verdict::label));
        let right = [Align::Right; VERDICTS.len()];
        TextTable {
            caption: String::new(),
            headers: headers.map(str::to_owned).collect(),
            align: [Align::Left, Align::Left].into_iter().chain(right).collect(),
            rows,
        }
    }

    fn claims(&self) -> TextTable {
        let row = |one: &Reproduced, claim: &Row| {
            let Row { text, source, paper, ours, verdict } = claim.clone();
            let verdict = format!("{} {}", verdict.sign(), verdict.label());
            let scale = one.scale.name().to_owned();
            vec![one.experiment.clone(), text, source, paper, ours, verdict, scale]
        };
        let rows = self.0.iter().flat_map(|one| one.claims.iter().map(|claim| row(one, claim)));
        let headers = ["experiment", "claim", "section", "document", "ours", "verdict", "scale"];
        TextTable {
            headers: headers.map(str::to_owned).to_vec(),
            rows: rows.collect(),
            ..TextTable::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(experiment: &str, scale: &str, verdict: &str) -> Value {
        let claim = json!({"text": "a | b", "source": "T 1", "paper": "1", "ours": "2",
                           "verdict": verdict});
        json!({"experiment": experiment, "scale": scale, "claims": [claim], "rows": []})
    }

    #[test]
    fn claims_stand_in_the_registrys_order_and_are_counted() {
        let found = [
            data("thesis/fig-9.9", "small", "inconclusive"),
            data("thesis/fig-5.2", "paper", "refuted"),
            data("thesis/fig-5.2", "small", "supported"),
            data("thesis/fig-5.1", "small", "supported"),
        ];
        let read = |data| Reproduced::from_json(data).unwrap().unwrap();
        let ledger = Ledger::new(found.iter().map(read).collect());
        let json = ledger.to_json();
        let order: Vec<(&str, &str)> = json
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["experiment"].as_str().unwrap(), row["scale"].as_str().unwrap()))
            .collect();
        let wanted = [
            ("thesis/fig-5.1", "small"),
            ("thesis/fig-5.2", "small"),
            ("thesis/fig-5.2", "paper"),
            ("thesis/fig-9.9", "small"),
        ];
        assert_eq!(order, wanted);
        let page = ledger.to_markdown();
        assert!(page.contains("| all |  | 2 | 1 | 1 | 0 |"), "{page}");
        assert!(page.contains("| thesis/fig-5.2 | a \\| b | T 1 | 1 | 2 | ✗ refuted | paper |"));
    }

    #[test]
    fn other_reports_are_left_out_and_broken_ones_are_told() {
        let none = |data: &Value| Reproduced::from_json(data).unwrap().is_none();
        assert!(none(&json!({"by": "name", "rows": []})));
        let mut changed = data("thesis/fig-5.2", "small", "supported");
        changed["overrides"] = json!(["train.epochs=1"]);
        assert!(none(&changed));
        let broken = json!({"experiment": "thesis/fig-5.2", "scale": "small"});
        assert!(Reproduced::from_json(&broken).is_err());
    }

    #[test]
    fn data_of_the_first_version_are_read() {
        let claims = json!([{"text": "a", "verdict": "not-tested"}]);
        let old = json!({"experiment": "thesis/fig-5.2", "scale": "smoke", "claims": claims});
        assert!(Reproduced::from_json(&old).unwrap().is_some());
    }
}
