//! The script, as text and as a shell runs it.

use super::*;

fn script(sbatch: &[&str]) -> String {
    let texts: Vec<String> = sbatch.iter().map(|&text| text.to_owned()).collect();
    let more = ["--retries".to_owned(), "1".to_owned()];
    let script = Script {
        name: "pathweave-mine-0badc0de-a1b2c3",
        sweep: "/scratch/it's mine/runs/sweeps/mine-0badc0de",
        tasks: "/scratch/it's mine/runs/sweeps/mine-0badc0de/slurm/1/tasks",
        program: "/opt/bin/pathweave",
        more: &more,
    };
    script.text(&SbatchOptions::parse(&texts).expect("sound"))
}

#[test]
fn the_script_is_the_golden_one() {
    let found = script(&["partition=short", "time=30", "cpus-per-task=4"]);
    crate::sweep::golden::check("slurm.sh", &found);
}

#[test]
fn names_of_jobs_are_of_the_place() {
    let one = job_name(Path::new("/a/sweeps/mine-1"));
    assert!(one.starts_with("pathweave-mine-1-"), "{one}");
    assert_ne!(one, job_name(Path::new("/b/sweeps/mine-1")));
    assert!(!job_name(Path::new("/a/b,c d")).contains([',', ' ']));
}

#[test]
fn arrays_are_told_apart_by_their_ids() {
    let job = |id: &str| Job { id: id.into(), state: "RUNNING".into(), reason: "None".into() };
    assert_eq!(ids(&[job("17_1"), job("17_[2-9]"), job("18")]), "17, 18");
}

/// Runs the script with stand-ins for the program and scontrol; gives back its output and code.
#[cfg(unix)]
fn play(program: &str, signal: Option<&str>) -> (String, Option<i32>) {
    use std::os::unix::fs::PermissionsExt;
    use std::process::{Command, Stdio};
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, format!("#!/bin/bash\n{text}\n")).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("allowed");
        path
    };
    let program = place("it's a program", program);
    place("scontrol", "echo scontrol \"$@\"");
    let program = program.to_str().expect("text");
    let script = Script { name: "a", sweep: "s", tasks: "t", program, more: &[] };
    let path = place("script.sh", &script.text(&SbatchOptions::default()));
    let search = format!("{}:{}", folder.path().display(), std::env::var("PATH").expect("a path"));
    let mut child = Command::new("bash")
        .arg(path)
        .arg("10")
        .env("PATH", search)
        .envs([("SLURM_ARRAY_TASK_ID", "3"), ("SLURM_ARRAY_JOB_ID", "17")])
        .stdout(Stdio::piped())
        .spawn()
        .expect("bash is there");
    if let Some(signal) = signal {
        let ready = folder.path().join("ready");
        let begin = std::time::Instant::now();
        while !ready.exists() && begin.elapsed().as_secs() < 20 {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let id = child.id().to_string();
        Command::new("kill").args(["-s", signal, &id]).status().expect("kill is there");
    }
    let status = child.wait().expect("it ended");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().expect("piped"), &mut text)
        .expect("text");
    (text, status.code())
}

#[cfg(unix)]
#[test]
fn tasks_requeue_themselves_at_the_limit_and_nowhere_else() {
    // Stops on request as the program does, slowly.
    let slow = "trap 'sleep 0.2; exit 130' TERM\ntouch \"${0%/*}/ready\"\n\
                for i in {1..200}; do sleep 0.05; done; exit 9";
    let (text, code) = play(slow, Some("USR1"));
    assert_eq!(code, Some(130), "{text}");
    assert!(text.contains("scontrol requeue 17_3"), "{text}");
    let (text, code) = play(slow, Some("TERM"));
    assert_eq!(code, Some(130), "{text}");
    assert!(!text.contains("scontrol"), "{text}");
    // Failures are not tried again by the scheduler; what was asked is told.
    let (text, code) = play("echo \"$@\"; exit 5", None);
    assert_eq!(code, Some(5));
    assert!(text.contains("sweep --manifest s --task t:13 --jobs 1"), "{text}");
    assert!(text.contains("ended with code 5") && !text.contains("scontrol"), "{text}");
}
