//! Everything behind the hidden units: `MLP.2` with the decoder's first layer multiplied in.
//!
//! ŷ = decoder(Σ_m p_m (h_m V_m + b_m)) begins with a linear layer G, so [V; b]·Gᵀ is formed once a
//! step: K = E columns in the place of D.

use crate::kernel::product::{Target, View, add_product, product};

use super::sizes::{Places, Sizes};

/// The merged back of a model and its gradient.
#[derive(Clone, Debug)]
pub struct Back {
    /// [V; b]·Gᵀ. [N + M, K]
    pub merged: Vec<f32>,
    pub d_merged: Vec<f32>,
    /// The modules' scores: weights, then biases; empty where there are none. [N + M]
    pub scores: Vec<f32>,
    pub d_scores: Vec<f32>,
    /// Bias of the merged layer and weights of the last one. \[K\], \[K\], 1; empty without decoder
    pub d_decoder: [Vec<f32>; 2],
}

impl Back {
    /// Of a model.
    pub fn new(s: &Sizes) -> Self {
        let rows = s.weighted();
        let width = if s.decoder { s.merged } else { 0 };
        Self {
            merged: vec![0.0; rows * s.merged],
            d_merged: vec![0.0; rows * s.merged],
            scores: vec![0.0; rows * s.score],
            d_scores: vec![0.0; rows * s.score],
            d_decoder: [vec![0.0; width], vec![0.0; width]],
        }
    }

    /// Merges the parameters.
    pub fn forward(&mut self, s: &Sizes, at: &Places, parameters: &[f32]) {
        let (n, k, o) = (s.hidden, s.merged, s.inner);
        let decoder = &parameters[at.decoder[0].clone()];
        if s.is_plain() {
            let weight = &parameters[at.second[0].clone()];
            let bias = &parameters[at.second[1].clone()];
            if s.decoder {
                let g = View::new(decoder, k, o).t();
                let (to, last) = self.merged.split_at_mut(n * k);
                product(Target::new(to, n, k), View::new(weight, o, n).t(), g);
                product(Target::new(last, 1, k), View::new(bias, 1, o), g);
            } else {
                self.merged[..n].copy_from_slice(weight);
                self.merged[n..].copy_from_slice(bias);
            }
            return;
        }
        // Weights, then biases, next to each other: N + M rows.
        let stacked = &parameters[at.second[0].start..at.second[1].end];
        let (rows, stride) = (s.weighted(), o + s.score);
        for (score, row) in self.scores.iter_mut().zip(stacked.chunks_exact(stride)) {
            *score = row[o];
        }
        if s.decoder {
            let stacked = View::strided(stacked, rows, o, stride);
            product(Target::new(&mut self.merged, rows, k), stacked, View::new(decoder, k, o).t());
        } else {
            for (to, row) in self.merged.iter_mut().zip(stacked.chunks_exact(stride)) {
                *to = row[0];
            }
        }
    }

    /// Forgets the sums of the last batch.
    pub fn clear(&mut self) {
        self.d_scores.fill(0.0);
        self.d_decoder.iter_mut().for_each(|d| d.fill(0.0));
    }

    /// From the sums over rows (`d_merged`, `d_scores`, `d_decoder`) to the parameters' gradients.
    pub fn backward(&self, s: &Sizes, at: &Places, parameters: &[f32], gradient: &mut [f32]) {
        let (n, k, o) = (s.hidden, s.merged, s.inner);
        if s.decoder {
            gradient[at.decoder[1].clone()].copy_from_slice(&self.d_decoder[0]);
            gradient[at.answer[0].clone()].copy_from_slice(&self.d_decoder[1]);
        }
        let decoder = &parameters[at.decoder[0].clone()];
        let stacked = at.second[0].start..at.second[1].end;
        if s.is_plain() {
            let (d_weight, d_bias) = gradient[stacked].split_at_mut(n * o);
            if !s.decoder {
                d_weight.copy_from_slice(&self.d_merged[..n]);
                d_bias.copy_from_slice(&self.d_merged[n..]);
                return;
            }
            let g = View::new(decoder, k, o);
            let (d, last) = self.d_merged.split_at(n * k);
            let (d, last) = (View::new(d, n, k), View::new(last, 1, k));
            product(Target::new(d_weight, o, n), g.t(), d.t());
            product(Target::new(d_bias, 1, o), last, g);
            let weight = View::new(&parameters[at.second[0].clone()], o, n);
            let bias = View::new(&parameters[at.second[1].clone()], 1, o);
            let to = &mut gradient[at.decoder[0].clone()];
            product(Target::new(to, k, o), d.t(), weight.t());
            add_product(Target::new(to, k, o), last.t(), bias);
            return;
        }
        let (rows, stride) = (s.weighted(), o + s.score);
        let to = &mut gradient[stacked.clone()];
        for (score, row) in self.d_scores.iter().zip(to.chunks_exact_mut(stride)) {
            row[o] = *score;
        }
        if !s.decoder {
            for (d, row) in self.d_merged.iter().zip(to.chunks_exact_mut(stride)) {
                row[0] = *d;
            }
            return;
        }
        let d_merged = View::new(&self.d_merged, rows, k);
        product(Target::strided(to, rows, o, stride), d_merged, View::new(decoder, k, o));
        let stacked = View::strided(&parameters[stacked], rows, o, stride);
        let to = &mut gradient[at.decoder[0].clone()];
        product(Target::new(to, k, o), d_merged.t(), stacked);
    }
}
