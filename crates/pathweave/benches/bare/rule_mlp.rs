//! A training step of `Modular` written by hand over the `gemm` crate: layer after layer as the
//! model is drawn, nothing merged, one product a layer for all modules, buffers reused.

use pathweave_data::dataset::rules::RuleBatch;
use pathweave_data::{Stream, Streams};

use crate::bare::{Matrix, multiply};

struct Parameter {
    value: Vec<f32>,
    gradient: Vec<f32>,
    moments: [Vec<f32>; 2],
}

impl Parameter {
    fn new(stream: &mut Stream, count: usize, inputs: usize) -> Self {
        let mut value = vec![0.0; count];
        stream.fill_uniform(&mut value);
        let bound = (inputs as f32).powf(-0.5);
        value.iter_mut().for_each(|value| *value = (2.0 * *value - 1.0) * bound);
        let zeros = vec![0.0; count];
        Self { value, gradient: zeros.clone(), moments: [zeros.clone(), zeros] }
    }

    fn adam(&mut self, step: i32) {
        let rate = 1e-4 / (1.0 - 0.9f32.powi(step));
        let root = (1.0 - 0.999f32.powi(step)).sqrt().recip();
        let [first, second] = &mut self.moments;
        let moments = first.iter_mut().zip(second);
        for ((p, g), (m, v)) in self.value.iter_mut().zip(&self.gradient).zip(moments) {
            *m = 0.9 * *m + 0.1 * g;
            *v = 0.999 * *v + 0.001 * g * g;
            *p -= rate * *m / (v.sqrt() * root + 1e-8);
        }
    }
}

/// y = x W + b, W as [in, out].
struct Linear {
    sizes: [usize; 2],
    weight: Parameter,
    bias: Parameter,
}

impl Linear {
    fn new(stream: &mut Stream, input: usize, output: usize, fan_in: usize) -> Self {
        Self {
            sizes: [input, output],
            weight: Parameter::new(stream, input * output, fan_in),
            bias: Parameter::new(stream, output, fan_in),
        }
    }

    fn matrix(&self) -> Matrix<'_> {
        Matrix::new(&self.weight.value, self.sizes[0], self.sizes[1])
    }

    fn forward(&self, x: &[f32], y: &mut [f32]) {
        y.chunks_exact_mut(self.sizes[1]).for_each(|y| y.copy_from_slice(&self.bias.value));
        let rows = y.len() / self.sizes[1];
        multiply(y, true, Matrix::new(x, rows, self.sizes[0]), self.matrix());
    }

    fn backward(&mut self, x: &[f32], dy: &[f32], dx: Option<&mut [f32]>) {
        let [input, output] = self.sizes;
        let rows = dy.len() / output;
        let d = Matrix::new(dy, rows, output);
        multiply(&mut self.weight.gradient, false, Matrix::new(x, rows, input).t(), d);
        self.bias.gradient.fill(0.0);
        for dy in dy.chunks_exact(output) {
            self.bias.gradient.iter_mut().zip(dy).for_each(|(sum, dy)| *sum += dy);
        }
        if let Some(dx) = dx {
            multiply(dx, false, d, self.matrix().t());
        }
    }

    fn adam(&mut self, step: i32) {
        self.weight.adam(step);
        self.bias.adam(step);
    }
}

fn relu(values: &mut [f32]) {
    values.iter_mut().for_each(|value| *value = value.max(0.0));
}

fn relu_backward(values: &[f32], gradient: &mut [f32]) {
    for (gradient, value) in gradient.iter_mut().zip(values) {
        *gradient = if *value > 0.0 { *gradient } else { 0.0 };
    }
}

/// R rules and modules, encoder E, width D.
pub struct Bare {
    sizes: [usize; 3],
    digit: [Linear; 2],
    context: [Linear; 2],
    first: Linear,
    scores: [Parameter; 2],
    /// Of the modules' second layers, stacked, and their biases. [D, D], [R, D]
    second: Parameter,
    modules: Parameter,
    decoder: [Linear; 2],
    buffers: [Vec<f32>; 22],
    steps: i32,
}

impl Bare {
    pub fn new([r, e, d]: [usize; 3], rows: usize) -> Self {
        let mut s = Streams::new(0).stream("bare", 0);
        let s = &mut s;
        let h = d / r;
        let (b, wide) = (rows, 3 * e);
        let lengths = [
            2 * b * e,
            2 * b * e,
            b * r,
            b * e,
            b * e,
            b * wide,
            b * d,
            b * r,
            b * d,
            b * d,
            b * e,
            b,
            b,
            b * e,
            b * d,
            b * d,
            b * r,
            b * d,
            b * wide,
            2 * b * e,
            2 * b * e,
            b * e,
        ];
        Self {
            sizes: [r, e, d],
            digit: [Linear::new(s, 1, e, 1), Linear::new(s, e, e, e)],
            context: [Linear::new(s, r, e, r), Linear::new(s, e, e, e)],
            first: Linear::new(s, wide, d, wide),
            scores: [Parameter::new(s, d, h), Parameter::new(s, r, h)],
            second: Parameter::new(s, d * d, h),
            modules: Parameter::new(s, r * d, h),
            decoder: [Linear::new(s, d, e, d), Linear::new(s, e, 1, e)],
            buffers: lengths.map(|length| vec![0.0; length]),
            steps: 0,
        }
    }

    pub fn step(&mut self, batch: &RuleBatch) -> f32 {
        let [r, e, d] = self.sizes;
        let (h, b) = (d / r, batch.rows());
        let [
            n1,
            n2,
            hot,
            c1,
            c2,
            x,
            hidden,
            p,
            weighted,
            inner,
            z,
            y,
            dy,
            dz,
            d_inner,
            d_weighted,
            dp,
            d_hidden,
            dx,
            dn1,
            dn2,
            dc,
        ] = &mut self.buffers;
        self.digit[0].forward(&batch.x, n1);
        relu(n1);
        self.digit[1].forward(n1, n2);
        hot.fill(0.0);
        for (row, context) in batch.context.iter().enumerate() {
            hot[row * r + *context as usize] = 1.0;
        }
        self.context[0].forward(hot, c1);
        relu(c1);
        self.context[1].forward(c1, c2);
        for (x, (n, c)) in
            x.chunks_exact_mut(3 * e).zip(n2.chunks_exact(2 * e).zip(c2.chunks_exact(e)))
        {
            x[..2 * e].copy_from_slice(n);
            x[2 * e..].copy_from_slice(c);
        }
        self.first.forward(x, hidden);
        relu(hidden);
        let [scores, biases] = &mut self.scores;
        for ((hidden, p), weighted) in
            hidden.chunks_exact(d).zip(p.chunks_exact_mut(r)).zip(weighted.chunks_exact_mut(d))
        {
            for (m, p) in p.iter_mut().enumerate() {
                let units = m * h..(m + 1) * h;
                let pairs = hidden[units.clone()].iter().zip(&scores.value[units]);
                *p = biases.value[m] + pairs.map(|(a, b)| a * b).sum::<f32>();
            }
            let most = p.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            p.iter_mut().for_each(|p| *p = (*p - most).exp());
            let total: f32 = p.iter().sum();
            p.iter_mut().for_each(|p| *p /= total);
            for (i, (to, hidden)) in weighted.iter_mut().zip(hidden).enumerate() {
                *to = p[i / h] * hidden;
            }
        }
        let stacked = Matrix::new(&self.modules.value, r, d);
        multiply(inner, false, Matrix::new(p, b, r), stacked);
        multiply(inner, true, Matrix::new(weighted, b, d), Matrix::new(&self.second.value, d, d));
        self.decoder[0].forward(inner, z);
        relu(z);
        self.decoder[1].forward(z, y);
        let mut loss = 0.0;
        for ((dy, y), label) in dy.iter_mut().zip(&*y).zip(&batch.y) {
            loss += (y - label).abs();
            *dy = (y - label).signum() / b as f32;
        }

        self.decoder[1].backward(z, dy, Some(dz));
        relu_backward(z, dz);
        self.decoder[0].backward(inner, dz, Some(d_inner));
        let d_all = Matrix::new(d_inner, b, d);
        let all = Matrix::new(weighted, b, d);
        multiply(&mut self.second.gradient, false, all.t(), d_all);
        multiply(d_weighted, false, d_all, Matrix::new(&self.second.value, d, d).t());
        multiply(&mut self.modules.gradient, false, Matrix::new(p, b, r).t(), d_all);
        multiply(dp, false, d_all, stacked.t());
        scores.gradient.fill(0.0);
        biases.gradient.fill(0.0);
        for row in 0..b {
            let (p, dp) = (&p[row * r..][..r], &mut dp[row * r..][..r]);
            let (hidden, d_weighted) = (&hidden[row * d..][..d], &d_weighted[row * d..][..d]);
            for (m, dp) in dp.iter_mut().enumerate() {
                let pairs = hidden[m * h..][..h].iter().zip(&d_weighted[m * h..][..h]);
                *dp += pairs.map(|(a, b)| a * b).sum::<f32>();
            }
            let mean: f32 = p.iter().zip(&*dp).map(|(p, d)| p * d).sum();
            for m in 0..r {
                let ds = p[m] * (dp[m] - mean);
                biases.gradient[m] += ds;
                for j in m * h..(m + 1) * h {
                    scores.gradient[j] += ds * hidden[j];
                    d_hidden[row * d + j] = p[m] * d_weighted[j] + ds * scores.value[j];
                }
            }
        }
        relu_backward(hidden, d_hidden);
        self.first.backward(x, d_hidden, Some(dx));
        for (dx, (n, c)) in
            dx.chunks_exact(3 * e).zip(dn2.chunks_exact_mut(2 * e).zip(dc.chunks_exact_mut(e)))
        {
            n.copy_from_slice(&dx[..2 * e]);
            c.copy_from_slice(&dx[2 * e..]);
        }
        self.context[1].backward(c1, dc, Some(c2));
        relu_backward(c1, c2);
        self.context[0].backward(hot, c2, None);
        self.digit[1].backward(n1, dn2, Some(dn1));
        relu_backward(n1, dn1);
        self.digit[0].backward(&batch.x, dn1, None);

        self.steps += 1;
        let [a, b_] = &mut self.digit;
        let [c, f] = &mut self.context;
        let [g, i] = &mut self.decoder;
        for layer in [a, b_, c, f, &mut self.first, g, i] {
            layer.adam(self.steps);
        }
        let [scores, biases] = &mut self.scores;
        for own in [scores, biases, &mut self.second, &mut self.modules] {
            own.adam(self.steps);
        }
        loss / b as f32
    }
}
