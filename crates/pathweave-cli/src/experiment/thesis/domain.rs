//! What figures 5.2, 5.3 and 5.4 have in common: routing-all-fc against the baselines on one
//! domain.

use pathweave::spec::RunSpec;
use pathweave_data::DatasetSpec;
use pathweave_eval::table::Summary;

use super::models::{BASE, CROSS_STITCH, ROUTING, SOFT, TASK_1, TASK_ALL, model};
use crate::experiment::results::Results;
use crate::experiment::runs::ACCURACY;
use crate::experiment::scale::{Scale, Size, base, over_seeds};

/// The models of the figures, and the base that none of them names.
pub const MODELS: [&str; 6] = [ROUTING, CROSS_STITCH, SOFT, TASK_1, TASK_ALL, BASE];

/// Notes on the setting.
pub const SETTING: &str = "\
The thesis averages three runs without an interval; here every model has an interval over its \
seeds. It names neither the number of epochs nor the batch of its image experiments: 50 and 100 \
are taken at paper scale. Only seeds differ between runs: the tasks and their samples are the \
same in all.";

/// Notes on the comparison with baselines.
pub const BASELINES: &str = "\
The figure gives no numbers in the text, only the differences that its sentences name; they stand \
in the table as the paper's. The unrouted base is not in the figure.";

/// Every model with every seed.
pub fn sweep(scale: Scale, size: &Size, data: DatasetSpec, collaboration: f32) -> Vec<RunSpec> {
    sweep_of(&MODELS, &base(scale, size, data, collaboration), size.seeds)
}

/// These models with every seed.
pub fn sweep_of(models: &[&'static str], base: &RunSpec, seeds: u64) -> Vec<RunSpec> {
    models.iter().flat_map(|name| over_seeds(model(name, base), seeds)).collect()
}

/// Accuracies, then gains over other models, each with the paper's number where it has one.
pub fn rows(results: &Results, gains: &[(&str, Option<f64>)]) -> Vec<Summary> {
    let models = results.runs.models();
    let accuracies = models.iter().filter_map(|model| results.runs.summary(model, ACCURACY));
    let gains =
        gains.iter().filter_map(|(other, paper)| results.runs.gain_row(ROUTING, other, *paper));
    accuracies.chain(gains).collect()
}
