//! The ranges of numbers, as the checks have them: a test holds each to the check it repeats.

use serde_json::{Map, Value, json};

use super::Tagged;

/// The numbers that a setting may have.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// Data set that the setting belongs to; empty for all that have it, and for other groups
    pub dataset: &'static str,
    /// Dotted key
    pub key: &'static str,
    /// Least number, and whether it is itself out of range
    pub least: Option<(f64, bool)>,
    /// Largest number, and whether it is itself out of range
    pub most: Option<(f64, bool)>,
}

const fn within(key: &'static str, least: f64, most: f64) -> Range {
    Range { dataset: "", key, least: Some((least, false)), most: Some((most, false)) }
}

const fn at_least(key: &'static str, least: f64) -> Range {
    Range { dataset: "", key, least: Some((least, false)), most: None }
}

const fn above(key: &'static str, least: f64) -> Range {
    Range { dataset: "", key, least: Some((least, true)), most: None }
}

/// (least, most]
const fn above_to(key: &'static str, least: f64, most: f64) -> Range {
    Range { dataset: "", key, least: Some((least, true)), most: Some((most, false)) }
}

/// [least, most)
const fn to_below(key: &'static str, least: f64, most: f64) -> Range {
    Range { dataset: "", key, least: Some((least, false)), most: Some((most, true)) }
}

/// (least, most)
const fn between(key: &'static str, least: f64, most: f64) -> Range {
    Range { dataset: "", key, least: Some((least, true)), most: Some((most, true)) }
}

const fn of(dataset: &'static str, range: Range) -> Range {
    Range { dataset, ..range }
}

/// Every range.
pub const RANGES: &[Range] = &[
    at_least("train.epochs", 1.0),
    at_least("train.batch", 1.0),
    at_least("train.evaluate_every", 1.0),
    above("train.learning_rate", 0.0),
    above("train.decay_factor", 0.0),
    at_least("train.router_learning_rate", 0.0),
    at_least("train.weight_decay", 0.0),
    at_least("train.clip_norm", 0.0),
    to_below("train.momentum", 0.0, 1.0),
    at_least("train.squash", 0.0),
    above_to("train.module_share", 0.0, 1.0),
    at_least("model.base.filters", 1.0),
    within("model.stitch_own", 0.0, 1.0),
    at_least("model.top_k.k", 1.0),
    at_least("model.top_k.importance", 0.0),
    at_least("model.top_k.load", 0.0),
    at_least("model.switch.balance", 0.0),
    above_to("model.switch.rate", 0.0, 1.0),
    to_below("model.switch.jitter", 0.0, 1.0),
    at_least("model.text.transformer.layers", 1.0),
    at_least("model.text.transformer.heads", 1.0),
    at_least("model.text.transformer.width", 1.0),
    at_least("model.text.transformer.feed_forward", 1.0),
    at_least("model.text.transformer.longest", 5.0),
    above("model.text.transformer.pretrain_rate", 0.0),
    at_least("model.text.transformer.noise", 0.0),
    at_least("router.hidden", 1.0),
    at_least("router.max_depth", 1.0),
    at_least("router.entropy.weight", 0.0),
    above_to("router.reinforce.alpha", 0.0, 1.0),
    at_least("router.reinforce.value_coefficient", 0.0),
    above_to("router.epsilon_reinforce.alpha", 0.0, 1.0),
    at_least("router.epsilon_reinforce.value_coefficient", 0.0),
    at_least("router.advantage_actor_critic.value_coefficient", 0.0),
    at_least("router.ppo.epochs", 1.0),
    above("router.ppo.clip", 0.0),
    at_least("router.ppo.value_coefficient", 0.0),
    between("router.wpl.rate", 0.0, 1.0),
    at_least("router.em.samples", 1.0),
    above("router.gumbel.temperature", 0.0),
    above_to("router.gumbel.anneal", 0.0, 1.0),
    above("router.gumbel.floor", 0.0),
    above("router.rebar.temperature", 0.0),
    at_least("router.rebar.scale", 0.0),
    at_least("router.rebar.value_coefficient", 0.0),
    at_least("router.rebar.entropy_coefficient", 0.0),
    above("router.relax.temperature", 0.0),
    at_least("router.relax.value_coefficient", 0.0),
    at_least("router.relax.entropy_coefficient", 0.0),
    within("router.dispatch.alpha", 0.0, 1.0),
    at_least("router.dispatch.bottleneck", 1.0),
    at_least("router.dispatch.samples", 1.0),
    at_least("router.dispatch.neighbours", 1.0),
    at_least("router.dispatch.radius", 0.0),
    within("reward.collaboration", -1.0, 1.0),
    at_least("reward.window", 1.0),
    within("reward.discount", 0.0, 1.0),
    within("exploration.rate", 0.0, 1.0),
    within("exploration.start", 0.0, 1.0),
    within("exploration.end", 0.0, 1.0),
    within("exploration.decay", 0.0, 1.0),
    within("exploration.floor", 0.0, 1.0),
    at_least("exploration.factor", 1.0),
    at_least("exploration.every", 1.0),
    at_least("exploration.epochs", 1.0),
    at_least("alarms.window", 1.0),
    between("alarms.share.above", 0.0, 1.0),
    between("alarms.entropy.drop", 0.0, 1.0),
    at_least("data.positives", 1.0),
    at_least("data.negatives_per_class", 1.0),
    at_least("data.train_per_task", 1.0),
    at_least("data.test_per_task", 1.0),
    to_below("data.validation_share", 0.0, 1.0),
    at_least("data.tasks", 1.0),
    at_least("data.classes_per_task", 1.0),
    at_least("data.train_per_class", 1.0),
    at_least("data.test_per_class", 1.0),
    at_least("data.side", 1.0),
    to_below("data.folder_test_share", 0.0, 1.0),
    within("data.bad_share", 0.0, 1.0),
    at_least("data.words.width", 1.0),
    within("data.rules", 1.0, 4096.0),
    within("data.depth", 1.0, 2.0),
    within("data.skew", 0.0, 20.0),
    within("data.context_noise", 0.0, 1.0),
    within("data.context_missing", 0.0, 1.0),
    to_below("data.held_out", 0.0, 1.0),
    at_least("data.steps_per_epoch", 1.0),
    at_least("data.eval_samples", 1.0),
    within("data.reverse", 0.0, 1.0),
    of("implicatives", within("data.train", 1.0, 200_000.0)),
    of("implicatives", within("data.validation", 0.0, 20_000.0)),
    of("implicatives", within("data.test", 1.0, 20_000.0)),
    of("sci", at_least("data.train", 1.0)),
    of("sci", at_least("data.test", 1.0)),
    of("multi-nli", at_least("data.train", 1.0)),
    of("multi-nli", at_least("data.test", 1.0)),
    of("snli", at_least("data.train", 1.0)),
    of("snli", at_least("data.test", 1.0)),
    of("nli-tsv", at_least("data.train", 1.0)),
    of("nli-tsv", at_least("data.test", 1.0)),
];

impl Range {
    /// Writes the range to its setting.
    pub(super) fn apply(&self, groups: &mut Map<String, Value>, tagged: &mut Tagged) {
        let (group, rest) = self.key.split_once('.').expect("keys have a group");
        match group {
            "data" | "exploration" => {
                let data = group == "data";
                let kinds = if data { &mut tagged.data } else { &mut tagged.exploration };
                let fits = |name: &str| self.dataset.is_empty() || self.dataset == name;
                for (_, kind) in kinds.iter_mut().filter(|(name, _)| fits(name)) {
                    self.limit(kind, rest);
                }
            }
            _ => self.limit(&mut groups[group], rest),
        }
    }

    fn limit(&self, schema: &mut Value, key: &str) {
        let mut place = Some(schema);
        for part in key.split('.') {
            place = place.and_then(|schema| schema.get_mut("properties")?.get_mut(part));
        }
        let Some(place) = place else { return };
        let whole = place["type"] == "integer";
        let number = |value: f64| if whole { json!(value as i64) } else { json!(value) };
        for (bound, keys) in [
            (self.least, ["minimum", "exclusiveMinimum"]),
            (self.most, ["maximum", "exclusiveMaximum"]),
        ] {
            if let Some((value, excluded)) = bound {
                let [included, exclusive] = keys;
                place.as_object_mut().expect("a schema").remove(included);
                place[if excluded { exclusive } else { included }] = number(value);
            }
        }
    }
}
