//! `GtModular`: the module that a token's context names, and nothing of the others.
//!
//! A token needs the keys and values of its own module for every token of its sample, which would
//! be nearly all keys and values. The products are taken the other way round: a head's score of
//! token j is (q W_k) · e_j, its output (Σ_j a_j e_j) W_v + b_v, with e the encoded tokens.

mod backward;

use super::answer::{Block, Model, fit};
use super::core::{Core, Heads};
use super::passes::{add_bias, relu_bias};
use super::sizes::Sizes;
use super::weights::Weights;
use crate::kernel::product::{Target, View, add_product, product};
use crate::rule::HEADS;

/// Activations of a block, and their gradients. "By module": rows without a module left out, the
/// others sorted by module; N rows.
#[derive(Clone, Debug)]
pub struct Chosen {
    core: Core,
    /// Rows in the order of their modules, and where each module's begin. [N], [M + 1]
    order: Vec<u32>,
    starts: Vec<usize>,
    /// [T, dim]
    tokens: Vec<f32>,
    encoded: Vec<f32>,
    /// By module. [N, dim], [N, H · d]
    gathered: Vec<f32>,
    queries: Vec<f32>,
    /// q W_k and Σ a e. [T, H · dim]; by module [N, H · dim]
    asked: Vec<f32>,
    mixed: Vec<f32>,
    mixed_by: Vec<f32>,
    /// [T, L, H]
    attention: Vec<f32>,
    /// By module. [N, K], [N, I], [N, middle]
    inputs: Vec<f32>,
    hidden: Vec<f32>,
    middle_by: Vec<f32>,
    /// [T, middle]
    middle: Vec<f32>,
    /// p. [T, M]
    pub activation: Vec<f32>,
    /// [T, outputs]
    pub answer: Vec<f32>,
    d_tokens: Vec<f32>,
    d_encoded: Vec<f32>,
    d_gathered: Vec<f32>,
    d_queries: Vec<f32>,
    d_asked: Vec<f32>,
    d_mixed: Vec<f32>,
    wide: Vec<f32>,
    d_attention: Vec<f32>,
    d_inputs: Vec<f32>,
    d_hidden: Vec<f32>,
    d_middle: Vec<f32>,
    d_answer: Vec<f32>,
}

impl Chosen {
    pub fn new(s: &Sizes) -> Self {
        Self {
            core: Core::new(HEADS, HEADS, s.dim),
            order: Vec::new(),
            starts: Vec::new(),
            tokens: Vec::new(),
            encoded: Vec::new(),
            gathered: Vec::new(),
            queries: Vec::new(),
            asked: Vec::new(),
            mixed: Vec::new(),
            mixed_by: Vec::new(),
            attention: Vec::new(),
            inputs: Vec::new(),
            hidden: Vec::new(),
            middle_by: Vec::new(),
            middle: Vec::new(),
            activation: Vec::new(),
            answer: Vec::new(),
            d_tokens: Vec::new(),
            d_encoded: Vec::new(),
            d_gathered: Vec::new(),
            d_queries: Vec::new(),
            d_asked: Vec::new(),
            d_mixed: Vec::new(),
            wide: Vec::new(),
            d_attention: Vec::new(),
            d_inputs: Vec::new(),
            d_hidden: Vec::new(),
            d_middle: Vec::new(),
            d_answer: Vec::new(),
        }
    }

    /// Sorts rows by module and fills p.
    fn sort(&mut self, s: &Sizes, block: &Block) {
        let module = |context: u32| (context as usize) % s.groups;
        let named = |context: u32| (context as usize) < s.rules;
        self.starts.clear();
        self.starts.resize(s.groups + 1, 0);
        fit(&mut self.activation, block.rows() * s.groups).fill(0.0);
        for (row, &context) in block.context.iter().enumerate().filter(|(_, c)| named(**c)) {
            self.starts[module(context) + 1] += 1;
            self.activation[row * s.groups + module(context)] = 1.0;
        }
        for group in 0..s.groups {
            self.starts[group + 1] += self.starts[group];
        }
        self.order.clear();
        self.order.resize(self.starts[s.groups], 0);
        // Rows are filled in from each module's end, so that no second list of places is needed.
        for (row, &context) in block.context.iter().enumerate().rev() {
            if named(context) {
                let end = &mut self.starts[module(context) + 1];
                *end -= 1;
                self.order[*end] = row as u32;
            }
        }
        // Each entry has become the start of the module before it.
        self.starts.remove(0);
        self.starts.push(self.order.len());
    }

    /// Token vectors as the heads of both sides see them: the same for every head.
    fn shared(dim: usize) -> Heads {
        Heads { row: dim, first: 0, group: 0, step: 0 }
    }

    /// Leaves the answers and activations of a block behind.
    pub fn forward(&mut self, model: &Model, block: &Block) {
        let (s, at, from, rows) = (model.sizes, model.places, model.parameters, block.rows());
        let (dim, head) = (s.dim, s.head);
        self.sort(s, block);
        self.core.length = block.length;
        let (core, n, wide) = (self.core, self.order.len(), HEADS * s.dim);
        let (own, k) = (HEADS * head, s.group_inputs());

        let tokens = fit(&mut self.tokens, rows * dim);
        model.tokens(block, tokens);
        let encoded = fit(&mut self.encoded, rows * dim);
        model.encode(tokens, encoded);
        let gathered = fit(&mut self.gathered, n * dim);
        gather(gathered, encoded, dim, &self.order);

        // Queries, and what they ask of the tokens.
        let queries = fit(&mut self.queries, n * own);
        let asked_by = fit(&mut self.wide, n * wide);
        for (group, part) in parts(&self.starts) {
            let (count, part) = (part.len(), part.start);
            let x = View::new(&gathered[part * dim..], count, dim);
            let [query, key, ..] = &at.projections;
            let to = &mut queries[part * own..(part + count) * own];
            let weight = View::new(&from[query.weight.clone()][group * own * dim..], own, dim);
            product(Target::new(to, count, own), x, weight.t());
            add_bias(to, &from[query.bias.clone()][group * own..][..own]);
            to.iter_mut().for_each(|query| *query *= s.scale());
            for h in 0..HEADS {
                let q = View::strided(&to[h * head..], count, head, own);
                let key = &from[key.weight.clone()][(group * HEADS + h) * head * dim..];
                let target = &mut asked_by[part * wide + h * dim..];
                product(Target::strided(target, count, dim, wide), q, View::new(key, head, dim));
            }
        }
        let asked = fit(&mut self.asked, rows * wide);
        scatter(asked, asked_by, wide, &self.order);
        let attention = fit(&mut self.attention, rows * core.row());
        let (flat, shared) = (core.flat(wide, 0), Self::shared(dim));
        core.dots(attention, (asked, flat), (encoded, shared));
        core.soften(attention);
        let mixed = fit(&mut self.mixed, rows * wide);
        core.mix::<false>((mixed, flat), attention, (encoded, shared));
        let mixed_by = fit(&mut self.mixed_by, n * wide);
        gather(mixed_by, mixed, wide, &self.order);

        let inputs = fit(&mut self.inputs, n * k);
        let hidden = fit(&mut self.hidden, n * s.inner);
        let middle_by = fit(&mut self.middle_by, n * s.middle);
        for (group, part) in parts(&self.starts) {
            let (count, part) = (part.len(), part.start);
            let [.., value, mine] = &at.projections;
            let inputs = &mut inputs[part * k..(part + count) * k];
            let value_bias = &from[value.bias.clone()][group * own..][..own];
            let mine_bias = &from[mine.bias.clone()][group * head..][..head];
            for row in inputs.chunks_exact_mut(k) {
                if block.length > 1 {
                    row[..own].copy_from_slice(value_bias);
                } else {
                    row[..own].fill(0.0);
                }
                row[own..].copy_from_slice(mine_bias);
            }
            for h in 0..HEADS {
                let value = &from[value.weight.clone()][(group * HEADS + h) * head * dim..];
                let x = View::strided(&mixed_by[part * wide + h * dim..], count, dim, wide);
                let target = Target::strided(&mut inputs[h * head..], count, head, k);
                add_product(target, x, View::new(value, head, dim).t());
            }
            let x = View::new(&gathered[part * dim..], count, dim);
            let mine = View::new(&from[mine.weight.clone()][group * head * dim..], head, dim);
            add_product(Target::strided(&mut inputs[own..], count, head, k), x, mine.t());

            let hidden = &mut hidden[part * s.inner..(part + count) * s.inner];
            let first = s.first(&from[at.out_0.weight.clone()], group);
            product(Target::new(hidden, count, s.inner), View::new(inputs, count, k), first);
            relu_bias(hidden, &from[at.out_0.bias.clone()][group * s.inner..][..s.inner]);
            let middle = &mut middle_by[part * s.middle..(part + count) * s.middle];
            let stack = &model.weights.stack[group * s.inner * s.middle..];
            let stack = View::new(stack, s.inner, s.middle);
            product(Target::new(middle, count, s.middle), View::new(hidden, count, s.inner), stack);
            add_bias(middle, &model.weights.stack_bias[group * s.middle..][..s.middle]);
        }
        let middle = fit(&mut self.middle, rows * s.middle);
        scatter(middle, middle_by, s.middle, &self.order);
        model.answer(middle, fit(&mut self.answer, rows * s.outputs));
    }

    /// Forward and backward pass: the block's part of the mean loss. Gradients are added to `sums`
    /// and `to`.
    pub fn gradient(
        &mut self,
        model: &Model,
        block: &Block,
        sums: &mut Weights,
        to: &mut [f32],
    ) -> f64 {
        self.forward(model, block);
        let (s, rows, n) = (model.sizes, block.rows(), self.order.len());
        let answer = fit(&mut self.d_answer, rows * s.outputs);
        let loss = model.loss(block, &self.answer, answer);
        let middle = fit(&mut self.d_middle, rows * s.middle);
        model.answer_backward(&self.middle[..rows * s.middle], answer, middle, to);
        gather(fit(&mut self.middle_by, n * s.middle), middle, s.middle, &self.order);
        self.modules_backward(model, block, sums, to);
        self.attention_backward(model, block);
        self.queries_backward(model, to);

        let encoded = fit(&mut self.d_encoded, rows * s.dim);
        for (gradient, &row) in self.d_gathered.chunks_exact(s.dim).zip(&self.order) {
            let into = &mut encoded[row as usize * s.dim..][..s.dim];
            into.iter_mut().zip(gradient).for_each(|(sum, gradient)| *sum += gradient);
        }
        let tokens = &self.tokens[..rows * s.dim];
        let gradient = fit(&mut self.d_tokens, rows * s.dim);
        model.encode_backward(tokens, encoded, gradient, to);
        model.tokens_backward(block, tokens, gradient, sums, to);
        loss
    }
}

/// The modules that have rows, and which.
fn parts(starts: &[usize]) -> impl Iterator<Item = (usize, std::ops::Range<usize>)> {
    let parts = starts.windows(2).map(|pair| pair[0]..pair[1]).enumerate();
    parts.filter(|(_, part)| !part.is_empty())
}

/// The rows in their order by module.
fn gather(into: &mut [f32], from: &[f32], columns: usize, order: &[u32]) {
    for (into, &row) in into.chunks_exact_mut(columns).zip(order) {
        into.copy_from_slice(&from[row as usize * columns..][..columns]);
    }
}

/// The rows back in their places; 0 in those of no module.
fn scatter(into: &mut [f32], from: &[f32], columns: usize, order: &[u32]) {
    into.fill(0.0);
    for (from, &row) in from.chunks_exact(columns).zip(order) {
        into[row as usize * columns..][..columns].copy_from_slice(from);
    }
}
