//! Resident memory over 2,000 training steps, each on a batch filled anew: it must stay flat.
//!
//! `--vision` trains the CIFAR-MTL network with its convolutions instead of the MNIST-MTL one
//! without, `--rules` the rule benchmark's `Modular` MLP (8 rules, E = 32, D = 128, batch 256).

#[path = "harness/rules.rs"]
mod rules;
#[path = "harness/setup.rs"]
mod setup;

use pathweave::rule::RuleKind;
use setup::{BATCH, Training};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const STEPS: usize = 2_000;
const EVERY: usize = 200;

fn main() {
    let asked = |what: &str| std::env::args().any(|argument| argument == what);
    if asked("--rules") {
        let mut training = rules::Training::new(RuleKind::Modular, [8, 32, 128]);
        return watch(rules::BATCH, || training.step());
    }
    let mut training = match asked("--vision") {
        true => Training::new([3, 32, 32], 4, [20, 5], Default::default()),
        false => Training::new([32, 1, 1], 0, [10, 2], Default::default()),
    };
    watch(BATCH, || training.step());
}

fn watch(batch: usize, mut run: impl FnMut()) {
    println!("{STEPS} steps of {batch} samples\n\n{:>6}{:>16}", "step", "resident KiB");
    let mut seen = Vec::new();
    for step in 1..=STEPS {
        run();
        if step % EVERY == 0 {
            let Some(resident) = resident() else {
                println!("this system has no /proc/self/status to read the number from");
                return;
            };
            println!("{step:>6}{resident:>16}");
            seen.push(resident);
        }
    }
    // The first numbers hold what is allocated once.
    let (half, last) = (seen[seen.len() / 2 - 1], seen[seen.len() - 1]);
    println!("\nsecond half: {:+.2} %", (last as f64 / half as f64 - 1.0) * 100.0);
}

/// `VmRSS` of this process, in KiB.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}
