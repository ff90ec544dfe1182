//! LSTM encoders in a network: batches, training, faults.

use pathweave::bank::Bank;
use pathweave::block::BlockKind;
use pathweave::intervention::{Average, averaged};
use pathweave::model::Trunk;
use pathweave::model::text::{DecidesFor, EncoderKind, RoutedPart};
use pathweave::spec::{Place, RunSpec};
use pathweave::train::{Control, Finished, Observe, Snapshot, StepReport, Trainer, evaluate, run};
use pathweave::trajectory::{Drive, Instead, Mode, Rows};
use pathweave_data::{Batch, Split};

use super::lstm_oracle::{Told, batch, logits, network};
use super::toy::{lstm, pairs};
use crate::support::{all_bits, assert_close, bits, cpu};

const PLACES: [RoutedPart; 3] =
    [RoutedPart::Classifier, RoutedPart::InputToHidden, RoutedPart::HiddenToHidden];

#[test]
fn a_pair_alone_or_among_others() {
    let data = pairs();
    let indices = [0, 7, 3, 12, 4, 59, 8];
    for routed in PLACES {
        let network = network(lstm(routed), &data, &cpu());
        let drive = Drive::Instead(&Told);
        let all = logits(&network, &batch(&data, &indices), drive);
        let each: Vec<f64> = indices
            .iter()
            .flat_map(|&index| logits(&network, &batch(&data, &[index]), drive))
            .collect();
        assert_close(&all, &each, 1e-6);
    }
}

#[test]
fn a_longer_sentence_beside_it_changes_nothing() {
    let data = pairs();
    for routed in PLACES {
        let network = network(lstm(routed), &data, &cpu());
        let (mut with, mut rows) = batch(&data, &[0, 7, 3]);
        let without = logits(&network, &(with.clone(), rows.clone()), Mode::Greedy);
        let long: Vec<u32> = (0..40).map(|word| 3 + word % 12).collect();
        with.sentences.push(&long);
        with.sentences.push(&long[..1]);
        rows.contexts.push(1);
        rows.samples.push(60);
        (with.tasks, with.samples) = (rows.contexts.clone(), rows.samples.clone());
        with.labels.push(0);
        let longer = logits(&network, &(with, rows), Mode::Greedy);
        assert_close(&longer[..without.len()], &without, 1e-6);
    }
}

/// Ends every row at once.
#[derive(Debug)]
struct End;

impl Instead for End {
    fn actions(&self, _depth: usize, rows: &Rows, _greedy: &[u32]) -> Vec<u32> {
        vec![4; rows.len()]
    }
}

#[test]
fn no_pairs_no_words_all_ended() {
    let data = pairs();
    for routed in PLACES {
        for by in [DecidesFor::Pair, DecidesFor::Sentence] {
            let mut spec = lstm(routed);
            spec.router.policy = pathweave::policy::PolicyKind::Mlp;
            spec.model.text.decides_for = by;
            let network = network(spec, &data, &cpu());
            let nobody = (Batch::default(), Rows { contexts: Vec::new(), samples: Vec::new() });
            assert!(logits(&network, &nobody, Mode::Greedy).is_empty());
            let mut silent = batch(&data, &[0]);
            silent.0.sentences.clear();
            silent.0.sentences.push(&[]);
            silent.0.sentences.push(&[]);
            let silence = logits(&network, &silent, Mode::Greedy);
            assert!(silence.len() == 3 && silence.iter().all(|x| x.is_finite()));
            let ended = logits(&network, &batch(&data, &[0, 1]), Drive::Instead(&End));
            assert!(ended.iter().all(|x| x.is_finite()));
        }
    }
}

fn train(spec: &RunSpec, resume: Option<&Snapshot>, cut: Option<u64>) -> Option<Snapshot> {
    #[derive(Default)]
    struct Watch(Option<u64>, Option<Snapshot>);
    impl Observe for Watch {
        fn step(&mut self, report: &StepReport) -> Control {
            if Some(report.step + 1) == self.0 { Control::Stop } else { Control::Continue }
        }

        fn snapshot(&mut self, snapshot: &Snapshot) {
            self.1 = Some(snapshot.clone());
        }
    }
    let checked = spec.clone().check().expect("a good spec");
    let mut watch = Watch(cut, None);
    match run(&checked, &pairs(), &cpu(), resume, &mut watch).expect("a run") {
        Finished::Complete(complete) => Some(complete.snapshot),
        _ => watch.1,
    }
}

/// A place with each kind of decision, learned by tables, perceptrons, gates and an E-step.
fn specs() -> Vec<RunSpec> {
    let mut specs = Vec::new();
    for routed in PLACES {
        for (algorithm, policy, by) in [
            ("wpl", "tabular", DecidesFor::Pair),
            ("reinforce", "mlp", DecidesFor::Sentence),
            ("gumbel", "mlp", DecidesFor::Pair),
            ("em", "tabular", DecidesFor::Pair),
        ] {
            let mut spec = lstm(routed);
            spec.router.algorithm = serde_json::from_value(algorithm.into()).expect("known");
            spec.router.policy = serde_json::from_value(policy.into()).expect("known");
            spec.model.text.decides_for =
                if routed == RoutedPart::Classifier { DecidesFor::Pair } else { by };
            spec.router.gradient_to_modules = by == DecidesFor::Sentence;
            spec.model.text.train_vectors = by == DecidesFor::Sentence;
            specs.push(spec);
        }
    }
    specs
}

#[test]
fn a_run_cut_continues_to_the_same_bits() {
    for spec in specs() {
        let whole = train(&spec, None, None).expect("a snapshot");
        let kept = train(&spec, None, Some(4)).expect("a snapshot");
        let again = train(&spec, Some(&kept), None).expect("a snapshot");
        assert_eq!(all_bits(&whole.network), all_bits(&again.network));
        assert_eq!(all_bits(&whole.optimizer), all_bits(&again.optimizer));
        assert_eq!(whole.counters, again.counters);
    }
}

#[test]
fn every_place_learns_the_toy() {
    let data = pairs();
    for routed in PLACES {
        for algorithm in ["wpl", "q_learning"] {
            let mut spec = lstm(routed);
            spec.router.algorithm = serde_json::from_value(algorithm.into()).expect("known");
            (spec.router.skip, spec.router.terminate, spec.router.max_depth) = (false, false, 2);
            spec.model.hidden = vec![16];
            spec.exploration = pathweave::explore::Exploration::Constant { rate: 0.0 };
            spec.router.dispatcher = pathweave::dispatcher::Dispatcher::Meta;
            (spec.train.epochs, spec.train.evaluate_every) = (150, 150);
            let trained = trained(&spec);
            let score = evaluate(&trained.network, &data, Split::Train, &cpu(), (0, 0)).total();
            assert!(score.accuracy() >= 0.95, "{routed:?}, {algorithm}: {score:?}");
        }
    }
}

fn trained(spec: &RunSpec) -> Trainer {
    let checked = spec.clone().check().expect("a good spec");
    let snapshot = train(spec, None, None).expect("a snapshot");
    let fresh = Trainer::new(&checked, &pairs(), &cpu()).expect("fits");
    fresh.restore(&snapshot, &cpu()).expect("its own")
}

/// The blocks of every module, bit for bit.
fn modules(trainer: &Trainer) -> Vec<Vec<u32>> {
    let Trunk::Routed(layer) = &trainer.network.trunk else { panic!("routed") };
    let Bank::Gates(bank) = layer.bank(0) else { panic!("gates") };
    let all = bits(&bank.blocks.weight.val());
    all.chunks(all.len() / bank.modules()).map(<[u32]>::to_vec).collect()
}

#[test]
fn frozen_modules_stay_and_averaged_ones_are_one() {
    for routed in [RoutedPart::InputToHidden, RoutedPart::HiddenToHidden] {
        let mut spec = lstm(routed);
        spec.model.frozen = vec![Place { depth: 0, module: 1 }];
        let checked = spec.clone().check().expect("a good spec");
        let before = modules(&Trainer::new(&checked, &pairs(), &cpu()).expect("fits"));
        let mut trainer = trained(&spec);
        let after = modules(&trainer);
        assert_eq!(before[1], after[1]);
        assert!(before[0] != after[0] && before[2] != after[2]);

        trainer.network =
            averaged(&trainer.network, Average::Even, &[]).expect("linear blocks have a mean");
        let one = modules(&trainer);
        assert!(one[0] == one[1] && one[1] == one[2]);
        let mean = |at: usize| {
            let sum: f32 = after.iter().map(|module| f32::from_bits(module[at])).sum();
            f64::from(sum / 3.0)
        };
        let wanted: Vec<f64> = (0..one[0].len()).map(mean).collect();
        let found: Vec<f64> = one[0].iter().map(|&x| f64::from(f32::from_bits(x))).collect();
        assert_close(&found, &wanted, 1e-6);
    }
}

#[test]
fn modules_that_no_pair_chose_stay() {
    for routed in [RoutedPart::InputToHidden, RoutedPart::HiddenToHidden] {
        let mut spec = lstm(routed);
        spec.router.algorithm = serde_json::from_value("assigned".into()).expect("known");
        spec.router.dispatcher = pathweave::dispatcher::Dispatcher::Meta;
        spec.model.modules = 4;
        let data = pairs();
        let mut trainer = Trainer::new(&spec.check().expect("good"), &data, &cpu()).expect("fits");
        let before = modules(&trainer);
        for _ in 0..3 {
            trainer.step(&batch(&data, &[0, 3, 6, 1, 4]).0).expect("a step");
        }
        let after = modules(&trainer);
        let moved: Vec<bool> = before.iter().zip(&after).map(|(a, b)| a != b).collect();
        assert_eq!(moved, [true, true, false, false], "{routed:?}");
    }
}

#[test]
fn faults_are_told_together() {
    let faults = |spec: RunSpec| -> Vec<String> {
        let faults = spec.check().expect_err("faults").0;
        faults.into_iter().map(|fault| fault.key).collect()
    };
    let mut spec = lstm(RoutedPart::InputToHidden);
    spec.model.text.hidden = 9;
    spec.model.blocks = vec![BlockKind::Mlp];
    assert_eq!(faults(spec.clone()), ["model.blocks", "model.text.hidden"]);
    spec.model.blocks = vec![BlockKind::Linear];
    (spec.router.max_depth, spec.router.skip, spec.router.terminate) = (1, false, false);
    spec.check().expect("one module deep, widths may differ");
    let mut spec = lstm(RoutedPart::HiddenToHidden);
    spec.model.text.hidden = 9;
    spec.clone().check().expect("states have any width");
    spec.model.text.decides_for = DecidesFor::Word;
    spec.model.frozen = vec![Place { depth: 1, module: 0 }];
    assert_eq!(faults(spec), ["model.frozen", "model.text.decides_for"]);
    let mut spec = lstm(RoutedPart::Classifier);
    spec.model.text.encoder = EncoderKind::Cbow;
    spec.model.text.hidden = 9;
    assert_eq!(faults(spec), ["model.text.hidden"]);
}
