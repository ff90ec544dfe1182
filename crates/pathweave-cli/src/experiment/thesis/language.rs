//! What the experiments on sentence pairs have in common (T 5.3.2): data by scale, sizes, networks.

use pathweave::decision::AlgorithmKind;
use pathweave::spec::{ModelSpec, OptimizerKind, Output, RouterSpec, RunSpec, TrainSpec};
use pathweave_data::DatasetSpec;
use pathweave_data::dataset::{ImplicativesSpec, MultiNliSpec, SciCorpus, SciSpec};
use pathweave_data::text::{Vectors, WordsSpec};

use crate::experiment::ablation::Overrides;
use crate::experiment::scale::Scale;

/// Where sentence pairs come from. At smoke scale all are generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corpus {
    /// Implicatives: generated, those of the Stanford corpus at paper scale
    Implicatives,
    /// The corpus of 2017 that came before the Stanford corpus: joint and disjoint
    Forerunner,
    /// MultiNLI
    MultiNli,
}

/// The numbers that a scale stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// Runs of each model, with the seeds 1, 2, …
    pub seeds: u64,
    /// Passes over the training pairs; of each of the two phases where there are two
    pub epochs: u32,
    /// Epochs of a dispatcher that is trained after everything else
    pub last: u32,
    /// Pairs a step
    pub batch: usize,
    /// Numbers of a word vector and of a state
    pub width: usize,
    /// Modules a bank
    pub modules: usize,
    /// Training pairs; all where there is none
    pub train: Option<usize>,
    /// Test pairs; all where there is none
    pub test: Option<usize>,
}

/// Smoke scale.
const SMOKE: Size = Size {
    seeds: 1,
    epochs: 1,
    last: 1,
    batch: 32,
    width: 8,
    modules: 15,
    train: Some(200),
    test: Some(60),
};

/// Small scale: a run of bags of words takes some seconds.
const SMALL: Size = Size {
    seeds: 5,
    epochs: 20,
    last: 8,
    batch: 128,
    width: 50,
    modules: 15,
    train: Some(4000),
    test: Some(1000),
};

/// T 5.3.2.
///
/// # Deviations
/// - T 5.3.2 names neither epochs nor batch: 300 epochs, as T 6.3.3 has for the same networks, and
///   128 pairs.
const PAPER: Size = Size {
    seeds: 5,
    epochs: 300,
    last: 100,
    batch: 128,
    width: 300,
    modules: 15,
    train: None,
    test: None,
};

/// Notes on the setting.
pub const SETTING: &str = "\
T 5.3.2: words of 300 numbers, a classifier of three layers of 600, b = 15 modules, d = 3 \
decisions at most with ⊥, Q-learning in tables of each signature and depth, learning rate 0.001. \
At paper scale 300 epochs of batches of 128 pairs; the thesis names neither (300 is from T 6.3.3). \
At small scale vectors of 50 numbers and layers of 100. Networks are trained by Adam, tables by SGD \
at 0.1, of which the thesis says nothing. ε is 0.25 and divided by 4 every fifth epoch. Networks \
without routing have the context as first word of each sentence, as T 5.3.2 says; routed ones have \
a table for each context in its place. One decision holds for all words of a pair.";

/// Notes on data that are generated.
pub const GENERATED: &str = "\
The Stanford Corpus of Implicatives could not be had. At small scale implicatives are generated, \
by a lexicon of published signatures and templates of our own, their word vectors drawn at \
random: the thesis's numbers stand beside ours for their order, not for their size. At paper scale \
the corpus is read from the data folder.";

/// Notes on the corpus before the thesis's.
pub const FORERUNNER: &str = "\
The data are the phrasal implicatives of 2017, from which the Stanford Corpus of Implicatives grew, \
in `implicatives/` of the data folder. They have no mismatch and no nested variant. Vectors are \
drawn at random at small scale; a file of GloVe is read with data.words.vectors=file \
data.words.file=FILE data.words.width=NUMBERS.";

/// Notes on MultiNLI.
pub const MULTI_NLI: &str = "\
Tasks are the five genres of MultiNLI, read from the data folder at small and paper scale: the \
matched development pairs are the test, 2,000 training pairs are held out for validation. At small \
scale 4,000 training and 1,000 test pairs and random vectors.";

/// No routing; the context is the first word.
pub const UNROUTED: Overrides = &["model.kind=unrouted", "model.task_input=true"];
/// The classifier's layers are chosen from one bank (T 5.3.1.1).
pub const CLASSIFIER: Overrides =
    &["model.kind=routed", "model.text.routed=classifier", "model.banks=shared"];
/// Words are projected by routed modules before they are added (T 5.3.1.3).
pub const WORDS: Overrides = &["model.kind=routed", "model.text.routed=words"];
/// [`WORDS`] with a dispatcher in the place of the contexts.
pub const WORDS_DISPATCHED: Overrides = &[
    "model.kind=routed",
    "model.text.routed=words",
    "router.dispatcher=online",
    "router.dispatch.encoding=sequence",
    "router.dispatch.algorithm=q_learning",
    "train.router_optimizer=adam",
    "train.router_learning_rate=0.01",
];
/// A long short-term memory in the place of the bag of words, nothing routed.
pub const LSTM: Overrides =
    &["model.text.encoder=lstm", "model.kind=unrouted", "model.task_input=true"];
/// Behind it a routed classifier.
pub const LSTM_CLASSIFIER: Overrides = &[
    "model.text.encoder=lstm",
    "model.kind=routed",
    "model.text.routed=classifier",
    "model.banks=shared",
];
/// Its gates' inputs are routed (T 5.3.1.2).
pub const INPUT_TO_HIDDEN: Overrides =
    &["model.text.encoder=lstm", "model.kind=routed", "model.text.routed=input-to-hidden"];
/// Its gates' states are routed (T 5.3.1.2).
pub const HIDDEN_TO_HIDDEN: Overrides =
    &["model.text.encoder=lstm", "model.kind=routed", "model.text.routed=hidden-to-hidden"];

/// A transformer, nothing routed (T 5.3.1.4).
pub const TRANSFORMER: Overrides =
    &["model.text.encoder=transformer", "model.kind=unrouted", "model.task_input=true"];
/// Behind it a routed classifier.
pub const TRANSFORMER_CLASSIFIER: Overrides = &[
    "model.text.encoder=transformer",
    "model.kind=routed",
    "model.text.routed=classifier",
    "model.banks=shared",
];
/// The attention of each of its blocks is routed.
pub const ATTENTION: Overrides = &[
    "model.text.encoder=transformer",
    "model.kind=routed",
    "model.text.routed=attention",
    "router.terminate=false",
];
/// Its blocks are.
pub const BLOCKS: Overrides = &[
    "model.text.encoder=transformer",
    "model.kind=routed",
    "model.text.routed=blocks",
    "router.terminate=false",
];

/// The base for transformers, with their seeds.
///
/// # Deviations
/// - T 5.3.1.4 starts from published weights of twelve blocks of 768 units, pretrained on books. Here
///   all are pretrained on the run's own training sentences: at paper scale blocks of that size for
///   three epochs, at small scale two blocks of 32 units for two. `model.text.transformer.weights` names
///   the published ones.
pub fn transformer(mut base: RunSpec, scale: Scale) -> (RunSpec, u64) {
    let (layers, heads, width, epochs) = match scale {
        Scale::Smoke => (1, 2, 8, 1),
        Scale::Small => (2, 4, 32, 2),
        Scale::Paper => (12, 12, 768, 3),
    };
    let settings = &mut base.model.text.transformer;
    (settings.layers, settings.heads, settings.width) = (layers, heads, width);
    (settings.feed_forward, settings.pretrain_epochs) = (4 * width, epochs);
    if scale == Scale::Small {
        // Their steps take ten times those of bags of words.
        base.train.epochs = 10;
        return (base, 3);
    }
    (base, size(scale).seeds)
}

/// The sizes of a scale.
pub fn size(scale: Scale) -> &'static Size {
    match scale {
        Scale::Smoke => &SMOKE,
        Scale::Small => &SMALL,
        Scale::Paper => &PAPER,
    }
}

/// What all runs of an experiment share, on the joint variant where there are variants: a router
/// as T 5.3.2 has it, of which [`UNROUTED`], [`CLASSIFIER`] and [`WORDS`] make networks.
pub fn base(scale: Scale, corpus: Corpus) -> RunSpec {
    let size = size(scale);
    RunSpec {
        name: String::new(),
        data: data(scale, corpus, size),
        model: ModelSpec {
            hidden: vec![2 * size.width; 3],
            modules: size.modules,
            output: Output::Shared,
            ..ModelSpec::default()
        },
        router: RouterSpec {
            algorithm: AlgorithmKind::QLearning,
            max_depth: 3,
            terminate: true,
            ..RouterSpec::default()
        },
        reward: Default::default(),
        exploration: Default::default(),
        train: TrainSpec {
            epochs: size.epochs,
            batch: size.batch,
            optimizer: OptimizerKind::Adam,
            learning_rate: 1e-3,
            router_optimizer: OptimizerKind::Sgd,
            router_learning_rate: 0.1,
            decay_every: 0,
            ..TrainSpec::default()
        },
        alarms: Default::default(),
    }
}

fn data(scale: Scale, corpus: Corpus, size: &Size) -> DatasetSpec {
    let random = WordsSpec { width: size.width, ..WordsSpec::default() };
    let glove = WordsSpec {
        vectors: Vectors::File,
        file: "glove/glove.6B.300d.txt".into(),
        ..random.clone()
    };
    let words = if scale == Scale::Paper { glove } else { random };
    let (train, test) = (size.train, size.test);
    match (corpus, scale) {
        (_, Scale::Smoke) | (Corpus::Implicatives, Scale::Small) => {
            let spec = ImplicativesSpec::default();
            DatasetSpec::Implicatives(ImplicativesSpec {
                train: train.unwrap_or(spec.train),
                validation: test.unwrap_or(spec.validation) / 2,
                test: test.unwrap_or(spec.test),
                words,
                ..spec
            })
        }
        (Corpus::Implicatives, Scale::Paper) => {
            DatasetSpec::Sci(SciSpec { words, ..SciSpec::default() })
        }
        (Corpus::Forerunner, _) => {
            let corpus = SciCorpus::Phrasal2017;
            DatasetSpec::Sci(SciSpec { corpus, train, test, words, ..SciSpec::default() })
        }
        (Corpus::MultiNli, _) => {
            DatasetSpec::MultiNli(MultiNliSpec { train, test, words, ..MultiNliSpec::default() })
        }
    }
}
