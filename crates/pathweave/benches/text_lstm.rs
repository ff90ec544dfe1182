//! Training steps of LSTMs with routed transformations, against PyTorch.
//!
//! 128 pairs of sentences of about 20 words, 300 numbers a word and state, 15 modules, a path of
//! one or three modules a context, from the input or from the state to the gates; a classifier of
//! three layers, cross entropy, SGD.

mod harness;
mod text;

use std::sync::Arc;

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};
use harness::{Case, Report};
use pathweave::init::Init;
use pathweave::kernel::gates::gate_bank;
use pathweave::kernel::lstm::lstm;
use pathweave::kernel::routed_lstm::routed_lstm;
use pathweave::kernel::segment_sum::gather_rows;
use pathweave::routed_layer::Distinct;
use pathweave_data::Streams;
use text::{
    Batch, Classifier, Dense, MODULES, Peak, Training, WIDTH, classifier_operations, upload,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::io::Result<()> {
    let heading = "LSTM: 128 pairs, 300 numbers a word and state, 15 modules";
    let mut report = Report::start("text_lstm", heading, 6);
    let mut peak = Peak::new();
    let (device, streams) = (Device::flex().autodiff(), Streams::new(0));
    let (vectors, init) = (text::vectors(&device), Init::new(&streams, &device));
    let by_module = "PyTorch, rows by module";
    let by_mask = "PyTorch, every module, mask";
    for (of_state, depth) in [(false, 1), (false, 3), (true, 1), (true, 3)] {
        let batch = Batch::new(depth);
        let actions = batch.actions();
        let mut training = Training::new(Network::new(&init));
        let mut run = || {
            training.step(|network| match of_state {
                true => network.state_loss(&vectors, &batch),
                false => network.input_loss(&vectors, &batch, &actions),
            });
        };
        let of = if of_state { "state" } else { "input" };
        let medians = report.case(Case {
            name: format!("{of}, depth {depth}"),
            repeat: 1,
            ours: vec![("pathweave", &mut run), (Peak::NAME, &mut || peak.run())],
            asked: vec![
                (format!("{of}-gather-{depth}"), by_module),
                (format!("{of}-mask-{depth}"), by_mask),
            ],
        });
        for (name, factor) in [(by_module, 2.0), (by_mask, 10.0)] {
            let under = medians.of(name).map(|(_, ratio)| ratio);
            report.target(&format!("{of}, depth {depth}: {name} over ours"), under, factor..);
        }
        // What rows need without sharing or multiplying out: gates of inputs and of states.
        let rows = batch.words.len() * 4 * WIDTH * WIDTH * (1 + depth);
        let operations = classifier_operations() + 6.0 * rows as f64;
        if let Some((_, ratio)) = medians.of(Peak::NAME) {
            let share = operations / Peak::OPERATIONS * ratio;
            println!("{:<20}{share:.2} of the core's peak, counted over all words", "");
        }
    }
    report.finish()
}

#[derive(Module, Debug)]
struct Network {
    /// [4M, H, H]
    weight: Param<Tensor<3>>,
    /// [4M, H]
    bias: Param<Tensor<2>>,
    /// What is not routed, input or state to gates
    fixed: Dense,
    /// State to gates, where the input is routed
    recurrent: Param<Tensor<2>>,
    recurrent_bias: Param<Tensor<1>>,
    classifier: Classifier,
}

impl Network {
    fn new(init: &Init) -> Self {
        Self {
            weight: init.at("weight").fan_in([4 * MODULES, WIDTH, WIDTH], WIDTH),
            bias: init.at("bias").fan_in([4 * MODULES, WIDTH], WIDTH),
            fixed: Dense::new(WIDTH, 4 * WIDTH, &init.at("fixed")),
            recurrent: init.at("recurrent").fan_in([WIDTH, 4 * WIDTH], WIDTH),
            recurrent_bias: init.at("recurrent bias").fan_in([4 * WIDTH], WIDTH),
            classifier: Classifier::new(&init.at("classifier")),
        }
    }

    fn input_loss(&self, vectors: &Tensor<2>, batch: &Batch, actions: &[Vec<u32>]) -> Tensor<1> {
        let distinct = Distinct::of(&batch.words, actions);
        let mut x = gather_rows(vectors.clone(), &distinct.words.into());
        for level in &distinct.levels {
            let rows = gather_rows(x, &level.parents);
            let actions = upload(&level.actions, &vectors.device());
            x = gate_bank(rows, self.weight.val(), self.bias.val(), &actions);
        }
        let (recurrent, bias) = (self.recurrent.val(), self.recurrent_bias.val());
        let h = lstm(gather_rows(x, &distinct.rows), recurrent, bias, &batch.starts);
        self.classifier.loss(h, &batch.labels)
    }

    fn state_loss(&self, vectors: &Tensor<2>, batch: &Batch) -> Tensor<1> {
        let distinct = Distinct::new(&batch.words);
        let words = gather_rows(vectors.clone(), &distinct.words.into());
        let gates = gather_rows(self.fixed.forward(words), &distinct.rows);
        let paths: Arc<[u32]> = Arc::from(&batch.paths[..]);
        let (weight, bias) = (self.weight.val(), self.bias.val());
        let h = routed_lstm(gates, weight, bias, &paths, &batch.starts);
        self.classifier.loss(h, &batch.labels)
    }
}
