//! `ModularOp`: scores from the context alone, so one row of them for each context.

use super::pieces::relu;
use super::sizes::{Places, Sizes};
use crate::kernel::functions::{softmax, softmax_backward};
use crate::kernel::product::{Target, View, product};

/// Activations by context; the last row is that of a missing one.
#[derive(Clone, Debug, Default)]
pub struct Operation {
    /// ReLU of the first layer. [R + 1, H']
    hidden: Vec<f32>,
    /// p. [R + 1, M]
    pub table: Vec<f32>,
    /// ∂p. [R + 1, M]
    gradient: Vec<f32>,
    back: Vec<f32>,
}

impl Operation {
    /// Reads the parameters; nothing for other kinds.
    pub fn load(&mut self, sizes: &Sizes, places: &Places, parameters: &[f32]) {
        let Some([first, second]) = places.operation.clone() else { return };
        let (rules, width, modules) = (sizes.rules, sizes.width, sizes.modules);
        self.hidden.resize((rules + 1) * width, 0.0);
        let first = &parameters[first];
        for (context, hidden) in self.hidden.chunks_exact_mut(width).take(rules).enumerate() {
            // A one-hot picks a column.
            let column = first.iter().skip(context).step_by(rules);
            hidden.iter_mut().zip(column).for_each(|(to, from)| *to = relu(*from));
        }
        self.table.resize((rules + 1) * modules, 0.0);
        let into = Target::new(&mut self.table, rules + 1, modules);
        let second = View::new(&parameters[second], modules, width);
        product(into, View::new(&self.hidden, rules + 1, width), second.t());
        softmax(&mut self.table, modules);
        self.gradient.clear();
        self.gradient.resize(self.table.len(), 0.0);
    }

    /// Adds gradients of p to those of the table; nothing for other kinds. [M, columns]
    pub fn collect(&mut self, contexts: &[u32], scores: &[f32]) {
        if self.table.is_empty() || contexts.is_empty() {
            return;
        }
        let modules = scores.len() / contexts.len();
        for (module, row) in scores.chunks_exact(contexts.len()).enumerate() {
            for (slope, &context) in row.iter().zip(contexts) {
                self.gradient[context as usize * modules + module] += slope;
            }
        }
    }

    /// Writes the gradients; nothing for other kinds.
    pub fn store(
        &mut self,
        sizes: &Sizes,
        places: &Places,
        parameters: &[f32],
        gradient: &mut [f32],
    ) {
        let Some([first, second]) = places.operation.clone() else { return };
        let (rules, width, modules) = (sizes.rules, sizes.width, sizes.modules);
        softmax_backward(&self.table, &mut self.gradient, modules);
        let scores = View::new(&self.gradient, rules + 1, modules);
        let hidden = View::new(&self.hidden, rules + 1, width);
        product(Target::new(&mut gradient[second.clone()], modules, width), scores.t(), hidden);
        self.back.resize((rules + 1) * width, 0.0);
        let weights = View::new(&parameters[second], modules, width);
        product(Target::new(&mut self.back, rules + 1, width), scores, weights);
        let rows = self.back.chunks_exact(width).zip(self.hidden.chunks_exact(width));
        for (context, (back, hidden)) in rows.take(rules).enumerate() {
            let column = gradient[first.clone()].iter_mut().skip(context).step_by(rules);
            for (into, (back, hidden)) in column.zip(back.iter().zip(hidden)) {
                *into = if *hidden > 0.0 { *back } else { 0.0 };
            }
        }
    }
}
