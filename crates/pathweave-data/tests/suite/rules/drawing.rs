//! What is drawn, how often, and what repeats.

use std::collections::BTreeSet;

use pathweave_data::dataset::rules::{
    Draw, Pairs, RuleBatch, RuleFamily, RuleTarget, RuleTask, RulesSpec, Search,
};
use pathweave_data::{Stream, Streams};

use super::{drawn, kinds};

fn stream(seed: u64) -> Stream {
    Streams::new(seed).stream("test", 0)
}

/// Share of each rule in a batch.
fn shares(batch: &RuleBatch, rules: usize) -> Vec<f64> {
    let count = |rule| batch.rule.iter().filter(|found| **found == rule).count();
    (0..rules as u32).map(|rule| count(rule) as f64 / batch.rule.len() as f64).collect()
}

/// Five standard errors of shares among 20,000 draws.
fn close(found: &[f64], wanted: &[f64]) {
    for (found, wanted) in found.iter().zip(wanted) {
        let bound = 5.0 * (wanted * (1.0 - wanted) / 20_000.0).sqrt();
        assert!((found - wanted).abs() <= bound, "{found} of {wanted}");
    }
}

#[test]
fn equal_seeds_draw_equal_bytes() {
    for spec in kinds(3) {
        let first = drawn(&spec, 5, |_| ());
        assert_eq!(first, drawn(&spec, 5, |_| ()));
        assert_ne!(first.x, drawn(&spec, 6, |_| ()).x);
        // A buffer that was used for other data leaves no trace.
        let mut used = drawn(&kinds(7)[3], 1, |draw| draw.samples = 100);
        RuleTask::new(&spec).draw(&mut stream(5), &Draw::training(&spec, 64), &mut used);
        assert_eq!(first, used);
        // Another task labels the same inputs in another way.
        let other = drawn(&RulesSpec { task: 1, ..spec.clone() }, 5, |_| ());
        assert_eq!((&first.x, &first.rule), (&other.x, &other.rule));
        assert_ne!(first.y, other.y);
    }
}

#[test]
fn nothing_one_sample_and_one_rule_are_batches() {
    for rules in [1, 3] {
        for spec in kinds(rules) {
            let empty = drawn(&spec, 0, |draw| draw.samples = 0);
            assert_eq!((empty.rows(), empty.x.len(), empty.y.len()), (0, 0, 0));
            let one = drawn(&spec, 0, |draw| draw.samples = 1);
            assert_eq!(one.rows(), spec.tokens());
            assert!(one.y.iter().chain(&one.x).all(|value| value.is_finite()));
            assert!(one.rule.iter().all(|rule| (*rule as usize) < rules));
            let short = drawn(&spec, 0, |draw| (draw.samples, draw.length) = (2, 0));
            assert_eq!((short.rows(), short.length), (2, 1));
        }
    }
    let lonely = drawn(&kinds(2)[1], 0, |draw| draw.length = 1);
    assert!(lonely.y.iter().all(|y| *y == 0.0));
}

#[test]
fn rules_come_as_often_as_asked() {
    let spec = RulesSpec { rules: 4, ..RulesSpec::default() };
    let many = |spec: &RulesSpec| shares(&drawn(spec, 3, |draw| draw.samples = 20_000), 4);
    close(&many(&spec), &[0.25; 4]);
    let listed = RulesSpec { frequencies: vec![2.0, 0.0, 1.0, 1.0], ..spec.clone() };
    let found = many(&listed);
    close(&found, &[0.5, 0.0, 0.25, 0.25]);
    assert_eq!(found[1], 0.0);
    let skewed = RulesSpec { skew: 1.0, ..spec.clone() };
    close(&many(&skewed), &[12.0 / 25.0, 6.0 / 25.0, 4.0 / 25.0, 3.0 / 25.0]);
    assert!((skewed.shares()[1] - 0.24).abs() < 1e-12);
    let own: &[f64] = &[0.0, 0.1, 0.9, 0.0];
    let batch = drawn(&skewed, 3, |draw| {
        draw.samples = 20_000;
        draw.frequencies = Some(own);
    });
    close(&shares(&batch, 4), own);
    let never = drawn(&spec, 3, |draw| draw.frequencies = Some(&[0.0; 4]));
    assert_eq!(never.rows(), 0);
}

#[test]
fn scale_multiplies_the_inputs_before_they_are_labelled() {
    for spec in kinds(3) {
        let inside = drawn(&spec, 8, |_| ());
        let outside = drawn(&spec, 8, |draw| draw.scale = 2.0);
        assert_eq!(inside.rule, outside.rule);
        assert!(inside.x.iter().zip(&outside.x).all(|(a, b)| 2.0 * a == *b));
        // Every rule is linear in what it retrieves or takes in.
        assert!(inside.y.iter().zip(&outside.y).all(|(a, b)| 2.0 * a == *b));
    }
}

#[test]
fn searched_vectors_have_length_one_and_any_direction() {
    let spec = RulesSpec { search: Search::Vector, ..kinds(5)[2].clone() };
    let batch = drawn(&spec, 2, |draw| draw.samples = 200);
    let mut quadrants = [0; 4];
    for rule in batch.x.chunks_exact(6) {
        for q in [&rule[..2], &rule[2..4]] {
            assert!((q[0] * q[0] + q[1] * q[1] - 1.0).abs() < 1e-6);
            quadrants[usize::from(q[0] > 0.0) + 2 * usize::from(q[1] > 0.0)] += 1;
        }
    }
    assert!(quadrants.iter().all(|count| (4600..5400).contains(count)), "{quadrants:?}");
}

#[test]
fn contexts_are_noisy_or_missing_as_often_as_asked() {
    let noisy = RulesSpec { context_noise: 0.5, context_missing: 0.2, ..RulesSpec::default() };
    let batch = drawn(&noisy, 4, |draw| draw.samples = 20_000);
    let share = |kind: fn(u32, u32) -> bool| {
        let pairs = batch.context.iter().zip(&batch.rule);
        pairs.filter(|(context, rule)| kind(**context, **rule)).count() as f64 / 20_000.0
    };
    let wrong = 0.8 * 0.5 * 7.0 / 8.0;
    let found = [share(|context, _| context == 8), share(|c, rule| c != 8 && c != rule)];
    close(&found, &[0.2, wrong]);
    let plain = drawn(&RulesSpec::default(), 4, |draw| draw.samples = 20_000);
    let clean = drawn(&noisy, 4, |draw| (draw.samples, draw.clean) = (20_000, true));
    assert_eq!(clean, plain);
    assert_eq!((&batch.x, &batch.rule, &batch.y), (&plain.x, &plain.rule, &plain.y));
    let blind = RulesSpec { context_missing: 1.0, ..RulesSpec::default() };
    assert!(drawn(&blind, 4, |_| ()).context.iter().all(|context| *context == 8));
}

#[test]
fn held_out_pairs_are_never_seen_in_training() {
    let spec = RulesSpec { rules: 5, depth: 2, held_out: 0.4, ..RulesSpec::default() };
    let pairs_of = |spec: &RulesSpec, which: Pairs| -> BTreeSet<(usize, usize)> {
        let batch = drawn(spec, 6, |draw| (draw.samples, draw.pairs) = (5_000, which));
        batch.rule.chunks_exact(2).map(|pair| (pair[0] as usize, pair[1] as usize)).collect()
    };
    let held = pairs_of(&spec, Pairs::HeldOut);
    assert_eq!(held.len(), 10);
    for rule in 0..5 {
        assert!((0..5).any(|other| !held.contains(&(rule, other))), "first place of {rule}");
        assert!((0..5).any(|other| !held.contains(&(other, rule))), "second place of {rule}");
    }
    assert_eq!(pairs_of(&spec, Pairs::All).len(), 25);
    let seen = pairs_of(&spec, Pairs::Seen);
    assert_eq!((seen.len(), seen.is_disjoint(&held)), (15, true));
    let other = RulesSpec { task: 1, ..spec.clone() };
    assert_ne!(pairs_of(&other, Pairs::HeldOut), held);
    // The share wins where it cannot leave every rule a place.
    let most = RulesSpec { held_out: 0.99, ..spec.clone() };
    assert_eq!(pairs_of(&most, Pairs::HeldOut).len(), 24);
    let none = RulesSpec { held_out: 0.0, ..spec };
    assert_eq!(drawn(&none, 6, |draw| draw.pairs = Pairs::HeldOut).rows(), 0);
}

#[test]
fn limited_data_repeat_and_stay() {
    for mut spec in kinds(3) {
        spec.samples = 4;
        spec.context_noise = 0.3;
        let rows = |batch: &RuleBatch| -> BTreeSet<(Vec<u32>, Vec<u32>, Vec<u32>)> {
            let width = |len: usize| len / batch.samples;
            let part = |at: usize| {
                let x = &batch.x[at * width(batch.x.len())..][..width(batch.x.len())];
                let y = &batch.y[at * width(batch.y.len())..][..width(batch.y.len())];
                let rules = at * batch.length..(at + 1) * batch.length;
                let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect();
                (bits(x), bits(y), batch.context[rules].to_vec())
            };
            (0..batch.samples).map(part).collect()
        };
        let pool = rows(&drawn(&spec, 1, |_| ()));
        assert_eq!(pool.len(), 4);
        assert_eq!(rows(&drawn(&spec, 2, |_| ())), pool);
        // A larger set holds the smaller one; evaluation draws anew.
        let larger = RulesSpec { samples: 5, ..spec.clone() };
        assert!(rows(&drawn(&larger, 1, |_| ())).is_superset(&pool));
        let mut fresh = RuleBatch::default();
        let draw = Draw::evaluation(&spec, 64);
        RuleTask::new(&spec).draw(&mut stream(1), &draw, &mut fresh);
        assert!(rows(&fresh).is_disjoint(&pool) && rows(&fresh).len() == 64);
        assert_eq!(drawn(&spec, 1, |draw| draw.samples = 0).rows(), 0);
    }
}

#[test]
fn the_numbers_never_change() {
    let bits = |values: &[f32]| -> Vec<u32> { values.iter().map(|v| v.to_bits()).collect() };
    let found: Vec<String> = kinds(3)
        .iter()
        .map(|spec| {
            let batch = drawn(spec, 42, |draw| draw.samples = 1);
            format!("{:?} {:x?} {:x?}", &batch.rule[..1], bits(&batch.x[..2]), bits(&batch.y[..1]))
        })
        .collect();
    assert_eq!(found, FROZEN);
}

const FROZEN: [&str; 4] = [
    "[2] [be1b91a0, bf4f5c0e] [bf0c1d9c]",
    "[2] [bf4f40c4, bf94929d] [bf4dd757]",
    "[2] [bf127377, bf51f8be] [bfba469d]",
    "[2] [bf4f40c4, bf94929d] [3beae600]",
];

#[test]
fn classes_are_about_even() {
    for family in [RuleFamily::Mlp, RuleFamily::Mha, RuleFamily::Rnn] {
        let spec = RulesSpec { family, target: RuleTarget::Classification, ..RulesSpec::default() };
        let batch = drawn(&spec, 9, |draw| draw.samples = 2_000);
        let ones = batch.y.iter().sum::<f32>() / batch.y.len() as f32;
        assert!((0.45..0.55).contains(&ones), "{family:?}: {ones}");
    }
}
