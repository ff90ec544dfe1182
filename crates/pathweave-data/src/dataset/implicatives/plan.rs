//! Which constructions and compositions each part of a variant has.

use super::calculus::{Sign, Signature};
use super::lexicon::{Construction, Nesting, constructions};
use super::settings::Variant;
use crate::streams::Streams;

/// Signatures that the variant `mismatch` tests on.
const TESTED: [Signature; 5] = [
    Signature::new(Sign::Open, Sign::Minus),
    Signature::new(Sign::Minus, Sign::Open),
    Signature::new(Sign::Minus, Sign::Minus),
    Signature::new(Sign::Plus, Sign::Likely(5)),
    Signature::new(Sign::Likely(4), Sign::Minus),
];

/// Of the compositions of a signature, one in so many is held out.
const HELD_OUT: usize = 5;

/// A construction, alone or as the complement of another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    /// The construction around the other
    pub(super) outer: Option<&'static Construction>,
    /// The construction whose complement is the event
    pub(super) inner: &'static Construction,
}

impl Frame {
    /// What the outermost construction says of the event.
    pub(super) fn signature(&self) -> Signature {
        let inner = self.inner.signature;
        self.outer.map_or(inner, |outer| outer.signature.around(inner))
    }

    /// `+|-`; `N+|-` for a composition, as in T figure 5.13.
    pub(super) fn context(&self) -> String {
        let nested = if self.outer.is_some() { "N" } else { "" };
        format!("{nested}{}", self.signature())
    }

    /// "take vow", or "manage > take vow".
    pub(super) fn group(&self) -> String {
        let inner = self.inner.name;
        self.outer.map_or(inner.to_owned(), |outer| format!("{} > {inner}", outer.name))
    }
}

/// The frames of a variant's parts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan {
    pub(super) train: Vec<Frame>,
    pub(super) validation: Vec<Frame>,
    pub(super) test: Vec<Frame>,
}

impl Plan {
    /// The plan of a variant; `seed` chooses the compositions that are held out.
    pub(super) fn new(variant: Variant, seed: u64) -> Self {
        let single = |keep: &dyn Fn(&Construction) -> bool| -> Vec<Frame> {
            let kept = constructions().filter(|construction| keep(construction));
            kept.map(|inner| Frame { outer: None, inner }).collect()
        };
        match variant {
            Variant::Joint => {
                let all = single(&|_| true);
                Self { train: all.clone(), validation: all.clone(), test: all }
            }
            Variant::Disjoint => {
                let test = single(&|construction| construction.held_out);
                let train = single(&|construction| !construction.held_out);
                Self { train, validation: test.clone(), test }
            }
            Variant::Mismatch => {
                let test = single(&|construction| TESTED.contains(&construction.signature));
                let train = single(&|construction| !TESTED.contains(&construction.signature));
                Self { validation: train.clone(), train, test }
            }
            Variant::Nested => {
                let (train, test) = nested(seed);
                Self { train, validation: test.clone(), test }
            }
        }
    }

    /// The contexts of all frames, each once, in the order of their signatures.
    pub(super) fn contexts(&self) -> Vec<String> {
        let frames = self.train.iter().chain(&self.validation).chain(&self.test);
        let mut signatures: Vec<(Signature, String)> =
            frames.map(|frame| (frame.signature(), frame.context())).collect();
        signatures.sort();
        signatures.dedup();
        signatures.into_iter().map(|(_, context)| context).collect()
    }
}

/// Compositions: those of training, and a fifth of each signature that is held out. A construction
/// stays in training in each place that it can have.
fn nested(seed: u64) -> (Vec<Frame>, Vec<Frame>) {
    let mut frames = Vec::new();
    for outer in constructions().filter(|c| matches!(c.nesting, Nesting::Outer | Nesting::Both)) {
        for inner in constructions().filter(|c| matches!(c.nesting, Nesting::Inner | Nesting::Both))
        {
            if outer != inner {
                frames.push(Frame { outer: Some(outer), inner });
            }
        }
    }
    Streams::new(seed).stream("implicatives/nested", 0).shuffle(&mut frames);
    let alike = |frames: &[Frame], frame: &Frame| {
        frames.iter().filter(|other| other.signature() == frame.signature()).count()
    };
    let (mut train, mut held) = (frames.clone(), Vec::new());
    for frame in &frames {
        let others =
            |same: &dyn Fn(&Frame) -> bool| train.iter().any(|other| other != frame && same(other));
        let spared = others(&|other| other.outer == frame.outer)
            && others(&|other| other.inner == frame.inner);
        if spared && alike(&held, frame) < alike(&frames, frame) / HELD_OUT {
            train.retain(|other| other != frame);
            held.push(*frame);
        }
    }
    (train, held)
}
