//! The recurrent models of the rule benchmark against a plain statement of them in `f64`.

use pathweave::rule::fused::{FusedModel, Rnn};
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

fn shape(kind: RuleKind, [rules, modules, features, encoder, width]: [usize; 5]) -> RuleShape {
    RuleShape {
        family: RuleFamily::Rnn,
        kind,
        rules,
        modules,
        features,
        encoder,
        width,
        outputs: 2,
        decoder: true,
        classification: false,
    }
}

fn batch(shape: &RuleShape, samples: usize, length: usize, seed: u64) -> RuleBatch {
    let mut stream = Streams::new(seed).stream("batch", 0);
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

/// The model row by row, as the document and the authors' layout state it.
struct Oracle<'a> {
    shape: &'a RuleShape,
    layout: Layout,
    parameters: Vec<f64>,
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn relu(x: Vec<f64>) -> Vec<f64> {
    x.into_iter().map(|x| x.max(0.0)).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl Oracle<'_> {
    fn get(&self, name: &str) -> &[f64] {
        &self.parameters[self.layout.find(name).expect(name).range()]
    }

    /// W x, and + b where there is one.
    fn linear(&self, weight: &str, bias: Option<&str>, x: &[f64]) -> Vec<f64> {
        let mut y: Vec<f64> = self.get(weight).chunks(x.len()).map(|row| dot(row, x)).collect();
        if let Some(bias) = bias {
            y.iter_mut().zip(self.get(bias)).for_each(|(y, b)| *y += b);
        }
        y
    }

    fn layer(&self, name: &str, x: &[f64]) -> Vec<f64> {
        self.linear(&format!("{name}.weight"), Some(&format!("{name}.bias")), x)
    }

    /// p of the modules, their pre-activations of input and state given.
    fn activation(&self, hot: &[f64], input: &[f64], state: &[f64]) -> Vec<f64> {
        let modules = self.shape.modules;
        let scores = match self.shape.kind {
            RuleKind::Monolithic => return vec![1.0],
            RuleKind::Random => return vec![1.0 / modules as f64; modules],
            RuleKind::GtModular => {
                let mut p = vec![0.0; modules];
                hot.iter().enumerate().for_each(|(rule, hot)| p[rule % modules] += hot);
                return p;
            }
            RuleKind::ModularOp => {
                let hidden = relu(self.linear("rnn.scorer.0.weight", None, hot));
                self.linear("rnn.scorer.2.weight", None, &hidden)
            }
            RuleKind::Modular => {
                let drives = input.len() / modules;
                let own = |(w, (a, b)): (&[f64], (&[f64], &[f64]))| dot(w, &relu([a, b].concat()));
                let drives = input.chunks(drives).zip(state.chunks(drives));
                let weights = self.get("rnn.scorer.1.w");
                weights.chunks(weights.len() / modules).zip(drives).map(own).collect()
            }
        };
        let total: f64 = scores.iter().map(|score| score.exp()).sum();
        scores.iter().map(|score| score.exp() / total).collect()
    }

    /// One time step; p, and the new h and c in place.
    fn cell(&self, code: &[f64], hot: &[f64], h: &mut Vec<f64>, c: &mut Vec<f64>) -> Vec<f64> {
        let width = h.len();
        let single = self.shape.kind == RuleKind::Monolithic;
        let (input, state) = if single {
            (
                self.linear("rnn.weight_ih", Some("rnn.bias_ih"), code),
                self.linear("rnn.weight_hh", Some("rnn.bias_hh"), h),
            )
        } else {
            (self.linear("rnn.i2h.weight", None, code), self.linear("rnn.h2h.weight", None, h))
        };
        let p = self.activation(hot, &input, &state);
        let (mut new_h, mut new_c) = (vec![0.0; width], vec![0.0; width]);
        for (module, p) in p.iter().enumerate() {
            for unit in 0..width {
                let z = |gate: usize| {
                    let row = (module * 4 + gate) * width + unit;
                    input[row] + state[row]
                };
                let (o, g) = if single { (z(3), z(2)) } else { (z(2), z(3)) };
                let own = sigmoid(z(1)) * c[unit] + sigmoid(z(0)) * g.tanh();
                new_c[unit] += p * own;
                new_h[unit] += p * sigmoid(o) * own.tanh();
            }
        }
        (*h, *c) = (new_h, new_c);
        p
    }

    /// Outputs, activations and the mean loss.
    fn run(&self, batch: &RuleBatch) -> (Vec<f64>, Vec<f64>, f64) {
        let (mut outputs, mut activations, mut loss) = (Vec::new(), Vec::new(), 0.0);
        for sample in 0..batch.samples {
            let mut h = vec![0.0; self.shape.state_width()];
            let mut c = h.clone();
            for row in sample * batch.length..(sample + 1) * batch.length {
                let mut hot = vec![0.0; self.shape.rules + 1];
                hot[batch.context[row] as usize] = 1.0;
                hot.pop();
                let x = &batch.x[row * batch.features..][..batch.features];
                let token: Vec<f64> = x.iter().map(|&x| f64::from(x)).chain(hot.clone()).collect();
                let code = self.layer("encoder.2", &relu(self.layer("encoder.0", &token)));
                activations.extend(self.cell(&code, &hot, &mut h, &mut c));
                outputs.extend(if self.shape.decoder {
                    self.layer("decoder.2", &relu(self.layer("decoder.0", &h)))
                } else {
                    self.layer("readout", &h)
                });
            }
        }
        for (x, &y) in outputs.iter().zip(&batch.y) {
            let y = f64::from(y);
            loss += if self.shape.classification {
                (1.0 + x.exp()).ln() - x * y
            } else {
                (x - y).abs()
            };
        }
        loss /= outputs.len() as f64;
        (outputs, activations, loss)
    }
}

fn close(found: f32, exact: f64, tolerance: f64) -> bool {
    (f64::from(found) - exact).abs() <= tolerance * (1.0 + exact.abs())
}

/// Outputs, activations, loss, and every `skip`th slope by a difference.
fn agrees(shape: &RuleShape, samples: usize, length: usize, seed: u64, skip: usize) {
    let layout = Layout::new(shape);
    let mut parameters = layout.init(&Streams::new(seed));
    // Larger than at the start of training: gates saturate, and scores differ.
    parameters.iter_mut().for_each(|value| *value *= 2.0);
    let batch = batch(shape, samples, length, seed);
    let exact: Vec<f64> = parameters.iter().map(|&value| value.into()).collect();
    let mut oracle = Oracle { shape, layout, parameters: exact };
    let (outputs, activations, loss) = oracle.run(&batch);

    let mut model = Rnn::new(shape).expect("a recurrent shape");
    let mut prediction = Prediction::default();
    model.predict(&parameters, &batch, &mut prediction);
    assert_eq!(prediction.output.len(), outputs.len());
    for (&found, &exact) in prediction.output.iter().zip(&outputs) {
        assert!(close(found, exact, 1e-5), "{shape:?}: output {found}, not {exact}");
    }
    if shape.kind.is_modular() {
        assert_eq!(prediction.activation.len(), activations.len());
        for (&found, &exact) in prediction.activation.iter().zip(&activations) {
            assert!(close(found, exact, 1e-5), "{shape:?}: activation {found}, not {exact}");
        }
    } else {
        assert!(prediction.activation.is_empty());
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
        assert!(
            close(found, exact, 2e-5),
            "{shape:?} {samples} {length}: {index}: {found}, {exact}"
        );
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
            let shape = shape(kind, [3, 3, 5, 4, 6]);
            agrees(&RuleShape { classification, decoder, ..shape }, samples, 4, 5, 3);
        }
    }
}

#[test]
fn modules_may_be_fewer_or_more_than_rules() {
    for kind in KINDS {
        agrees(&shape(kind, [4, 2, 3, 4, 6]), 6, 3, 1, 3);
        agrees(&shape(kind, [2, 3, 3, 4, 6]), 6, 3, 2, 3);
        agrees(&shape(kind, [1, 1, 2, 3, 5]), 7, 5, 3, 3);
    }
}

#[test]
fn samples_may_be_many() {
    for kind in KINDS {
        agrees(&shape(kind, [3, 3, 2, 3, 4]), 300, 2, 4, 29);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_small_shape_agrees(
        kind in prop::sample::select(&KINDS[..]),
        sizes in [1usize..4, 1usize..4, 1usize..5, 2usize..7, 3usize..9],
        (samples, length) in (1usize..40, 1usize..6),
        seed in 0u64..1000,
    ) {
        agrees(&shape(kind, sizes), samples, length, seed, 11);
    }
}

#[test]
fn a_batch_of_nothing_has_no_loss_and_no_slope() {
    for kind in KINDS {
        let shape = shape(kind, [2, 2, 3, 4, 6]);
        let parameters = Layout::new(&shape).init(&Streams::new(0));
        let mut model = Rnn::new(&shape).expect("a recurrent shape");
        for batch in [RuleBatch::default(), batch(&shape, 0, 5, 0), batch(&shape, 3, 0, 0)] {
            let mut gradient = vec![f32::NAN; parameters.len()];
            assert_eq!(model.gradient(&parameters, &batch, &mut gradient), 0.0);
            assert!(gradient.iter().all(|slope| *slope == 0.0));
            let mut prediction = Prediction::default();
            model.predict(&parameters, &batch, &mut prediction);
            assert!(prediction.output.is_empty() && prediction.activation.is_empty());
        }
    }
}

#[test]
fn what_is_no_number_shows_in_the_loss() {
    for kind in KINDS {
        let shape = shape(kind, [2, 2, 3, 4, 6]);
        let parameters = Layout::new(&shape).init(&Streams::new(0));
        let mut batch = batch(&shape, 4, 3, 0);
        batch.context.fill(1);
        batch.x[7] = f32::NAN;
        let mut gradient = vec![0.0; parameters.len()];
        let mut model = Rnn::new(&shape).expect("a recurrent shape");
        assert!(!model.gradient(&parameters, &batch, &mut gradient).is_finite(), "{kind:?}");
    }
}

#[test]
fn other_families_and_empty_widths_are_left_to_others() {
    let own = shape(RuleKind::Modular, [2, 2, 3, 4, 6]);
    assert!(Rnn::new(&RuleShape { family: RuleFamily::Mlp, ..own.clone() }).is_none());
    assert!(Rnn::new(&RuleShape { width: 0, ..own }).is_none());
}
