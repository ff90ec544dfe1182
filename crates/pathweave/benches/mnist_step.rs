//! A whole training step of routing-all-fc on MNIST-MTL without its convolutions, against the same
//! step in PyTorch, written sample by sample and written by masks.
//!
//! Timed: forward pass, sampling of actions, losses, rewards, backward pass, SGD, update of the WPL
//! tables; of ours also filling the batch and its upload, while the twin's batch lies ready.

mod harness;
#[path = "harness/setup.rs"]
mod setup;

use harness::{Case, Report};
use setup::Training;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::io::Result<()> {
    let heading = "training step: 32 to 128 to 128 to 2, 10 tasks, 10 modules a layer, batch 100, \
                   tabular WPL, SGD";
    let mut report = Report::start("mnist_step", heading, 30);
    let mut training = Training::new([32, 1, 1], 0, [10, 2], Default::default());
    let medians = report.case(Case {
        name: "whole step".into(),
        repeat: 5,
        ours: vec![("pathweave", &mut || training.step())],
        asked: vec![
            ("lists".into(), "PyTorch, sample by sample"),
            ("masked".into(), "PyTorch, loop over modules"),
        ],
    });
    let under = medians.of("PyTorch, sample by sample").map(|(_, ratio)| ratio);
    report.target("sample by sample over ours", under, 20.0..);
    report.finish()
}
