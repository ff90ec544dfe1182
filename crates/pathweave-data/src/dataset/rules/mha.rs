//! Search, retrieve, combine (M equations 7–11).
//!
//! A token holds, rule after rule, (q, q′, v, v′): four numbers, or six where q and q′ are vectors
//! of two.
//!
//! # Deviations
//! - M's d(·, ·) is left open. Version 1 is the distance of scalars; version 2, of the authors'
//!   code, has unit vectors q, q′ ∈ R² and takes the largest inner product. The first of equals
//!   wins.
//! - Out of distribution every number of a token is scaled, unit vectors too: the search finds the
//!   same tokens.
//! - A sequence of one token has no other to find: its label is 0.

use super::batch::RuleBatch;
use super::coefficients::Coefficients;
use super::settings::Search;

/// Brings q and q′ to length one. [rows, 6R]
pub(super) fn normalise(search: Search, x: &mut [f32]) {
    if search == Search::Vector {
        for rule in x.chunks_exact_mut(6) {
            let (first, rest) = rule.split_at_mut(2);
            for q in [first, &mut rest[..2]] {
                // Never zero: no draw is.
                let length = (q[0] * q[0] + q[1] * q[1]).sqrt();
                q.iter_mut().for_each(|part| *part /= length);
            }
        }
    }
}

/// y_n = α_c v_s + β_c v′_s′ for c = c_n, where s and s′ are the other tokens nearest to token n by
/// q and by q′ of rule c. No other rule is looked at.
pub(super) fn label(task: &Coefficients, search: Search, batch: &mut RuleBatch) {
    let (length, features) = (batch.length, batch.features);
    let tokens = batch.x.chunks_exact(features * length);
    for (sample, rules) in tokens.zip(batch.rule.chunks_exact(length)) {
        for (token, &rule) in rules.iter().enumerate() {
            let rule = rule as usize;
            let found = match search {
                Search::Scalar => scalar(sample, features, token, rule),
                Search::Vector => vector(sample, features, token, rule),
            };
            let [v, other] = found.unwrap_or_default();
            batch.y.push(task.alpha[rule] * v + task.beta[rule] * other);
        }
    }
}

/// v and v′ of the other tokens whose scalars are the nearest.
fn scalar(sample: &[f32], features: usize, token: usize, rule: usize) -> Option<[f32; 2]> {
    let part = |at: usize| &sample[at * features + 4 * rule..][..4];
    let own = part(token);
    let others = (0..sample.len() / features).filter(|at| *at != token);
    let (mut near, mut found) = ([f32::INFINITY; 2], None);
    for part in others.map(part) {
        let [v, other] = found.get_or_insert([part[2], part[3]]);
        for (which, into) in [v, other].into_iter().enumerate() {
            let distance = (part[which] - own[which]).abs();
            if distance < near[which] {
                (near[which], *into) = (distance, part[2 + which]);
            }
        }
    }
    found
}

/// v and v′ of the other tokens whose vectors point the most the same way.
fn vector(sample: &[f32], features: usize, token: usize, rule: usize) -> Option<[f32; 2]> {
    let part = |at: usize| &sample[at * features + 6 * rule..][..6];
    let own = part(token);
    let others = (0..sample.len() / features).filter(|at| *at != token);
    let (mut near, mut found) = ([f32::NEG_INFINITY; 2], None);
    for part in others.map(part) {
        let [v, other] = found.get_or_insert([part[4], part[5]]);
        for (which, into) in [v, other].into_iter().enumerate() {
            let q = 2 * which;
            let product = part[q] * own[q] + part[q + 1] * own[q + 1];
            if product > near[which] {
                (near[which], *into) = (product, part[4 + which]);
            }
        }
    }
    found
}
