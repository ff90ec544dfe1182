//! A training step of a bag of words whose words go through routed modules, against PyTorch and
//! against the speed of this core's products.
//!
//! 128 pairs of sentences of about 20 words, 300 numbers a word, 15 modules with ReLU, a path of
//! three modules a context; sums, a classifier of three layers, cross entropy, SGD. Timed of ours:
//! also finding the words that go the same way.

mod harness;
mod text;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use harness::{Case, Report};
use pathweave::bank::LinearBank;
use pathweave::block::Activation;
use pathweave::init::Init;
use pathweave::kernel::segment_sum::{gather_rows, segment_sum};
use pathweave::routed_layer::Distinct;
use pathweave_data::Streams;
use text::{Batch, Classifier, MODULES, Peak, Training, WIDTH, classifier_operations, upload};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::io::Result<()> {
    let heading = "bag of words: 128 pairs, 300 numbers a word, 15 modules, paths of three";
    let mut report = Report::start("text_cbow", heading, 10);
    let (mut peak, batch) = (Peak::new(), Batch::new(3));
    let actions = batch.actions();
    let (device, streams) = (Device::flex().autodiff(), Streams::new(0));
    let (vectors, init) = (text::vectors(&device), Init::new(&streams, &device));
    let mut training = Training::new(Cbow::new(&init));
    let mut step = || training.step(|network| network.loss(&vectors, &batch, &actions));
    let medians = report.case(Case {
        name: "step".into(),
        repeat: 2,
        ours: vec![("pathweave", &mut step), (Peak::NAME, &mut || peak.run())],
        asked: vec![
            ("gather".into(), "PyTorch, rows by module"),
            ("mask".into(), "PyTorch, every module, mask"),
        ],
    });
    for (name, factor) in [("PyTorch, rows by module", 1.3), ("PyTorch, every module, mask", 10.0)]
    {
        let under = medians.of(name).map(|(_, ratio)| ratio);
        report.target(&format!("{name} over ours"), under, factor..);
    }
    let distinct = Distinct::of(&batch.words, &actions);
    let rows: Vec<usize> = distinct.levels.iter().map(|level| level.actions.len()).collect();
    println!("\n{} words, {rows:?} rows a depth", batch.words.len());
    let share = |rows: &[usize]| {
        let operations = operations(rows) + classifier_operations();
        medians.of(Peak::NAME).map(|(_, ratio)| operations / Peak::OPERATIONS * ratio)
    };
    report.target("share of the core's peak, products done", share(&rows), 0.6..);
    report.target("the same, counted over all words", share(&[batch.words.len(); 3]), 0.6..);
    report.finish()
}

/// Multiplications and additions of the routed words: forward, gradient of weights and, but for
/// the words' own vectors, gradient of rows.
fn operations(rows: &[usize]) -> f64 {
    let all: usize = rows.iter().sum();
    ((6 * all - 2 * rows[0]) * WIDTH * WIDTH) as f64
}

#[derive(Module, Debug)]
struct Cbow {
    bank: LinearBank,
    classifier: Classifier,
}

impl Cbow {
    fn new(init: &Init) -> Self {
        let bank = LinearBank::new(MODULES, WIDTH, WIDTH, Activation::Relu, &init.at("bank"));
        Self { bank, classifier: Classifier::new(&init.at("classifier")) }
    }

    fn loss(&self, vectors: &Tensor<2>, batch: &Batch, actions: &[Vec<u32>]) -> Tensor<1> {
        let distinct = Distinct::of(&batch.words, actions);
        let mut x = gather_rows(vectors.clone(), &distinct.words.into());
        for level in &distinct.levels {
            let rows = gather_rows(x, &level.parents);
            x = self.bank.apply(rows, &upload(&level.actions, &vectors.device()));
        }
        self.classifier.loss(segment_sum(x, &distinct.rows, &batch.starts), &batch.labels)
    }
}
