//! Linear combinations of two numbers (M equations 4–6).

use super::batch::RuleBatch;
use super::coefficients::Coefficients;

/// y = α_c x₁ + β_c x₂. Rules c₁, c₂ composed: u = α_c₁ x₁ + β_c₁ x₂, then y = α_c₂ u + β_c₂ x₂.
///
/// # Deviations
/// - M does not compose rules. Here the second rule takes the first one's result in the place of
///   x₁, and x₂ again.
pub(super) fn label(task: &Coefficients, batch: &mut RuleBatch) {
    let rules = batch.rule.chunks_exact(batch.depth);
    batch.y.extend(batch.x.chunks_exact(2).zip(rules).map(|(x, rules)| {
        rules
            .iter()
            .fold(x[0], |u, &rule| task.alpha[rule as usize] * u + task.beta[rule as usize] * x[1])
    }));
}
