//! What the rule benchmark measures, by the names of the records, and what a model whose modules
//! are all equally active would measure.

/// Classification error, or loss of regression.
pub const PERFORMANCE: &str = "performance";
/// The same averaged over the tests out of distribution.
pub const OUT_OF_DISTRIBUTION: &str = "performance_ood";

/// M section 5: collapse.
pub const COLLAPSE: [&str; 2] = ["collapse_avg", "collapse_worst"];
/// M section 5: specialization.
pub const SPECIALIZATION: [&str; 3] = ["alignment", "adaptation", "inverse_mutual_information"];
/// In the order of the document's columns.
pub const ALL: [&str; 5] =
    [COLLAPSE[0], COLLAPSE[1], SPECIALIZATION[0], SPECIALIZATION[1], SPECIALIZATION[2]];

/// A metric as the document writes it.
pub fn title(metric: &str) -> &'static str {
    match metric {
        "collapse_avg" => "Collapse-Avg",
        "collapse_worst" => "Collapse-Worst",
        "alignment" => "Alignment",
        "adaptation" => "Adaptation",
        "inverse_mutual_information" => "Inverse Mutual Information",
        OUT_OF_DISTRIBUTION => "Out of distribution",
        _ => "In distribution",
    }
}

/// The metric of a uniform activation of as many modules as there are rules, R: exact, without a
/// run. M equation 20's mean over p ~ Dirichlet(1) is R E|p₁ − 1/R| / 2 with p₁ ~ Beta(1, R − 1),
/// which is (1 − 1/R)^R.
///
/// # Deviations
/// - M figures 5 and 6 draw a random activation baseline and do not define it: it is the uniform
///   activation of all modules, whose metrics are exact and need no run.
pub fn of_random(metric: &str, rules: usize) -> f64 {
    let even = 1.0 / rules as f64;
    match metric {
        "alignment" => 1.0 - even,
        "adaptation" => (1.0 - even).powi(rules as i32),
        "inverse_mutual_information" => 1.0,
        _ => 0.0,
    }
}
