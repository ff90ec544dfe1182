//! Sixty pairs of a small language, and a spec for them.

use pathweave::model::text::{EncoderKind, RoutedPart};
use pathweave::spec::{OptimizerKind, RunSpec, TrainSpec};
use pathweave_data::text::{Label, Pair, PairSplits, WordsSpec};
use pathweave_data::{DatasetSpec, Streams, TaskSet};

use crate::support::spec;

/// Numbers a word vector.
pub const WIDTH: usize = 12;

/// Pairs of sentences of 0 to 5 words, three contexts; the hypothesis' last word tells the label.
pub fn pairs() -> TaskSet {
    let mut stream = Streams::new(4).stream("toy pairs", 0);
    let mut draw = |least: usize| -> Vec<usize> {
        (0..least + stream.below(5)).map(|_| stream.below(12)).collect()
    };
    let sentence = |words: &[usize]| {
        let words: Vec<String> = words.iter().map(|word| format!("w{word}")).collect();
        words.join(" ")
    };
    let pair = |at: usize| {
        let (premise, hypothesis) = (draw(1), draw(usize::from(at != 7)));
        Pair {
            premise: sentence(&premise),
            hypothesis: sentence(&hypothesis),
            label: Label::ALL[hypothesis.last().map_or(0, |word| word % 3)].0,
            context: ["a", "b", "c"][at % 3].into(),
            group: String::new(),
        }
    };
    let train: Vec<Pair> = (0..60).map(pair).collect();
    let splits = PairSplits { test: train[..12].to_vec(), train, ..PairSplits::default() };
    TaskSet::of_pairs("toy", splits, &words(), None).expect("pairs that fit")
}

/// Drawn vectors.
pub fn words() -> WordsSpec {
    WordsSpec { width: WIDTH, ..WordsSpec::default() }
}

/// An LSTM with this part routed, tables, three modules, three depths, skip and ⊥.
pub fn lstm(routed: RoutedPart) -> RunSpec {
    let mut spec = spec();
    spec.data = DatasetSpec::named("implicatives").expect("a registered data set");
    if let DatasetSpec::Implicatives(data) = &mut spec.data {
        data.words = words();
    }
    spec.model.text.encoder = EncoderKind::Lstm;
    spec.model.text.routed = routed;
    spec.model.hidden = vec![8];
    spec.model.modules = 3;
    spec.router.max_depth = 3;
    (spec.router.skip, spec.router.terminate) = (true, true);
    spec.model.output = pathweave::spec::Output::Shared;
    let optimizer = OptimizerKind::Adam;
    spec.train = TrainSpec { batch: 20, learning_rate: 0.02, optimizer, ..spec.train };
    spec
}
