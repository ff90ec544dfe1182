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
use pathweave::model::text::distinct::Distinct;
use pathweave_data::Streams;
use text::{Batch, Classifier, MODULES, Training, WIDTH, classifier_operations, peak, upload};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::io::Result<()> {
    let heading = "bag of words: 128 pairs, 300 numbers a word, 15 modules, paths of three";
    let mut report = Report::start("text_cbow", heading, 10);
    let (peak, batch) = (peak(), Batch::new(3));
    let actions = batch.actions();
    let (device, streams) = (Device::flex().autodiff(), Streams::new(0));
    let (vectors, init) = (text::vectors(&device), Init::new(&streams, &device));
    let mut training = Training::new(Cbow::new(&init));
    let mut best = f64::INFINITY;
    let mut run = || {
        let start = std::time::Instant::now();
        training.step(|network| network.loss(&vectors, &batch, &actions));
        best = best.min(start.elapsed().as_secs_f64());
    };
    let medians = report.case(Case {
        name: "step".into(),
        repeat: 2,
        ours: vec![("pathweave", &mut run)],
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
    let square = (WIDTH * WIDTH) as f64;
    // Forward, gradient of weights and, but for the words' own vectors, gradient of rows.
    let words: usize = rows.iter().sum();
    let done = classifier_operations() + square * (6 * words - 2 * rows[0]) as f64;
    let real = batch.words.len();
    let nominal = classifier_operations() + square * (6 * 3 * real - 2 * real) as f64;
    println!(
        "\n{real} words, {rows:?} rows a depth; products {:.1} GFLOP/s of {:.1}; counted over all \
         words {:.1}",
        done / best / 1e9,
        peak / 1e9,
        nominal / best / 1e9
    );
    report.target("share of the core's peak", Some(done / best / peak), 0.6..);
    report.finish()
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
