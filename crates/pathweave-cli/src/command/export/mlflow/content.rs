//! What an MLflow server is told of a run.

use pathweave_eval::curves::Curves;
use pathweave_eval::record::RunRecord;
use pathweave_eval::table::TIMING_PREFIX;
use pathweave_eval::table::frame::leaves;
use pathweave_eval::timing::Timing;
use serde_json::{Value, json};

/// The tag by which a run is known again.
pub const ID: &str = "pathweave.id";
/// The server's limits on one request.
const METRICS: usize = 1000;
const PARAMETERS: usize = 100;
/// Letters of a value, and of a name: what every version of MLflow takes.
const VALUE: usize = 500;
const NAME: usize = 250;

/// A run in MLflow's terms.
pub struct Content {
    name: String,
    /// Start and end in milliseconds since 1970.
    start: i64,
    end: i64,
    tags: Vec<Value>,
    parameters: Vec<Value>,
    metrics: Vec<Value>,
}

impl Content {
    /// Of a run that began and ended at `times`, in seconds since 1970.
    pub fn new(
        record: &RunRecord,
        timing: Option<&Timing>,
        curves: Option<&Curves>,
        times: (f64, f64),
    ) -> Self {
        let [start, end] = [times.0, times.1].map(|seconds| (1000.0 * seconds) as i64);
        let tag = |key: &str, value: &str| json!({"key": key, "value": clip(value, VALUE)});
        let mut tags = vec![
            tag(ID, &record.id),
            tag("pathweave.program", &record.program),
            tag("pathweave.device", &record.device),
            tag("pathweave.dataset", &record.dataset.name),
            tag("pathweave.dataset.fingerprint", &record.dataset.fingerprint),
            tag("mlflow.source.name", "pathweave"),
        ];
        tags.retain(|tag| tag["value"] != "");
        let mut parameters = Vec::new();
        leaves(&record.spec, &mut |key, value| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            parameters.push(json!({"key": plain(key), "value": clip(&text, VALUE)}));
        });
        let at = |step: u64| {
            let share = if record.steps > 0 { step as f64 / record.steps as f64 } else { 1.0 };
            start + ((end - start) as f64 * share.min(1.0)) as i64
        };
        let metric = |name: &str, step: u64, value: f64| json!({"key": plain(name), "value": number(value), "step": step, "timestamp": at(step)});
        let mut metrics = Vec::new();
        for tag in curves.into_iter().flat_map(Curves::tags) {
            let points = curves.into_iter().flat_map(|curves| curves.points(tag));
            metrics.extend(points.map(|point| metric(tag, point.step, point.value)));
        }
        metrics.extend(record.metrics.iter().map(|(name, &v)| metric(name, record.steps, v)));
        for name in Timing::NUMBERS {
            if let Some(value) = timing.and_then(|timing| timing.value(name)) {
                metrics.push(metric(&format!("{TIMING_PREFIX}{name}"), record.steps, value));
            }
        }
        let name = clip(&format!("{} seed {}", record.name, record.seed), NAME);
        Self { name, start, end, tags, parameters, metrics }
    }

    /// The request that makes the run.
    pub fn run(&self, experiment: &str) -> Value {
        json!({
            "experiment_id": experiment,
            "run_name": self.name,
            "start_time": self.start,
            "tags": self.tags,
        })
    }

    /// The requests that fill it.
    pub fn batches(&self, run: &str) -> Vec<Value> {
        let parameters = self.parameters.chunks(PARAMETERS);
        let parameters = parameters.map(|some| json!({"run_id": run, "params": some}));
        let metrics = self.metrics.chunks(METRICS);
        parameters.chain(metrics.map(|some| json!({"run_id": run, "metrics": some}))).collect()
    }

    /// The request that ends it.
    pub fn end(&self, run: &str) -> Value {
        json!({"run_id": run, "status": "FINISHED", "end_time": self.end})
    }
}

/// At most so many bytes, at the end of a letter.
fn clip(text: &str, most: usize) -> String {
    text[..text.floor_char_boundary(most)].to_owned()
}

/// A name with the letters that MLflow takes.
fn plain(name: &str) -> String {
    let takes = |c: char| c.is_ascii_alphanumeric() || "_-. :/".contains(c);
    let name: String = name.chars().map(|c| if takes(c) { c } else { '_' }).collect();
    clip(&name, NAME)
}

/// JSON has no NaN and no infinity: protobuf's JSON names them.
fn number(value: f64) -> Value {
    match value {
        _ if value.is_nan() => "NaN".into(),
        f64::INFINITY => "Infinity".into(),
        f64::NEG_INFINITY => "-Infinity".into(),
        _ => value.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_keep_the_servers_limits() {
        let mut record = RunRecord::new("0123456789abcdef", "a");
        record.steps = 10;
        let settings = (0..250).map(|at| (format!("k{at}"), json!("ä".repeat(400))));
        record.spec = Value::Object(settings.collect());
        record.metrics.insert("l(ö)ss".into(), f64::NAN);
        let mut curves = Curves::new();
        (0..1500).for_each(|step| curves.push("train/loss", step, 0.0, 1.0));
        let content = Content::new(&record, None, Some(&curves), (100.0, 110.0));
        let batches = content.batches("r");
        let sizes: Vec<usize> = batches
            .iter()
            .map(|batch| {
                ["params", "metrics"]
                    .iter()
                    .filter_map(|kind| batch[kind].as_array())
                    .map(Vec::len)
                    .sum()
            })
            .collect();
        assert_eq!(sizes, [100, 100, 50, 1000, 501]);
        assert_eq!(batches[0]["params"][0]["value"].as_str().map(str::len), Some(500));
        let last = &batches[4]["metrics"][500];
        assert_eq!((last["key"].as_str(), last["value"].as_str()), (Some("l__ss"), Some("NaN")));
        assert_eq!(batches[3]["metrics"][5]["timestamp"], 105_000, "half of the way");
        assert_eq!(content.run("7")["start_time"], 100_000);
        assert_eq!(content.end("r")["end_time"], 110_000);
    }
}
