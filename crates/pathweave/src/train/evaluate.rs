//! A greedy pass over a split: what figures and metrics are made of.

use burn::module::Module;
use burn::tensor::Device;
use pathweave_data::Streams;
use pathweave_data::{Batch, Split, TaskSet};
use pathweave_eval::log::{Actions, Choice, LogHeader, RoutingLog, RoutingRow};

use super::outcome::outcome;
use crate::model::{Forward, Input, Network, Trunk, cross_entropy};
use crate::noise::Noise;
use crate::routed_layer::RoutedLayer;
use crate::trajectory::{Drive, Mode, Rows};

/// Samples evaluated at a time; the results do not depend on it.
pub(crate) const BATCH: usize = 200;

/// Result of one task.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TaskScore {
    /// Samples
    pub samples: u64,
    /// Right answers
    pub correct: u64,
    /// Sum of cross entropies
    pub loss: f64,
}

impl TaskScore {
    /// Share of right answers; 0 without samples.
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.samples.max(1) as f64
    }

    fn add(&mut self, loss: f32, correct: bool) {
        self.samples += 1;
        self.correct += u64::from(correct);
        self.loss += f64::from(loss);
    }

    /// Mean cross entropy; 0 without samples.
    pub fn mean_loss(&self) -> f64 {
        self.loss / self.samples.max(1) as f64
    }
}

/// Result of a greedy pass.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// By task
    pub tasks: Vec<TaskScore>,
    /// By group of sentence pairs, in the order of [`pathweave_data::text::Texts::groups`]; empty
    /// where there are none
    pub groups: Vec<TaskScore>,
    /// Every decision, where there were decisions
    pub log: Option<RoutingLog>,
}

impl Evaluation {
    /// All tasks' samples together.
    pub fn total(&self) -> TaskScore {
        self.tasks.iter().fold(TaskScore::default(), |sum, task| TaskScore {
            samples: sum.samples + task.samples,
            correct: sum.correct + task.correct,
            loss: sum.loss + task.loss,
        })
    }
}

/// Runs a split through the network: running averages in the base, greedy decisions, no gradient.
///
/// `moment` = (step, epoch) goes into the log's header.
pub fn evaluate(
    network: &Network,
    data: &TaskSet,
    split: Split,
    device: &Device,
    moment: (u64, u64),
) -> Evaluation {
    evaluate_driven(network, data, split, device, moment, Mode::Greedy)
}

/// As [`evaluate`], with somebody else's decisions where `drive` says so.
pub fn evaluate_driven<'a>(
    network: &Network,
    data: &TaskSet,
    split: Split,
    device: &Device,
    moment: (u64, u64),
    drive: impl Into<Drive<'a>>,
) -> Evaluation {
    let drive = drive.into();
    let network = network.valid();
    let streams = Streams::new(0);
    // Greedy decisions draw nothing.
    let noise = Noise::new(&streams, 0);
    let mut tasks = vec![TaskScore::default(); data.tasks];
    let grouped = data.texts.as_ref().filter(|texts| texts.groups.len() > 1);
    let mut groups = vec![TaskScore::default(); grouped.map_or(0, |texts| texts.groups.len())];
    let mut routing = Vec::new();
    let mut batch = Batch::default();
    let indices: Vec<u32> = (0..data.examples(split).len() as u32).collect();
    for indices in indices.chunks(BATCH) {
        data.fill(split, indices, &mut batch);
        let rows = Rows { contexts: batch.tasks.clone(), samples: batch.samples.clone() };
        let input = Input::of(&batch, data.texts.is_none().then_some(data.shape), device);
        let out = network.forward(input, &rows, drive, &noise);
        let losses = cross_entropy(out.logits.clone(), &batch.labels);
        let outcome = outcome(&losses, &out.logits, &batch.labels);
        for ((&task, &loss), &correct) in
            batch.tasks.iter().zip(&outcome.losses).zip(&outcome.correct)
        {
            tasks[task as usize].add(loss, correct);
        }
        if let Some(texts) = &grouped {
            let each = indices.iter().zip(outcome.losses.iter().zip(&outcome.correct));
            for (&index, (&loss, &correct)) in each {
                let item = data.examples(split)[index as usize].item;
                groups[texts.group_of[item as usize] as usize].add(loss, correct);
            }
        }
        let decided = out.units.as_ref().map_or(&rows, |units| &units.rows);
        record(&network.trunk, &out, decided, &mut routing);
    }
    let log = header(&network.trunk, data, moment).map(|header| {
        RoutingLog::new(header, routing).expect("decisions come from the banks in the header")
    });
    Evaluation { tasks, groups, log }
}

fn header(trunk: &Trunk, data: &TaskSet, moment: (u64, u64)) -> Option<LogHeader> {
    let (modules, actions) = match trunk {
        Trunk::Routed(layer) => {
            let modules = (0..layer.depths()).map(|depth| layer.bank(depth).modules()).collect();
            let extra = layer.extra();
            (modules, Actions { skip: extra.skip, end: extra.terminate })
        }
        Trunk::SoftMixture(layer) => {
            (layer.banks.iter().map(crate::bank::Bank::modules).collect(), Actions::default())
        }
        Trunk::SparseMixture(layer) => {
            (layer.banks.iter().map(crate::bank::Bank::modules).collect(), Actions::default())
        }
        Trunk::CrossStitch(_) => return None,
    };
    let mut header = LogHeader::new(modules);
    header.contexts = data.task_names.clone();
    header.actions = actions;
    header.source = concat!("pathweave ", env!("CARGO_PKG_VERSION")).into();
    (header.step, header.epoch) = (Some(moment.0), Some(moment.1));
    Some(header)
}

fn record(trunk: &Trunk, out: &Forward, rows: &Rows, routing: &mut Vec<RoutingRow>) {
    let row = |row: usize, depth: usize, agent: Option<u32>, choice: Choice| RoutingRow {
        sample: rows.samples[row],
        depth: depth as u32,
        context: Some(rows.contexts[row]),
        condition: None,
        agent,
        choice,
    };
    if let (Trunk::Routed(layer), Some(trajectory)) = (trunk, &out.trajectory) {
        for step in &trajectory.steps {
            for (at, &action) in step.actions.iter().enumerate().filter(|(at, _)| step.alive[*at]) {
                let choice = choice(layer, step.depth, action);
                routing.push(row(at, step.depth, Some(trajectory.agents[at]), choice));
            }
        }
    }
    for (depth, weights) in out.weights.iter().enumerate() {
        let modules = weights.dims()[1];
        let weights: Vec<f32> = weights.to_data().iter::<f32>().collect();
        for (at, weights) in weights.chunks_exact(modules).enumerate() {
            routing.push(row(at, depth, None, weighted(trunk, weights)));
        }
    }
}

/// A sparse mixture that has run one module has chosen it.
fn weighted(trunk: &Trunk, weights: &[f32]) -> Choice {
    let only = weights.iter().position(|&weight| weight == 1.0);
    match (trunk, only) {
        (Trunk::SparseMixture(_), Some(module)) => Choice::Module(module as u32),
        _ => Choice::Weights(weights.to_vec()),
    }
}

fn choice(layer: &RoutedLayer, depth: usize, action: u32) -> Choice {
    let modules = layer.bank(depth).modules() as u32;
    match action.checked_sub(modules) {
        None => Choice::Module(action),
        Some(0) if layer.extra().skip => Choice::Skip,
        Some(_) => Choice::End,
    }
}
