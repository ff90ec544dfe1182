//! Fused steps against their twins in ordinary tensors.

use burn::tensor::Device;
use pathweave::rule::fused::mha::FusedMha;
use pathweave::rule::fused::{FusedMlp, FusedModel, Rnn};
use pathweave::rule::{Engine, HEADS, Layout, PlainEngine, Prediction, RuleKind, RuleShape};
use pathweave::spec::TrainSpec;
use pathweave::train::NamedArray;
use pathweave_data::Streams;
use pathweave_data::dataset::rules::{RuleBatch, RuleFamily};
use proptest::prelude::*;

use super::{FAMILIES, KINDS};

fn batch(shape: &RuleShape, [samples, length]: [usize; 2], seed: u64) -> RuleBatch {
    let mut stream = Streams::new(seed).stream("batch", 0);
    let length = if shape.family == RuleFamily::Mlp { 1 } else { length };
    let rows = samples * length;
    let (mut x, mut y) = (vec![0.0; rows * shape.features], vec![0.0; rows * shape.outputs]);
    stream.fill_normal(&mut x);
    stream.fill_normal(&mut y);
    if shape.classification {
        y.iter_mut().for_each(|y| *y = f32::from(*y >= 0.0));
    }
    // A context too many: R stands for a missing one.
    let context: Vec<u32> = (0..rows).map(|_| stream.below(shape.rules + 1) as u32).collect();
    let features = shape.features;
    RuleBatch { samples, length, features, depth: 1, x, rule: context.clone(), context, y }
}

/// What a fused model makes of a batch: loss, gradient, prediction.
fn fused<F: FusedModel>(
    shape: &RuleShape,
    parameters: &[f32],
    batch: &RuleBatch,
) -> Option<(f64, Vec<NamedArray>, Prediction)> {
    let mut model = F::new(shape)?;
    let mut gradient = vec![f32::NAN; parameters.len()];
    let loss = model.gradient(parameters, batch, &mut gradient);
    let mut prediction = Prediction::default();
    model.predict(parameters, batch, &mut prediction);
    Some((loss, Layout::new(shape).arrays(&gradient), prediction))
}

fn difference(found: &[f32], wanted: &[f32]) -> f32 {
    assert_eq!(found.len(), wanted.len());
    found.iter().zip(wanted).fold(0.0, |most, (found, wanted)| {
        let difference = (found - wanted).abs();
        if difference.is_nan() { f32::INFINITY } else { most.max(difference) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn fused_models_are_their_twins(
        family in prop::sample::select(FAMILIES.to_vec()),
        kind in prop::sample::select(KINDS.to_vec()),
        [rules, modules, encoder, head] in [1usize..4, 1usize..4, 1usize..9, 1usize..5],
        [samples, length] in [1usize..5, 1usize..5],
        decoder: bool,
        classification: bool,
        seed in 0u64..1000,
    ) {
        let shape = RuleShape {
            family,
            kind,
            rules,
            modules: if kind == RuleKind::GtModular { rules } else { modules },
            features: if family == RuleFamily::Mlp { 2 } else { 5 },
            encoder,
            width: HEADS * modules * rules * head,
            outputs: if classification || family != RuleFamily::Rnn { 1 } else { 3 },
            decoder,
            classification,
        };
        let has_sizes = match family {
            RuleFamily::Mlp => true,
            RuleFamily::Mha => !kind.is_modular() || shape.inner_width() > 0,
            RuleFamily::Rnn => shape.state_width() > 0,
        };
        prop_assume!(has_sizes);
        let batch = batch(&shape, [samples, length], seed);
        let train = TrainSpec { seed, ..TrainSpec::default() };
        let mut plain = PlainEngine::new(&shape, &train, &Device::flex());
        let parameters = Layout::new(&shape).init(&Streams::new(seed));
        let found = match family {
            RuleFamily::Mlp => fused::<FusedMlp>(&shape, &parameters, &batch),
            RuleFamily::Mha => fused::<FusedMha>(&shape, &parameters, &batch),
            RuleFamily::Rnn => fused::<Rnn>(&shape, &parameters, &batch),
        };
        let Some((loss, gradient, prediction)) = found else { return Ok(()) };
        let (wanted_loss, wanted) = plain.gradient(&batch);
        prop_assert!((loss - wanted_loss).abs() <= 1e-5 * (1.0 + wanted_loss));
        let largest = wanted.iter().flat_map(|array| &array.values).fold(0f32, |m, g| m.max(g.abs()));
        for (found, wanted) in gradient.iter().zip(&wanted) {
            prop_assert_eq!((&found.name, &found.shape), (&wanted.name, &wanted.shape));
            let off = difference(&found.values, &wanted.values);
            prop_assert!(off <= 1e-4 * largest + 1e-6, "{}: {off} of {largest}", found.name);
        }
        let mut twin = Prediction::default();
        plain.predict(&batch, &mut twin);
        prop_assert!(difference(&prediction.output, &twin.output) <= 1e-5);
        prop_assert!(difference(&prediction.activation, &twin.activation) <= 1e-5);
    }
}
