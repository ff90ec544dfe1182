//! Dispatchers of sentence pairs in training.

use pathweave::decision::AlgorithmKind;
use pathweave::dispatcher::Dispatcher;
use pathweave::dispatcher::encoding::EncodingKind;
use pathweave::explore::Exploration;
use pathweave::model::text::RoutedPart;
use pathweave::policy::PolicyKind;
use pathweave::spec::{CheckedSpec, OptimizerKind, Output, RunSpec};
use pathweave::train::{Evaluation, Trainer, evaluate};
use pathweave_data::text::{Label, Pair, PairSplits, WordsSpec};
use pathweave_data::{Batch, DatasetSpec, Split, TaskSet};

use super::phases::{Cut, finish};
use crate::support::{all_bits, cpu, spec};

/// Pairs whose premises differ in the order of their words alone, which names the context; whether
/// "x" or "y" follows is told by order and hypothesis.
fn data(names: &[&str], follows: impl Fn(usize, usize) -> bool) -> TaskSet {
    let fillers = ["", " c", " d", " c d"];
    let mut pairs = Vec::new();
    for filler in fillers {
        for (order, words) in ["a b", "b a"].into_iter().enumerate() {
            for (at, hypothesis) in ["x", "y"].into_iter().enumerate() {
                let label = if follows(order, at) { Label::Entails } else { Label::Contradicts };
                pairs.push(Pair {
                    premise: format!("{words}{filler}"),
                    hypothesis: hypothesis.into(),
                    label,
                    context: names[order % names.len()].into(),
                    group: if order == 0 { "first".into() } else { filler.trim().into() },
                });
            }
        }
    }
    let splits = PairSplits { train: pairs.clone(), test: pairs, ..PairSplits::default() };
    let words = WordsSpec { width: 8, ..WordsSpec::default() };
    TaskSet::of_pairs("orders", splits, &words, None).expect("pairs")
}

fn orders(names: &[&str]) -> TaskSet {
    data(names, |order, at| order == at)
}

fn texts(kind: Dispatcher, encoding: EncodingKind, routed: RoutedPart) -> RunSpec {
    let mut spec = spec();
    spec.data = DatasetSpec::named("implicatives").expect("sentence pairs");
    spec.model.text.routed = routed;
    spec.model.modules = 2;
    spec.model.hidden = vec![16];
    spec.model.output = Output::Shared;
    spec.router.policy = PolicyKind::Tabular;
    spec.router.algorithm = AlgorithmKind::QLearning;
    spec.router.max_depth = 1;
    spec.router.hidden = 8;
    spec.router.dispatcher = kind;
    spec.router.dispatch.encoding = encoding;
    spec.router.dispatch.agents = 2;
    spec.router.dispatch.bottleneck = 2;
    spec.train.optimizer = OptimizerKind::Adam;
    spec.train.router_optimizer = OptimizerKind::Adam;
    spec.train.learning_rate = 0.01;
    spec
}

fn checked(spec: &RunSpec) -> CheckedSpec {
    spec.clone().check().unwrap_or_else(|faults| panic!("{faults}"))
}

fn every_encoding() -> impl Iterator<Item = (Dispatcher, EncodingKind)> {
    let kinds = [Dispatcher::Online, Dispatcher::Autoencoder];
    let encodings = EncodingKind::ALL.iter().map(|&(encoding, _, _)| encoding);
    encodings.flat_map(move |encoding| kinds.map(|kind| (kind, encoding)))
}

fn whole(data: &TaskSet) -> Batch {
    let mut batch = Batch::default();
    let all: Vec<u32> = (0..data.examples(Split::Train).len() as u32).collect();
    data.fill(Split::Train, &all, &mut batch);
    batch
}

fn tested(trainer: &Trainer, data: &TaskSet) -> Evaluation {
    evaluate(&trainer.network, data, Split::Test, &cpu(), (0, 0))
}

/// Test accuracy after training on all pairs at once, and before the dispatcher took over.
fn reached(mut spec: RunSpec, data: &TaskSet, (seed, steps): (u64, u32)) -> (f64, f64) {
    spec.exploration = Exploration::Constant { rate: 0.2 };
    spec.router.hidden = 16;
    (spec.train.seed, spec.train.epochs) = (seed, steps);
    (spec.train.batch, spec.train.decay_every) = (16, 0);
    let mut trainer = Trainer::new(&checked(&spec), data, &cpu()).expect("fits");
    let (batch, mut before) = (whole(data), 0.0);
    for step in 0..steps {
        if step == spec.router.dispatch.after_epochs {
            before = tested(&trainer, data).total().accuracy();
        }
        trainer.step(&batch).expect("a finite step");
    }
    (before, tested(&trainer, data).total().accuracy())
}

#[test]
fn a_dispatcher_that_reads_in_order_tells_kinds_of_premises_apart() {
    let data = data(&["p", "q"], |order, at| order == at);
    for (encoding, learns) in [(EncodingKind::Sequence, true), (EncodingKind::Cbow, false)] {
        let mut spec = texts(Dispatcher::Online, encoding, RoutedPart::Words);
        spec.router.dispatch.after_epochs = 150;
        for seed in [0, 1] {
            let (before, after) = reached(spec.clone(), &data, (seed, 300));
            assert!(before > 0.9, "{encoding:?}: {before}");
            // A bag of words is the same for both orders.
            assert!(if learns { after > 0.9 } else { after < 0.6 }, "{encoding:?}: {after}");
        }
    }
}

#[test]
fn dispatcher_and_agents_may_learn_to_tell_them_apart_together() {
    let data = data(&[""], |order, _| order == 0);
    let mut spec = texts(Dispatcher::Online, EncodingKind::Sequence, RoutedPart::Words);
    spec.router.algorithm = AlgorithmKind::Wpl;
    spec.router.dispatch.algorithm = AlgorithmKind::QLearning;
    spec.train.router_learning_rate = 0.003;
    // Not from every beginning: two agents that have taken to one module have nothing to tell.
    let reached = [0, 1, 2].map(|seed| reached(spec.clone(), &data, (seed, 450)).1);
    assert!(reached.iter().any(|&accuracy| accuracy > 0.9), "{reached:?}");
}

#[test]
fn behind_a_finished_network_the_dispatcher_alone_learns() {
    let data = orders(&["p", "q"]);
    let batch = whole(&data);
    for routed in [RoutedPart::Words, RoutedPart::Classifier] {
        for (kind, encoding) in every_encoding() {
            let mut spec = texts(kind, encoding, routed);
            spec.router.dispatch.after_epochs = 1;
            spec.train.batch = 16;
            spec.model.text.train_vectors = true;
            let mut trainer = Trainer::new(&checked(&spec), &data, &cpu()).expect("fits");
            let mut changed = || {
                let before = all_bits(&trainer.snapshot().network);
                trainer.step(&batch).expect("a finite step");
                let after = all_bits(&trainer.snapshot().network);
                let pairs = before.into_iter().zip(after).filter(|(before, after)| before != after);
                pairs.map(|((name, _), _)| name).collect::<Vec<_>>()
            };
            let first = changed();
            assert!(!first.iter().any(|name| name.contains("dispatcher")), "{first:?}");
            assert!(first.iter().any(|name| name.contains("banks")), "{first:?}");
            for _ in 0..2 {
                let then = changed();
                assert!(then.iter().all(|name| name.contains("dispatcher")), "{then:?}");
                assert!(then.iter().any(|name| name.contains("policy")), "{then:?}");
                let learns = !matches!(encoding, EncodingKind::Activation | EncodingKind::Cbow);
                assert_eq!(then.iter().any(|name| name.contains("encoding")), learns, "{then:?}");
            }
        }
    }
}

#[test]
fn a_run_that_was_cut_continues_to_the_same_bits() {
    let data = orders(&["p", "q"]);
    for (kind, encoding) in every_encoding() {
        for after in [0, 1] {
            let mut spec = texts(kind, encoding, RoutedPart::Words);
            spec.router.dispatch.after_epochs = after;
            let whole = finish(&spec, &data, None);
            let mut watch = Cut(5, None);
            pathweave::train::run(&checked(&spec), &data, &cpu(), None, &mut watch).expect("runs");
            let resumed = finish(&spec, &data, watch.1.as_ref());
            assert_eq!(all_bits(&resumed.network), all_bits(&whole.network), "{kind:?}");
            assert_eq!(all_bits(&resumed.optimizer), all_bits(&whole.optimizer), "{kind:?}");
        }
    }
}

#[test]
fn clusters_of_premises_and_the_em_algorithm_take_texts() {
    let data = orders(&[""]);
    for kind in [Dispatcher::KMeans, Dispatcher::Agglomerative] {
        for routed in [RoutedPart::Words, RoutedPart::Classifier] {
            let spec = texts(kind, EncodingKind::Activation, routed);
            let mut trainer = Trainer::new(&checked(&spec), &data, &cpu()).expect("fits");
            trainer.step(&whole(&data)).expect("a finite step");
            let log = tested(&trainer, &data).log.expect("a log");
            let agents: Vec<u32> = log.rows().iter().filter_map(|row| row.agent).collect();
            assert!(agents.contains(&0) && agents.contains(&1), "{kind:?}: {agents:?}");
            // Bags do not know the order of words: neighbours in the list are one premise's twins.
            assert!(agents.chunks(4).all(|same| same.iter().all(|agent| *agent == same[0])));
        }
    }
    let mut spec = texts(Dispatcher::Online, EncodingKind::Sequence, RoutedPart::Words);
    spec.router.algorithm = AlgorithmKind::Em;
    let mut trainer = Trainer::new(&checked(&spec), &data, &cpu()).expect("fits");
    trainer.step(&whole(&data)).expect("a finite step");
}

#[test]
fn groups_are_scored_apart() {
    let data = orders(&["p", "q"]);
    let spec = texts(Dispatcher::Meta, EncodingKind::Activation, RoutedPart::Words);
    let trainer = Trainer::new(&checked(&spec), &data, &cpu()).expect("fits");
    let evaluation = tested(&trainer, &data);
    let names = &data.texts.as_ref().expect("texts").groups;
    assert_eq!(names, &["", "first", "c", "d", "c d"]);
    let samples: Vec<u64> = evaluation.groups.iter().map(|group| group.samples).collect();
    assert_eq!(samples, [2, 8, 2, 2, 2]);
    let sum =
        |of: &[pathweave::train::TaskScore]| of.iter().map(|score| score.correct).sum::<u64>();
    assert_eq!(sum(&evaluation.groups), sum(&evaluation.tasks));
}

#[test]
fn images_have_no_premises_and_no_groups() {
    let mut spec = spec();
    spec.router.dispatcher = Dispatcher::Online;
    spec.router.dispatch.encoding = EncodingKind::Cbow;
    spec.train.record_groups = true;
    let faults = spec.check().expect_err("images").0;
    let keys: Vec<&str> = faults.iter().map(|fault| fault.key.as_str()).collect();
    assert_eq!(keys, ["train.record_groups", "router.dispatch.encoding"]);
}
