//! Microseconds that drawing a training batch of 256 samples of rule data takes.
//!
//! `cargo bench -p pathweave-data --bench rules`

use std::hint::black_box;
use std::time::Instant;

use pathweave_data::Streams;
use pathweave_data::dataset::rules::{Draw, RuleBatch, RuleFamily, RuleTask, RulesSpec, Search};

const ROUNDS: u64 = 200;

/// The median of each call's time.
fn median(mut call: impl FnMut(u64)) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|round| {
            let start = Instant::now();
            call(round);
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() {
    let streams = Streams::new(1);
    let mut numbers = vec![0.0; 81_920];
    let polar = median(|step| streams.stream("polar", step).fill_normal(black_box(&mut numbers)));
    let fast = median(|step| {
        streams.stream("ziggurat", step).fill_normal_ziggurat(black_box(&mut numbers));
    });
    println!("normal numbers, ns each: polar {:.2}, ziggurat {:.2}", polar / 81.92, fast / 81.92);
    for (name, family, search) in [
        ("mlp", RuleFamily::Mlp, Search::Scalar),
        ("mha, version 1", RuleFamily::Mha, Search::Scalar),
        ("mha, version 2", RuleFamily::Mha, Search::Vector),
        ("rnn", RuleFamily::Rnn, Search::Scalar),
    ] {
        for rules in [8, 32] {
            let spec = RulesSpec { family, search, rules, ..RulesSpec::default() };
            let (task, mut batch) = (RuleTask::new(&spec), RuleBatch::default());
            let draw = Draw::training(&spec, 256);
            let time = median(|step| {
                task.draw(&mut streams.stream("train", step), &draw, black_box(&mut batch));
            });
            println!("{name}, R = {rules}: {time:.1} µs");
        }
    }
}
