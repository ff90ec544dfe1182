//! `--slurm KEY=VALUE`: options of sbatch.

use crate::error::CliError;

/// Seconds before the time limit at which a task is told, where nobody says and there is time.
const NOTICE: u64 = 60;
/// Options that say how tasks find their runs, their files and each other.
const OURS: [(&str, &str); 15] = [
    ("array", "--runs-per-task and throttle=N decide"),
    ("chdir", "a task works in the folder of its submission"),
    ("error", "a task's log is in the folder of its submission"),
    ("export", "a task needs the environment that it is submitted from"),
    ("help", "see sbatch --help"),
    ("input", "a task reads nothing"),
    ("job-name", "the name tells the jobs of a sweep from all others"),
    ("nodes", "a task is one process tree on one machine"),
    ("no-requeue", "preempted tasks go on from their checkpoints"),
    ("ntasks", "a task is one process tree; cpus-per-task=N gives it N workers"),
    ("open-mode", "a requeued task adds to its log"),
    ("output", "a task's log is in the folder of its submission"),
    ("requeue", "it is always set"),
    ("wait", "use --wait"),
    ("wrap", "the script is pathweave's"),
];

/// What a user asks of sbatch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SbatchOptions {
    /// Tasks of an array that may run at once
    pub throttle: Option<usize>,
    /// Seconds before the time limit at which a task is asked to stop
    pub notice: u64,
    given: Vec<(String, Option<String>)>,
}

impl SbatchOptions {
    /// Reads them.
    ///
    /// # Errors
    /// [`CliError::Usage`] with every fault.
    pub fn parse(texts: &[String]) -> Result<Self, CliError> {
        let mut options = Self::default();
        let mut faults = Vec::new();
        let mut signal = None;
        for text in texts {
            match pair(text) {
                Err(fault) => faults.push(fault),
                Ok(("throttle", value)) => match value.and_then(|value| value.parse().ok()) {
                    Some(throttle @ 1..) => options.throttle = Some(throttle),
                    _ => faults.push(format!("--slurm {text}: allowed: throttle=N with N ≥ 1")),
                },
                Ok(("signal", value)) => match value.and_then(|value| value.parse().ok()) {
                    Some(seconds @ 1..=65_535) => signal = Some(seconds),
                    _ => faults.push(format!(
                        "--slurm {text}: allowed: signal=SECONDS from 1 to 65535 before the time \
                         limit; which signal is settled"
                    )),
                },
                Ok((key, value)) => {
                    if options.given.iter().any(|(other, _)| other == key) {
                        faults.push(format!("--slurm {key}: given twice"));
                    }
                    options.given.push((key.to_owned(), value.map(str::to_owned)));
                }
            }
        }
        let limit = match options.value("time") {
            None => None,
            Some(time) => seconds(time).unwrap_or_else(|| {
                faults.push(format!(
                    "--slurm time={time}: allowed: minutes, M:S, H:M:S, D-H, D-H:M, D-H:M:S or \
                     UNLIMITED"
                ));
                None
            }),
        };
        options.notice = signal.unwrap_or_else(|| limit.map_or(NOTICE, |l| NOTICE.min(l / 4)));
        if let Some(limit) = limit.filter(|&limit| options.notice >= limit) {
            let notice = options.notice;
            faults.push(format!(
                "--slurm signal={notice}: allowed: less than the time limit of {limit} seconds"
            ));
        }
        if faults.is_empty() { Ok(options) } else { Err(CliError::Usage(faults.join("\n"))) }
    }

    /// Lines of the script's head.
    pub fn lines(&self) -> Vec<String> {
        let one = ("cpus-per-task".to_owned(), Some("1".to_owned()));
        let default = self.value("cpus-per-task").is_none().then_some(&one);
        let line = |(key, value): &(String, Option<String>)| match value {
            Some(value) => format!("#SBATCH --{key}={value}"),
            None => format!("#SBATCH --{key}"),
        };
        let signal = format!("#SBATCH --signal=B:USR1@{}", self.notice);
        default.into_iter().chain(&self.given).map(line).chain([signal]).collect()
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.given.iter().find(|(given, _)| given == key)?.1.as_deref()
    }
}

/// Key and value of an option, where they are fit for the head of a script.
fn pair(text: &str) -> Result<(&str, Option<&str>), String> {
    let (key, value) = match text.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (text, None),
    };
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !key.starts_with(|c: char| c.is_ascii_lowercase()) || !key.chars().all(letters) {
        return Err(format!(
            "--slurm {text:?}: allowed: KEY=VALUE with a long option of sbatch, such as \
             partition=short"
        ));
    }
    if let Some((_, why)) = OURS.iter().find(|(ours, _)| *ours == key) {
        return Err(format!("--slurm {key}: not allowed: {why}"));
    }
    // sbatch splits, unquotes and cuts comments off; no option's value needs any of that.
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-.,:;=@/+%*&|()[]!<>~^{}".contains(c);
    match value {
        Some(value) if value.is_empty() || !value.chars().all(fits) => Err(format!(
            "--slurm {key}: found {value:?}, allowed: letters, digits and _-.,:;=@/+%*&|()[]!<>~^{{}}"
        )),
        value => Ok((key, value)),
    }
}

/// Seconds of a time limit as sbatch reads it, none where it is endless; `None` where it is no time.
fn seconds(text: &str) -> Option<Option<u64>> {
    if ["unlimited", "infinite"].contains(&text.to_ascii_lowercase().as_str()) {
        return Some(None);
    }
    let number = |part: &str| part.parse::<u32>().ok().map(u64::from);
    let numbers = |text: &str| text.split(':').map(number).collect::<Option<Vec<u64>>>();
    let total = match text.split_once('-') {
        Some((days, rest)) => {
            let rest = match numbers(rest)?.as_slice() {
                [hours] => hours * 3600,
                [hours, minutes] => hours * 3600 + minutes * 60,
                [hours, minutes, seconds] => hours * 3600 + minutes * 60 + seconds,
                _ => return None,
            };
            number(days)? * 86_400 + rest
        }
        None => match numbers(text)?.as_slice() {
            [minutes] => minutes * 60,
            [minutes, seconds] => minutes * 60 + seconds,
            [hours, minutes, seconds] => hours * 3600 + minutes * 60 + seconds,
            _ => return None,
        },
    };
    // Slurm reads 0 as endless.
    Some((total > 0).then_some(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(texts: &[&str]) -> Result<SbatchOptions, String> {
        let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
        SbatchOptions::parse(&texts).map_err(|error| error.to_string())
    }

    #[test]
    fn options_become_lines() {
        let options = parse(&["partition=a,b", "time=1-2", "exclusive", "throttle=4", "mem=2G"]);
        let options = options.expect("sound");
        assert_eq!(options.throttle, Some(4));
        let lines = [
            "#SBATCH --cpus-per-task=1",
            "#SBATCH --partition=a,b",
            "#SBATCH --time=1-2",
            "#SBATCH --exclusive",
            "#SBATCH --mem=2G",
            "#SBATCH --signal=B:USR1@60",
        ];
        assert_eq!(options.lines(), lines);
        let options = parse(&["cpus-per-task=8", "time=2", "gres=gpu:1"]).expect("sound");
        assert_eq!(options.lines()[0], "#SBATCH --cpus-per-task=8");
        assert_eq!(options.notice, 30);
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let wrong = [
            "--array=3",
            "Partition=a",
            "array=0-3",
            "comment=a b",
            "comment=$(touch x)",
            "mem=\"1\"\nexec",
            "mem=1;\n",
            "account=",
            "throttle=0",
            "signal=USR2@3",
            "time=soon",
            "qos=a",
            "qos=b",
        ];
        let told = parse(&wrong).expect_err("faults");
        assert_eq!(told.lines().count(), wrong.len() - 1, "{told}");
        assert!(told.contains("array: not allowed: --runs-per-task"), "{told}");
        assert!(told.contains("qos: given twice"), "{told}");
        assert!(parse(&["time=1", "signal=60"]).expect_err("a fault").contains("60 seconds"));
    }

    #[test]
    fn times_are_read_as_sbatch_reads_them() {
        let known = [
            ("5", Some(300)),
            ("5:30", Some(330)),
            ("1:00:30", Some(3630)),
            ("1-0", Some(86_400)),
            ("1-1:1", Some(90_060)),
            ("1-1:1:1", Some(90_061)),
            ("0", None),
            ("UNLIMITED", None),
        ];
        for (text, expected) in known {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for text in ["", "a", "1:2:3:4", "-1", "1-", "1-2:3:4:5", "99999999999999999999"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
