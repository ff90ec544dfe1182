//! `show`: the full spec of a preset, file or run as TOML.

use serde_json::json;

use crate::cli::SpecArgs;
use crate::error::CliError;
use crate::options::RunOptions;
use crate::output;
use crate::replay_source;
use crate::run_id::{id, spec_json};
use crate::spec_file::{PRESETS, Plan, is_file};
use crate::store::StoredRun;
use crate::weights_source;

/// Prints the spec with every default; what it prints can be run. With `--json` a list of the runs
/// with their ids.
///
/// # Errors
/// Those of [`Plan::new`] and [`Plan::specs`], or no such run.
pub fn run(args: &SpecArgs, options: &RunOptions) -> Result<(), CliError> {
    let plan = plan(args, options)?;
    if !options.json {
        return output::text(&plan.to_toml()?);
    }
    let run = |spec| json!({"id": id(&spec, options.device), "spec": spec_json(&spec)});
    let specs = replay_source::resolve(plan.specs()?, &options.out)?;
    let specs = weights_source::resolve(specs)?;
    output::json(&specs.into_iter().map(run).collect())
}

fn plan(args: &SpecArgs, options: &RunOptions) -> Result<Plan, CliError> {
    let is_run = std::path::Path::new(&args.spec).is_dir();
    let is_preset = PRESETS.iter().any(|preset| preset.name == args.spec);
    if is_run || !is_preset && !is_file(&args.spec) {
        match StoredRun::find(&args.spec, &options.out) {
            Ok(run) => {
                let mut plan = Plan::of(&run.spec);
                plan.apply(&args.overrides, options.seed)?;
                return Ok(plan);
            }
            Err(error) if is_run => return Err(error),
            // Neither a run nor a preset: the presets are the better suggestion.
            Err(_) => {}
        }
    }
    Plan::new(&args.spec, &args.overrides, options.seed)
}
