//! Sweeps as an Indexed Job of Kubernetes: an index a part.

use pathweave_store::SWEEPS;
use sha2::{Digest, Sha256};

use super::{Sweep, shell};
use crate::error::CliError;
use crate::options::RunOptions;

/// What is asked of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Container image with the program
    pub image: String,
    /// Persistent volume claim that holds the store
    pub claim: String,
    /// Persistent volume claim that holds the data folder
    pub data: Option<String>,
    /// Pods at once
    pub parallelism: usize,
}

/// Where the store is in a pod.
const STORE: &str = "/store";
const DATA: &str = "/data";

/// The Job: `parts` indexes, each a part of the sweep. Pods that are evicted or preempted do not
/// count as failures; the runs they leave stop with a checkpoint.
///
/// # Errors
/// [`CliError::Usage`] with every name that Kubernetes would not take.
pub fn job(
    sweep: &Sweep,
    parts: usize,
    retries: u32,
    cluster: &Cluster,
    options: &RunOptions,
) -> Result<String, CliError> {
    let Cluster { image, claim, data, parallelism } = cluster;
    let mut faults = Vec::new();
    // What a reference of an image consists of; YAML leaves it alone between quotes.
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-/:@".contains(c);
    if image.is_empty() || !image.chars().all(fits) {
        faults.push(format!("--image: found {image:?}, allowed: letters, digits and ._-/:@"));
    }
    let claims = [("--claim", Some(claim)), ("--data-claim", data.as_ref())];
    for (flag, name) in claims.into_iter().filter_map(|(flag, name)| Some((flag, name?))) {
        if !is_name(name) {
            faults.push(format!(
                "{flag}: found {name:?}, allowed: lower-case letters, digits, - and ., at most 253"
            ));
        }
    }
    if !faults.is_empty() {
        return Err(CliError::Usage(faults.join("\n")));
    }
    let folder = sweep.folder.file_name().unwrap_or_default().to_string_lossy();
    let name = job_name(&folder);
    let manifest = format!("{STORE}/{SWEEPS}/{folder}");
    let seconds = options.checkpoint_seconds;
    let data_argument = if data.is_some() { format!(" --data {DATA}") } else { String::new() };
    // The shell only adds one: indexes begin with 0, parts with 1. It gives way to the program, so
    // that the request to stop reaches it.
    let command = format!(
        "exec pathweave sweep --manifest {} --shard $((JOB_COMPLETION_INDEX + 1))/{parts} --jobs 1 \
         --retries {retries} --checkpoint-seconds {seconds} --quiet{data_argument}",
        shell::quote(&manifest)
    );
    let command = yaml(&command);
    let mount = |name: &str, path: &str| {
        format!("            - name: {name}\n              mountPath: {path}\n")
    };
    let volume = |name: &str, claim: &str| {
        format!(
            "        - name: {name}\n          persistentVolumeClaim:\n            claimName: {}\n",
            yaml(claim)
        )
    };
    let (mut mounts, mut volumes) = (mount("store", STORE), volume("store", claim));
    if let Some(data) = data {
        mounts += &mount("data", DATA);
        volumes += &volume("data", data);
    }
    let (image, parallelism) = (yaml(image), (*parallelism).clamp(1, parts.max(1)));
    Ok(format!(
        r"apiVersion: batch/v1
kind: Job
metadata:
  name: {name}
  labels:
    app.kubernetes.io/name: pathweave
spec:
  completionMode: Indexed
  completions: {parts}
  parallelism: {parallelism}
  backoffLimitPerIndex: 3
  maxFailedIndexes: {parts}
  podFailurePolicy:
    rules:
      # An eviction is nobody's failure.
      - action: Ignore
        onPodConditions:
          - type: DisruptionTarget
      # A wrong command line, spec or data set stays wrong.
      - action: FailIndex
        onExitCodes:
          containerName: pathweave
          operator: In
          values: [2, 3, 4]
  template:
    metadata:
      labels:
        app.kubernetes.io/name: pathweave
    spec:
      restartPolicy: Never
      # Between the request to stop and the kill: time for a checkpoint.
      terminationGracePeriodSeconds: 120
      containers:
        - name: pathweave
          image: {image}
          command: [/bin/sh, -c]
          args:
            - {command}
          resources:
            requests:
              cpu: '1'
          volumeMounts:
{mounts}      volumes:
{volumes}"
    ))
}

/// A scalar between single quotes: YAML reads nothing in it but a doubled quote.
fn yaml(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Whether a text names an object of Kubernetes (RFC 1123 subdomain).
fn is_name(text: &str) -> bool {
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let part = |part: &str| {
        let ends = part.bytes().next().is_some_and(plain) && part.bytes().last().is_some_and(plain);
        ends && part.bytes().all(|c| plain(c) || c == b'-')
    };
    text.len() <= 253 && text.split('.').all(part)
}

/// A job's name: a label, so at most 63 characters; pods add an index to it.
fn job_name(folder: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = format!("pathweave-{folder}").chars().map(fits).collect();
    if name.len() <= 52 && is_name(&name) {
        return name;
    }
    let hash: String = Sha256::digest(folder).iter().take(4).map(|b| format!("{b:02x}")).collect();
    let short: String = name.chars().take(43).collect();
    format!("{}-{hash}", short.trim_matches('-'))
}

#[cfg(test)]
mod tests {
    use yaml_rust2::YamlLoader;

    use super::*;
    use crate::sweep::golden;

    fn cluster() -> Cluster {
        Cluster {
            image: "registry.example.org/me/pathweave:0.1.0".into(),
            claim: "runs".into(),
            data: Some("images".into()),
            parallelism: 16,
        }
    }

    #[test]
    fn the_job_is_the_golden_one_and_yaml() {
        let (sweep, options) = golden::sweep("/scratch/it's mine/runs", &[]);
        let text = job(&sweep, 40, 1, &cluster(), &options).expect("sound");
        golden::check("kubernetes.yaml", &text);
        let read = &YamlLoader::load_from_str(&text).expect("YAML")[0];
        let spec = &read["spec"];
        assert_eq!(spec["completions"].as_i64(), Some(40));
        assert_eq!(spec["parallelism"].as_i64(), Some(16));
        assert_eq!(spec["completionMode"].as_str(), Some("Indexed"));
        let pod = &spec["template"]["spec"];
        assert_eq!(pod["restartPolicy"].as_str(), Some("Never"));
        let claim = &pod["volumes"][0]["persistentVolumeClaim"]["claimName"];
        assert_eq!(claim.as_str(), Some("runs"));
        let container = &pod["containers"][0];
        assert_eq!(container["volumeMounts"][1]["mountPath"].as_str(), Some("/data"));
        let command = container["args"][0].as_str().expect("text");
        assert!(command.contains("--manifest /store/sweeps/mine-0badc0de --shard"), "{command}");
        // The shell of the image makes parts of indexes.
        let command = command.replace("exec pathweave", "echo");
        let shell = std::process::Command::new("sh")
            .args(["-c", &command])
            .env("JOB_COMPLETION_INDEX", "39")
            .output()
            .expect("a shell");
        assert!(String::from_utf8_lossy(&shell.stdout).contains("--shard 40/40 --jobs 1"));
    }

    #[test]
    fn names_that_kubernetes_refuses_are_told_together() {
        let (sweep, options) = golden::sweep("/runs", &[]);
        let odd = Cluster {
            image: "a\nb: c".into(),
            claim: "Runs".into(),
            data: Some("-".into()),
            ..cluster()
        };
        let told = job(&sweep, 2, 1, &odd, &options).expect_err("faults").to_string();
        assert_eq!(told.lines().count(), 3, "{told}");
        assert!(is_name("a.b-1") && !is_name("") && !is_name("a..b") && !is_name("a_b"));
        for folder in ["mine-0badc0de", &"long-".repeat(20), "ü x"] {
            let name = job_name(folder);
            assert!(is_name(&name) && name.len() <= 52, "{name}");
        }
    }
}
