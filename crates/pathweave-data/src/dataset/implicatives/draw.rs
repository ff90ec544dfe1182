//! The pairs: a frame, a subject, an event, a tense, two polarities and a direction make one.

use std::collections::HashSet;

use super::grammar::{NEGATIONS, Phrase, Tense};
use super::plan::{Frame, Plan};
use super::settings::{ImplicativesSpec, Variant};
use super::words::{PHRASES, SUBJECTS, Who};
use crate::error::{DataError, DataErrors, Faults};
use crate::streams::{Stream, Streams};
use crate::text::{Label, Pair, PairSplits};

impl ImplicativesSpec {
    /// The pairs of all splits. Training, validation and test share no subject with its event
    /// ("Joan", "close the door"), so no sentence.
    ///
    /// # Errors
    /// [`Self::faults`].
    pub fn pairs(&self) -> Result<PairSplits, DataErrors> {
        let mut faults = Faults::default();
        for (field, found, allowed) in self.faults() {
            let (dataset, allowed) = (Self::INFO.name.to_owned(), allowed.to_owned());
            faults.push(DataError::Setting { dataset, field, found, allowed });
        }
        faults.finish()?;
        let [train, validation, test] = scenes(self.seed);
        let mut writer = Writer { spec: self, seen: HashSet::new() };
        let plan = Plan::new(self.variant, self.seed);
        let before = self.before.map_or(Vec::new(), |variant| {
            let plan = Plan::new(variant, self.seed);
            writer.write(variant, "train", &plan.train, &train, self.train)
        });
        let also = self.also.map(|variant| (variant, Plan::new(variant, self.seed)));
        let mut write = |split, of: fn(&Plan) -> &[Frame], scenes: &[Scene], count: usize| {
            let more = if also.is_some() { count / 2 } else { 0 };
            let mut pairs = writer.write(self.variant, split, of(&plan), scenes, count - more);
            if let Some((variant, plan)) = &also {
                pairs.extend(writer.write(*variant, split, of(plan), scenes, more));
            }
            pairs
        };
        let train = write("train", |plan| &plan.train, &train, self.train);
        Ok(PairSplits {
            source: self.source(&train),
            before,
            train,
            validation: write("validation", |plan| &plan.validation, &validation, self.validation),
            test: write("test", |plan| &plan.test, &test, self.test),
            notes: Vec::new(),
        })
    }

    /// What the pairs are, with the shares of training's labels.
    fn source(&self, train: &[Pair]) -> String {
        let share = |label: Label| {
            let count = train.iter().filter(|pair| pair.label == label).count();
            (100.0 * count as f64 / train.len() as f64).round()
        };
        let labels = Label::ALL.map(|(label, name)| format!("{name} {} %", share(label)));
        let after = self.before.map_or(String::new(), |before| format!(" after {}", before.name()));
        let also = self.also.map_or(String::new(), |also| format!(" and {}", also.name()));
        let (variant, seed) = (self.variant.name(), self.seed);
        format!(
            "generated implicatives, {variant}{also}{after}, seed {seed}: {}",
            labels.join(", ")
        )
    }
}

/// A subject and what it does.
#[derive(Clone, Copy)]
struct Scene {
    subject: (&'static str, Who),
    verb: &'static str,
    tail: &'static str,
}

/// The scenes of training (eight in ten), validation and test (one in ten each), whatever the
/// variant and the sizes.
fn scenes(seed: u64) -> [Vec<Scene>; 3] {
    let mut all = Vec::new();
    for &subject in SUBJECTS {
        for &(verb, tails) in PHRASES {
            all.extend(tails.iter().map(|tail| Scene { subject, verb, tail }));
        }
    }
    Streams::new(seed).stream("implicatives/scenes", 0).shuffle(&mut all);
    let tenth = all.len() / 10;
    let test = all.split_off(all.len() - tenth);
    let validation = all.split_off(all.len() - tenth);
    [all, validation, test]
}

/// Writes pairs, none twice.
struct Writer<'a> {
    spec: &'a ImplicativesSpec,
    seen: HashSet<(String, String)>,
}

impl Writer<'_> {
    /// `count` pairs, the frames taking turns in an order that the seed fixes.
    fn write(
        &mut self,
        variant: Variant,
        split: &str,
        frames: &[Frame],
        scenes: &[Scene],
        count: usize,
    ) -> Vec<Pair> {
        let name = format!("implicatives/{}/{split}", variant.name());
        let mut stream = Streams::new(self.spec.seed).stream(&name, 0);
        let mut frames = frames.to_vec();
        stream.shuffle(&mut frames);
        let mut pairs = Vec::with_capacity(count);
        while pairs.len() < count {
            let frame = &frames[pairs.len() % frames.len()];
            let scene = scenes[stream.below(scenes.len())];
            let pair = self.pair(frame, scene, &mut stream);
            if self.seen.insert((pair.premise.clone(), pair.hypothesis.clone())) {
                pairs.push(pair);
            }
        }
        pairs
    }

    fn pair(&self, frame: &Frame, scene: Scene, stream: &mut Stream) -> Pair {
        let tense = Tense::ALL[stream.below(Tense::ALL.len())];
        let (negated, other_negated) = (stream.below(2) == 1, stream.below(2) == 1);
        let reverse = f64::from(stream.uniform()) < self.spec.reverse;
        let event = Phrase::new(scene.verb, scene.tail, scene.subject.1);
        let complement = event.sentence(scene.subject, tense, negation(other_negated, stream));
        let construction = embedded(frame, scene, &event, negated, tense, stream);
        let signature = frame.signature();
        let (premise, hypothesis, label) = if reverse {
            (complement, construction, signature.backwards(other_negated, negated))
        } else {
            (construction, complement, signature.forwards(negated, other_negated))
        };
        Pair { premise, hypothesis, label, context: frame.context(), group: frame.group() }
    }
}

/// The sentence of a frame about an event.
fn embedded(
    frame: &Frame,
    scene: Scene,
    event: &Phrase,
    negated: bool,
    tense: Tense,
    stream: &mut Stream,
) -> String {
    let (top, event) = match frame.outer {
        Some(outer) => {
            let tail = one(frame.inner.tails, stream);
            (outer, &event.within(frame.inner, tail, scene.subject.1))
        }
        None => (frame.inner, event),
    };
    let by_tail = negated && !top.negative_tails.is_empty();
    let tail = one(if by_tail { top.negative_tails } else { top.tails }, stream);
    let phrase = event.within(top, tail, scene.subject.1);
    phrase.sentence(scene.subject, tense, negation(negated && !by_tail, stream))
}

/// A way to negate a sentence, or none.
fn negation(negated: bool, stream: &mut Stream) -> &'static str {
    if negated { one(&NEGATIONS, stream) } else { "" }
}

fn one(words: &[&'static str], stream: &mut Stream) -> &'static str {
    words[stream.below(words.len())]
}
