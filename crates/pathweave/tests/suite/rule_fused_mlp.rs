//! The MLP models of the rule benchmark against a plain statement of them in `f64`.

use pathweave::rule::fused::{FusedMlp, FusedModel};
use pathweave::rule::{Layout, Prediction, RuleKind, RuleShape};
use pathweave_data::Streams;
use pathweave_data::dataset::rules::{RuleBatch, RuleFamily};
use proptest::prelude::*;

const KINDS: [RuleKind; 5] = [
    RuleKind::Monolithic,
    RuleKind::Modular,
    RuleKind::ModularOp,
    RuleKind::GtModular,
    RuleKind::Random,
];

fn shape(kind: RuleKind, [rules, modules, encoder, width]: [usize; 4]) -> RuleShape {
    RuleShape {
        family: RuleFamily::Mlp,
        kind,
        rules,
        modules,
        features: 2,
        encoder,
        width,
        outputs: 1,
        decoder: true,
        classification: false,
    }
}

fn batch(shape: &RuleShape, samples: usize, seed: u64) -> RuleBatch {
    let mut stream = Streams::new(seed).stream("batch", 0);
    let (mut x, mut y) = (vec![0.0; samples * 2], vec![0.0; samples]);
    stream.fill_normal(&mut x);
    stream.fill_normal(&mut y);
    if shape.classification {
        y.iter_mut().for_each(|y| *y = f32::from(*y >= 0.0));
    }
    // A context too many: R stands for a missing one.
    let context: Vec<u32> = (0..samples).map(|_| stream.below(shape.rules + 1) as u32).collect();
    RuleBatch { samples, length: 1, features: 2, depth: 1, x, rule: context.clone(), context, y }
}

/// The model row by row, as the document and the authors' layout state it.
struct Oracle<'a> {
    shape: &'a RuleShape,
    layout: Layout,
    parameters: Vec<f64>,
}

fn relu(x: Vec<f64>) -> Vec<f64> {
    x.into_iter().map(|x| x.max(0.0)).collect()
}

impl Oracle<'_> {
    fn get(&self, name: &str) -> &[f64] {
        &self.parameters[self.layout.find(name).expect(name).range()]
    }

    /// W x + b
    fn linear(&self, name: &str, x: &[f64]) -> Vec<f64> {
        let rows = self.get(&format!("{name}.weight")).chunks(x.len());
        let dot = |row: &[f64]| row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
        rows.zip(self.get(&format!("{name}.bias"))).map(|(row, b)| dot(row) + b).collect()
    }

    /// x W_m + b_m
    fn grouped(&self, name: &str, module: usize, x: &[f64]) -> Vec<f64> {
        let (w, b) = (self.get(&format!("{name}.w")), self.get(&format!("{name}.b")));
        let width = b.len() / self.shape.modules;
        let w = &w[module * x.len() * width..][..x.len() * width];
        let column =
            |j: usize| x.iter().enumerate().map(|(i, x)| x * w[i * width + j]).sum::<f64>();
        (0..width).map(|j| column(j) + b[module * width + j]).collect()
    }

    /// Output and p of one row.
    fn row(&self, x: &[f32], context: u32) -> (f64, Vec<f64>) {
        let modules = self.shape.modules;
        let mut hot = vec![0.0; self.shape.rules + 1];
        hot[context as usize] = 1.0;
        hot.pop();
        let two = |name: &str, x: &[f64]| {
            self.linear(&format!("{name}.2"), &relu(self.linear(&format!("{name}.0"), x)))
        };
        let code = two("encoder_operation", &hot);
        let numbers = x.iter().map(|&x| two("encoder_digit", &[f64::from(x)]));
        let e: Vec<f64> = numbers.chain([code.clone()]).flatten().collect();
        let (mut inner, mut p) = (Vec::new(), Vec::new());
        if self.shape.kind == RuleKind::Monolithic {
            inner = two("MLP", &e);
        } else {
            let module = |m| self.grouped("MLP.2", m, &relu(self.grouped("MLP.0", m, &e)));
            let mut outputs: Vec<Vec<f64>> = (0..modules).map(module).collect();
            let scores: Vec<f64> = match self.shape.kind {
                RuleKind::Modular => outputs.iter_mut().filter_map(Vec::pop).collect(),
                RuleKind::ModularOp => self.linear("scorer", &code),
                _ => vec![0.0; modules],
            };
            let total: f64 = scores.iter().map(|score| score.exp()).sum();
            p = scores.iter().map(|score| score.exp() / total).collect();
            if self.shape.kind == RuleKind::GtModular {
                p.fill(0.0);
                hot.iter().enumerate().for_each(|(rule, hot)| p[rule % modules] += hot);
            }
            for j in 0..outputs[0].len() {
                inner.push(outputs.iter().zip(&p).map(|(output, p)| p * output[j]).sum());
            }
        }
        (if self.shape.decoder { two("decoder", &inner)[0] } else { inner[0] }, p)
    }

    /// Outputs, activations and the mean loss.
    fn run(&self, batch: &RuleBatch) -> (Vec<f64>, Vec<f64>, f64) {
        let (mut outputs, mut activations, mut loss) = (Vec::new(), Vec::new(), 0.0);
        for (x, (&context, &y)) in batch.x.chunks(2).zip(batch.context.iter().zip(&batch.y)) {
            let (z, p) = self.row(x, context);
            let y = f64::from(y);
            let entropy = (1.0 + z.exp()).ln() - z * y;
            loss += if self.shape.classification { entropy } else { (z - y).abs() };
            outputs.push(z);
            activations.extend(p);
        }
        let rows = outputs.len() as f64;
        (outputs, activations, loss / rows)
    }
}

fn close(found: f32, exact: f64, tolerance: f64) -> bool {
    (f64::from(found) - exact).abs() <= tolerance * (1.0 + exact.abs())
}

/// Outputs, activations, loss, and every `skip`th slope by a difference.
fn agrees(shape: &RuleShape, samples: usize, seed: u64, skip: usize) {
    let layout = Layout::new(shape);
    let mut parameters = layout.init(&Streams::new(seed));
    // Larger than at the start of training, so that scores differ.
    parameters.iter_mut().for_each(|value| *value *= 2.0);
    let batch = batch(shape, samples, seed);
    let exact: Vec<f64> = parameters.iter().map(|&value| value.into()).collect();
    let mut oracle = Oracle { shape, layout, parameters: exact };
    let (outputs, activations, loss) = oracle.run(&batch);

    let mut model = FusedMlp::new(shape).expect("a shape it covers");
    let mut prediction = Prediction::default();
    model.predict(&parameters, &batch, &mut prediction);
    assert_eq!(prediction.output.len(), outputs.len());
    assert_eq!(prediction.activation.len(), activations.len());
    let found = prediction.output.iter().chain(&prediction.activation);
    for (&found, &exact) in found.zip(outputs.iter().chain(&activations)) {
        assert!(close(found, exact, 1e-5), "{shape:?}: {found}, not {exact}");
    }

    let mut gradient = vec![f32::NAN; parameters.len()];
    let found = model.gradient(&parameters, &batch, &mut gradient);
    assert!((found - loss).abs() < 1e-5 * loss, "{shape:?}: loss {found}, not {loss}");
    for index in (0..parameters.len()).step_by(skip) {
        let mut shifted = |by: f64| {
            let kept = oracle.parameters[index];
            oracle.parameters[index] += by;
            let loss = oracle.run(&batch).2;
            oracle.parameters[index] = kept;
            loss
        };
        let exact = (shifted(1e-6) - shifted(-1e-6)) / 2e-6;
        let found = gradient[index];
        assert!(close(found, exact, 2e-5), "{shape:?} {samples}: {index}: {found}, {exact}");
    }

    let mut again = vec![0.0; parameters.len()];
    model.gradient(&parameters, &batch, &mut again);
    assert_eq!(gradient, again, "buffers of the step before must not matter");
}

#[test]
fn every_kind_agrees_with_the_plain_statement() {
    for kind in KINDS {
        for (classification, decoder, samples) in
            [(false, true, 3), (true, true, 17), (false, false, 11), (true, false, 1)]
        {
            let shape = shape(kind, [3, 3, 4, 6]);
            agrees(&RuleShape { classification, decoder, ..shape }, samples, 5, 1);
        }
    }
}

#[test]
fn modules_may_be_fewer_or_more_than_rules() {
    for kind in KINDS {
        agrees(&shape(kind, [4, 2, 5, 6]), 9, 1, 1);
        agrees(&shape(kind, [2, 3, 5, 7]), 9, 2, 1);
        agrees(&shape(kind, [1, 1, 3, 5]), 9, 3, 1);
    }
}

#[test]
fn widths_of_whole_vectors_agree() {
    for kind in KINDS {
        for sizes in [[2, 2, 16, 32], [2, 2, 17, 16], [3, 3, 20, 12], [2, 2, 16, 36]] {
            agrees(&shape(kind, sizes), 40, 4, 97);
        }
    }
}

#[test]
fn samples_may_be_many() {
    for kind in KINDS {
        agrees(&shape(kind, [3, 3, 4, 6]), 600, 4, 29);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_small_shape_agrees(
        kind in prop::sample::select(&KINDS[..]),
        sizes in [1usize..4, 1usize..4, 1usize..8, 3usize..12],
        samples in 1usize..40,
        (classification, decoder) in (any::<bool>(), any::<bool>()),
        seed in 0u64..1000,
    ) {
        agrees(&RuleShape { classification, decoder, ..shape(kind, sizes) }, samples, seed, 11);
    }
}

#[test]
fn units_that_never_switch_are_constant() {
    for kind in KINDS {
        let shape = shape(kind, [2, 2, 6, 8]);
        let layout = Layout::new(&shape);
        let mut parameters = layout.init(&Streams::new(1));
        let weight = layout.find("encoder_digit.0.weight").expect("an encoder").range();
        // Three units without slope: always active, never active, and on the edge.
        parameters[weight.start..weight.start + 3].fill(0.0);
        parameters[weight.end..weight.end + 3].copy_from_slice(&[0.5, -0.5, 0.0]);
        let batch = batch(&shape, 20, 1);
        let exact = parameters.iter().map(|&value| value.into()).collect();
        let oracle = Oracle { shape: &shape, layout, parameters: exact };
        let mut model = FusedMlp::new(&shape).expect("a shape it covers");
        let mut gradient = vec![f32::NAN; parameters.len()];
        let found = model.gradient(&parameters, &batch, &mut gradient);
        assert!((found - oracle.run(&batch).2).abs() < 1e-5, "{kind:?}");
        assert!(gradient.iter().all(|slope| slope.is_finite()));
        assert_eq!(gradient[weight.start + 1..weight.start + 3], [0.0; 2]);
        assert_eq!(gradient[weight.end + 1..weight.end + 3], [0.0; 2]);
    }
}

#[test]
fn a_batch_of_nothing_has_no_loss_and_no_slope() {
    for kind in KINDS {
        let shape = shape(kind, [2, 2, 4, 6]);
        let parameters = Layout::new(&shape).init(&Streams::new(0));
        let mut model = FusedMlp::new(&shape).expect("a shape it covers");
        let mut gradient = vec![f32::NAN; parameters.len()];
        assert_eq!(model.gradient(&parameters, &RuleBatch::default(), &mut gradient), 0.0);
        assert!(gradient.iter().all(|slope| *slope == 0.0));
        let mut prediction = Prediction::default();
        model.predict(&parameters, &RuleBatch::default(), &mut prediction);
        assert!(prediction.output.is_empty() && prediction.activation.is_empty());
    }
}

#[test]
fn what_is_no_number_shows_in_the_loss() {
    for kind in KINDS {
        let shape = shape(kind, [2, 2, 4, 6]);
        let parameters = Layout::new(&shape).init(&Streams::new(0));
        let mut model = FusedMlp::new(&shape).expect("a shape it covers");
        let mut gradient = vec![0.0; parameters.len()];
        // Contexts of the spoilt row: a rule, and none.
        for context in [1, 2] {
            let mut spoilt = batch(&shape, 4, 0);
            spoilt.context[2] = context;
            spoilt.x[5] = f32::NAN;
            assert!(!model.gradient(&parameters, &spoilt, &mut gradient).is_finite(), "{kind:?}");
        }
        let mut wrong = parameters.clone();
        wrong[1] = f32::NAN;
        let mut batch = batch(&shape, 4, 0);
        batch.context.fill(0);
        assert!(!model.gradient(&wrong, &batch, &mut gradient).is_finite(), "{kind:?}");
    }
}

#[test]
fn shapes_without_passes_are_refused() {
    let good = shape(RuleKind::Modular, [2, 2, 4, 6]);
    assert!(FusedMlp::new(&good).is_some());
    assert!(FusedMlp::new(&RuleShape { family: RuleFamily::Rnn, ..good.clone() }).is_none());
    assert!(FusedMlp::new(&RuleShape { outputs: 2, ..good.clone() }).is_none());
    assert!(FusedMlp::new(&RuleShape { modules: 7, ..good }).is_none());
}
