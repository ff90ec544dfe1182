//! The block restated in scalar `f64`, channels first, written from the definitions.

/// Sizes and parameters of one block.
#[derive(Clone, Debug)]
pub struct Block {
    pub input: [usize; 4],
    pub filters: usize,
    pub x: Vec<f64>,
    pub weight: Vec<f64>,
    pub bias: Vec<f64>,
    pub gamma: Vec<f64>,
    pub beta: Vec<f64>,
    pub epsilon: f64,
}

/// What the forward pass computes on the way.
pub struct Forward {
    pub y: Vec<f64>,
    pub mean: Vec<f64>,
    pub var: Vec<f64>,
    pub normal: Vec<f64>,
    pub chosen: Vec<usize>,
}

pub struct Backward {
    pub x: Vec<f64>,
    pub weight: Vec<f64>,
    pub gamma: Vec<f64>,
    pub beta: Vec<f64>,
}

impl Block {
    /// Calls `visit(index in z, index in x, index in weight)` for every product of the convolution.
    fn products(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let [n, c, h, w] = self.input;
        for ((i, f), (r, s)) in
            pairs(n, self.filters).flat_map(|p| pairs(h, w).map(move |q| (p, q)))
        {
            let z = ((i * self.filters + f) * h + r) * w + s;
            for (k, (a, b)) in (0..c).flat_map(|k| pairs(3, 3).map(move |t| (k, t))) {
                let (y, x) = ((r + a).wrapping_sub(1), (s + b).wrapping_sub(1));
                if y < h && x < w {
                    let from = ((i * c + k) * h + y) * w + x;
                    visit(z, from, ((f * c + k) * 3 + a) * 3 + b);
                }
            }
        }
    }

    fn convolution(&self) -> Vec<f64> {
        let [n, _, h, w] = self.input;
        let plane = h * w;
        let mut z: Vec<f64> =
            (0..n * self.filters * plane).map(|i| self.bias[i / plane % self.filters]).collect();
        self.products(|to, x, k| z[to] += self.x[x] * self.weight[k]);
        z
    }

    /// Filter of each value of `z`.
    fn filter(&self, z: usize) -> usize {
        z / (self.input[2] * self.input[3]) % self.filters
    }

    pub fn forward_train(&self) -> Forward {
        let z = self.convolution();
        let count = (self.input[0] * self.input[2] * self.input[3]) as f64;
        let mut mean = vec![0.0; self.filters];
        let mut var = vec![0.0; self.filters];
        for (i, z) in z.iter().enumerate() {
            mean[self.filter(i)] += z / count;
        }
        for (i, z) in z.iter().enumerate() {
            var[self.filter(i)] += (z - mean[self.filter(i)]).powi(2) / count;
        }
        self.rest(&z, mean, var)
    }

    pub fn forward_eval(&self, mean: &[f64], var: &[f64]) -> Forward {
        self.rest(&self.convolution(), mean.to_vec(), var.to_vec())
    }

    fn rest(&self, z: &[f64], mean: Vec<f64>, var: Vec<f64>) -> Forward {
        let [n, _, h, w] = self.input;
        let normal: Vec<f64> = (0..z.len())
            .map(|i| {
                let f = self.filter(i);
                (z[i] - mean[f]) / (var[f] + self.epsilon).sqrt()
            })
            .collect();
        let (mut y, mut chosen) = (Vec::new(), Vec::new());
        for (plane, (r, s)) in
            (0..n * self.filters).flat_map(|p| pairs(h / 2, w / 2).map(move |q| (p, q)))
        {
            let value = |i: usize| {
                let f = self.filter(i);
                (normal[i] * self.gamma[f] + self.beta[f]).max(0.0)
            };
            let mut best = (plane * h + 2 * r) * w + 2 * s;
            for (a, b) in pairs(2, 2) {
                let i = (plane * h + 2 * r + a) * w + 2 * s + b;
                if value(i) > value(best) {
                    best = i;
                }
            }
            y.push(value(best));
            chosen.push(best);
        }
        Forward { y, mean, var, normal, chosen }
    }

    pub fn backward(&self, forward: &Forward, dy: &[f64]) -> Backward {
        let count = (self.input[0] * self.input[2] * self.input[3]) as f64;
        let mut g = vec![0.0; forward.normal.len()];
        for ((&i, &y), dy) in forward.chosen.iter().zip(&forward.y).zip(dy) {
            g[i] = if y > 0.0 { *dy } else { 0.0 };
        }
        let (mut gamma, mut beta) = (vec![0.0; self.filters], vec![0.0; self.filters]);
        for (i, g) in g.iter().enumerate() {
            beta[self.filter(i)] += g;
            gamma[self.filter(i)] += g * forward.normal[i];
        }
        let dz: Vec<f64> = (0..g.len())
            .map(|i| {
                let f = self.filter(i);
                let scale = self.gamma[f] / (forward.var[f] + self.epsilon).sqrt();
                scale * (g[i] - beta[f] / count - forward.normal[i] * gamma[f] / count)
            })
            .collect();
        let (mut dx, mut weight) = (vec![0.0; self.x.len()], vec![0.0; self.weight.len()]);
        self.products(|z, x, k| {
            dx[x] += dz[z] * self.weight[k];
            weight[k] += dz[z] * self.x[x];
        });
        Backward { x: dx, weight, gamma, beta }
    }
}

fn pairs(a: usize, b: usize) -> impl Iterator<Item = (usize, usize)> + Clone {
    (0..a).flat_map(move |i| (0..b).map(move |j| (i, j)))
}
