//! A long short-term memory over the words of a sentence; input or state routed, or neither
//! (T 5.3.1.2).

use std::sync::Arc;

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::{Looked, RoutedPart};
use crate::bank::{Bank, GATES};
use crate::init::Init;
use crate::kernel::lstm::{lstm, plain};
use crate::kernel::routed_lstm::routed_lstm;
use crate::kernel::segment_sum::gather_rows;
use crate::routed_layer::RoutedLayer;
use crate::trajectory::Trajectory;

/// z = x · W + h · U + b, c = σ(f)·c + σ(i)·tanh(g), h = σ(o)·tanh(c), the gates i, f, g, o side by
/// side in z; a sentence is encoded by the h behind its last word, one without words by zeros.
///
/// # Deviations
/// - T 5.3.1.2 names no bias: the unrouted transformations share one b, which is that of `nn.LSTM`'s
///   two; routed modules have biases of their own beside it.
/// - Initial values are uniform in ±1/√H as those of `nn.LSTM`, modules' in ±1/√in; the thesis names
///   none.
#[derive(Module, Debug)]
pub struct Lstm {
    /// W of the gates side by side [W, 4H]; none where input to hidden is routed
    pub input: Option<Param<Tensor<2>>>,
    /// U of the gates side by side [H, 4H]; none where hidden to hidden is routed
    pub state: Option<Param<Tensor<2>>>,
    /// b \[4H\]
    pub bias: Param<Tensor<1>>,
}

impl Lstm {
    /// From vectors of `input` numbers to states of `width`, without the `routed` transformation.
    pub fn new(input: usize, width: usize, routed: RoutedPart, init: &Init) -> Self {
        let of = |name: &str, rows: usize| init.at(name).fan_in([rows, GATES * width], width);
        Self {
            input: (routed != RoutedPart::InputToHidden).then(|| of("input", input)),
            state: (routed != RoutedPart::HiddenToHidden).then(|| of("state", width)),
            bias: init.at("bias").fan_in([GATES * width], width),
        }
    }

    /// H
    pub fn width(&self) -> usize {
        self.bias.dims()[0] / GATES
    }

    /// Encodes S sentences, nothing routed. → [S, H]
    pub fn forward(&self, words: Looked, starts: &Arc<[u32]>) -> Tensor<2> {
        self.run(self.input_part(words), starts)
    }

    /// The same from what routed modules made of the words' gates: `gates` [V, 4H], and which of them
    /// each word has \[N\]. → [S, H]
    pub fn routed_input(
        &self,
        gates: Tensor<2>,
        row_of: Vec<u32>,
        starts: &Arc<[u32]>,
    ) -> Tensor<2> {
        self.run(gather_rows(gates, &row_of.into()), starts)
    }

    /// The same with the state's part of the gates composed by `layer` at every time step, as decision
    /// `of[s]` says for sentence s. → [S, H]
    pub fn routed_state(
        &self,
        words: Looked,
        starts: &Arc<[u32]>,
        layer: &RoutedLayer,
        (of, decided): (&[u32], &Trajectory),
    ) -> Tensor<2> {
        let gates = self.input_part(words) + self.bias.val().unsqueeze_dim(0);
        let gated = decided.steps.iter().any(|step| step.choice.gate.is_some());
        if let (Bank::Gates(bank), false) = (layer.bank(0), gated) {
            let (weight, bias) = (bank.blocks.weight.val(), bank.blocks.bias.val());
            return routed_lstm(gates, weight, bias, &layer.paths(of, decided).into(), starts);
        }
        // A decision that is trained through its module's output: the kernel has no such factor.
        plain::run(gates, starts, self.width(), |h, running| {
            let of: Vec<u32> = running.iter().map(|&sentence| of[sentence]).collect();
            layer.follow(h, &of, decided)
        })
    }

    /// x · W of each word, a word of one vector being multiplied once. → [N, 4H]
    fn input_part(&self, words: Looked) -> Tensor<2> {
        let input = self.input.as_ref().expect("an input that is not routed has weights").val();
        if words.row_of.is_empty() {
            return Tensor::zeros([0, input.dims()[1]], &input.device());
        }
        gather_rows(words.vectors.matmul(input), &words.row_of.into())
    }

    fn run(&self, gates: Tensor<2>, starts: &Arc<[u32]>) -> Tensor<2> {
        let state = self.state.as_ref().expect("a state that is not routed has weights").val();
        lstm(gates, state, self.bias.val(), starts)
    }
}
