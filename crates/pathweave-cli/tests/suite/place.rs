//! The program in a temporary place.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Overrides that make a run last a second or less.
pub const TINY: [&str; 4] =
    ["train.epochs=1", "train.seed=0", "data.train_per_task=20", "data.test_per_task=10"];

/// A folder that is removed with it, and the program started in it.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// An empty folder.
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// Path below it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program with arguments; nothing of the caller's environment reaches it.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pathweave"));
        command.args(args).current_dir(self.folder.path());
        command.env_remove("PATHWEAVE_DATA").env_remove("PATHWEAVE_RUNS");
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the program starts")
    }

    /// Runs it and gives its standard output; it must end with code 0.
    pub fn good(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// Runs it and gives its standard error; it must end with `code`.
    pub fn bad(&self, args: &[&str], code: i32) -> String {
        let output = self.run(args);
        let errors = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {errors}");
        errors
    }
}

/// Bytes as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The folders of runs below a folder, sorted.
pub fn runs(out: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(out).expect("the folder of runs").flatten();
    let named = entries.map(|entry| entry.path()).filter(|path| path.join("lock").is_file());
    let mut runs: Vec<PathBuf> = named.collect();
    runs.sort();
    runs
}
