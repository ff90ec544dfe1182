//! The PyTorch twin of a benchmark: a child process that times one case whenever it is told to.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A running twin. It sleeps while ours is timed.
pub struct Twin {
    child: Child,
    ask: Option<ChildStdin>,
    answer: BufReader<ChildStdout>,
    /// As it introduced itself, for example `torch 2.15.0, 1 thread`
    pub version: String,
}

impl Twin {
    /// Starts `benches/peers/SCRIPT` with `PATHWEAVE_PYTHON`, else `python3`. Says how to get it
    /// where that fails; `None` without a word where the benchmark has no twin.
    pub fn start(script: &str) -> Option<Self> {
        if !peers().join(script).exists() {
            return None;
        }
        let python = std::env::var("PATHWEAVE_PYTHON").unwrap_or_else(|_| "python3".into());
        let twin = Self::spawn(&python, script);
        if twin.is_none() {
            println!(
                "no PyTorch twin: `{python}` does not run it. Set PATHWEAVE_PYTHON to a Python \
                 that has torch (pip install torch).\n"
            );
        }
        twin
    }

    fn spawn(python: &str, script: &str) -> Option<Self> {
        let mut child = Command::new(python)
            .arg(peers().join(script))
            .envs([("OMP_NUM_THREADS", "1"), ("MKL_NUM_THREADS", "1")])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let ask = child.stdin.take();
        let answer = BufReader::new(child.stdout.take()?);
        let mut twin = Self { child, ask, answer, version: String::new() };
        let first = twin.line()?;
        twin.version = first.strip_prefix("ready ")?.into();
        Some(twin)
    }

    /// One line, without its end; `None` where the twin has gone.
    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.answer.read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim_end().into())
    }

    /// Mean milliseconds of `repeat` repetitions of a case.
    ///
    /// # Panics
    /// Where the twin has gone; its own message is on standard error.
    pub fn time(&mut self, case: &str, repeat: usize) -> f64 {
        let asked = self.ask.as_mut().is_some_and(|ask| writeln!(ask, "{case} {repeat}").is_ok());
        let answer = if asked { self.line() } else { None };
        answer
            .and_then(|answer| answer.parse().ok())
            .unwrap_or_else(|| panic!("the PyTorch twin gave no time for {case}"))
    }
}

fn peers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/peers")
}

impl Drop for Twin {
    fn drop(&mut self) {
        // The end of its input ends it.
        self.ask = None;
        self.child.wait().ok();
    }
}
