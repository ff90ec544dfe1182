//! What one file tells, step by step.

use std::collections::BTreeMap;

use pathweave_eval::alarm::{LoadFinding, of_shares};
use pathweave_eval::baseline::{Assessment, Evidence};
use pathweave_eval::joint::{Joint, RuleSource};
use pathweave_eval::log::foreign::{Content, Format, Reading, Sums};
use pathweave_eval::log::{Choice, LogHeader, RoutingLog, RoutingRow};
use pathweave_eval::metric::METRICS;

use crate::worker::metrics::of_log;

/// A file or run.
pub struct Subject {
    /// As the user named it
    pub name: String,
    pub format: Format,
    /// Names of the depths \[T\]
    pub layers: Vec<String>,
    /// By training step, at least one
    pub steps: Vec<Snapshot>,
}

/// One evaluation, or one training step of a trace.
pub struct Snapshot {
    pub step: Option<u64>,
    /// Where the file holds decisions
    pub log: Option<RoutingLog>,
    /// Rows of a log, or the decisions of sums where that is known
    pub rows: Option<f64>,
    /// Modules at each depth \[T\]
    pub modules: Vec<usize>,
    /// What the rules are, and their names; none where they are not known
    pub rules: Option<(&'static str, Vec<String>)>,
    pub values: BTreeMap<String, f64>,
    /// Why a metric has no value
    pub missing: BTreeMap<&'static str, String>,
    pub assessed: BTreeMap<&'static str, Assessment>,
    /// With rules where they are known, else of all rows \[T\]
    pub joints: Vec<Option<Joint>>,
    /// Depth and finding
    pub findings: Vec<(usize, LoadFinding)>,
}

/// What sums tell beside the metrics of a joint activation: functions of the modules' shares.
const OF_SHARES: [&str; 3] = ["selection_entropy", "largest_share", "modules_used"];

impl Subject {
    pub fn new(name: &str, reading: Reading, above: f64) -> Self {
        let mut steps: Vec<Snapshot> = match reading.content {
            Content::Logs(logs) => logs.into_iter().map(Snapshot::of_log).collect(),
            Content::Sums(sums) => sums.into_iter().map(Snapshot::of_sums).collect(),
        };
        for snapshot in &mut steps {
            snapshot.find(above);
        }
        Self { name: name.to_owned(), format: reading.format, layers: reading.layers, steps }
    }

    /// The last step: what is told in full.
    pub fn last(&self) -> &Snapshot {
        self.steps.last().expect("a reading has at least one step")
    }
}

impl Snapshot {
    fn of_log(log: RoutingLog) -> Self {
        let missing = METRICS.iter().filter_map(|def| {
            let error = (def.compute)(&log).err()?;
            Some((def.name, error.to_string()))
        });
        let evidence = Evidence::of_log(&log).ok();
        let ruled = evidence.as_ref().is_some_and(Evidence::ruled);
        let joints = if ruled { Joint::by_depth(&log) } else { Joint::shares_by_depth(&log) };
        let source = RuleSource::of(&log);
        let word = match source {
            RuleSource::Conditions => "conditions",
            RuleSource::Contexts => "contexts",
        };
        Self {
            step: log.header().step,
            rows: Some(log.rows().len() as f64),
            modules: log.header().modules.clone(),
            rules: ruled.then(|| (word, source.names(&log).to_vec())),
            values: of_log(&log),
            missing: missing.collect(),
            assessed: evidence.as_ref().map(assessed).unwrap_or_default(),
            joints: joints.unwrap_or_default(),
            findings: Vec::new(),
            log: Some(log),
        }
    }

    fn of_sums(sums: Sums) -> Self {
        let ruled = !sums.rules.is_empty();
        let evidence = Evidence::of_joints(&sums.joints, ruled);
        let mut values = shares(&sums.joints).map(|log| of_log(&log)).unwrap_or_default();
        values.retain(|key, _| OF_SHARES.iter().any(|name| key.split('/').next() == Some(name)));
        let mut missing: BTreeMap<&'static str, String> = BTreeMap::new();
        for def in METRICS.iter().filter(|def| !values.contains_key(def.name)) {
            missing.insert(def.name, "the file holds sums, and no decisions".to_owned());
        }
        for (def, assessment) in evidence.assess() {
            match assessment {
                Ok(assessment) => {
                    missing.remove(def.name);
                    values.insert(def.name.to_owned(), assessment.value);
                }
                Err(_) if def.needs_rules && !ruled => {
                    missing.insert(def.name, "the file names no rules".to_owned());
                }
                Err(error) => {
                    missing.insert(def.name, error.to_string());
                }
            }
        }
        let known = sums.joints.iter().flatten().map(|joint| Some(joint.decisions()?.iter().sum()));
        let rows: Option<Vec<f64>> = known.collect();
        Self {
            step: sums.step,
            log: None,
            rows: rows.map(|rows| rows.iter().sum()),
            modules: sums.joints.iter().map(|j| j.as_ref().map_or(0, Joint::modules)).collect(),
            rules: ruled.then_some(("conditions", sums.rules)),
            values,
            missing,
            assessed: assessed(&evidence),
            joints: sums.joints,
            findings: Vec::new(),
        }
    }

    fn find(&mut self, above: f64) {
        for (depth, joint) in self.joints.iter().enumerate() {
            let Some(joint) = joint else { continue };
            let decisions = joint.decisions().map(|of_rule| of_rule.iter().sum());
            let found = of_shares(&joint.marginal(), decisions, above);
            self.findings.extend(found.into_iter().map(|finding| (depth, finding)));
        }
    }
}

fn assessed(evidence: &Evidence) -> BTreeMap<&'static str, Assessment> {
    let all = evidence.assess().into_iter();
    all.filter_map(|(def, assessment)| Some((def.name, assessment.ok()?))).collect()
}

/// A log of the modules' shares: a row of weights at each depth.
fn shares(joints: &[Option<Joint>]) -> Option<RoutingLog> {
    let modules = joints.iter().map(|joint| joint.as_ref().map_or(1, Joint::modules));
    let rows = joints.iter().enumerate().filter_map(|(depth, joint)| {
        let weights = joint.as_ref()?.marginal().into_iter().map(|share| share as f32);
        Some(RoutingRow {
            sample: 0,
            depth: depth as u32,
            context: None,
            condition: None,
            agent: None,
            choice: Choice::Weights(weights.collect()),
        })
    });
    RoutingLog::new(LogHeader::new(modules.collect()), rows.collect()).ok()
}
