//! Sweeps in temporary places that the daemons of Slurm can reach.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use super::cluster::conf;

/// A run of a fraction of a second on rule data; overrides make it longer.
const BASE: &str = r#"
[base]
data.name = "rules"
data.rules = 4
data.steps_per_epoch = 20
data.eval_samples = 200
data.adaptation_draws = 3
data.adaptation_samples = 100
model.kind = "modular"
model.rules.encoder = 8
model.rules.width = 16
train.epochs = 2
train.batch = 32
train.optimizer = "adam"
train.learning_rate = 0.003
train.decay_every = 0
"#;

/// Steps enough for many seconds, of which none takes long.
pub const LONG: [&str; 2] = ["data.steps_per_epoch=4000", "train.epochs=200"];

/// A folder with the spec `tiny.toml` in it, removed in the end.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// With an odd name, as users have them.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("it's a place ").tempdir();
        let place = Self { folder: folder.expect("a temporary folder") };
        fs::write(place.path("tiny.toml"), BASE).expect("written");
        place
    }

    /// Path below it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pathweave"));
        command.args(args).current_dir(self.folder.path());
        command.env_remove("PATHWEAVE_DATA").env_remove("PATHWEAVE_RUNS");
        if let Some(conf) = conf() {
            command.env("SLURM_CONF", conf);
        }
        command
    }

    /// Starts the program and leaves it running.
    pub fn start(&self, args: &[&str]) -> Child {
        let mut command = self.command(args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    }

    /// Runs the program to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the program starts")
    }

    /// Runs it and gives its standard output; it must end well.
    pub fn good(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {errors}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// Runs it and gives its standard error; it must end with a code.
    pub fn bad(&self, args: &[&str], code: i32) -> String {
        let output = self.run(args);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {errors}");
        errors
    }

    /// Submits a sweep without waiting; gives back what `--json` says of it.
    pub fn submit(&self, args: &[&str]) -> Value {
        let base = ["sweep", "tiny.toml", "--executor", "slurm", "--json", "--quiet"];
        let more = ["--checkpoint-seconds", "0.05"];
        serde_json::from_str(&self.good(&[&base, args, &more].concat())).expect("JSON")
    }

    /// What `--status --json` says.
    pub fn status(&self, sweep: &Value) -> Value {
        let folder = sweep["sweep"].as_str().expect("a folder");
        let text = self.good(&["sweep", "--manifest", folder, "--status", "--json"]);
        serde_json::from_str(&text).expect("JSON")
    }

    /// Name of each run's folder and a file of it.
    pub fn files(&self, name: &str) -> BTreeMap<String, String> {
        let runs = fs::read_dir(self.path("runs")).into_iter().flatten().flatten();
        let file = |run: fs::DirEntry| {
            let text = fs::read_to_string(run.path().join(name)).ok()?;
            Some((run.file_name().into_string().ok()?, text))
        };
        runs.filter_map(file).collect()
    }

    /// Whether at least `count` runs have a whole checkpoint.
    pub fn have_checkpoints(&self, count: usize) -> bool {
        let runs = fs::read_dir(self.path("runs")).into_iter().flatten().flatten();
        let begun = runs.filter(|run| {
            let kept = fs::read_dir(run.path().join("checkpoint")).into_iter().flatten().flatten();
            // Under its number only when it is whole.
            kept.map(|one| one.file_name())
                .any(|name| name.to_str().is_some_and(|name| name.parse::<u64>().is_ok()))
        });
        begun.count() >= count
    }

    /// Asserts that every run is done, was started exactly once, and has the same bits as in a
    /// store made by local workers with the same arguments.
    pub fn assert_complete(&self, args: &[&str], runs: usize) {
        let other = Self::new();
        other.good(&[&["sweep", "tiny.toml", "--quiet"], args].concat());
        let (found, expected) = (self.files("record.json"), other.files("record.json"));
        assert_eq!(expected.len(), runs);
        assert_eq!(found, expected);
        for (id, log) in self.files("run.log") {
            assert_eq!(log.matches(" started\n").count(), 1, "{id}: {log}");
            assert_eq!(log.matches(" finished\n").count(), 1, "{id}: {log}");
        }
    }

    /// How often a run was taken up from a checkpoint.
    pub fn resumed(&self) -> usize {
        self.files("run.log").values().map(|log| log.matches(" resumed after").count()).sum()
    }
}
