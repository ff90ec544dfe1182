//! The script that every task of a submission runs.

use super::options::SbatchOptions;
use super::shell::{line, quote};

/// How often a task is requeued at its time limit before somebody should look.
const REQUEUES: u32 = 1000;

/// What differs between the scripts of sweeps; paths are whole.
#[derive(Clone, Debug)]
pub struct Script<'a> {
    /// Name of the jobs
    pub name: &'a str,
    /// Folder of the written sweep
    pub sweep: &'a str,
    /// File of tasks
    pub tasks: &'a str,
    /// This program
    pub program: &'a str,
    /// Its further arguments
    pub more: &'a [String],
}

impl Script<'_> {
    /// The script. Its argument is the number of the array's first task.
    pub fn text(&self, options: &SbatchOptions) -> String {
        let Self { name, sweep, tasks, program, more } = self;
        let head = options.lines().join("\n");
        let (sweep, tasks, program) = (quote(sweep), quote(tasks), quote(program));
        let more = if more.is_empty() { String::new() } else { format!(" {}", line(more)) };
        format!(
            r##"#!/bin/bash
#SBATCH --job-name={name}
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --requeue
#SBATCH --open-mode=append
{head}

# One task of a sweep: the runs in a line of the file of tasks, on as many processors as Slurm gives.
# Slurm sends USR1 before the time limit and TERM before it kills (preemption, scancel): either way
# runs stop with a checkpoint, and go on from it when the task, or a later submission, starts again.
set -u
sweep={sweep}
tasks={tasks}
program={program}
task=$((${{1:-0}} + SLURM_ARRAY_TASK_ID))
self=${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}

limit='' stop='' child=''
ask() {{
  stop=yes
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null
}}
trap 'limit=yes; ask' USR1
trap ask TERM
say() {{ echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $self: $*"; }}

say "task $task on $(hostname), requeued ${{SLURM_RESTART_COUNT:-0}} times"
"$program" sweep --manifest "$sweep" --task "$tasks:$task" --jobs "${{SLURM_CPUS_PER_TASK:-1}}"{more} &
child=$!
[ -z "$stop" ] || ask
# A signal ends wait early, with a status above 128.
while wait "$child"; code=$?; [ "$code" -gt 128 ] && kill -0 "$child" 2>/dev/null; do :; done
wait "$child"
code=$?
say "ended with code $code"
if [ -n "$limit" ] && [ "$code" -gt 128 ] && [ "${{SLURM_RESTART_COUNT:-0}}" -lt {REQUEUES} ]; then
  say "the time limit is near: requeued"
  scontrol requeue "$self"
fi
exit "$code"
"##
        )
    }
}
