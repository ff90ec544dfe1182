//! The model restated in f64.

use pathweave::rule::{Layout, RuleKind, RuleShape};
use pathweave_data::dataset::rules::RuleBatch;

/// The model in f64, written down from its description.
pub struct Oracle<'a> {
    pub shape: &'a RuleShape,
    pub layout: &'a Layout,
    pub parameters: &'a [f64],
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

    pub fn batch(&self, batch: &RuleBatch) -> Vec<(Vec<f64>, Vec<f64>)> {
        let x: Vec<f64> = batch.x.iter().map(|&x| x.into()).collect();
        let tokens = batch.length * batch.features;
        (0..batch.samples)
            .flat_map(|b| {
                let context = &batch.context[b * batch.length..(b + 1) * batch.length];
                self.sample(&x[b * tokens..(b + 1) * tokens], context)
            })
            .collect()
    }

    pub fn loss(&self, batch: &RuleBatch) -> f64 {
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
