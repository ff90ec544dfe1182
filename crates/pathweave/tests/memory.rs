//! Memory of a run stays flat. A binary of its own: other tests would move the number.

use burn::tensor::Device;
use pathweave::spec::{RunSpec, TrainSpec};
use pathweave::train::Trainer;
use pathweave_data::{Batch, DatasetSpec, Split};

/// Resident pages of this process, where the system tells.
fn resident() -> Option<u64> {
    let numbers = std::fs::read_to_string("/proc/self/statm").ok()?;
    numbers.split_whitespace().nth(1)?.parse().ok()
}

fn steps(trainer: &mut Trainer, data: &pathweave_data::TaskSet, count: u32) {
    let mut batch = Batch::default();
    for step in 0..count {
        let indices: Vec<u32> = (0..16).map(|row| (step * 16 + row) % 1000).collect();
        data.fill(Split::Train, &indices, &mut batch);
        trainer.step(&batch).expect("a finite step");
    }
}

#[test]
fn three_hundred_steps_do_not_grow_the_process() {
    let data = DatasetSpec::named("digits-mtl").expect("embedded").load(None).expect("loads");
    for (algorithm, policy) in
        [("wpl", "tabular"), ("reinforce", "mlp"), ("q_learning", "mlp"), ("reinforce", "tabular")]
    {
        let spec = serde_json::json!({
            "data": {"name": "digits-mtl"},
            "model": {"base": {"blocks": 2, "filters": 8}, "hidden": [16, 16]},
            "router": {"algorithm": algorithm, "policy": policy},
            "reward": {"collaboration": 0.3},
        });
        let spec: RunSpec = serde_json::from_value(spec).expect("a spec");
        let train = TrainSpec { batch: 16, momentum: 0.9, ..spec.train.clone() };
        let spec = RunSpec { train, ..spec }.check().expect("a good spec");
        let mut trainer = Trainer::new(&spec, &data, &Device::flex()).expect("fits");
        steps(&mut trainer, &data, 60);
        let before = resident();
        steps(&mut trainer, &data, 300);
        if let (Some(before), Some(after)) = (before, resident()) {
            let grown = after.saturating_sub(before) * 4096;
            assert!(grown < 4 << 20, "{algorithm} {policy}: {grown} bytes in 300 steps");
        }
    }
}
