//! The frame of every experiment's report.

use pathweave_eval::report::{Align, Block, Report, Section, TextTable};

use super::results::Results;
use super::runs::Measured;
use super::scale::Scale;
use super::{Experiment, figures, mittal, verdict};
use crate::error::CliError;

/// Result, claims, then the experiment's own `sections`, settings and specs.
///
/// # Errors
/// What the experiment's rows need cannot be read.
pub fn report(
    experiment: &Experiment,
    results: &Results,
    picture: Block,
    sections: Vec<Section>,
) -> Result<Report, CliError> {
    let specs = match results.computed {
        None => figures::specs(&results.runs),
        Some(_) => Vec::new(),
    };
    report_with(experiment, results, picture, sections, (settings(results), specs))
}

/// [`report`] with other settings and specs than of one model after another.
///
/// # Errors
/// As [`report`].
pub fn report_with(
    experiment: &Experiment,
    results: &Results,
    picture: Block,
    sections: Vec<Section>,
    (settings, specs): (Block, Vec<Block>),
) -> Result<Report, CliError> {
    let rows = (experiment.rows)(results)?;
    let result = vec![picture, Block::Table(figures::table("", &rows))];
    let rules = if results.on_rules() { mittal::RULES } else { verdict::RULES };
    let claims = experiment.claims.iter().map(|claim| claim.check(results)).collect();
    let claims = vec![Block::Claims(claims), Block::Prose(rules.into())];
    let mut all = vec![section("Result", result), section("Claims", claims)];
    all.extend(sections);
    let notes = Block::Prose(experiment.notes.join("\n\n"));
    all.push(section("Settings", vec![settings, notes]));
    if !specs.is_empty() {
        all.push(section("Specs", specs));
    }
    Ok(Report {
        title: format!("{}: {}", experiment.document, experiment.title),
        lead: lead(experiment, results),
        sections: all,
    })
}

/// [`report`] of an experiment that computed its pictures.
///
/// # Errors
/// As [`report`].
pub fn computed(experiment: &Experiment, results: &Results) -> Result<Report, CliError> {
    let figures = results.computed.as_ref().map(|computed| computed.figures.clone());
    let mut figures = figures.unwrap_or_default().into_iter();
    let first = figures.next().unwrap_or_else(|| Block::Prose("Nothing was drawn.".into()));
    let rest: Vec<Block> = figures.collect();
    let more = if rest.is_empty() { Vec::new() } else { vec![section("Figures", rest)] };
    report(experiment, results, first, more)
}

/// A heading and what follows it.
pub fn section(heading: &str, blocks: Vec<Block>) -> Section {
    Section { heading: heading.into(), blocks }
}

fn lead(experiment: &Experiment, results: &Results) -> String {
    let scale = match results.scale {
        Scale::Smoke if results.computed.is_some() => {
            "Smoke scale: a few repetitions, cut to seconds. This shows that everything works, and \
             tests none of the claims."
        }
        Scale::Small if results.computed.is_some() => {
            "Small scale: fewer repetitions than at paper scale, see Settings. Verdicts hold for \
             this scale."
        }
        Scale::Smoke if results.on_rules() => {
            "Smoke scale: few rules, the smallest networks and a few steps. This shows that \
             everything works, and tests none of the claims."
        }
        Scale::Small if results.on_rules() => {
            "Small scale: fewer rules, sizes, tasks, seeds and steps than at paper scale, smaller \
             networks, see Settings. Verdicts hold for this scale."
        }
        Scale::Smoke if results.on_pairs() => {
            "Smoke scale: a few generated implicatives, the narrowest networks and a few epochs. \
             This shows that everything works, and tests none of the claims."
        }
        Scale::Small if results.on_pairs() => {
            "Small scale: fewer pairs, seeds and epochs than at paper scale, narrower networks, and \
             other data where the document's could not be had, see Settings. Verdicts hold for \
             this scale."
        }
        Scale::Smoke => {
            "Smoke scale: the embedded handwritten digits (digits-mtl) stand in for the document's \
             data, and training is cut to seconds. This shows that everything works, and tests \
             none of the claims."
        }
        Scale::Small => {
            "Small scale: the document's data, with fewer seeds, epochs or samples than at paper \
             scale, and learning rate, its decay and batch chosen for so short a training, see \
             Settings. Verdicts hold for this scale."
        }
        Scale::Paper => "Paper scale: the document's setting as far as its text gives it.",
    };
    let mut lead = format!("{scale}\n\n{}", experiment.shows);
    if !results.overrides.is_empty() {
        let overrides = results.overrides.join(" ");
        lead += &format!("\n\nThese settings were overridden: {overrides}.");
    }
    lead
}

fn steps_of_wpl(results: &Results) -> String {
    let mut rates: Vec<String> =
        results.runs.all().iter().map(|run| run.spec.router.wpl.rate.to_string()).collect();
    rates.dedup();
    rates.join(", ")
}

/// What the runs were, from their records, so that overrides show.
fn settings(results: &Results) -> Block {
    if let Some(computed) = &results.computed {
        return settings_table(&computed.settings);
    }
    let range = |of: &dyn Fn(&Measured) -> u64| {
        let values = || results.runs.all().iter().map(of);
        match (values().min(), values().max()) {
            (Some(least), Some(most)) if least == most => least.to_string(),
            (Some(least), Some(most)) => format!("{least} to {most}"),
            _ => "–".into(),
        }
    };
    let mut rates: Vec<String> = Vec::new();
    for train in results.runs.all().iter().map(|run| &run.spec.train) {
        let by = format!("times {} every {} epochs", train.decay_factor, train.decay_every);
        let rate = format!("{:?}, {}, {by}", train.optimizer, train.learning_rate);
        if !rates.contains(&rate) {
            rates.push(rate);
        }
    }
    let mut data: Vec<&str> = results.runs.all().iter().map(|run| run.spec.data.name()).collect();
    data.dedup();
    let seeds = |run: &Measured| run.spec.train.seed;
    let rows = [
        ("data", data.join(", ")),
        ("tasks", range(&|run| run.entry.record.dataset.tasks)),
        ("training samples", range(&|run| run.entry.record.dataset.train)),
        ("test samples", range(&|run| run.entry.record.dataset.test)),
        ("seeds", range(&seeds)),
        ("epochs", range(&|run| u64::from(run.spec.train.epochs))),
        ("steps", range(&|run| run.entry.record.steps)),
        ("samples a step", range(&|run| run.spec.train.batch as u64)),
        ("optimizer and learning rate", rates.join("; ")),
        ("step of WPL", steps_of_wpl(results)),
        ("runs", results.runs.all().len().to_string()),
    ];
    table(rows.map(|(name, value)| vec![name.to_owned(), value]).to_vec())
}

/// Names and values of settings as a table.
pub fn settings_table(settings: &[(String, String)]) -> Block {
    table(settings.iter().map(|(name, value)| vec![name.clone(), value.clone()]).collect())
}

fn table(rows: Vec<Vec<String>>) -> Block {
    Block::Table(TextTable {
        caption: String::new(),
        headers: vec!["setting".into(), "value".into()],
        align: vec![Align::Left, Align::Left],
        rows,
    })
}
