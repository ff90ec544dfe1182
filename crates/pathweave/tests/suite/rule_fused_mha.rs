//! The fused attention model against a restatement in plain f64, row by row: loss, answers,
//! activations, and the gradient by finite differences.

use pathweave::rule::fused::FusedModel;
use pathweave::rule::fused::mha::FusedMha;
use pathweave::rule::{Layout, Prediction, RuleKind, RuleShape};
use pathweave_data::Streams;
use pathweave_data::dataset::rules::{RuleBatch, RuleFamily};

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

/// The model in f64, written down from its description.
struct Oracle<'a> {
    shape: &'a RuleShape,
    layout: &'a Layout,
    parameters: &'a [f64],
}

impl Oracle<'_> {
    fn get(&self, name: &str) -> &[f64] {
        &self.parameters[self.layout.find(name).unwrap().range()]
    }

    /// W x + b of an [out, in] layer.
    fn linear(&self, name: &str, x: &[f64]) -> Vec<f64> {
        let weight = self.get(&format!("{name}.weight"));
        let bias = self.get(&format!("{name}.bias"));
        let row = |o: usize| x.iter().zip(&weight[o * x.len()..]).map(|(x, w)| x * w).sum::<f64>();
        bias.iter().enumerate().map(|(o, bias)| row(o) + bias).collect()
    }

    /// x W + b of a module's [in, out] layer.
    fn grouped(&self, name: &str, module: usize, x: &[f64]) -> Vec<f64> {
        let slot = self.layout.find(&format!("{name}.w")).unwrap();
        let out = slot.shape[2];
        let weight = &self.parameters[slot.range()][module * x.len() * out..];
        let bias = &self.get(&format!("{name}.b"))[module * out..][..out];
        let column = |o: usize| (0..x.len()).map(|i| x[i] * weight[i * out + o]).sum::<f64>();
        (0..out).map(|o| column(o) + bias[o]).collect()
    }

    /// Answers and activations of a sample.
    fn sample(&self, x: &[f64], context: &[u32]) -> Vec<(Vec<f64>, Vec<f64>)> {
        let s = self.shape;
        let one_hot = |c: u32| (0..s.rules).map(move |r| f64::from(u8::from(r == c as usize)));
        let encoded: Vec<Vec<f64>> = context
            .iter()
            .enumerate()
            .map(|(n, &c)| {
                let token = x[n * s.features..][..s.features].iter().copied();
                let token: Vec<f64> = token.chain(one_hot(c)).collect();
                self.linear("encoder.2", &relu(self.linear("encoder.0", &token)))
            })
            .collect();
        let all = |name: &str| -> Vec<Vec<f64>> {
            encoded.iter().map(|e| self.linear(&format!("model.{name}"), e)).collect()
        };
        let [q, k, v, own] = ["query_net", "key_net", "value_net", "in_"].map(all);
        let d = s.width / (2 * s.modules);
        let head = |n: usize, h: usize| -> Vec<f64> {
            let others: Vec<usize> = (0..context.len()).filter(|&j| j != n).collect();
            if others.is_empty() {
                return vec![0.0; d];
            }
            let at = h * d..(h + 1) * d;
            let score = |j: &usize| {
                let pairs = q[n][at.clone()].iter().zip(&k[*j][at.clone()]);
                pairs.map(|(q, k)| q * k).sum::<f64>() / (d as f64).sqrt()
            };
            let weights = softmax(&others.iter().map(score).collect::<Vec<_>>());
            at.clone()
                .map(|i| others.iter().zip(&weights).map(|(&j, w)| w * v[j][i]).sum())
                .collect()
        };
        (0..context.len())
            .map(|n| {
                let (middle, p) = self.modules(context[n], &|h| head(n, h), &own[n], d);
                let answer = if s.decoder {
                    self.linear("decoder.2", &relu(self.linear("decoder.0", &middle)))
                } else {
                    middle
                };
                (answer, p)
            })
            .collect()
    }

    fn modules(
        &self,
        context: u32,
        head: &dyn Fn(usize) -> Vec<f64>,
        own: &[f64],
        d: usize,
    ) -> (Vec<f64>, Vec<f64>) {
        let s = self.shape;
        let width = if s.decoder { s.encoder } else { s.outputs };
        if s.kind == RuleKind::Monolithic {
            let z: Vec<f64> =
                (0..2 * s.modules).flat_map(head).chain(own.iter().copied()).collect();
            let hidden = relu(self.linear("model.out_proj.0", &z));
            return (self.linear("model.out_proj.2", &hidden), Vec::new());
        }
        let given: Vec<Vec<f64>> = (0..s.modules)
            .map(|m| {
                let mine = own[m * d..(m + 1) * d].iter().copied();
                let z: Vec<f64> =
                    [2 * m, 2 * m + 1].into_iter().flat_map(head).chain(mine).collect();
                let hidden = relu(self.grouped("model.out_proj.0", m, &z));
                self.grouped("model.out_proj.2", m, &hidden)
            })
            .collect();
        let p = match s.kind {
            RuleKind::Modular => softmax(&given.iter().map(|g| g[width]).collect::<Vec<_>>()),
            RuleKind::ModularOp => {
                let c: Vec<f64> =
                    (0..s.rules).map(|r| f64::from(u8::from(r == context as usize))).collect();
                let hidden = relu(self.linear("model.scorer.0", &c));
                softmax(&self.linear("model.scorer.2", &hidden))
            }
            RuleKind::GtModular => {
                let module = context as usize % s.modules;
                let named = |m: usize| (context as usize) < s.rules && m == module;
                (0..s.modules).map(|m| f64::from(u8::from(named(m)))).collect()
            }
            _ => vec![1.0 / s.modules as f64; s.modules],
        };
        let sum = |i: usize| given.iter().zip(&p).map(|(g, p)| p * g[i]).sum();
        ((0..width).map(sum).collect(), p)
    }

    fn batch(&self, batch: &RuleBatch) -> Vec<(Vec<f64>, Vec<f64>)> {
        let x: Vec<f64> = batch.x.iter().map(|&x| x.into()).collect();
        let tokens = batch.length * batch.features;
        (0..batch.samples)
            .flat_map(|b| {
                let context = &batch.context[b * batch.length..(b + 1) * batch.length];
                self.sample(&x[b * tokens..(b + 1) * tokens], context)
            })
            .collect()
    }

    fn loss(&self, batch: &RuleBatch) -> f64 {
        let answers = self.batch(batch).into_iter().flat_map(|(answer, _)| answer);
        let losses = answers.zip(&batch.y).map(|(answer, &y)| {
            let y = f64::from(y);
            if self.shape.classification {
                let p = 1.0 / (1.0 + (-answer).exp());
                -(y * p.ln() + (1.0 - y) * (1.0 - p).ln())
            } else {
                (answer - y).abs()
            }
        });
        losses.sum::<f64>() / batch.y.len() as f64
    }
}

fn relu(x: Vec<f64>) -> Vec<f64> {
    x.into_iter().map(|x| x.max(0.0)).collect()
}

fn softmax(x: &[f64]) -> Vec<f64> {
    let sum: f64 = x.iter().map(|x| x.exp()).sum();
    x.iter().map(|x| x.exp() / sum).collect()
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
