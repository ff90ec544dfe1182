//! Routed blocks and attentions: many copies of one block, one decision a pair and layer.

use burn::tensor::Tensor;
use pathweave::bank::Bank;
use pathweave::init::Init;
use pathweave::intervention::{Average, averaged};
use pathweave::model::text::RoutedPart;
use pathweave::model::{Input, Network, Trunk};
use pathweave::noise::Noise;
use pathweave::spec::{ModelKind, RunSpec};
use pathweave::train::{Trainer, arrays};
use pathweave::trajectory::{Drive, Instead, Mode, Rows};
use pathweave_data::{Batch, Split, Streams, TaskSet};

use super::{data, spec};
use crate::support::{all_bits, assert_close, bits, cpu, numbers};

const ROUTED: [RoutedPart; 2] = [RoutedPart::Attention, RoutedPart::Blocks];

/// Every pair takes this module at every depth.
#[derive(Debug)]
struct All(u32);

impl Instead for All {
    fn actions(&self, _depth: usize, rows: &Rows, _greedy: &[u32]) -> Vec<u32> {
        vec![self.0; rows.len()]
    }
}

fn batch(data: &TaskSet, count: u32) -> Batch {
    let mut batch = Batch::default();
    data.fill(Split::Train, &(0..count).collect::<Vec<u32>>(), &mut batch);
    batch
}

fn network(spec: &RunSpec, data: &TaskSet) -> Network {
    let (streams, device) = (Streams::new(0), cpu());
    let checked = spec.clone().check().expect("a good spec");
    Network::new(&checked, data, &Init::new(&streams, &device)).expect("a network")
}

fn logits(network: &Network, batch: &Batch, drive: Drive<'_>) -> Tensor<2> {
    let rows = Rows { contexts: batch.tasks.clone(), samples: batch.samples.clone() };
    let streams = Streams::new(0);
    let input = Input::of(batch, None, &cpu());
    network.forward(input, &rows, drive, &Noise::new(&streams, 0)).logits
}

#[test]
fn copies_without_noise_make_routing_irrelevant() {
    let data = data();
    for routed in ROUTED {
        let mut spec = spec(routed);
        spec.model.text.transformer.noise = 0.0;
        let (network, batch) = (network(&spec, &data), batch(&data, 7));
        let of = |module: usize| {
            let force = All(module as u32);
            logits(&network, &batch, Drive::Instead(&force))
        };
        assert_eq!(bits(&of(0)), bits(&of(1)), "{routed:?}");
        let own = logits(&network, &batch, Drive::Own(Mode::Greedy));
        assert_eq!(bits(&of(2)), bits(&own), "{routed:?}");
        // The unrouted twin with the same encoder.
        let mut plain = spec.clone();
        (plain.model.kind, plain.model.text.routed) = (ModelKind::Unrouted, RoutedPart::Classifier);
        let encoder = |network: &Network, from: &str| -> Vec<Vec<u32>> {
            let all = all_bits(&arrays(network));
            all.into_iter().filter(|(name, _)| name.starts_with(from)).map(|(_, b)| b).collect()
        };
        let plain = self::network(&plain, &data);
        assert_eq!(
            encoder(&network, "text.transformer.tokens"),
            encoder(&plain, "text.transformer.tokens")
        );
        let Trunk::Routed(layer) = &network.trunk else { panic!("a routed layer") };
        let block =
            &plain.text.as_ref().and_then(|t| t.transformer.as_ref()).expect("one").blocks[1];
        let wanted = numbers(&block.attention.output.weight.val());
        let got = match layer.bank(1) {
            Bank::Attention(bank) => numbers(&bank.output.weight.val()),
            Bank::Block(bank) => numbers(&bank.attention.output.weight.val()),
            other => panic!("{other:?}"),
        };
        assert_eq!(got, wanted.repeat(3));
    }
}

#[test]
fn noise_tells_copies_apart_by_as_much_as_it_says() {
    let data = data();
    let network = network(&spec(RoutedPart::Blocks), &data);
    let Trunk::Routed(layer) = &network.trunk else { panic!("a routed layer") };
    let Bank::Block(bank) = layer.bank(0) else { panic!("blocks") };
    let values = numbers(&bank.rest.up.weight.val());
    let each = values.len() / 3;
    let apart: Vec<f64> = (0..each).map(|at| values[at] - values[each + at]).collect();
    let square = apart.iter().map(|d| d * d).sum::<f64>() / each as f64;
    // Two independent draws of 1e-4 differ by √2 as much.
    assert!((0.5..2.0).contains(&(square.sqrt() / 2f64.sqrt() / 1e-4)), "{}", square.sqrt());
}

#[test]
fn only_chosen_modules_move_and_frozen_ones_do_not() {
    let data = data();
    for routed in ROUTED {
        let mut spec = spec(routed);
        spec.train.optimizer = pathweave::spec::OptimizerKind::Adam;
        spec.model.frozen = vec!["0:1".parse().expect("a place")];
        let checked = spec.check().expect("a good spec");
        let mut trainer = Trainer::new(&checked, &data, &cpu()).expect("a trainer");
        let module = |trainer: &Trainer, m: usize| -> Vec<u32> {
            let Trunk::Routed(layer) = &trainer.network.trunk else { panic!("a routed layer") };
            let of = |bank: &pathweave::bank::LinearBank| {
                let all = bits(&bank.weight.val());
                all[m * all.len() / 3..(m + 1) * all.len() / 3].to_vec()
            };
            match layer.bank(0) {
                Bank::Attention(bank) => of(&bank.input),
                Bank::Block(bank) => [of(&bank.attention.input), of(&bank.rest.down)].concat(),
                other => panic!("{other:?}"),
            }
        };
        let before: Vec<Vec<u32>> = (0..3).map(|m| module(&trainer, m)).collect();
        let paths = (0..6).map(|sample| (sample, vec![(sample % 2) as u32, 0])).collect();
        trainer.forced = Some(pathweave::train::Paths(paths));
        trainer.step(&batch(&data, 6)).expect("a step");
        assert_ne!(before[0], module(&trainer, 0), "{routed:?}: chosen");
        assert_eq!(before[1], module(&trainer, 1), "{routed:?}: frozen");
        assert_eq!(before[2], module(&trainer, 2), "{routed:?}: not chosen");
    }
}

#[test]
fn the_mean_of_copies_is_near_each() {
    let data = data();
    for routed in ROUTED {
        let network = network(&spec(routed), &data);
        let used = vec![vec![1, 2, 3]; 2];
        let mean = averaged(&network, Average::ByUse, &used).expect("blocks of one architecture");
        let batch = batch(&data, 5);
        let of = |network: &Network, module: u32| {
            let force = All(module);
            logits(network, &batch, Drive::Instead(&force))
        };
        assert_eq!(bits(&of(&mean, 0)), bits(&of(&mean, 2)));
        assert_close(&numbers(&of(&mean, 0)), &numbers(&of(&network, 1)), 1e-2);
    }
}

#[test]
fn every_algorithm_trains_them() {
    let data = data();
    for routed in ROUTED {
        for algorithm in ["q_learning", "reinforce", "wpl", "gumbel", "relax", "em", "ppo"] {
            for policy in ["tabular", "mlp"] {
                let mut spec = spec(routed);
                spec.router.algorithm = serde_json::from_value(algorithm.into()).expect("known");
                spec.router.policy = serde_json::from_value(policy.into()).expect("known");
                let Ok(checked) = spec.check() else { continue };
                let mut trainer = Trainer::new(&checked, &data, &cpu()).expect("a trainer");
                for _ in 0..2 {
                    let report = trainer.step(&batch(&data, 6)).expect(algorithm);
                    assert!(report.loss.is_finite() && report.router_loss.is_finite());
                }
            }
        }
    }
}

#[test]
fn other_models_stand_behind_an_encoder_that_is_not_routed() {
    let data = data();
    for kind in ["unrouted", "routed", "soft-mixture", "top-k", "task-specific-all-fc"] {
        let mut spec = spec(RoutedPart::Classifier);
        spec.model.kind = serde_json::from_value(kind.into()).expect("known");
        spec.model.task_input = kind == "unrouted";
        let checked = spec.check().expect("a good spec");
        let mut trainer = Trainer::new(&checked, &data, &cpu()).expect("a trainer");
        let first = trainer.step(&batch(&data, 18)).expect(kind).loss;
        for _ in 0..40 {
            trainer.step(&batch(&data, 18)).expect(kind);
        }
        let last = trainer.step(&batch(&data, 18)).expect(kind).loss;
        assert!(last < first, "{kind}: {first} to {last}");
    }
}
