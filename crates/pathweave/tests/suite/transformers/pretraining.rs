//! The encoder as a language model, before the first step.

use pathweave::init::Init;
use pathweave::model::Trunk;
use pathweave::model::text::RoutedPart;
use pathweave::model::text::transformer::{Joined, Transformer, language_loss};
use pathweave::train::pretrain::{pretrained, sentences};
use pathweave::train::{Control, Finished, Observe, Snapshot, StepReport, run};
use pathweave_data::Streams;

use super::{data, encoder, settings, spec};
use crate::support::{all_bits, cpu, numbers, tape};

/// Watches, and stops where it is told to.
#[derive(Default)]
struct Watch {
    stop_pretraining: u64,
    stop: u64,
    steps: u64,
    losses: Vec<f32>,
    kept: Option<Snapshot>,
}

impl Observe for Watch {
    fn pretraining(&mut self, done: u64, total: u64, loss: f32) -> Control {
        assert!(done <= total);
        self.losses.push(loss);
        if done == self.stop_pretraining { Control::Stop } else { Control::Continue }
    }

    fn step(&mut self, _report: &StepReport) -> Control {
        self.steps += 1;
        if self.steps == self.stop { Control::Stop } else { Control::Continue }
    }

    fn snapshot(&mut self, snapshot: &Snapshot) {
        self.kept = Some(snapshot.clone());
    }
}

/// Mean cross entropy of a word over the training sentences, and what is reached without looking at
/// the words before.
fn losses(model: &Transformer) -> (f64, f64) {
    let data = data();
    let texts = data.texts.as_ref().expect("texts");
    let all = sentences(texts);
    let words = all.iter().map(|&sentence| texts.sentence(sentence));
    let (joined, next) = Joined::to_be_continued(words, model.words(), model.longest());
    let mut draw = Streams::new(0).stream("candidates", 0);
    let losses = numbers(&language_loss(model, &joined, &next, &mut draw));
    let share =
        |word: u32| next.iter().filter(|&&other| other == word).count() as f64 / next.len() as f64;
    let entropy = next.iter().map(|&word| -share(word).ln()).sum::<f64>() / next.len() as f64;
    (losses.iter().sum::<f64>() / losses.len() as f64, entropy)
}

#[test]
fn it_learns_more_than_how_frequent_words_are() {
    let mut settings = settings();
    (settings.width, settings.pretrain_epochs, settings.pretrain_rate) = (8, 150, 0.02);
    let (data, streams, device) = (data(), Streams::new(0), tape());
    let texts = data.texts.as_ref().expect("texts");
    let mut watch = Watch::default();
    let model = encoder(&settings, 0);
    let (before, entropy) = losses(&model);
    let init = Init::new(&streams, &device);
    let model = pretrained(model, &settings, texts, &init, &mut watch).expect("finite");
    let (after, _) = losses(&model.expect("nobody stopped it"));
    assert!(before > 0.9 * entropy && after < 0.6 * entropy, "{before} to {after}, {entropy}");
    assert_eq!(watch.losses.len(), 150);
}

#[test]
fn runs_that_differ_in_their_routing_start_from_the_same_blocks() {
    let mut states = Vec::new();
    for routed in [RoutedPart::Classifier, RoutedPart::Attention, RoutedPart::Blocks] {
        let mut spec = spec(routed);
        let settings = &mut spec.model.text.transformer;
        (settings.pretrain_epochs, settings.noise) = (2, 0.0);
        let checked = spec.check().expect("a good spec");
        let mut watch = Watch::default();
        let mut first = Watch { stop: 1, ..Watch::default() };
        run(&checked, &data(), &cpu(), None, &mut watch).expect("a run");
        run(&checked, &data(), &cpu(), None, &mut first).expect("a run");
        assert_eq!(watch.losses, first.losses);
        states.push(watch.losses);
    }
    assert_eq!(states[0], states[1]);
    assert_eq!(states[0], states[2]);
}

#[test]
fn a_run_that_was_cut_does_not_pretrain_again_and_ends_with_the_same_bits() {
    for routed in [RoutedPart::Attention, RoutedPart::Blocks, RoutedPart::Classifier] {
        let mut spec = spec(routed);
        spec.model.text.transformer.pretrain_epochs = 2;
        spec.train.optimizer = pathweave::spec::OptimizerKind::Adam;
        let checked = spec.check().expect("a good spec");
        let finish = |resume: Option<&Snapshot>| {
            let mut watch = Watch::default();
            let ended = run(&checked, &data(), &cpu(), resume, &mut watch).expect("a run");
            let Finished::Complete(complete) = ended else { panic!("nobody stopped it") };
            (complete.snapshot, watch.losses.len())
        };
        let (whole, pretrained) = finish(None);
        assert!(pretrained > 0);
        let mut cut = Watch { stop: 4, ..Watch::default() };
        run(&checked, &data(), &cpu(), None, &mut cut).expect("a run");
        let (rest, again) = finish(cut.kept.as_ref());
        assert_eq!(again, 0);
        assert_eq!(all_bits(&whole.network), all_bits(&rest.network));
        assert_eq!(all_bits(&whole.optimizer), all_bits(&rest.optimizer));
    }
}

#[test]
fn a_stop_while_pretraining_leaves_nothing_to_go_on_from() {
    let mut spec = spec(RoutedPart::Blocks);
    spec.model.text.transformer.pretrain_epochs = 3;
    let checked = spec.check().expect("a good spec");
    let mut watch = Watch { stop_pretraining: 1, ..Watch::default() };
    let ended = run(&checked, &data(), &cpu(), None, &mut watch).expect("a run");
    assert!(matches!(ended, Finished::Stopped { step: 0 }));
    assert!(watch.kept.is_none() && watch.steps == 0);
}

#[test]
fn many_words_are_told_from_some() {
    let data = data();
    let mut texts = data.texts.clone().expect("texts");
    let drawn = |at: usize| (at as f32 * 0.37).sin();
    texts.vectors = (0..5000 * texts.width).map(drawn).collect();
    let (streams, device) = (Streams::new(0), tape());
    let model = Transformer::new(&settings(), &texts, &Init::new(&streams, &device));
    assert_eq!(model.words(), 5000);
    let sentence: &[u32] = &[4999, 3, 3, 17];
    let (joined, next) = Joined::to_be_continued([sentence].into_iter(), 5000, 16);
    assert_eq!((joined.tokens.len(), next.as_slice()), (4, sentence));
    let loss = |step: u64| {
        let mut draw = streams.stream("candidates", step);
        numbers(&language_loss(&model, &joined, &next, &mut draw))
    };
    assert_eq!(loss(0), loss(0));
    assert_ne!(loss(0), loss(1));
    // Nothing is known yet: about one in 4,096.
    assert!(loss(0).iter().all(|loss| (loss - 4096f64.ln()).abs() < 4.0), "{:?}", loss(0));
}

#[test]
fn the_trunk_of_a_pretrained_network_keeps_its_shape() {
    let mut spec = spec(RoutedPart::Attention);
    spec.model.text.transformer.pretrain_epochs = 1;
    let checked = spec.check().expect("a good spec");
    let mut watch = Watch { stop: 1, ..Watch::default() };
    run(&checked, &data(), &cpu(), None, &mut watch).expect("a run");
    let trainer = pathweave::train::Trainer::new(&checked, &data(), &cpu()).expect("a trainer");
    let kept = watch.kept.expect("a snapshot");
    let trainer = trainer.restore(&kept, &cpu()).expect("the same shapes");
    let Trunk::Routed(layer) = &trainer.network.trunk else { panic!("a routed layer") };
    assert_eq!((layer.banks.len(), layer.bank(1).modules()), (2, 3));
}
