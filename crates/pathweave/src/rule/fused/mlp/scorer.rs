//! The score of `ModularOp`: a function of the context alone.

use crate::kernel::functions::{softmax, softmax_backward};
use crate::kernel::product::{Target, View, add_product, product};

use super::front::sum_rows;
use super::sizes::{Places, Sizes};

/// p of each context.
#[derive(Clone, Debug)]
pub struct Scorer {
    /// p. [C, M]
    pub active: Vec<f32>,
    /// ∂p, summed over the rows of a context. [C, M]
    pub d_active: Vec<f32>,
}

impl Scorer {
    /// Of a model; it holds nothing for other kinds.
    pub fn new(s: &Sizes, at: &Places) -> Self {
        let len = if at.scorer[0].is_empty() { 0 } else { s.contexts * s.modules };
        Self { active: vec![0.0; len], d_active: vec![0.0; len] }
    }

    /// From the contexts' encodings. [C, E]
    pub fn forward(&mut self, s: &Sizes, at: &Places, parameters: &[f32], encoded: &[f32]) {
        let [weight, bias] = at.scorer.each_ref().map(|place| &parameters[place.clone()]);
        let (c, e, m) = (s.contexts, s.encoder, s.modules);
        self.active.chunks_exact_mut(m).for_each(|row| row.copy_from_slice(bias));
        let (encoded, weight) = (View::new(encoded, c, e), View::new(weight, m, e));
        add_product(Target::new(&mut self.active, c, m), encoded, weight.t());
        softmax(&mut self.active, m);
    }

    /// Forgets the sums of the last batch.
    pub fn clear(&mut self) {
        self.d_active.fill(0.0);
    }

    /// To the parameters, and added to the gradient of the encodings. [C, E], [C, E]
    pub fn backward(
        &mut self,
        s: &Sizes,
        at: &Places,
        parameters: &[f32],
        encoded: (&[f32], &mut [f32]),
        gradient: &mut [f32],
    ) {
        let (c, e, m) = (s.contexts, s.encoder, s.modules);
        softmax_backward(&self.active, &mut self.d_active, m);
        let d_scores = View::new(&self.d_active, c, m);
        let to = &mut gradient[at.scorer[0].clone()];
        product(Target::new(to, m, e), d_scores.t(), View::new(encoded.0, c, e));
        sum_rows(&self.d_active, &mut gradient[at.scorer[1].clone()]);
        let weight = View::new(&parameters[at.scorer[0].clone()], m, e);
        add_product(Target::new(encoded.1, c, e), d_scores, weight);
    }
}
