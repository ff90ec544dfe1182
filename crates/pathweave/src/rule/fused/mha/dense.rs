//! All groups at work on all tokens: every kind but `GtModular`.

use super::answer::{Block, Model, fit};
use super::core::{Core, Heads};
use super::inputs::{InputPlaces, Inputs, InputsBackward};
use super::passes::{Hidden, add_dots, add_leading, add_rows, add_rows_by, go, relu_bias, weigh};
use super::sizes::Sizes;
use super::weights::Weights;
use crate::kernel::functions::{softmax, softmax_backward};
use crate::kernel::product::{Target, View, add_product, product};
use crate::rule::RuleKind;

/// Activations of a block, and their gradients.
#[derive(Clone, Debug)]
pub struct Dense {
    core: Core,
    /// The encoder's first layer, and its second where that is not merged. [T, dim]
    tokens: Vec<f32>,
    encoded: Vec<f32>,
    /// [T, P]
    projections: Vec<f32>,
    /// [T, L, heads]
    attention: Vec<f32>,
    /// [T, G · K]
    inputs: Vec<f32>,
    /// [T, G · I]
    hidden: Vec<f32>,
    weighted: Vec<f32>,
    /// p. [T, G]
    pub activation: Vec<f32>,
    /// [T, middle]
    middle: Vec<f32>,
    /// [T, outputs]
    pub answer: Vec<f32>,
    d_tokens: Vec<f32>,
    d_encoded: Vec<f32>,
    d_projections: Vec<f32>,
    d_attention: Vec<f32>,
    d_inputs: Vec<f32>,
    d_hidden: Vec<f32>,
    d_activation: Vec<f32>,
    d_middle: Vec<f32>,
    d_answer: Vec<f32>,
}

impl Dense {
    pub fn new(s: &Sizes) -> Self {
        Self {
            core: Core::new(s.heads, s.group_heads(), s.head),
            tokens: Vec::new(),
            encoded: Vec::new(),
            projections: Vec::new(),
            attention: Vec::new(),
            inputs: Vec::new(),
            hidden: Vec::new(),
            weighted: Vec::new(),
            activation: Vec::new(),
            middle: Vec::new(),
            answer: Vec::new(),
            d_tokens: Vec::new(),
            d_encoded: Vec::new(),
            d_projections: Vec::new(),
            d_attention: Vec::new(),
            d_inputs: Vec::new(),
            d_hidden: Vec::new(),
            d_activation: Vec::new(),
            d_middle: Vec::new(),
            d_answer: Vec::new(),
        }
    }

    fn places(&self, s: &Sizes) -> InputPlaces {
        InputPlaces {
            row: s.projections(),
            values: 2 * s.width,
            own: 3 * s.width,
            heads: s.group_heads() * s.head,
            head: s.head,
            attend: self.core.length > 1,
        }
    }

    fn heads(&self, s: &Sizes) -> Heads {
        Heads { row: s.inputs(), first: 0, group: s.group_inputs(), step: s.head }
    }

    /// Leaves the answers and activations of a block behind.
    pub fn forward(&mut self, model: &Model, block: &Block) {
        let (s, w, rows) = (model.sizes, model.weights, block.rows());
        let (p, dim) = (s.projections(), s.dim);
        self.core.length = block.length;
        let (core, places, heads) = (self.core, self.places(s), self.heads(s));

        let mut tokens = fit(&mut self.tokens, rows * dim);
        model.tokens(block, tokens);
        let weight = if w.merged.is_empty() {
            let encoded = fit(&mut self.encoded, rows * dim);
            model.encode(tokens, encoded);
            tokens = encoded;
            &w.projection
        } else {
            &w.merged
        };
        let projections = fit(&mut self.projections, rows * p);
        let weight = View::new(weight, p, dim).t();
        product(Target::new(projections, rows, p), View::new(tokens, rows, dim), weight);
        add_leading(projections, p, &w.bias[..s.width]);

        // A key's bias adds the same to all of a query's scores, and the softmax takes it out.
        let attention = fit(&mut self.attention, rows * core.row());
        core.dots(attention, (projections, core.flat(p, 0)), (projections, core.flat(p, s.width)));
        core.soften(attention);
        let inputs = fit(&mut self.inputs, rows * s.inputs());
        let values = (&*projections, core.flat(p, 2 * s.width));
        core.mix::<false>((inputs, heads), attention, values);
        go(Inputs { projections, bias: &w.bias, inputs, places });

        let hidden = fit(&mut self.hidden, rows * s.hidden());
        let first = &model.places.out_0;
        for group in 0..s.groups {
            let (k, i) = (s.group_inputs(), s.inner);
            product(
                Target::strided(&mut hidden[group * i..], rows, i, s.hidden()),
                View::strided(&inputs[group * k..], rows, k, s.inputs()),
                s.first(&model.parameters[first.weight.clone()], group),
            );
        }
        relu_bias(hidden, &model.parameters[first.bias.clone()]);
        self.activate(model, block);

        let hidden = &self.hidden[..rows * s.hidden()];
        let middle = fit(&mut self.middle, rows * s.middle);
        let weighted = if s.monolithic() {
            hidden
        } else {
            let weighted = fit(&mut self.weighted, rows * s.hidden());
            weigh(weighted, hidden, &self.activation, s.inner);
            weighted
        };
        let stack = View::new(&w.stack, s.hidden(), s.middle);
        product(Target::new(middle, rows, s.middle), View::new(weighted, rows, s.hidden()), stack);
        let bias = View::new(&w.stack_bias, s.groups, s.middle);
        let activation = View::new(&self.activation, rows, s.groups);
        add_product(Target::new(middle, rows, s.middle), activation, bias);
        model.answer(middle, fit(&mut self.answer, rows * s.outputs));
    }

    /// p of each row.
    fn activate(&mut self, model: &Model, block: &Block) {
        let (s, w, rows) = (model.sizes, model.weights, block.rows());
        let activation = fit(&mut self.activation, rows * s.groups);
        match s.kind {
            RuleKind::Modular => {
                for row in activation.chunks_exact_mut(s.groups) {
                    row.copy_from_slice(&w.score_bias);
                }
                add_dots(activation, &self.hidden, &w.score, s.inner);
                softmax(activation, s.groups);
            }
            RuleKind::ModularOp => {
                for (row, &context) in activation.chunks_exact_mut(s.groups).zip(block.context) {
                    row.copy_from_slice(&w.table[context as usize * s.groups..][..s.groups]);
                }
            }
            _ => activation.fill(1.0 / s.groups as f32),
        }
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
        let (s, w, rows) = (model.sizes, model.weights, block.rows());
        let answer = fit(&mut self.d_answer, rows * s.outputs);
        let loss = model.loss(block, &self.answer, answer);
        let middle = fit(&mut self.d_middle, rows * s.middle);
        model.answer_backward(&self.middle[..rows * s.middle], answer, middle, to);

        let middle = View::new(middle, rows, s.middle);
        let weighted = if s.monolithic() { &self.hidden } else { &self.weighted };
        let weighted = View::new(weighted, rows, s.hidden()).t();
        add_product(Target::new(&mut sums.stack, s.hidden(), s.middle), weighted, middle);
        let activation = View::new(&self.activation, rows, s.groups).t();
        add_product(Target::new(&mut sums.stack_bias, s.groups, s.middle), activation, middle);
        let hidden = fit(&mut self.d_hidden, rows * s.hidden());
        let stack = View::new(&w.stack, s.hidden(), s.middle).t();
        product(Target::new(hidden, rows, s.hidden()), middle, stack);
        self.hidden_backward(model, block, sums, to);
        self.attention_backward(model, block, sums);
        self.tokens_backward(model, block, sums, to);
        loss
    }

    /// From the weighted hidden layers to the groups' inputs.
    fn hidden_backward(
        &mut self,
        model: &Model,
        block: &Block,
        sums: &mut Weights,
        to: &mut [f32],
    ) {
        let (s, w, rows) = (model.sizes, model.weights, block.rows());
        let gradient = &mut self.d_hidden[..rows * s.hidden()];
        let hidden = &self.hidden[..rows * s.hidden()];
        if matches!(s.kind, RuleKind::Modular | RuleKind::ModularOp) {
            let scores = fit(&mut self.d_activation, rows * s.groups);
            let middle = View::new(&self.d_middle, rows, s.middle);
            let bias = View::new(&w.stack_bias, s.groups, s.middle).t();
            product(Target::new(scores, rows, s.groups), middle, bias);
            add_dots(scores, hidden, gradient, s.inner);
            if s.scored() {
                softmax_backward(&self.activation, scores, s.groups);
                add_rows(&mut sums.score_bias, scores);
            } else {
                add_rows_by(&mut sums.table, scores, s.groups, block.context);
            }
        }
        let weights = (!s.monolithic()).then_some(&self.activation[..]);
        let scores =
            s.scored().then_some((&self.d_activation[..], &w.score[..], &mut sums.score[..]));
        let first = &model.places.out_0;
        let bias = &mut to[first.bias.clone()];
        go(Hidden { gradient, hidden, weights, scores, bias, inner: s.inner });

        let inputs = fit(&mut self.d_inputs, rows * s.inputs());
        let (k, i) = (s.group_inputs(), s.inner);
        for group in 0..s.groups {
            let gradient = View::strided(&gradient[group * i..], rows, i, s.hidden());
            let x = View::strided(&self.inputs[group * k..], rows, k, s.inputs());
            let target = &mut to[first.weight.clone()];
            if s.monolithic() {
                add_product(Target::new(target, i, k), gradient.t(), x);
            } else {
                add_product(Target::new(&mut target[group * k * i..], k, i), x.t(), gradient);
            }
            product(
                Target::strided(&mut inputs[group * k..], rows, k, s.inputs()),
                gradient,
                s.first(&model.parameters[first.weight.clone()], group).t(),
            );
        }
    }

    /// From the groups' inputs to the projections.
    fn attention_backward(&mut self, model: &Model, block: &Block, sums: &mut Weights) {
        let (s, rows, core) = (model.sizes, block.rows(), self.core);
        let (p, places, heads) = (s.projections(), self.places(s), self.heads(s));
        let [queries, keys, values] = [0, 1, 2].map(|part| core.flat(p, part * s.width));
        let inputs = &self.d_inputs[..rows * s.inputs()];
        let from = &self.projections[..rows * p];
        let weights = &self.attention[..rows * core.row()];
        let scores = fit(&mut self.d_attention, rows * core.row());
        let to = fit(&mut self.d_projections, rows * p);
        core.dots(scores, (inputs, heads), (from, values));
        core.soften_backward(weights, scores);
        core.mix::<false>((to, queries), scores, (from, keys));
        core.mix::<true>((to, keys), scores, (from, queries));
        core.mix::<true>((to, values), weights, (inputs, heads));
        go(InputsBackward { inputs, projections: to, bias: &mut sums.bias, places });
    }

    /// From the projections to the parameters of the encoder.
    fn tokens_backward(
        &mut self,
        model: &Model,
        block: &Block,
        sums: &mut Weights,
        to: &mut [f32],
    ) {
        let (s, w, rows) = (model.sizes, model.weights, block.rows());
        let (p, dim) = (s.projections(), s.dim);
        let projections = View::new(&self.d_projections, rows, p);
        let tokens = &self.tokens[..rows * dim];
        let d_tokens = fit(&mut self.d_tokens, rows * dim);
        if w.merged.is_empty() {
            let encoded = View::new(&self.encoded, rows, dim);
            add_product(Target::new(&mut sums.projection, p, dim), projections.t(), encoded);
            let gradient = fit(&mut self.d_encoded, rows * dim);
            let weight = View::new(&w.projection, p, dim);
            product(Target::new(gradient, rows, dim), projections, weight);
            model.encode_backward(tokens, gradient, d_tokens, to);
        } else {
            let view = View::new(tokens, rows, dim);
            add_product(Target::new(&mut sums.merged, p, dim), projections.t(), view);
            let weight = View::new(&w.merged, p, dim);
            product(Target::new(d_tokens, rows, dim), projections, weight);
        }
        model.tokens_backward(block, tokens, d_tokens, sums, to);
    }
}
