//! `gradients`: estimators of a policy gradient against the exact one (T figure 3.2).

use pathweave::estimator::{EstimatorKind, Settings};
use pathweave_eval::report::{Block, Report};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::report::write;
use crate::cli::GradientsArgs;
use crate::error::CliError;
use crate::experiment::compose::{section, settings_table};
use crate::experiment::computed::{Computed, SEED};
use crate::experiment::estimators::{self, MSE, MSE_OF_MEAN, Plan, VARIANCE, key};
use crate::experiment::figures;
use crate::options::RunOptions;
use crate::output;
use crate::ui::Ui;

const LEAD: &str = "\
Rewards of every action are known, so that the gradient of the expected reward by the policy's \
logits can be enumerated. Each estimator is drawn from many times and compared with it.";

/// Computes, prints the table, writes a report with its picture, CSV and JSON.
///
/// # Errors
/// [`CliError::Usage`] for settings that make no sense; [`CliError::Internal`] where a file cannot
/// be written.
pub fn run(args: &GradientsArgs, options: &RunOptions) -> Result<(), CliError> {
    let plan = plan(args, options)?;
    let threads = options.workers(plan.actions.len() * plan.rewards);
    let computed = estimators::compute(&plan, threads, &Ui::new(options));
    let json = to_json(&plan, &computed);
    let mut hash = Sha256::new();
    hash.update(format!("{plan:?}"));
    let hash: String = hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let folder = options.out.join("reports").join(format!("gradients-{hash}"));
    let page = write(&folder, &report(&computed), &computed.rows, &json)?;
    if options.json {
        return output::json(&json);
    }
    let table = figures::table("", &computed.rows);
    let headers: Vec<&str> = table.headers.iter().map(String::as_str).collect();
    let table = output::columns(&headers, &table.rows);
    output::text(&format!("{table}\nreport: {}\n", page.display()))
}

fn plan(args: &GradientsArgs, options: &RunOptions) -> Result<Plan, CliError> {
    let mut actions = args.actions.clone();
    actions.sort_unstable();
    actions.dedup();
    let (temperature, alpha) = (args.temperature, args.alpha);
    let counts = [args.rewards, args.policies, args.samples_per_action];
    let checks = [
        (!actions.is_empty() && !actions.contains(&0), "--actions: each at least 1"),
        (!counts.contains(&0), "--rewards, --policies, --samples-per-action: at least 1"),
        (temperature > 0.0 && temperature.is_finite(), "--temperature: a number above 0"),
        (alpha > 0.0 && alpha <= 1.0, "--alpha: a number above 0, at most 1"),
    ];
    let faults: Vec<&str> =
        checks.iter().filter(|(good, _)| !good).map(|(_, text)| *text).collect();
    if !faults.is_empty() {
        return Err(CliError::Usage(faults.join("\n")));
    }
    Ok(Plan {
        actions,
        rewards: args.rewards,
        policies: args.policies,
        samples_per_action: args.samples_per_action,
        warm_up: args.warm_up,
        settings: Settings { temperature, alpha, ..Settings::default() },
        seed: options.seed.unwrap_or(SEED),
    })
}

fn report(computed: &Computed) -> Report {
    let mut result = computed.figures.clone();
    result.push(Block::Table(figures::table("", &computed.rows)));
    let settings = settings_table(&computed.settings);
    Report {
        title: "Estimated against exact policy gradients".into(),
        lead: LEAD.into(),
        sections: vec![section("Result", result), section("Settings", vec![settings])],
    }
}

/// `{"settings": {…}, "rows": [{"estimator", "actions", "mse", "variance", "mse_of_mean"}]}`, each
/// measure with its values, one a reward function.
fn to_json(plan: &Plan, computed: &Computed) -> Value {
    let row = |name: &str, actions: usize| {
        let measure = |metric| {
            let found = computed
                .rows
                .iter()
                .find(|row| row.key == key(name, actions) && row.metric == metric);
            found.map(|row| json!({"mean": row.mean, "ci95": row.ci95, "values": row.values}))
        };
        json!({
            "estimator": name,
            "actions": actions,
            "mse": measure(MSE),
            "variance": measure(VARIANCE),
            "mse_of_mean": measure(MSE_OF_MEAN),
        })
    };
    let names = EstimatorKind::ALL.iter().map(|(_, name)| *name);
    let rows: Vec<Value> =
        names.flat_map(|name| plan.actions.iter().map(move |&k| row(name, k))).collect();
    json!({
        "settings": {
            "actions": plan.actions,
            "rewards": plan.rewards,
            "policies": plan.policies,
            "samples_per_action": plan.samples_per_action,
            "warm_up": plan.warm_up,
            "temperature": plan.settings.temperature,
            "alpha": plan.settings.alpha,
            "seed": plan.seed,
        },
        "rows": rows,
    })
}
