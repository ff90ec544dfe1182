//! What the figures of T 7 have in common: CIFAR-MTL, sizes, algorithms and architectures.

use pathweave::explore::Exploration;
use pathweave::spec::{BaseSpec, RunSpec};
use pathweave_data::DatasetSpec;
use pathweave_data::dataset::CifarMtlSpec;

use crate::experiment::ablation::{self, Part, Variant};
use crate::experiment::scale::{SMOKE, Scale, Size, Sizes, THESIS, base};

const SIZES: Sizes = Sizes {
    smoke: Size { epochs: 2, train_per_task: Some(60), test_per_task: Some(20), ..SMOKE },
    small: SMALL,
    paper: THESIS,
};

/// All figures of the chapter together have some 300 runs: about 20 seconds each. The rates are
/// those that were best, after so few steps, on a tenth of the training samples held out.
const SMALL: Size = Size {
    seeds: 3,
    epochs: 5,
    batch: 50,
    learning_rate: 0.1,
    wpl_rate: 0.03,
    decay_every: 4,
    evaluate_every: 1,
    train_per_task: Some(800),
    test_per_task: Some(200),
};

/// Filters of the convolutional base at small scale.
const FILTERS: usize = 16;

/// The learning rate of tables. An entry is moved by the few samples of a batch that are its own,
/// so that its steps are small.
const TABLE_RATE: f64 = 2.0;

/// That of advantages, which are smaller than values.
pub const ADVANTAGES: &str = "train.router_learning_rate=0.2";

/// That of tables of logits, whose gradients are smaller still.
pub const POLICY_TABLE: &str = "train.router_learning_rate=20.0";

/// The learning rate of perceptrons: that of the modules.
pub const PERCEPTRON: &str = "train.router_learning_rate=0.0";

/// Notes on the setting.
pub const SETTING: &str = "\
“Paths changed an epoch” is the share of test samples whose greedy path is another than one \
epoch before, averaged over training. The figures of chapter 7 name no seeds, batch, model sizes \
or learning rates for CIFAR-MTL. At small scale every run has five epochs of 800 training and \
200 test images a task and a base of 16 filters in the place of 32; ε is divided every epoch in \
the place of every fifth; three seeds a curve. Tables learn at a rate of their own, 2 for values \
and 20 for logits, by SGD: an entry is moved by the few samples of a batch that are its own. \
Perceptrons learn at the rate of the modules, and so do dispatched tables: all samples may be \
sent to one, which a larger rate would make diverge. Rates were compared by one run each, on a \
tenth of the training samples, held out, at six epochs of 1000 images a task. AAC: 2 (21 %) and \
20 (52 %); ε-greedy REINFORCE: 2 (40 %) and 20 (52 %); RELAX: 2 (20 %) and 20 (47 %); REINFORCE: \
20 (50 %); Q-learning: 0.1, 1, 2 and 4 (chance, 28, 31 and 27 %); advantage learning: 0.2, 1, 2 \
and 4 (35, 27, 28 and 25 %); Gumbel: 0.1, 2, 20 and 200, and 2 and 20 with the gradient through \
all modules (20 to 24 %, chance being 20).";

/// The router that is part of no comparison: a table for each task and depth (T 5.2.3), vanilla
/// Q-learning.
pub const Q_LEARNING: Variant =
    Variant { label: "QLearning", set: &["router.algorithm=q_learning"] };
/// T 7.1.2 has no baseline.
pub const REINFORCE: Variant = Variant {
    label: "REINFORCE",
    set: &["router.algorithm=reinforce", "router.reinforce.baseline=none", POLICY_TABLE],
};
/// Weighted policy learner.
pub const WPL: Variant = Variant { label: "WPL", set: &["router.algorithm=wpl"] };
/// Monte Carlo, as T 7.1.2 says.
pub const ADVANTAGE: Variant =
    Variant { label: "AdvantageL", set: &["router.algorithm=advantage_learning", ADVANTAGES] };
/// Advantage actor-critic.
pub const AAC: Variant =
    Variant { label: "AAC", set: &["router.algorithm=advantage_actor_critic", POLICY_TABLE] };
/// Temperature 1.
pub const GUMBEL: Variant = Variant { label: "Gumbel", set: &["router.algorithm=gumbel"] };
/// Temperature 0.5, value coefficient 0.5, entropy coefficient 0.01.
pub const RELAX: Variant =
    Variant { label: "RELAX", set: &["router.algorithm=relax", POLICY_TABLE] };

/// The algorithms of T 7.1.2.
pub const LEARNERS: &[Variant] = &[AAC, ADVANTAGE, GUMBEL, Q_LEARNING, REINFORCE, RELAX, WPL];

/// Labels of the algorithms that learn values.
pub const VALUE_BASED: &[Variant] = &[ADVANTAGE, Q_LEARNING];
/// Labels of those that learn policies, WPL left out as T 7.1.4 does.
pub const POLICY_BASED: &[Variant] = &[AAC, GUMBEL, REINFORCE, RELAX];

/// A dispatcher on the activation after the convolutions, which names a tabular agent. All samples
/// may be sent to one, so that its table must not have the rate of tables that see few.
pub const DISPATCHED: &str = "router.dispatcher=online";

/// The network without routing.
pub const UNROUTED: Variant = Variant { label: "unrouted", set: &["model.kind=unrouted"] };

/// Every run of a figure.
pub fn sweep(scale: Scale, parts: &[Part]) -> Vec<RunSpec> {
    let size = SIZES.at(scale);
    let data = CifarMtlSpec {
        train_per_task: size.train_per_task.unwrap_or(2500),
        test_per_task: size.test_per_task.unwrap_or(500),
        ..CifarMtlSpec::default()
    };
    let mut base = base(scale, size, DatasetSpec::CifarMtl(data), 0.0);
    base.train.router_learning_rate = TABLE_RATE;
    if scale == Scale::Small {
        base.model.base = BaseSpec { filters: FILTERS, ..base.model.base };
    }
    let mut specs = ablation::sweep(&base, size.seeds, parts);
    if scale != Scale::Paper {
        specs.iter_mut().for_each(|spec| anneal_faster(&mut spec.exploration));
    }
    specs
}

/// ε falls every epoch: five epochs stand for fifty.
fn anneal_faster(exploration: &mut Exploration) {
    if let Exploration::Step { every, .. } = exploration {
        *every = 1;
    }
}

/// Names of these algorithms' curves in a part.
pub fn names(part: &Part, of: &[Variant]) -> Vec<String> {
    of.iter().map(|variant| part.name(variant.label)).collect()
}
