//! The fused attention model against a restatement in plain f64, row by row: loss, answers,
//! activations, and the gradient by finite differences.

mod oracle;

use pathweave::rule::fused::FusedModel;
use pathweave::rule::fused::mha::FusedMha;
use pathweave::rule::{Layout, Prediction, RuleKind, RuleShape};
use pathweave_data::Streams;
use pathweave_data::dataset::rules::{RuleBatch, RuleFamily};

use oracle::Oracle;

const KINDS: [RuleKind; 5] = [
    RuleKind::Monolithic,
    RuleKind::Modular,
    RuleKind::ModularOp,
    RuleKind::GtModular,
    RuleKind::Random,
];

/// rules, modules, features, dim, head width, outputs
fn shape(kind: RuleKind, sizes: [usize; 6], decoder: bool, classification: bool) -> RuleShape {
    let [rules, modules, features, encoder, head, outputs] = sizes;
    RuleShape {
        family: RuleFamily::Mha,
        kind,
        rules,
        modules,
        features,
        encoder,
        width: 2 * modules * head,
        outputs,
        decoder,
        classification,
    }
}

fn batch(shape: &RuleShape, samples: usize, length: usize, seed: u64) -> RuleBatch {
    let streams = Streams::new(seed);
    let rows = samples * length;
    let mut x = vec![0.0; rows * shape.features];
    let mut y = vec![0.0; rows * shape.outputs];
    streams.stream("x", 0).fill_normal(&mut x);
    streams.stream("y", 0).fill_normal(&mut y);
    if shape.classification {
        y.iter_mut().for_each(|y| *y = if *y >= 0.0 { 1.0 } else { 0.0 });
    }
    let mut contexts = streams.stream("context", 0);
    // One more than there are: missing.
    let context: Vec<u32> = (0..rows).map(|_| contexts.below(shape.rules + 1) as u32).collect();
    let features = shape.features;
    RuleBatch { samples, length, features, depth: 1, x, rule: context.clone(), context, y }
}

/// Compares everything; the gradient for every `stride`th parameter.
fn check(shape: &RuleShape, samples: usize, length: usize, seed: u64, stride: usize) {
    let about = format!("{shape:?}, {samples} × {length}, seed {seed}");
    let (layout, batch) = (Layout::new(shape), batch(shape, samples, length, seed));
    let parameters = layout.init(&Streams::new(seed));
    let mut model = FusedMha::new(shape).unwrap();
    let mut gradient = vec![f32::NAN; layout.len()];
    let loss = model.gradient(&parameters, &batch, &mut gradient);
    let mut wide: Vec<f64> = parameters.iter().map(|&p| p.into()).collect();

    let oracle = |wide: &[f64]| Oracle { shape, layout: &layout, parameters: wide }.loss(&batch);
    let expected = oracle(&wide);
    assert!((loss - expected).abs() < 1e-5 * expected.max(1.0), "{about}: {loss} {expected}");
    let mut found = Prediction::default();
    model.predict(&parameters, &batch, &mut found);
    let rows = Oracle { shape, layout: &layout, parameters: &wide }.batch(&batch);
    let (output, activation): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    for (found, expected) in [(&found.output, output), (&found.activation, activation)] {
        let expected = expected.concat();
        assert_eq!(found.len(), expected.len(), "{about}");
        for (found, expected) in found.iter().zip(expected) {
            assert!((f64::from(*found) - expected).abs() < 2e-5, "{about}: {found} {expected}");
        }
    }
    let largest = gradient.iter().fold(0.0f32, |most, g| most.max(g.abs()));
    let step = 1e-6;
    for slot in layout.slots() {
        for i in slot.range().step_by(stride) {
            let before = wide[i];
            wide[i] = before + step;
            let above = oracle(&wide);
            wide[i] = before - step;
            let slope = (above - oracle(&wide)) / (2.0 * step);
            wide[i] = before;
            let error = (f64::from(gradient[i]) - slope).abs();
            let bound = 1e-5 + 1e-4 * f64::from(largest);
            assert!(error < bound, "{about}: {}: {} {slope}", slot.name, gradient[i]);
        }
    }
}

#[test]
fn every_kind_follows_its_description() {
    for kind in KINDS {
        for (decoder, classification) in [(true, false), (false, true)] {
            // Odd widths; more rules than modules; more modules than rules; one of each.
            check(&shape(kind, [3, 2, 5, 7, 3, 1], decoder, classification), 3, 4, 1, 3);
            check(&shape(kind, [2, 3, 4, 6, 2, 2], decoder, classification), 2, 5, 2, 3);
            check(&shape(kind, [1, 1, 3, 5, 1, 1], decoder, classification), 1, 2, 3, 1);
        }
    }
}

#[test]
fn every_width_of_vectors_is_right() {
    for kind in KINDS {
        for head in [16, 32, 19, 35, 64] {
            check(&shape(kind, [2, 2, 4, 17, head, 1], true, false), 2, 6, head as u64, 401);
        }
    }
}

#[test]
fn many_rows_take_the_merged_projections_and_several_blocks() {
    for kind in KINDS {
        check(&shape(kind, [3, 3, 4, 6, 2, 1], true, false), 41, 11, 5, 61);
        check(&shape(kind, [2, 2, 4, 6, 2, 1], true, true), 350, 1, 6, 61);
    }
}

#[test]
fn a_token_alone_attends_to_nothing() {
    for kind in KINDS {
        check(&shape(kind, [2, 2, 4, 6, 3, 1], true, false), 4, 1, 9, 1);
    }
}

#[test]
fn lengths_may_change_between_batches() {
    for kind in KINDS {
        let shape = shape(kind, [3, 3, 4, 6, 2, 1], true, false);
        let parameters = Layout::new(&shape).init(&Streams::new(4));
        let mut used = FusedMha::new(&shape).unwrap();
        for length in [30, 3, 20, 1, 5, 10] {
            let batch = batch(&shape, 7, length, length as u64);
            let mut fresh = FusedMha::new(&shape).unwrap();
            let [mut one, mut other] = [0, 1].map(|_| vec![0.0; parameters.len()]);
            let losses = [
                used.gradient(&parameters, &batch, &mut one),
                fresh.gradient(&parameters, &batch, &mut other),
            ];
            assert_eq!(losses[0].to_bits(), losses[1].to_bits(), "{kind:?}");
            assert!(one.iter().zip(&other).all(|(a, b)| a.to_bits() == b.to_bits()), "{kind:?}");
        }
    }
}

#[test]
fn an_empty_batch_has_no_loss_and_no_gradient() {
    for kind in KINDS {
        let shape = shape(kind, [2, 2, 4, 6, 2, 1], true, false);
        let parameters = Layout::new(&shape).init(&Streams::new(4));
        let mut model = FusedMha::new(&shape).unwrap();
        for (samples, length) in [(0, 10), (0, 0), (3, 0)] {
            let batch = batch(&shape, samples, length, 1);
            let mut gradient = vec![f32::NAN; parameters.len()];
            assert_eq!(model.gradient(&parameters, &batch, &mut gradient), 0.0);
            assert!(gradient.iter().all(|&g| g == 0.0));
            let mut found = Prediction { output: vec![1.0], activation: vec![1.0] };
            model.predict(&parameters, &batch, &mut found);
            assert_eq!(found, Prediction::default());
        }
    }
}

#[test]
fn what_is_no_number_shows_in_the_loss() {
    for kind in KINDS {
        let shape = shape(kind, [2, 2, 4, 6, 2, 1], true, false);
        let parameters = Layout::new(&shape).init(&Streams::new(4));
        let mut model = FusedMha::new(&shape).unwrap();
        let mut batch = batch(&shape, 3, 4, 1);
        batch.context.fill(0);
        batch.x[5] = f32::NAN;
        let mut gradient = vec![0.0; parameters.len()];
        assert!(model.gradient(&parameters, &batch, &mut gradient).is_nan(), "{kind:?}");
    }
}

#[test]
fn other_shapes_are_refused() {
    let good = shape(RuleKind::Modular, [2, 2, 4, 6, 2, 1], true, false);
    assert!(FusedMha::new(&good).is_some());
    assert!(FusedMha::new(&RuleShape { family: RuleFamily::Rnn, ..good.clone() }).is_none());
    assert!(FusedMha::new(&RuleShape { width: 9, ..good.clone() }).is_none());
    assert!(FusedMha::new(&RuleShape { width: 3, ..good }).is_none());
}
