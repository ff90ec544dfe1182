//! Transformer encoders: values, routing, pretraining, weights from elsewhere.

mod blocks;
mod faults;
mod pretraining;
mod routing;
mod weights;

use pathweave::init::Init;
use pathweave::model::text::transformer::Transformer;
use pathweave::model::text::{EncoderKind, RoutedPart, TransformerSpec};
use pathweave::spec::RunSpec;
use pathweave_data::text::{Label, Pair, PairSplits, WordsSpec};
use pathweave_data::{DatasetSpec, Streams, TaskSet};

use crate::support::{self, tape};

/// Sentences of two words that follow each other in a circle; the hypothesis is entailed where it
/// goes on where the premise ended.
pub fn data() -> TaskSet {
    let word = |at: usize| ["ann", "bob", "can", "did", "eat", "far"][at % 6];
    let pair = |at: usize| {
        let length = 2 + at % 3;
        let from = |first: usize| (first..first + length).map(word).collect::<Vec<_>>().join(" ");
        let label = [Label::Entails, Label::Contradicts, Label::Permits][at % 3];
        Pair {
            premise: from(at),
            hypothesis: from(at + length + at % 3),
            label,
            context: ["x", "y"][at % 2].into(),
            group: String::new(),
        }
    };
    let splits = PairSplits {
        source: "a circle of words".into(),
        train: (0..18).map(pair).collect(),
        test: (18..30).map(pair).collect(),
        ..PairSplits::default()
    };
    let words = WordsSpec { width: 5, ..WordsSpec::default() };
    TaskSet::of_pairs("circle", splits, &words, None).expect("pairs that fit")
}

/// Small sizes.
pub fn settings() -> TransformerSpec {
    TransformerSpec {
        layers: 2,
        heads: 2,
        width: 4,
        feed_forward: 6,
        longest: 16,
        ..TransformerSpec::default()
    }
}

/// A run on [`data`].
pub fn spec(routed: RoutedPart) -> RunSpec {
    let mut spec = support::spec();
    spec.data = DatasetSpec::named("implicatives").expect("a registered data set");
    (spec.model.modules, spec.model.hidden) = (3, vec![5, 5]);
    spec.model.text.encoder = EncoderKind::Transformer;
    spec.model.text.routed = routed;
    spec.model.text.transformer = settings();
    spec
}

/// An encoder of [`data`], nothing routed.
pub fn encoder(settings: &TransformerSpec, seed: u64) -> Transformer {
    let data = data();
    let (streams, device) = (Streams::new(seed), tape());
    let texts = data.texts.as_ref().expect("texts");
    Transformer::new(settings, texts, &Init::new(&streams, &device))
}
