//! The metrics of a joint activation.

use super::Joint;
use crate::metric::{
    MetricError, adaptation, alignment, collapse_avg, collapse_worst, inverse_mutual_information,
};

/// A metric of a joint activation. All lie in \[0, 1\], and the lower the better.
#[derive(Debug, Clone, Copy)]
pub struct JointMetricDef {
    /// Its name, as in [`METRICS`](crate::metric::METRICS).
    pub name: &'static str,
    /// Whether it needs to know the rules.
    pub needs_rules: bool,
    /// Computes it. Never gives NaN.
    pub compute: fn(&Joint) -> Result<f64, MetricError>,
}

/// Every metric of a joint activation, by name.
pub static JOINT_METRICS: &[JointMetricDef] = &[
    JointMetricDef { name: "adaptation", needs_rules: true, compute: adaptation::of_joint },
    JointMetricDef { name: "alignment", needs_rules: true, compute: alignment::of_joint },
    JointMetricDef { name: "collapse_avg", needs_rules: false, compute: collapse_avg::of_joint },
    JointMetricDef {
        name: "collapse_worst",
        needs_rules: false,
        compute: collapse_worst::of_joint,
    },
    JointMetricDef {
        name: "inverse_mutual_information",
        needs_rules: true,
        compute: inverse_mutual_information::of_joint,
    },
];

/// The metric of that name.
pub fn joint_metric(name: &str) -> Option<&'static JointMetricDef> {
    JOINT_METRICS.iter().find(|def| def.name == name)
}
