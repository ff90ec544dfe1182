//! What a step makes of the parameters before it looks at the data: linear maps that follow each
//! other, multiplied together; and the way back for gradients.

use super::passes::mask;
use super::sizes::{Places, Sizes};
use crate::kernel::functions::{softmax, softmax_backward};
use crate::kernel::product::{Target, View, add_product, product};
use crate::rule::RuleKind;

/// Made of the parameters, or gradients of what was.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    /// The encoder's first layer: column of the context, or none, with the bias. [R + 1, dim]
    pub context: Vec<f32>,
    /// Queries (scaled), keys, values, own; [P, dim]
    pub projection: Vec<f32>,
    /// The same behind the encoder's second layer, where that is merged into them. [P, dim]
    pub merged: Vec<f32>,
    /// Of either. [P]
    pub bias: Vec<f32>,
    /// The groups' second layers behind one another, with the decoder's first. [G · I, middle]
    pub stack: Vec<f32>,
    /// Their biases. [G, middle]
    pub stack_bias: Vec<f32>,
    /// The column that scores. [G, I]
    pub score: Vec<f32>,
    /// [G]
    pub score_bias: Vec<f32>,
    /// Scores by context, softened. [R + 1, M]
    pub table: Vec<f32>,
    /// The scorer's hidden layer. [R + 1, d]
    pub scorer: Vec<f32>,
}

impl Weights {
    /// Room for a model's.
    pub fn new(s: &Sizes, merged: bool) -> Self {
        let (contexts, projections) = (s.rules + 1, s.projections());
        let by_context = s.kind == RuleKind::ModularOp;
        let some = |asked: bool, len: usize| vec![0.0; if asked { len } else { 0 }];
        let dense = s.kind != RuleKind::GtModular;
        Self {
            context: vec![0.0; contexts * s.dim],
            projection: some(dense, projections * s.dim),
            merged: some(dense && merged, projections * s.dim),
            bias: some(dense, projections),
            stack: vec![0.0; s.hidden() * s.middle],
            stack_bias: vec![0.0; s.groups * s.middle],
            score: some(s.scored(), s.hidden()),
            score_bias: some(s.scored(), s.groups),
            table: some(by_context, contexts * s.groups),
            scorer: some(by_context, contexts * s.head),
        }
    }

    /// Forgets all sums of gradients.
    pub fn clear(&mut self) {
        for part in [
            &mut self.context,
            &mut self.projection,
            &mut self.merged,
            &mut self.bias,
            &mut self.stack,
            &mut self.stack_bias,
            &mut self.score,
            &mut self.score_bias,
            &mut self.table,
        ] {
            part.fill(0.0);
        }
    }

    /// Makes them.
    pub fn prepare(&mut self, s: &Sizes, at: &Places, from: &[f32]) {
        self.prepare_context(s, at, from);
        if s.kind != RuleKind::GtModular {
            self.prepare_projection(s, at, from);
        }
        self.prepare_stack(s, at, from);
        if s.kind == RuleKind::ModularOp {
            self.prepare_table(s, at, from);
        }
    }

    fn prepare_context(&mut self, s: &Sizes, at: &Places, from: &[f32]) {
        let weight = &from[at.encoder_0.weight.clone()];
        for (context, row) in self.context.chunks_exact_mut(s.dim).enumerate() {
            row.copy_from_slice(&from[at.encoder_0.bias.clone()]);
            if context < s.rules {
                let column = weight.iter().skip(s.features + context);
                let column = column.step_by(s.features + s.rules);
                row.iter_mut().zip(column).for_each(|(value, weight)| *value += weight);
            }
        }
    }

    fn prepare_projection(&mut self, s: &Sizes, at: &Places, from: &[f32]) {
        let (mut weight, mut bias) = (0, 0);
        for place in &at.projections {
            let (end, last) = (weight + place.weight.len(), bias + place.bias.len());
            self.projection[weight..end].copy_from_slice(&from[place.weight.clone()]);
            self.bias[bias..last].copy_from_slice(&from[place.bias.clone()]);
            (weight, bias) = (end, last);
        }
        let scale = s.scale();
        self.projection[..s.width * s.dim].iter_mut().for_each(|value| *value *= scale);
        self.bias[..s.width].iter_mut().for_each(|value| *value *= scale);
        if !self.merged.is_empty() {
            let p = s.projections();
            let projection = View::new(&self.projection, p, s.dim);
            let second = View::new(&from[at.encoder_2.weight.clone()], s.dim, s.dim);
            product(Target::new(&mut self.merged, p, s.dim), projection, second);
            let second = View::new(&from[at.encoder_2.bias.clone()], s.dim, 1);
            add_product(Target::new(&mut self.bias, p, 1), projection, second);
        }
    }

    fn prepare_stack(&mut self, s: &Sizes, at: &Places, from: &[f32]) {
        let row = s.middle + usize::from(s.scored());
        let (weight, bias) = (&from[at.out_2.weight.clone()], &from[at.out_2.bias.clone()]);
        let (layer, biases) = (s.second(weight), View::strided(bias, s.groups, s.middle, row));
        if s.decoder {
            let decoder = View::new(&from[at.decoder_0.weight.clone()], s.dim, s.dim).t();
            product(Target::new(&mut self.stack, s.hidden(), s.middle), layer, decoder);
            product(Target::new(&mut self.stack_bias, s.groups, s.middle), biases, decoder);
        } else if s.monolithic() {
            for (i, row) in self.stack.chunks_exact_mut(s.middle).enumerate() {
                let column = weight.iter().skip(i).step_by(s.inner);
                row.iter_mut().zip(column).for_each(|(value, weight)| *value = *weight);
            }
            self.stack_bias.copy_from_slice(bias);
        } else {
            let copy = |to: &mut [f32], from: &[f32]| {
                for (to, from) in to.chunks_exact_mut(s.middle).zip(from.chunks_exact(row)) {
                    to.copy_from_slice(&from[..s.middle]);
                }
            };
            copy(&mut self.stack, weight);
            copy(&mut self.stack_bias, bias);
        }
        let column = |to: &mut [f32], from: &[f32]| {
            let from = from.iter().skip(s.middle).step_by(row);
            to.iter_mut().zip(from).for_each(|(value, weight)| *value = *weight);
        };
        column(&mut self.score, weight);
        column(&mut self.score_bias, bias);
    }

    fn prepare_table(&mut self, s: &Sizes, at: &Places, from: &[f32]) {
        let weight = &from[at.scorer_0.weight.clone()];
        for (context, row) in self.scorer.chunks_exact_mut(s.head.max(1)).enumerate() {
            for (i, (value, bias)) in
                row.iter_mut().zip(&from[at.scorer_0.bias.clone()]).enumerate()
            {
                let column = if context < s.rules { weight[i * s.rules + context] } else { 0.0 };
                let sum = bias + column;
                *value = if sum <= 0.0 { 0.0 } else { sum };
            }
        }
        for row in self.table.chunks_exact_mut(s.groups) {
            row.copy_from_slice(&from[at.scorer_2.bias.clone()]);
        }
        let contexts = s.rules + 1;
        let second = View::new(&from[at.scorer_2.weight.clone()], s.groups, s.head).t();
        let hidden = View::new(&self.scorer, contexts, s.head);
        add_product(Target::new(&mut self.table, contexts, s.groups), hidden, second);
        softmax(&mut self.table, s.groups);
    }

    /// Hands gradients back to the parameters; `self` are the sums over the batch.
    pub fn finish(&mut self, s: &Sizes, at: &Places, made: &Self, from: &[f32], to: &mut [f32]) {
        self.finish_context(s, at, to);
        if s.kind != RuleKind::GtModular {
            self.finish_projection(s, at, made, from, to);
        }
        self.finish_stack(s, at, from, to);
        if s.kind == RuleKind::ModularOp {
            self.finish_table(s, at, made, from, to);
        }
    }

    fn finish_context(&self, s: &Sizes, at: &Places, to: &mut [f32]) {
        let columns = s.features + s.rules;
        for (context, row) in self.context.chunks_exact(s.dim).enumerate() {
            for (i, gradient) in row.iter().enumerate() {
                to[at.encoder_0.bias.start + i] += gradient;
                if context < s.rules {
                    to[at.encoder_0.weight.start + i * columns + s.features + context] += gradient;
                }
            }
        }
    }

    fn finish_projection(
        &mut self,
        s: &Sizes,
        at: &Places,
        made: &Self,
        from: &[f32],
        to: &mut [f32],
    ) {
        if !self.merged.is_empty() {
            let (p, dim) = (s.projections(), s.dim);
            let (second, bias) = (at.encoder_2.weight.clone(), at.encoder_2.bias.clone());
            let merged = View::new(&self.merged, p, dim);
            let (ours, projection) =
                (View::new(&self.bias, p, 1), View::new(&made.projection, p, dim));
            let own = || View::new(&from[second.clone()], dim, dim).t();
            product(Target::new(&mut self.projection, p, dim), merged, own());
            let row = View::new(&from[bias.clone()], 1, dim);
            add_product(Target::new(&mut self.projection, p, dim), ours, row);
            add_product(Target::new(&mut to[second], dim, dim), projection.t(), merged);
            add_product(Target::new(&mut to[bias], dim, 1), projection.t(), ours);
        }
        let scale = s.scale();
        self.projection[..s.width * s.dim].iter_mut().for_each(|value| *value *= scale);
        self.bias[..s.width].iter_mut().for_each(|value| *value *= scale);
        let (mut weight, mut bias) = (0, 0);
        for place in &at.projections {
            let (end, last) = (weight + place.weight.len(), bias + place.bias.len());
            to[place.weight.clone()].copy_from_slice(&self.projection[weight..end]);
            to[place.bias.clone()].copy_from_slice(&self.bias[bias..last]);
            (weight, bias) = (end, last);
        }
    }

    fn finish_stack(&self, s: &Sizes, at: &Places, from: &[f32], to: &mut [f32]) {
        let row = s.middle + usize::from(s.scored());
        let (weight, bias) = (at.out_2.weight.clone(), at.out_2.bias.clone());
        let stack = View::new(&self.stack, s.hidden(), s.middle);
        let stack_bias = View::new(&self.stack_bias, s.groups, s.middle);
        if s.decoder {
            let decoder = View::new(&from[at.decoder_0.weight.clone()], s.dim, s.dim);
            if s.monolithic() {
                let target = Target::new(&mut to[weight.clone()], s.middle, s.inner);
                product(target, decoder.t(), stack.t());
            } else {
                let target = Target::strided(&mut to[weight.clone()], s.hidden(), s.middle, row);
                product(target, stack, decoder);
            }
            let target = Target::strided(&mut to[bias.clone()], s.groups, s.middle, row);
            product(target, stack_bias, decoder);
            let layer = s.second(&from[weight.clone()]);
            let biases = View::strided(&from[bias.clone()], s.groups, s.middle, row);
            let into = &mut to[at.decoder_0.weight.clone()];
            add_product(Target::new(into, s.dim, s.dim), stack.t(), layer);
            add_product(Target::new(into, s.dim, s.dim), stack_bias.t(), biases);
        } else if s.monolithic() {
            for (i, row) in self.stack.chunks_exact(s.middle).enumerate() {
                for (o, gradient) in row.iter().enumerate() {
                    to[weight.start + o * s.inner + i] = *gradient;
                }
            }
            to[bias.clone()].copy_from_slice(&self.stack_bias);
        } else {
            let copy = |to: &mut [f32], from: &[f32]| {
                for (to, from) in to.chunks_exact_mut(row).zip(from.chunks_exact(s.middle)) {
                    to[..s.middle].copy_from_slice(from);
                }
            };
            copy(&mut to[weight.clone()], &self.stack);
            copy(&mut to[bias.clone()], &self.stack_bias);
        }
        let column = |to: &mut [f32], from: &[f32]| {
            let to = to.iter_mut().skip(s.middle).step_by(row);
            to.zip(from).for_each(|(value, gradient)| *value = *gradient);
        };
        if s.scored() {
            column(&mut to[weight], &self.score);
            column(&mut to[bias], &self.score_bias);
        }
    }

    fn finish_table(&mut self, s: &Sizes, at: &Places, made: &Self, from: &[f32], to: &mut [f32]) {
        let contexts = s.rules + 1;
        softmax_backward(&made.table, &mut self.table, s.groups);
        let scores = View::new(&self.table, contexts, s.groups);
        let hidden = View::new(&made.scorer, contexts, s.head);
        let weight = at.scorer_2.weight.clone();
        product(Target::new(&mut to[weight.clone()], s.groups, s.head), scores.t(), hidden);
        for row in self.table.chunks_exact(s.groups) {
            let bias = to[at.scorer_2.bias.clone()].iter_mut();
            bias.zip(row).for_each(|(bias, gradient)| *bias += gradient);
        }
        let weight = View::new(&from[weight], s.groups, s.head);
        product(Target::new(&mut self.scorer, contexts, s.head), scores, weight);
        mask(&mut self.scorer, &made.scorer);
        for (context, row) in self.scorer.chunks_exact(s.head.max(1)).enumerate() {
            for (i, gradient) in row.iter().enumerate() {
                to[at.scorer_0.bias.start + i] += gradient;
                if context < s.rules {
                    to[at.scorer_0.weight.start + i * s.rules + context] += gradient;
                }
            }
        }
    }
}
