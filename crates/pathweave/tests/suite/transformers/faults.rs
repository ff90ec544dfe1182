//! Settings that do not agree.

use pathweave::model::text::{DecidesFor, EncoderKind, RoutedPart};
use pathweave::spec::RunSpec;

use super::spec;

type Fault = (&'static str, fn(&mut RunSpec));

const FAULTS: &[Fault] = &[
    ("model.text.transformer.layers", |s| s.model.text.transformer.layers = 0),
    ("model.text.transformer.heads", |s| s.model.text.transformer.heads = 3),
    ("model.text.transformer.heads", |s| s.model.text.transformer.heads = 0),
    ("model.text.transformer.feed_forward", |s| s.model.text.transformer.feed_forward = 0),
    ("model.text.transformer.longest", |s| s.model.text.transformer.longest = 4),
    ("model.text.transformer.pretrain_rate", |s| s.model.text.transformer.pretrain_rate = 0.0),
    ("model.text.transformer.noise", |s| s.model.text.transformer.noise = f64::NAN),
    ("model.text.transformer.weights_sha256", |s| {
        s.model.text.transformer.weights_sha256 = "0".repeat(64);
    }),
    ("model.text.train_vectors", |s| s.model.text.train_vectors = true),
    ("model.text.decides_for", |s| s.model.text.decides_for = DecidesFor::Word),
    ("router.skip", |s| s.router.skip = true),
    ("router.terminate", |s| s.router.terminate = true),
    ("model.text.routed", |s| s.model.text.routed = RoutedPart::Words),
    ("model.text.transformer", |s| s.model.text.encoder = EncoderKind::Cbow),
    ("model.frozen", |s| s.model.frozen = vec!["2:0".parse().expect("a place")]),
];

#[test]
fn each_is_told_with_its_key() {
    assert!(spec(RoutedPart::Blocks).check().is_ok());
    for (key, change) in FAULTS {
        let mut spec = spec(RoutedPart::Attention);
        change(&mut spec);
        let faults = spec.check().expect_err(key);
        assert!(faults.0.iter().any(|fault| fault.key == *key), "{key}: {faults}");
    }
}
