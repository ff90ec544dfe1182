//! Figures and tables that experiments have in common.

use pathweave_eval::plot::{Bar, BarGroup, Bars, CurvePlot, Line, Panel, Unit};
use pathweave_eval::report::{Align, Block, Figure, Provenance, TextTable};
use pathweave_eval::stats;
use pathweave_eval::table::Summary;

use super::runs::{ACCURACY, GAIN, Runs};
use crate::spec_file::Plan;

/// Tag of the curves that are drawn.
const TEST_ACCURACY: &str = "test/accuracy";

/// Rows as a table of text: a line a model, a column a metric.
pub fn table(caption: &str, rows: &[Summary]) -> TextTable {
    let (mut models, mut metrics): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for row in rows {
        for (seen, name) in [(&mut models, &row.key), (&mut metrics, &row.metric)] {
            if !seen.contains(&name.as_str()) {
                seen.push(name);
            }
        }
    }
    let line = |model: &&str| {
        let of_model = || rows.iter().filter(|row| row.key == *model);
        let cell = |metric: &&str| of_model().find(|row| row.metric == *metric).map(mean);
        let mut line = vec![(*model).to_owned()];
        line.extend(metrics.iter().map(|metric| cell(metric).unwrap_or_default()));
        line.push(of_model().map(|row| row.n).min().unwrap_or(0).to_string());
        line.push(of_model().find_map(paper).unwrap_or_default());
        line
    };
    let ends = ["n".to_owned(), "paper".to_owned()];
    let names = metrics.iter().map(|metric| shown(metric).0);
    let mut align = vec![Align::Right; metrics.len() + 3];
    align[0] = Align::Left;
    TextTable {
        caption: caption.into(),
        headers: ["model".to_owned()].into_iter().chain(names).chain(ends).collect(),
        align,
        rows: models.iter().map(line).collect(),
    }
}

/// The mean, with its interval where there is one.
fn mean(row: &Summary) -> String {
    let (_, scale, digits) = shown(&row.metric);
    let interval = row.ci95.map(|half| format!(" ± {:.digits$}", scale * half));
    let mean = format!("{:.digits$}", scale * row.mean).replace('-', "−");
    mean + &interval.unwrap_or_default()
}

/// The document's number.
fn paper(row: &Summary) -> Option<String> {
    let (_, scale, digits) = shown(&row.metric);
    row.paper.map(|paper| format!("{:.digits$}", scale * paper))
}

/// A metric's name for readers, the factor on its values, and its decimals.
fn shown(metric: &str) -> (String, f64, usize) {
    match metric {
        ACCURACY => ("accuracy, %".into(), 100.0, 1),
        GAIN => ("difference, points".into(), 1.0, 1),
        "timing/seconds_per_task_epoch" => ("ms a task and epoch".into(), 1000.0, 1),
        "timing/steps_per_second" => ("steps a second".into(), 1.0, 1),
        "timing/train_seconds" => ("training, s".into(), 1.0, 1),
        "time_ratio" => ("ratio of times".into(), 1.0, 2),
        "selection_entropy" => ("selection entropy, nats".into(), 1.0, 2),
        "path_changes" => ("paths changed an epoch, %".into(), 100.0, 0),
        "gradient_mse" => ("MSE of a draw, 10⁻³".into(), 1e3, 3),
        "gradient_variance" => ("variance, 10⁻³".into(), 1e3, 3),
        "gradient_mse_of_mean" => ("MSE of the mean, 10⁻⁶".into(), 1e6, 2),
        "performance" | "performance_ood" | "performance_over_training" => {
            (metric.replace('_', " ").replace("ood", "out of distribution"), 1.0, 4)
        }
        "won_in_distribution" | "won_out_of_distribution" => {
            (format!("{}, % of settings", metric.replace('_', " ")), 100.0, 1)
        }
        "collapse_avg"
        | "collapse_worst"
        | "alignment"
        | "adaptation"
        | "inverse_mutual_information" => (metric.replace('_', " "), 1.0, 3),
        "train_error" | "best_train_error" | "test_error" | "generalization_gap" => {
            (metric.replace('_', " "), 1.0, 3)
        }
        other if other.starts_with("accuracy_at_") => {
            (format!("{}, %", other.replace("_plus_", " + ").replace('_', " ")), 100.0, 1)
        }
        other => (other.replace('_', " "), 1.0, 2),
    }
}

/// Bars of final test accuracy, a bar a model.
pub fn accuracy_bars(runs: &Runs, title: &str) -> Block {
    let bar = |model: &str| {
        let summary = runs.summary(model, ACCURACY);
        Bar {
            label: model.into(),
            value: summary.as_ref().map_or(f64::NAN, |row| row.mean),
            error: summary.and_then(|row| row.ci95),
            paper: None,
        }
    };
    let bars = Bars {
        title: title.into(),
        value_label: "test accuracy".into(),
        unit: Unit::Percent { digits: 1 },
        groups: vec![BarGroup {
            label: String::new(),
            bars: runs.models().into_iter().map(bar).collect(),
        }],
    };
    figure(
        "accuracy",
        bars.to_svg(),
        "Accuracy on the test split after training: mean over seeds \
        and 95 % interval.",
    )
}

/// Test accuracy over epochs, a line a model with its band.
pub fn accuracy_curves(runs: &Runs, title: &str) -> Block {
    let line = |model: &str| {
        let seeds: Vec<Vec<(f64, f64)>> = runs
            .of(model)
            .map(|run| run.curves.points(TEST_ACCURACY).map(|p| (p.epoch, p.value)).collect())
            .collect();
        Line::over_seeds(model, &seeds, stats::ci95)
    };
    let panel = Panel {
        title: String::new(),
        x_label: "epoch".into(),
        y_label: "test accuracy".into(),
        unit: Unit::Percent { digits: 1 },
        lines: runs.models().into_iter().map(line).collect(),
    };
    let plot = CurvePlot { title: title.into(), panels: vec![panel] };
    figure(
        "curves",
        plot.to_svg(),
        "Accuracy on the test split over training: mean over seeds; \
        bands are 95 % intervals.",
    )
}

/// A figure with its caption.
pub fn figure(name: &str, svg: String, caption: &str) -> Block {
    Block::Figure(Figure { name: name.into(), svg, caption: caption.into() })
}

/// The spec of each model's first run, to start from.
pub fn specs(runs: &Runs) -> Vec<Block> {
    let of = |model: &str| {
        let run = runs.of(model).next()?;
        let toml = Plan::of(&run.spec).to_toml().ok()?;
        let count = runs.of(model).count();
        let id = &run.entry.record.id;
        let summary = format!("{model}: {count} runs, the first is {id}");
        Some(Block::Provenance(Provenance { summary, toml }))
    };
    runs.models().into_iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_line_a_model_and_a_column_a_metric() {
        let rows = [
            Summary::new("a", ACCURACY, vec![0.5, 0.5]),
            Summary::new("a − b", GAIN, vec![-1.25]).with_paper(7.0),
            Summary::new("a", "distinct_paths", vec![3.0, 3.0]),
        ];
        let table = table("", &rows);
        let heads = ["model", "accuracy, %", "difference, points", "distinct paths", "n", "paper"];
        assert_eq!(table.headers, heads);
        assert_eq!(table.rows[0], ["a", "50.0 ± 0.0", "", "3.00 ± 0.00", "2", ""]);
        assert_eq!(table.rows[1], ["a − b", "", "−1.2", "", "1", "7.0"]);
        assert_eq!(table.rows.len(), 2);
    }
}
