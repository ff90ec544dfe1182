//! The backward passes of [`Chosen`]'s parts.

use super::super::answer::{Block, Model, fit};
use super::super::passes::{add_rows, mask};
use super::super::weights::Weights;
use super::{Chosen, gather, parts, scatter};
use crate::kernel::product::{Target, View, add_product, compute, product};
use crate::rule::HEADS;

impl Chosen {
    /// From the decoder to the mixed tokens, and to the gathered ones by their own projections.
    pub(super) fn modules_backward(
        &mut self,
        model: &Model,
        block: &Block,
        sums: &mut Weights,
        to: &mut [f32],
    ) {
        let (s, at, from, n) = (model.sizes, model.places, model.parameters, self.order.len());
        let (dim, head, inner) = (s.dim, s.head, s.inner);
        let (own, k, wide) = (HEADS * head, s.group_inputs(), HEADS * s.dim);
        let d_inputs = fit(&mut self.d_inputs, n * k);
        let d_hidden = fit(&mut self.d_hidden, n * inner);
        let d_mixed = fit(&mut self.d_mixed, n * wide);
        let d_gathered = fit(&mut self.d_gathered, n * dim);
        for (group, part) in parts(&self.starts) {
            let (count, part) = (part.len(), part.start);
            let middle = &self.middle_by[part * s.middle..(part + count) * s.middle];
            add_rows(&mut sums.stack_bias[group * s.middle..][..s.middle], middle);
            let middle = View::new(middle, count, s.middle);
            let hidden = &self.hidden[part * inner..(part + count) * inner];
            let stack = group * inner * s.middle;
            let target = Target::new(&mut sums.stack[stack..], inner, s.middle);
            add_product(target, View::new(hidden, count, inner).t(), middle);
            let stack = View::new(&model.weights.stack[stack..], inner, s.middle).t();
            let gradient = &mut d_hidden[part * inner..(part + count) * inner];
            product(Target::new(gradient, count, inner), middle, stack);
            mask(gradient, hidden);
            add_rows(&mut to[at.out_0.bias.clone()][group * inner..][..inner], gradient);

            let gradient = View::new(gradient, count, inner);
            let inputs = View::new(&self.inputs[part * k..], count, k);
            let target = &mut to[at.out_0.weight.clone()][group * k * inner..];
            add_product(Target::new(target, k, inner), inputs.t(), gradient);
            let first = s.first(&from[at.out_0.weight.clone()], group).t();
            let inputs = &mut d_inputs[part * k..(part + count) * k];
            product(Target::new(inputs, count, k), gradient, first);

            let [.., value, mine] = &at.projections;
            for row in inputs.chunks_exact(k) {
                if block.length > 1 {
                    let bias = to[value.bias.clone()][group * own..].iter_mut();
                    bias.zip(&row[..own]).for_each(|(bias, gradient)| *bias += gradient);
                }
                let bias = to[mine.bias.clone()][group * head..].iter_mut();
                bias.zip(&row[own..]).for_each(|(bias, gradient)| *bias += gradient);
            }
            for h in 0..HEADS {
                let start = (group * HEADS + h) * head * dim;
                let gradient = View::strided(&inputs[h * head..], count, head, k);
                let x = View::strided(&self.mixed_by[part * wide + h * dim..], count, dim, wide);
                let target = &mut to[value.weight.clone()][start..];
                add_product(Target::new(target, head, dim), gradient.t(), x);
                let weight = View::new(&from[value.weight.clone()][start..], head, dim);
                let target = &mut d_mixed[part * wide + h * dim..];
                product(Target::strided(target, count, dim, wide), gradient, weight);
            }
            let gradient = View::strided(&inputs[own..], count, head, k);
            let x = View::new(&self.gathered[part * dim..], count, dim);
            let target = &mut to[mine.weight.clone()][group * head * dim..];
            add_product(Target::new(target, head, dim), gradient.t(), x);
            let weight = View::new(&from[mine.weight.clone()][group * head * dim..], head, dim);
            product(Target::new(&mut d_gathered[part * dim..], count, dim), gradient, weight);
        }
    }

    /// From the mixed tokens to the encoded ones and to what was asked.
    pub(super) fn attention_backward(&mut self, model: &Model, block: &Block) {
        let (dim, rows, core) = (model.sizes.dim, block.rows(), self.core);
        let wide = HEADS * dim;
        let (flat, shared) = (core.flat(wide, 0), Self::shared(dim));
        let mixed = fit(&mut self.mixed, rows * wide);
        scatter(mixed, &self.d_mixed, wide, &self.order);
        let encoded = &self.encoded[..rows * dim];
        let weights = &self.attention[..rows * core.row()];
        let scores = fit(&mut self.d_attention, rows * core.row());
        core.dots(scores, (mixed, flat), (encoded, shared));
        core.soften_backward(weights, scores);
        let asked = fit(&mut self.d_asked, rows * wide);
        core.mix::<false>((asked, flat), scores, (encoded, shared));
        gather(fit(&mut self.mixed_by, self.order.len() * wide), asked, wide, &self.order);

        let sum = fit(&mut self.d_encoded, rows * dim);
        let both = fit(&mut self.wide, rows * wide);
        sum.fill(0.0);
        for (weights, x) in [(&*scores, &self.asked[..rows * wide]), (weights, &*mixed)] {
            core.mix::<true>((both, flat), weights, (x, flat));
            for (sum, heads) in sum.chunks_exact_mut(dim).zip(both.chunks_exact(wide)) {
                for head in heads.chunks_exact(dim) {
                    sum.iter_mut().zip(head).for_each(|(sum, value)| *sum += value);
                }
            }
        }
    }

    /// From what was asked to queries and the gathered tokens.
    pub(super) fn queries_backward(&mut self, model: &Model, to: &mut [f32]) {
        let (s, at, from, n) = (model.sizes, model.places, model.parameters, self.order.len());
        let (dim, head) = (s.dim, s.head);
        let (own, wide) = (HEADS * head, HEADS * s.dim);
        let d_queries = fit(&mut self.d_queries, n * own);
        for (group, part) in parts(&self.starts) {
            let (count, part) = (part.len(), part.start);
            let [query, key, ..] = &at.projections;
            let queries = &mut d_queries[part * own..(part + count) * own];
            for h in 0..HEADS {
                let start = (group * HEADS + h) * head * dim;
                let asked = &self.mixed_by[part * wide + h * dim..];
                let asked = View::strided(asked, count, dim, wide);
                let q = View::strided(&self.queries[part * own + h * head..], count, head, own);
                let target = &mut to[key.weight.clone()][start..];
                add_product(Target::new(target, head, dim), q.t(), asked);
                let weight = View::new(&from[key.weight.clone()][start..], head, dim).t();
                let target = Target::strided(&mut queries[h * head..], count, head, own);
                compute(target, 0.0, asked, weight, s.scale());
            }
            add_rows(&mut to[query.bias.clone()][group * own..][..own], queries);
            let queries = View::new(queries, count, own);
            let x = View::new(&self.gathered[part * dim..], count, dim);
            let target = &mut to[query.weight.clone()][group * own * dim..];
            add_product(Target::new(target, own, dim), queries.t(), x);
            let weight = View::new(&from[query.weight.clone()][group * own * dim..], own, dim);
            let target = &mut self.d_gathered[part * dim..];
            add_product(Target::new(target, count, dim), queries, weight);
        }
    }
}
