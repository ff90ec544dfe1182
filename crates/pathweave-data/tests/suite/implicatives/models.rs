//! The oracle: all states of affairs that a chain of constructions allows, by brute force. It reads
//! signatures as they are written, and shares nothing with the calculus.

use pathweave_data::text::Label;

/// A sentence: a construction (the outermost) or the event, as a positive or a negative statement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Said {
    Construction { negated: bool },
    Event { negated: bool },
}

/// What a construction may be: true, false, or neither, its presupposition having failed.
const STATES: [Option<bool>; 3] = [Some(true), Some(false), None];

/// Truth of each construction from the outermost to the innermost, and at last of the event.
fn allowed(signatures: &[String]) -> Vec<Vec<Option<bool>>> {
    let mut models: Vec<Vec<Option<bool>>> = vec![Vec::new()];
    for _ in signatures {
        let grow = |model: &Vec<Option<bool>>| {
            STATES.map(|state| model.iter().copied().chain([state]).collect::<Vec<_>>())
        };
        models = models.iter().flat_map(grow).collect();
    }
    let ends = |model: Vec<Option<bool>>| {
        [Some(true), Some(false)].map(|event| [model.clone(), vec![event]].concat())
    };
    let mut models: Vec<Vec<Option<bool>>> = models.into_iter().flat_map(ends).collect();
    for (at, signature) in signatures.iter().enumerate() {
        let (positive, negative) = signature.split_once('|').unwrap();
        models.retain(|model| {
            let demand = match model[at] {
                Some(true) => positive,
                Some(false) => negative,
                None => "o",
            };
            match demand {
                "+" => model[at + 1] == Some(true),
                "-" => model[at + 1] == Some(false),
                _ => true,
            }
        });
    }
    models
}

fn holds(said: Said, model: &[Option<bool>]) -> bool {
    match said {
        Said::Construction { negated } => model[0] == Some(!negated),
        Said::Event { negated } => model[model.len() - 1] == Some(!negated),
    }
}

/// True in all models of the premise, in none, or in some.
pub fn label(signatures: &[String], premise: Said, hypothesis: Said) -> Label {
    let models = allowed(signatures);
    let of_premise: Vec<_> = models.iter().filter(|model| holds(premise, model)).collect();
    assert!(!of_premise.is_empty(), "{premise:?} can never be true of {signatures:?}");
    let count = of_premise.iter().filter(|model| holds(hypothesis, model)).count();
    match count {
        0 => Label::Contradicts,
        all if all == of_premise.len() => Label::Entails,
        _ => Label::Permits,
    }
}
