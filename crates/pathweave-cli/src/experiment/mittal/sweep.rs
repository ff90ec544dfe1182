//! The sweep that all figures of the rule benchmark share (M section 6): models × rules × sizes ×
//! targets × tasks × seeds.

use std::fmt;

use pathweave::spec::{ModelKind, ModelSpec, OptimizerKind, RuleModelSpec, RunSpec, TrainSpec};
use pathweave_data::DatasetSpec;
use pathweave_data::dataset::rules::{RuleFamily, RuleTarget, RulesSpec};

use crate::experiment::scale::Scale;

/// The models that are compared, from none to all of the rules' modularity known (M table 1).
pub const MODELS: [ModelKind; 4] = [MONOLITHIC, MODULAR, MODULAR_OP, GT_MODULAR];
/// Without modules.
pub const MONOLITHIC: ModelKind = ModelKind::Monolithic;
/// Modules that score themselves.
pub const MODULAR: ModelKind = ModelKind::Modular;
/// Modules scored by the rule.
pub const MODULAR_OP: ModelKind = ModelKind::ModularOp;
/// The module that the rule names.
pub const GT_MODULAR: ModelKind = ModelKind::GtModular;
/// Those whose modules can be measured.
pub const WITH_MODULES: [ModelKind; 3] = [MODULAR, MODULAR_OP, GT_MODULAR];

/// The families in the order of figure 4's rows.
pub const FAMILIES: [RuleFamily; 3] = [RuleFamily::Mlp, RuleFamily::Mha, RuleFamily::Rnn];
/// Both training settings.
pub const TARGETS: [RuleTarget; 2] = [RuleTarget::Regression, RuleTarget::Classification];

/// How the sweep was cut, for notes.
pub const SETTING: &str = "\
All figures of the document share one sweep, of which each takes its part: a run that two figures \
show is trained once. At paper scale it is 2, 4, 8, 16 and 32 rules; (E, D) = (32, 128), (64, 256), \
(128, 512), (256, 1024), (512, 2048), the sizes of the authors' published sweep; regression and \
classification; five tasks with five seeds each; MLP, MHA and RNN; 15,000 runs. MHA rules search \
by scalars, as the document describes; with the authors' second search, by unit vectors \
(data.search=vector), it would be the about 20,000 models that the document speaks of. Adam, \
learning rate 0.0001, batch 256, gradients of RNN clipped to the norm 1; 100,000 steps for MLP, \
500,000 for MHA and RNN, evaluated every 5,000.

Small scale keeps models, training settings and optimizer and cuts the rest; its sizes (E, D) and \
steps stand in the table above. MLP keeps the learning rate too. MHA and RNN take 0.001, ten times \
the document's: after their 1,500 steps the document's own leaves them near their initial loss \
(one run each on validation samples, GT-Modular, 4 rules). They are far from converged all the same.";

/// M section 6 and its authors' code.
const LEARNING_RATE: f64 = 1e-4;

/// Which runs of the sweep a figure takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Every number of rules
    Rules,
    /// The modular models of one task and seed
    Example,
    /// Every size
    Sizes,
}

/// Runs that differ by task and seed alone repeat a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Setting {
    /// Kind of rules and modules
    pub family: RuleFamily,
    /// What is learned of the label
    pub target: RuleTarget,
    /// R
    pub rules: usize,
    /// E
    pub encoder: usize,
    /// D
    pub width: usize,
}

impl Setting {
    /// The setting of a run; none where it is not of rule data.
    pub fn of(spec: &RunSpec) -> Option<Self> {
        let data = spec.data.rules()?;
        let RuleModelSpec { encoder, width, .. } = spec.model.rules;
        Some(Self { family: data.family, target: data.target, rules: data.rules, encoder, width })
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { family, target, rules, encoder, width } = self;
        write!(f, "{} {} r{rules} {encoder}x{width}", word(*family), target_name(*target))
    }
}

/// A family as specs write it.
fn word(family: RuleFamily) -> &'static str {
    match family {
        RuleFamily::Mlp => "mlp",
        RuleFamily::Mha => "mha",
        RuleFamily::Rnn => "rnn",
    }
}

/// A family as the document writes it.
pub fn family_name(family: RuleFamily) -> &'static str {
    match family {
        RuleFamily::Mlp => "MLP",
        RuleFamily::Mha => "MHA",
        RuleFamily::Rnn => "RNN",
    }
}

/// A target in words.
pub fn target_name(target: RuleTarget) -> &'static str {
    match target {
        RuleTarget::Regression => "regression",
        RuleTarget::Classification => "classification",
    }
}

/// A model as the document writes it.
pub fn model_name(kind: ModelKind) -> &'static str {
    match kind {
        MONOLITHIC => "Monolithic",
        MODULAR => "Modular",
        MODULAR_OP => "Modular-op",
        GT_MODULAR => "GT-Modular",
        _ => "Random",
    }
}

/// A part of the grid: the product of its lists.
struct Grid {
    families: &'static [RuleFamily],
    rules: &'static [usize],
    sizes: &'static [(usize, usize)],
}

/// What a scale runs.
struct Cut {
    /// Grids of every number of rules
    rules: &'static [Grid],
    /// Grids of every size
    sizes: &'static [Grid],
    /// Tasks of `mlp`, and of the others
    tasks: [u64; 2],
    seeds: u64,
    /// Steps between evaluations, and how many such, for `mlp`
    mlp: (u64, u32),
    /// The same for the others
    sequences: (u64, u32),
    /// Learning rate of the others
    sequences_rate: f64,
    /// Samples of an evaluation, draws of rule frequencies, samples of each
    evaluation: [usize; 3],
}

use RuleFamily::{Mha, Mlp, Rnn};

const SMOKE: Cut = Cut {
    rules: &[Grid { families: &FAMILIES, rules: &[2, 4], sizes: &[(8, 32)] }],
    sizes: &[Grid { families: &FAMILIES, rules: &[4], sizes: &[(8, 32), (16, 64)] }],
    tasks: [1, 1],
    seeds: 2,
    mlp: (20, 3),
    sequences: (20, 3),
    sequences_rate: LEARNING_RATE,
    evaluation: [200, 5, 200],
};

const SMALL: Cut = Cut {
    rules: &[
        Grid { families: &[Mlp], rules: &[2, 8, 32], sizes: &[(32, 128)] },
        Grid { families: &[Mha, Rnn], rules: &[2, 4, 8], sizes: &[(16, 64)] },
    ],
    sizes: &[
        Grid { families: &[Mlp], rules: &[8], sizes: &[(16, 64), (32, 128), (64, 256)] },
        Grid { families: &[Mha, Rnn], rules: &[4], sizes: &[(8, 32), (16, 64)] },
    ],
    tasks: [2, 1],
    seeds: 1,
    mlp: (500, 20),
    sequences: (75, 20),
    sequences_rate: 1e-3,
    evaluation: [2000, 20, 1000],
};

const PAPER: Cut = Cut { rules: PAPER_GRID, sizes: PAPER_GRID, ..PAPER_SETTING };
const PAPER_GRID: &[Grid] = &[Grid {
    families: &FAMILIES,
    rules: &[2, 4, 8, 16, 32],
    sizes: &[(32, 128), (64, 256), (128, 512), (256, 1024), (512, 2048)],
}];
const PAPER_SETTING: Cut = Cut {
    rules: &[],
    sizes: &[],
    tasks: [5, 5],
    seeds: 5,
    mlp: (5000, 20),
    sequences: (5000, 100),
    sequences_rate: LEARNING_RATE,
    evaluation: [10_000, 100, 10_000],
};

/// The runs of a part, models innermost: a sweep that is cut off can be compared.
///
/// # Deviations
/// - M section 6 trains about 20,000 models; the sweep of the rule benchmark has 15,000: MHA rules
///   search by scalars alone, as M equations 9 and 10 describe, and not by unit vectors too.
/// - The authors' published sweep of the rule benchmark takes (E, D) = (32, 128) to (512, 2048),
///   while its readme says D = 2E: the sweep is followed.
pub fn sweep(scale: Scale, part: Part) -> Vec<RunSpec> {
    let cut = match scale {
        Scale::Smoke => SMOKE,
        Scale::Small => SMALL,
        Scale::Paper => PAPER,
    };
    let example = part == Part::Example;
    let grids = if part == Part::Sizes { cut.sizes } else { cut.rules };
    let models: &[ModelKind] = if example { &WITH_MODULES } else { &MODELS };
    let targets = if example { &TARGETS[..1] } else { &TARGETS };
    let ([mlp, sequences], seeds) = if example { ([1, 1], 1) } else { (cut.tasks, cut.seeds) };
    let mut specs = Vec::new();
    for setting in grids.iter().flat_map(|grid| settings(grid, targets, example)) {
        let tasks = if setting.family == Mlp { mlp } else { sequences };
        for task in 1..=tasks {
            for seed in 1..=seeds {
                specs.extend(models.iter().map(|&kind| spec(&cut, setting, kind, task, seed)));
            }
        }
    }
    specs
}

fn settings(grid: &Grid, targets: &[RuleTarget], example: bool) -> Vec<Setting> {
    let sizes = if example { &grid.sizes[..1] } else { grid.sizes };
    let mut settings = Vec::new();
    for &family in grid.families {
        for &target in targets {
            for &rules in grid.rules {
                settings.extend(sizes.iter().map(|&(encoder, width)| Setting {
                    family,
                    target,
                    rules,
                    encoder,
                    width,
                }));
            }
        }
    }
    settings
}

fn spec(cut: &Cut, setting: Setting, kind: ModelKind, task: u64, seed: u64) -> RunSpec {
    let Setting { family, target, rules, encoder, width } = setting;
    let (steps_per_epoch, epochs) = if family == Mlp { cut.mlp } else { cut.sequences };
    let [eval_samples, adaptation_draws, adaptation_samples] = cut.evaluation;
    let data = RulesSpec {
        family,
        rules,
        task,
        target,
        steps_per_epoch,
        eval_samples,
        adaptation_draws,
        adaptation_samples,
        ..RulesSpec::default()
    };
    RunSpec {
        name: format!("{} {setting} task {task}", model_name(kind)),
        data: DatasetSpec::Rules(data),
        model: ModelSpec {
            kind,
            rules: RuleModelSpec { encoder, width, ..RuleModelSpec::default() },
            ..ModelSpec::default()
        },
        router: Default::default(),
        reward: Default::default(),
        exploration: Default::default(),
        train: TrainSpec {
            seed,
            epochs,
            batch: 256,
            optimizer: OptimizerKind::Adam,
            learning_rate: if family == Mlp { LEARNING_RATE } else { cut.sequences_rate },
            decay_every: 0,
            clip_norm: if family == Rnn { 1.0 } else { 0.0 },
            ..TrainSpec::default()
        },
        alarms: Default::default(),
    }
}
