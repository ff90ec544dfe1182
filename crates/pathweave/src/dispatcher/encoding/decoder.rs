//! A recurrent decoder of the premise (T 6.2.7).
//!
//! # Deviations
//! - T 6.2.7 uses the encoding "as the input to a sequential decoder that reconstructs the full input
//!   sequence". Here what leaves the bottleneck is the input of the first step, and each later step
//!   is given the premise's word before (teacher forcing). What is reconstructed are the words'
//!   vectors: the error is the mean squared difference over a word's numbers, then over the words.

use burn::module::{Module, Param};
use burn::tensor::{Tensor, TensorData, activation};

use super::Premises;
use crate::block::{Activation, LinearBlock};
use crate::init::Init;
use crate::kernel::segment_sum::{gather_rows, segment_sum};

/// A long short-term memory that says one word vector a step.
#[derive(Module, Debug)]
pub struct Decoder {
    /// Word vectors to gates i, f, g, o. [W, 4H]
    pub input: Param<Tensor<2>>,
    /// State to gates. [H, 4H]
    pub recurrent: Param<Tensor<2>>,
    /// \[4H\]
    pub bias: Param<Tensor<1>>,
    /// State to word vector. H → W
    pub output: LinearBlock,
}

impl Decoder {
    /// For word vectors of `word` numbers and a state of `hidden`; everything uniform in ±1/√H.
    pub fn new(word: usize, hidden: usize, init: &Init) -> Self {
        Self {
            input: init.at("input").fan_in([word, 4 * hidden], hidden),
            recurrent: init.at("recurrent").fan_in([hidden, 4 * hidden], hidden),
            bias: init.at("bias").fan_in([4 * hidden], hidden),
            output: LinearBlock::new(hidden, word, Activation::Identity, &init.at("output")),
        }
    }

    /// Error of each premise's reconstruction, of which `first` [B, 4H] is the first step's input;
    /// 0 where there is no word. \[B\]
    pub fn loss(&self, first: Tensor<2>, premises: &Premises) -> Tensor<1> {
        let device = first.device();
        let packed = Packed::of(premises);
        if packed.word_of.is_empty() {
            return Tensor::zeros([premises.len()], &device);
        }
        let states = self.states(first, premises, &packed);
        let rows: Vec<u32> =
            packed.word_of.iter().map(|&word| premises.row_of[word as usize]).collect();
        let wanted = gather_rows(premises.vectors.clone(), &rows.into());
        let errors = (self.output.forward(states) - wanted).square().mean_dim(1);
        let lengths: Vec<f32> =
            (0..premises.len()).map(|at| 1.0 / premises.length(at).max(1) as f32).collect();
        let lengths = Tensor::<1>::from_data(TensorData::new(lengths, [premises.len()]), &device);
        let sums = segment_sum(errors, &packed.place_of.into(), &premises.starts);
        sums.squeeze_dim::<1>(1) * lengths
    }

    /// h of every word, packed. [N, H]
    fn states(&self, first: Tensor<2>, premises: &Premises, packed: &Packed) -> Tensor<2> {
        let width = self.recurrent.dims()[0];
        let gates = premises.vectors.clone().matmul(self.input.val());
        // The word before, of every word but the first of its premise.
        let before: Vec<u32> = packed.word_of[packed.running[0].len()..]
            .iter()
            .map(|&word| premises.row_of[word as usize - 1])
            .collect();
        let gates = gather_rows(gates, &before.into());
        let bias = self.bias.val().unsqueeze_dim::<2>(0);
        let mut states: Vec<Tensor<2>> = Vec::with_capacity(packed.running.len());
        let (mut memory, mut done): (Option<Tensor<2>>, usize) = (None, 0);
        for running in &packed.running {
            let rows = running.len();
            let z = match states.last() {
                None => gather_rows(first.clone(), &running[..].into()) + bias.clone(),
                Some(h) => {
                    let given = gates.clone().narrow(0, done, rows);
                    done += rows;
                    given + h.clone().narrow(0, 0, rows).matmul(self.recurrent.val()) + bias.clone()
                }
            };
            let gate = |k: usize| z.clone().narrow(1, k * width, width);
            let new = activation::sigmoid(gate(0)) * gate(2).tanh();
            let c = match memory {
                Some(c) => activation::sigmoid(gate(1)) * c.narrow(0, 0, rows) + new,
                None => new,
            };
            states.push(activation::sigmoid(gate(3)) * c.clone().tanh());
            memory = Some(c);
        }
        Tensor::cat(states, 0)
    }
}

/// Words by their place in the premise: the first words, then the second ones, longer premises first.
struct Packed {
    /// Premises that have a word at each place.
    running: Vec<Vec<u32>>,
    /// Which word of the batch each packed one is. \[N\]
    word_of: Vec<u32>,
    /// Where each word of the batch is packed. \[N\]
    place_of: Vec<u32>,
}

impl Packed {
    fn of(premises: &Premises) -> Self {
        let mut order: Vec<u32> = (0..premises.len() as u32).collect();
        order.sort_by_key(|&at| std::cmp::Reverse(premises.length(at as usize)));
        let (mut running, mut word_of) = (Vec::new(), Vec::with_capacity(premises.words.len()));
        for place in 0.. {
            order.retain(|&at| premises.length(at as usize) > place);
            if order.is_empty() {
                break;
            }
            word_of.extend(order.iter().map(|&at| premises.starts[at as usize] + place as u32));
            running.push(order.clone());
        }
        let mut place_of = vec![0; word_of.len()];
        word_of.iter().enumerate().for_each(|(at, &word)| place_of[word as usize] = at as u32);
        Self { running, word_of, place_of }
    }
}
