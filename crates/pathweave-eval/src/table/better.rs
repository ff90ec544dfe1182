//! Which values of a metric are wished for.

use super::TIMING_PREFIX;
use crate::metric::{Better, metric};

/// Whether more or less of a metric is better, by its name: that of a routing metric is in the
/// registry; accuracies should be high, losses, errors and times low. Performance is a loss or a share
/// of errors (M section 6).
pub fn better(name: &str) -> Better {
    if let Some(timing) = name.strip_prefix(TIMING_PREFIX) {
        return if timing == "steps_per_second" { Better::Higher } else { Better::Lower };
    }
    let name = name.strip_prefix("best/").unwrap_or(name);
    if let Some(def) = metric(name.split('/').next().unwrap_or(name)) {
        return def.better;
    }
    match name {
        _ if name.contains("accuracy") => Better::Higher,
        _ if name.starts_with("performance") => Better::Lower,
        _ if name.ends_with("loss") || name.ends_with("error") => Better::Lower,
        _ => Better::Neither,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_direction() {
        assert_eq!(better("accuracy_mean_task"), Better::Higher);
        assert_eq!(better("best/validation_loss"), Better::Lower);
        assert_eq!(better("performance_ood"), Better::Lower);
        assert_eq!(better("best/collapse_avg"), metric("collapse_avg").expect("there").better);
        assert_eq!(
            better("selection_entropy/0"),
            metric("selection_entropy").expect("there").better
        );
        assert_eq!(better("timing/wall_seconds"), Better::Lower);
        assert_eq!(better("timing/steps_per_second"), Better::Higher);
        assert_eq!(better("distinct"), Better::Neither);
    }
}
