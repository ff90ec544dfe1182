//! What a file's name says.

use pathweave::rule::RuleKind;
use pathweave_data::dataset::rules::{RuleFamily, RuleTarget, RulesSpec, Search};

/// A model and its data.
pub struct Model {
    pub data: RulesSpec,
    pub kind: RuleKind,
    /// E, D
    pub sizes: [usize; 2],
}

/// R of `rules-rR.safetensors`.
pub fn rules(name: &str) -> Option<usize> {
    number(name.strip_suffix(".safetensors")?.strip_prefix("rules-")?, "r")
}

/// The parts of `FAMILY-TARGET-KIND-rR-eE-dD.safetensors`.
pub fn model(name: &str) -> Option<Model> {
    let parts: Vec<&str> = name.strip_suffix(".safetensors")?.split('-').collect();
    let [family, target, kind, rules, encoder, width] = parts[..] else { return None };
    let (family, search) = match family {
        "mlp" => (RuleFamily::Mlp, Search::Scalar),
        "mha1" => (RuleFamily::Mha, Search::Scalar),
        "mha2" => (RuleFamily::Mha, Search::Vector),
        "rnn" => (RuleFamily::Rnn, Search::Scalar),
        _ => return None,
    };
    let target = match target {
        "regression" => RuleTarget::Regression,
        "classification" => RuleTarget::Classification,
        _ => return None,
    };
    let kind = match kind {
        "Monolithic" => RuleKind::Monolithic,
        "Modular" => RuleKind::Modular,
        "ModularOp" => RuleKind::ModularOp,
        "GtModular" => RuleKind::GtModular,
        _ => return None,
    };
    let rules = number(rules, "r")?;
    let data = RulesSpec { family, search, target, rules, ..RulesSpec::default() };
    Some(Model { data, kind, sizes: [number(encoder, "e")?, number(width, "d")?] })
}

fn number(part: &str, letter: &str) -> Option<usize> {
    part.strip_prefix(letter)?.parse().ok().filter(|number| *number > 0)
}
