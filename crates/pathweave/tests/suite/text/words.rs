//! Routed words in a network: against a scalar re-statement, what decisions hold for, phases.

use std::collections::{BTreeMap, BTreeSet};

use pathweave::model::text::{DecidesFor, RoutedPart};
use pathweave::model::{Forward, Input, Trunk};
use pathweave::noise::Noise;
use pathweave::spec::{CheckedSpec, Output, RunSpec};
use pathweave::train::{NamedArray, Trainer, arrays, evaluate, order};
use pathweave::trajectory::{Mode, Rows};
use pathweave_data::dataset::ImplicativesSpec;
use pathweave_data::dataset::implicatives::Variant;
use pathweave_data::{Batch, DatasetSpec, Split, Streams, TaskSet};

use crate::support::{all_bits, assert_close, cpu, numbers, spec};

const WIDTH: usize = 6;

/// Words routed by tables, three modules, three depths, skip and ⊥.
fn words(decides_for: DecidesFor) -> RunSpec {
    let mut spec = spec();
    let mut data = ImplicativesSpec { train: 60, validation: 0, test: 30, ..Default::default() };
    data.words.width = WIDTH;
    spec.data = DatasetSpec::Implicatives(data);
    spec.model.text.routed = RoutedPart::Words;
    spec.model.text.decides_for = decides_for;
    spec.model.hidden = vec![8, 8];
    spec.model.modules = 3;
    spec.model.output = Output::Shared;
    spec.router.max_depth = 3;
    (spec.router.skip, spec.router.terminate) = (true, true);
    spec.train.batch = 20;
    spec
}

fn start(spec: RunSpec) -> (CheckedSpec, TaskSet, Trainer) {
    let spec = spec.check().expect("a good spec");
    let data = spec.data.load(None).expect("generated data");
    let trainer = Trainer::new(&spec, &data, &cpu()).expect("spec and data fit");
    (spec, data, trainer)
}

fn first(data: &TaskSet, count: u32) -> (Batch, Rows) {
    let mut batch = Batch::default();
    data.fill(Split::Train, &(0..count).collect::<Vec<_>>(), &mut batch);
    let rows = Rows { contexts: batch.tasks.clone(), samples: batch.samples.clone() };
    (batch, rows)
}

fn forward(trainer: &Trainer, batch: &Batch, rows: &Rows) -> Forward {
    let streams = Streams::new(5);
    let noise = Noise::new(&streams, 0);
    let input = Input::of(batch, None, &cpu().autodiff());
    trainer.network.forward(input, rows, Mode::Train { exploration: 0.7 }, &noise)
}

/// y = f(x W + b), written for one row.
fn linear(x: &[f64], weight: &[f32], bias: &[f32], relu: bool) -> Vec<f64> {
    let out = bias.len();
    let one = |column: usize| {
        let sum: f64 =
            x.iter().enumerate().map(|(row, x)| x * f64::from(weight[row * out + column])).sum();
        let y = sum + f64::from(bias[column]);
        if relu { y.max(0.0) } else { y }
    };
    (0..out).map(one).collect()
}

/// Equation 5.2 and the classifier, pair by pair and word by word, given each decision's actions.
fn restated(
    data: &TaskSet,
    arrays: &[NamedArray],
    batch: &Batch,
    path_of: impl Fn(usize, usize, usize) -> Vec<u32>,
) -> Vec<f64> {
    let by_name: BTreeMap<&str, &[f32]> =
        arrays.iter().map(|array| (array.name.as_str(), array.values.as_slice())).collect();
    let of = |end: &str| {
        let found = by_name.iter().find(|(name, _)| name.ends_with(end));
        *found.unwrap_or_else(|| panic!("no {end} in {:?}", by_name.keys())).1
    };
    let (weight, bias) = (of("banks.0.Linear.weight"), of("banks.0.Linear.bias"));
    let texts = data.texts.as_ref().expect("texts");
    let mut logits = Vec::new();
    let mut word = 0;
    for pair in 0..batch.labels.len() {
        let mut h = Vec::new();
        for sentence in [2 * pair, 2 * pair + 1] {
            let mut sum = vec![0.0; WIDTH];
            for &number in batch.sentences.sentence(sentence) {
                let mut x: Vec<f64> = texts.vector(number).iter().map(|&x| f64::from(x)).collect();
                // Actions: three modules, skip, ⊥.
                for action in path_of(pair, sentence, word) {
                    let at = action as usize;
                    match action {
                        0..3 => {
                            let weight = &weight[at * WIDTH * WIDTH..][..WIDTH * WIDTH];
                            x = linear(&x, weight, &bias[at * WIDTH..][..WIDTH], true);
                        }
                        3 => {}
                        _ => break,
                    }
                }
                sum.iter_mut().zip(&x).for_each(|(sum, x)| *sum += x);
                word += 1;
            }
            h.extend(sum);
        }
        for depth in 0..2 {
            let name = |what: &str| format!("head.{depth}.{what}");
            h = linear(&h, of(&name("weight")), of(&name("bias")), true);
        }
        logits.extend(linear(&h, of("output.weight"), of("output.bias"), false));
    }
    logits
}

#[test]
fn equation_5_2_word_by_word() {
    for decides_for in [DecidesFor::Pair, DecidesFor::Sentence, DecidesFor::Word] {
        let (_, data, trainer) = start(words(decides_for));
        let (batch, rows) = first(&data, 12);
        let out = forward(&trainer, &batch, &rows);
        let trajectory = out.trajectory.as_ref().expect("decisions");
        let path = |unit: usize| {
            trajectory.steps.iter().map(|step| step.actions[unit]).collect::<Vec<u32>>()
        };
        let wanted = restated(&data, &arrays(&trainer.network), &batch, |pair, sentence, word| {
            path(match decides_for {
                DecidesFor::Pair => pair,
                DecidesFor::Sentence => sentence,
                DecidesFor::Word => word,
            })
        });
        assert_close(&numbers(&out.logits), &wanted, 1e-5);
        let decisions = match decides_for {
            DecidesFor::Pair => 12,
            DecidesFor::Sentence => 24,
            DecidesFor::Word => batch.sentences.words.len(),
        };
        assert_eq!(trajectory.agents.len(), decisions);
    }
}

#[test]
fn every_decision_has_its_own_number_and_its_samples_context() {
    for decides_for in [DecidesFor::Sentence, DecidesFor::Word] {
        let (_, data, trainer) = start(words(decides_for));
        let (batch, rows) = first(&data, 12);
        let units = forward(&trainer, &batch, &rows).units.expect("several decisions a sample");
        let distinct: BTreeSet<u64> = units.rows.samples.iter().copied().collect();
        assert_eq!(distinct.len(), units.rows.len());
        for (unit, &owner) in units.owner.iter().enumerate() {
            assert_eq!(units.rows.contexts[unit], rows.contexts[owner as usize]);
        }
        let log = evaluate(&trainer.network, &data, Split::Test, &cpu(), (0, 0)).log;
        let samples: BTreeSet<u64> =
            log.expect("a log").rows().iter().map(|row| row.sample).collect();
        assert!(samples.len() > data.examples(Split::Test).len());
    }
}

#[test]
fn training_repeats_to_the_bit_and_goes_on_from_a_snapshot() {
    for decides_for in [DecidesFor::Pair, DecidesFor::Word] {
        let run = |resumed: bool| {
            let (spec, data, mut trainer) = start(words(decides_for));
            for step in 0..4 {
                if resumed && step == 2 {
                    let snapshot = trainer.snapshot();
                    let fresh = Trainer::new(&spec, &data, &cpu()).expect("a trainer");
                    trainer = fresh.restore(&snapshot, &cpu()).expect("its own snapshot");
                }
                trainer.step(&first(&data, 20).0).expect("a good step");
            }
            all_bits(&trainer.snapshot().network)
        };
        assert_eq!(run(false), run(true));
    }
}

#[test]
fn pairs_without_words_and_no_pairs_at_all() {
    let (_, data, trainer) = start(words(DecidesFor::Word));
    let (mut batch, rows) = first(&data, 2);
    batch.sentences.clear();
    (0..4).for_each(|_| batch.sentences.push(&[]));
    let logits = numbers(&forward(&trainer, &batch, &rows).logits);
    assert!(logits.len() == 6 && logits.iter().all(|x| x.is_finite()));
    let nobody = Rows { contexts: Vec::new(), samples: Vec::new() };
    assert!(numbers(&forward(&trainer, &Batch::default(), &nobody).logits).is_empty());
}

#[test]
fn the_phase_before_shows_its_own_samples() {
    let mut spec = words(DecidesFor::Pair);
    if let DatasetSpec::Implicatives(data) = &mut spec.data {
        (data.variant, data.before) = (Variant::Nested, Some(Variant::Joint));
        data.train = 50;
    }
    (spec.train.epochs, spec.train.before_epochs) = (4, 2);
    let (spec, data, _) = start(spec);
    let streams = Streams::new(1);
    for epoch in 0..4 {
        let order = order(&spec.train, &data, &streams, epoch);
        assert_eq!(order.len(), data.examples(Split::Train).len());
    }
    let mut batch = Batch::default();
    data.fill(Split::Before, &[0, 1], &mut batch);
    assert_eq!(batch.samples, [1 << 32, (1 << 32) + 1]);
    let nested =
        |batch: &Batch| batch.tasks.iter().all(|&t| data.task_names[t as usize].starts_with('N'));
    assert!(!nested(&batch));
    data.fill(Split::Train, &[0, 1], &mut batch);
    assert!(nested(&batch));
}

#[test]
fn only_modules_that_took_part_move() {
    let mut spec = words(DecidesFor::Pair);
    spec.train.record_routing = true;
    let (_, data, mut trainer) = start(spec);
    let bank = |trainer: &Trainer| {
        let Trunk::Routed(layer) = &trainer.network.trunk else { panic!("it is routed") };
        let weights: Vec<NamedArray> = arrays(layer);
        let weights = weights.into_iter().find(|array| array.name == "banks.0.Linear.weight");
        weights.expect("one bank for all depths").values
    };
    let before = bank(&trainer);
    trainer.step(&first(&data, 2).0).expect("a good step");
    let after = bank(&trainer);
    let module = |values: &[f32], m: usize| values[m * WIDTH * WIDTH..][..WIDTH * WIDTH].to_vec();
    let moved: BTreeSet<u32> =
        (0..3).filter(|&m| module(&before, m as usize) != module(&after, m as usize)).collect();
    let chosen = trainer.decided.iter().flat_map(|decided| &decided.actions).copied();
    assert_eq!(moved, chosen.filter(|&action| action < 3).collect());
}
