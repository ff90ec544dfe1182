#!/bin/bash
#SBATCH --job-name=pathweave-mine-0badc0de-a1b2c3
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --partition=short
#SBATCH --time=30
#SBATCH --cpus-per-task=4
#SBATCH --signal=B:USR1@60

# One task of a sweep: the runs in a line of the file of tasks, on as many processors as Slurm gives.
# Slurm sends USR1 before the time limit and TERM before it kills (preemption, scancel): either way
# runs stop with a checkpoint, and go on from it when the task, or a later submission, starts again.
set -u
sweep='/scratch/it'\''s mine/runs/sweeps/mine-0badc0de'
tasks='/scratch/it'\''s mine/runs/sweeps/mine-0badc0de/slurm/1/tasks'
program=/opt/bin/pathweave
task=$((${1:-0} + SLURM_ARRAY_TASK_ID))
self=${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}

limit='' stop='' child=''
ask() {
  stop=yes
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null
}
trap 'limit=yes; ask' USR1
trap ask TERM
say() { echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $self: $*"; }

say "task $task on $(hostname), requeued ${SLURM_RESTART_COUNT:-0} times"
"$program" sweep --manifest "$sweep" --task "$tasks:$task" --jobs "${SLURM_CPUS_PER_TASK:-1}" --retries 1 &
child=$!
[ -z "$stop" ] || ask
# A signal ends wait early, with a status above 128.
while wait "$child"; code=$?; [ "$code" -gt 128 ] && kill -0 "$child" 2>/dev/null; do :; done
wait "$child"
code=$?
say "ended with code $code"
if [ -n "$limit" ] && [ "$code" -gt 128 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 1000 ]; then
  say "the time limit is near: requeued"
  scontrol requeue "$self"
fi
exit "$code"
