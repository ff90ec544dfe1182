//! What cannot be done is said, with a code of its own.

use super::cluster::alone;
use super::place::Place;

const BASE: [&str; 4] = ["sweep", "tiny.toml", "--executor", "slurm"];

#[test]
fn what_slurm_refuses_is_told() {
    let Some(_alone) = alone() else { return };
    let place = Place::new();
    let errors = place.bad(&[&BASE[..], &["--slurm", "partition=nowhere"]].concat(), 8);
    assert!(errors.contains("sbatch") && errors.contains("nvalid partition"), "{errors}");
    // Nothing is queued: the next one may.
    let script = place.good(&[&BASE[..], &["--dry-run"]].concat());
    assert!(script.starts_with("#!/bin/bash\n") && script.contains("# sbatch --parsable"));
}

#[test]
fn faults_of_flags_are_told_together() {
    let place = Place::new();
    let errors = place.bad(&[&BASE[..], &["--slurm", "array=1", "--slurm", "mem=a b"]].concat(), 2);
    assert!(errors.contains("array: not allowed") && errors.contains("mem: found"), "{errors}");
    let errors = place.bad(&["sweep", "tiny.toml", "--wait", "--image", "a"], 2);
    assert!(errors.contains("--wait: allowed: with --executor slurm"), "{errors}");
    assert!(errors.contains("--image: allowed: with --executor kubernetes"), "{errors}");
    assert!(!place.path("runs").exists());
}

#[test]
fn a_machine_without_slurm_says_so_and_still_prints_the_script() {
    let place = Place::new();
    let without = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_pathweave"));
        command.args(args).current_dir(place.path("")).env("PATH", "/nonexistent");
        command.output().expect("the program starts")
    };
    let output = without(&BASE);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(8), "{errors}");
    assert!(errors.contains("squeue: not found") && errors.contains("--dry-run"), "{errors}");
    let output = without(&[&BASE[..], &["--dry-run"]].concat());
    let script = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && script.contains("#SBATCH --requeue"), "{script}");
    assert!(script.contains("Taken for 1001"), "{script}");
    // What was submitted elsewhere: the store says how far it is.
    let sweeps = std::fs::read_dir(place.path("runs/sweeps")).expect("sweeps").flatten();
    let folder = sweeps.map(|entry| entry.path()).next().expect("one");
    std::fs::create_dir_all(folder.join("slurm/1")).expect("made");
    let output = without(&["sweep", "tiny.toml", "--status"]);
    let status = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && status.contains("1 runs: 1 pending"), "{status}");
    assert!(status.contains("its jobs are not known: squeue: not found"), "{status}");
}
