//! The convolutional base, forward and backward, and a whole training step of routing-all-fc on
//! CIFAR-MTL behind it, against PyTorch.
//!
//! Timed of the base: forward pass with batch statistics, running averages, gradients of all
//! parameters (the images need none). Timed of the step: all of it; of ours also filling
//! the batch.

mod harness;
#[path = "harness/setup.rs"]
mod setup;

use std::hint::black_box;

use burn::tensor::{Device, Tensor, TensorData};
use harness::{Case, Report};
use pathweave::init::Init;
use pathweave::model::ConvBase;
use pathweave_data::Streams;
use setup::{BATCH, Training};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::io::Result<()> {
    let heading = "four blocks [3x3 conv, 32 filters, batch norm, ReLU, 2x2 max pool] on 3x32x32, \
                   batch 100";
    let mut report = Report::start("vision_base", heading, 10);
    let mut base = Base::new();
    let medians = report.case(Case {
        name: "base".into(),
        repeat: 2,
        ours: vec![("pathweave", &mut || base.step())],
        asked: vec![("base".into(), "PyTorch"), ("base-last".into(), "PyTorch, channels last")],
    });
    for name in ["PyTorch", "PyTorch, channels last"] {
        let under = medians.of(name).map(|(_, ratio)| ratio);
        report.target(&format!("{name} over ours"), under, 1.0..);
    }
    let mut training = Training::new([3, 32, 32], 4, [20, 5], Default::default());
    report.case(Case {
        name: "CIFAR-MTL step".into(),
        repeat: 1,
        ours: vec![("pathweave", &mut || training.step())],
        asked: vec![
            ("cifar-lists".into(), "PyTorch, sample by sample"),
            ("cifar-masked".into(), "PyTorch, loop over modules"),
        ],
    });
    report.finish()
}

struct Base {
    base: ConvBase,
    images: Tensor<4>,
}

impl Base {
    fn new() -> Self {
        let (streams, device) = (Streams::new(0), Device::flex().autodiff());
        let mut images = vec![0.0; BATCH * 3 * 32 * 32];
        streams.stream("images", 0).fill_normal(&mut images);
        Self {
            base: ConvBase::new(4, 3, 32, &Init::new(&streams, &device)),
            images: Tensor::from_data(TensorData::new(images, [BATCH, 3, 32, 32]), &device),
        }
    }

    fn step(&mut self) {
        let (features, statistics) = self.base.forward_train(self.images.clone());
        black_box(features.backward());
        self.base.absorb(statistics);
    }
}
