//! `decisions.jsonl`: every decision of a run, written as it goes and read back step by step.
//!
//! ```text
//! {"format":"pathweave-decisions","version":1,"modules":[3,3],"skip":false,"terminate":true}
//! {"split":"train","step":0,"depth":0,"samples":[4,1],"agents":[0,1],"actions":[2,3]}
//! {"split":"train","step":0,"depth":1,"samples":[4],"agents":[0],"actions":[0]}
//! {"split":"test","step":6,"depth":0,"samples":[0,1],"agents":[0,1],"actions":[2,2]}
//! ```
//!
//! The header names the modules at each depth. A line holds the decisions of one pass at one
//! depth; samples that had ended are left out. An action is a module, then skip, then ⊥, where
//! there are such. Lines of a training step name its number, counted from 0; those of an evaluation
//! the steps before it. `agents` may be missing: it is not read back.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Lines, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use pathweave::train::{Decided, Paths, Replay, Routes};
use pathweave_data::Split;
use serde::{Deserialize, Serialize};

use crate::error::CliError;

const FORMAT: &str = "pathweave-decisions";
const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    #[serde(flatten)]
    routes: Routes,
}

/// In the order in which they happen after a number of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Pass {
    Validation,
    Test,
    Train,
}

impl From<Split> for Pass {
    fn from(split: Split) -> Self {
        match split {
            Split::Before | Split::Train => Self::Train,
            Split::Validation => Self::Validation,
            Split::Test => Self::Test,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    split: Pass,
    step: u64,
    depth: usize,
    samples: Vec<u64>,
    #[serde(default)]
    agents: Vec<u32>,
    actions: Vec<u32>,
}

/// Writes the decisions of a run. What was written when a checkpoint was made is kept by the
/// process that goes on from it; the rest is cut off and comes again.
pub struct Recorder {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Recorder {
    /// Goes on after `bytes` bytes, or begins with the header where there are none.
    ///
    /// # Errors
    /// Where the file cannot be written, or is shorter.
    pub fn open(path: &Path, bytes: u64, routes: &Routes) -> Result<Self, CliError> {
        let failed = |error: &dyn std::fmt::Display| CliError::file(path, error);
        let open = OpenOptions::new().create(true).truncate(false).write(true).open(path);
        let mut file = open.map_err(|error| failed(&error))?;
        let found = file.metadata().map_err(|error| failed(&error))?.len();
        if found < bytes {
            let text = format!("it was cut: {found} of {bytes} bytes are left");
            return Err(failed(&text));
        }
        file.set_len(bytes).map_err(|error| failed(&error))?;
        file.seek(SeekFrom::Start(bytes)).map_err(|error| failed(&error))?;
        let mut recorder = Self { path: path.to_owned(), file: BufWriter::new(file) };
        if bytes == 0 {
            let routes = routes.clone();
            recorder.line(&Header { format: FORMAT.into(), version: VERSION, routes })?;
        }
        Ok(recorder)
    }

    /// Adds the decisions of a pass.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn add(&mut self, split: Split, step: u64, decided: &[Decided]) -> Result<(), CliError> {
        for decided in decided.iter().filter(|decided| !decided.samples.is_empty()) {
            let Decided { depth, samples, agents, actions } = decided.clone();
            self.line(&Line { split: split.into(), step, depth, samples, agents, actions })?;
        }
        Ok(())
    }

    /// Brings everything to the disk and tells how many bytes that is.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn sync(&mut self) -> Result<u64, CliError> {
        let bytes = self.file.flush().and_then(|()| {
            self.file.get_ref().sync_all()?;
            self.file.stream_position()
        });
        bytes.map_err(|error| CliError::file(&self.path, error))
    }

    fn line(&mut self, value: &impl Serialize) -> Result<(), CliError> {
        let written = serde_json::to_writer(&mut self.file, value).map_err(std::io::Error::from);
        written
            .and_then(|()| self.file.write_all(b"\n"))
            .map_err(|error| CliError::file(&self.path, error))
    }
}

/// Reads decisions back, one pass at a time.
#[derive(Debug)]
pub struct Recorded {
    name: String,
    routes: Routes,
    lines: Lines<BufReader<File>>,
    /// Number of the line read last
    number: u64,
    next: Option<Line>,
}

impl Recorded {
    /// # Errors
    /// Where the file cannot be read or does not begin as one of decisions does.
    pub fn open(path: &Path) -> Result<Self, CliError> {
        let failed = |error: &dyn std::fmt::Display| CliError::file(path, error);
        let file = File::open(path).map_err(|error| failed(&error))?;
        let mut lines = BufReader::new(file).lines();
        let first = lines.next().transpose().map_err(|error| failed(&error))?;
        let header: Option<Header> = first.and_then(|line| serde_json::from_str(&line).ok());
        match header {
            Some(Header { format, version: 1.., routes }) if format == FORMAT => {
                let name = path.display().to_string();
                Ok(Self { name, routes, lines, number: 1, next: None })
            }
            _ => {
                Err(failed(&format!("line 1: found no header, allowed: {{\"format\":{FORMAT:?},…")))
            }
        }
    }

    /// The next line, read but not yet taken.
    fn peek(&mut self) -> Result<Option<&Line>, String> {
        if self.next.is_none()
            && let Some(text) = self.lines.next()
        {
            self.number += 1;
            let line = text.map_err(|error| error.to_string()).and_then(|text| {
                serde_json::from_str::<Line>(&text).map_err(|error| error.to_string())
            });
            let line = line.map_err(|error| self.fault(&error))?;
            if line.samples.len() != line.actions.len() {
                return Err(self.fault("as many actions as samples are needed"));
            }
            self.next = Some(line);
        }
        Ok(self.next.as_ref())
    }

    fn fault(&self, text: &str) -> String {
        format!("{}: line {}: {text}", self.name, self.number)
    }
}

/// When a pass happens: the evaluations after n steps come before training step n.
type Moment = (u64, Pass);

impl Replay for Recorded {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn routes(&self) -> &Routes {
        &self.routes
    }

    fn paths(&mut self, split: Split, step: u64) -> Result<Option<Paths>, String> {
        let wanted: Moment = (step, split.into());
        let mut found: Option<Paths> = None;
        while let Some(line) = self.peek()? {
            let at: Moment = (line.step, line.split);
            if at > wanted {
                break;
            }
            let Some(line) = self.next.take() else { break };
            if at < wanted {
                continue;
            }
            let paths = found.get_or_insert_default();
            for (&sample, &action) in line.samples.iter().zip(&line.actions) {
                let path = paths.0.entry(sample).or_default();
                if path.len() != line.depth {
                    let text = format!("sample {sample}: depth {} does not follow", line.depth);
                    return Err(self.fault(&text));
                }
                path.push(action);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Routes {
        Routes { modules: vec![2, 2], skip: false, terminate: true }
    }

    fn decided(step: u64) -> Vec<Decided> {
        let depth = |depth, samples: &[u64], actions: &[u32]| Decided {
            depth,
            samples: samples.into(),
            agents: vec![0; samples.len()],
            actions: actions.into(),
        };
        vec![depth(0, &[step, 9], &[2, 1]), depth(1, &[9], &[0])]
    }

    fn paths(step: u64) -> Paths {
        Paths([(step, vec![2]), (9, vec![1, 0])].into())
    }

    #[test]
    fn what_a_killed_process_wrote_after_its_checkpoint_comes_once() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("decisions.jsonl");
        let mut recorder = Recorder::open(&path, 0, &routes()).expect("opened");
        recorder.add(Split::Train, 0, &decided(0)).expect("written");
        let bytes = recorder.sync().expect("written");
        recorder.add(Split::Train, 1, &decided(7)).expect("written");
        drop(recorder);
        let mut recorder = Recorder::open(&path, bytes, &routes()).expect("opened");
        recorder.add(Split::Train, 1, &decided(1)).expect("written");
        recorder.add(Split::Validation, 2, &decided(3)).expect("written");
        recorder.add(Split::Test, 2, &decided(4)).expect("written");
        recorder.add(Split::Train, 2, &decided(2)).expect("written");
        let all = recorder.sync().expect("written");
        assert!(Recorder::open(&path, all + 1, &routes()).is_err());

        let read = || Recorded::open(&path).expect("decisions");
        let mut whole = read();
        assert_eq!(whole.routes(), &routes());
        for step in 0..3 {
            assert_eq!(whole.paths(Split::Train, step), Ok(Some(paths(step))));
        }
        assert_eq!(whole.paths(Split::Train, 3), Ok(None));
        let mut later = read();
        assert_eq!(later.paths(Split::Test, 1), Ok(None));
        assert_eq!(later.paths(Split::Train, 1), Ok(Some(paths(1))));
        assert_eq!(later.paths(Split::Test, 2), Ok(Some(paths(4))));
        assert_eq!(later.paths(Split::Train, 2), Ok(Some(paths(2))));
    }

    #[test]
    fn broken_lines_are_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a");
        std::fs::write(&path, "{}\n").expect("written");
        assert!(Recorded::open(&path).is_err());
        Recorder::open(&path, 0, &routes()).and_then(|mut to| to.sync()).expect("written");
        let header = std::fs::read_to_string(&path).expect("read");
        for (line, told) in [
            ("no line", "line 2"),
            (r#"{"split":"train","step":0,"depth":0,"samples":[1],"actions":[]}"#, "as many"),
            (r#"{"split":"train","step":0,"depth":1,"samples":[5],"actions":[0]}"#, "sample 5"),
        ] {
            std::fs::write(&path, format!("{header}{line}\n")).expect("written");
            let error = Recorded::open(&path).expect("decisions").paths(Split::Train, 0);
            assert!(error.expect_err("broken").contains(told), "{told}");
        }
    }
}
