#!/usr/bin/env python3
"""A sweep of many small runs through a Slurm of one machine, with kills in between; then the same
sweep by local workers, and a comparison of every record.

    python3 benches/slurm_scale.py --program target/release/pathweave --runs 1000

Starts and stops its own Slurm (.ci/slurm-single-node; needs slurm-wlm and munge). Prints a table
in Markdown, and as its last line the same as JSON. Ends with code 1 where a run was lost, finished twice or differs.
"""

import argparse
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent

# About 0.2 s a run on the rule benchmark.
SPEC = """
[base]
data.name = "rules"
data.rules = 4
data.steps_per_epoch = 5000
data.eval_samples = 500
data.adaptation_draws = 5
data.adaptation_samples = 200
model.rules.encoder = 8
model.rules.width = 16
train.epochs = 3
train.batch = 32
train.optimizer = "adam"
train.learning_rate = 0.003
train.decay_every = 0

[grid]
model.kind = ["modular", "monolithic"]
train.seed = [%s]
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "target/release/pathweave")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--runs-per-task", type=int, default=20)
    parser.add_argument("--cpus", type=int, default=os.cpu_count(), help="tasks at once")
    parser.add_argument("--every", type=float, default=2.0, help="seconds between two blows; 0: none, to see the overhead")
    parser.add_argument("--seed", type=int, default=0, help="of the blows")
    parser.add_argument("--folder", type=pathlib.Path, help="is kept; else a temporary one")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="slurm-scale-") as temporary:
        folder = (args.folder or pathlib.Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        cluster = Cluster(folder / "slurm", args.cpus)
        try:
            result = Trial(args, folder, cluster).run()
        finally:
            cluster.stop()
    print("| | |\n|---|---:|")
    for name, value in result.items():
        print(f"| {name} | {value} |")
    print(json.dumps(result))
    bad = [result[name] for name in ("runs lost", "runs finished twice", "records that differ")]
    sys.exit(1 if any(bad) else 0)


class Cluster:
    """Slurm's daemons and commands."""

    def __init__(self, folder, cpus):
        self.folder = folder
        # Arrays of at most 16 tasks, so that the sweep is chunked.
        env = {**os.environ, "CPUS": str(cpus), "MAX_ARRAY": "16", "GRACE": "3"}
        start = [ROOT / ".ci/slurm-single-node", "start", folder]
        conf = subprocess.run(start, env=env, check=True, capture_output=True, text=True)
        self.env = {**os.environ, "SLURM_CONF": conf.stdout.strip()}
        self.env["PATH"] += ":/usr/sbin:/sbin"

    def call(self, *words):
        return subprocess.run(words, env=self.env, capture_output=True, text=True).stdout

    def tasks(self, state=""):
        """Ids of tasks in a state, with their reasons."""
        words = ["squeue", "--noheader", "--array", "--format=%i %T %r %P"]
        lines = (line.split(" ", 2) for line in self.call(*words).splitlines())
        return [(task, rest) for task, found, rest in lines if state in found]

    def stop(self):
        subprocess.run([ROOT / ".ci/slurm-single-node", "stop", self.folder], check=False)


class Trial:
    """The sweep, and what is done to it."""

    def __init__(self, args, folder, cluster):
        self.args, self.folder, self.cluster = args, folder, cluster
        self.random = random.Random(args.seed)
        self.kills = {"workers": 0, "tasks": 0, "cancelled tasks": 0, "preemptions": 0}
        self.submissions = 0
        self.late = {}
        self.spec = folder / "scale.toml"
        seeds = ", ".join(str(seed) for seed in range((args.runs + 1) // 2))
        self.spec.write_text(SPEC % seeds)
        self.ours, self.local = folder / "runs", folder / "local"

    def pathweave(self, *words, out):
        program = [self.args.program.resolve(), "sweep", self.spec, "--out", out, *words]
        done = subprocess.run(program, env=self.cluster.env, capture_output=True, text=True)
        return done

    def run(self):
        began = time.time()
        slurm = ["--executor", "slurm", "--runs-per-task", str(self.args.runs_per_task)]
        slurm += ["--slurm", "partition=low", "--checkpoint-seconds", "0.05", "--json"]
        last_blow = time.time()
        while True:
            states = self.states()
            if states["done"] == states["all"] and self.submissions:
                break
            if not self.cluster.tasks():
                submitted = self.pathweave(*slurm, out=self.ours)
                if submitted.returncode:
                    sys.exit(f"submission refused: {submitted.stderr}")
                self.submissions += 1
                said = json.loads(submitted.stdout)
                self.report(f"submitted {said.get('runs')} runs as {said.get('jobs')}", states)
            if self.args.every and time.time() - last_blow >= self.args.every:
                self.blow()
                last_blow = time.time()
            self.hurry()
            time.sleep(0.2)
        wall = time.time() - began
        self.report("done; now the same by local workers", states)
        began = time.time()
        local = self.pathweave("--json", "--quiet", "--jobs", str(self.args.cpus), out=self.local)
        local_wall = time.time() - began
        if local.returncode:
            sys.exit(f"the local sweep failed: {local.stderr}")
        return self.result(wall, local_wall)

    def states(self):
        folders = [path for path in self.ours.glob("????????????????") if path.is_dir()]
        done = sum((path / "record.json").is_file() for path in folders)
        return {"all": 2 * ((self.args.runs + 1) // 2), "done": done}

    def report(self, what, states):
        print(f"{states['done']:6} of {states['all']}: {what}", file=sys.stderr, flush=True)

    def hurry(self):
        """Requeued tasks need not wait two minutes for their old credentials to die; but a new one of
        the same second would count as the old."""
        late = {task for task, rest in self.cluster.tasks("PENDING") if "BeginTime" in rest}
        self.late = {task: self.late.get(task, time.time()) for task in late}
        for task, since in self.late.items():
            if time.time() - since > 2:
                self.cluster.call("scontrol", "update", f"JobId={task}", "StartTime=now")

    def blow(self):
        running = [task for task, rest in self.cluster.tasks("RUNNING") if rest.endswith("low")]
        if not running:
            return
        how = self.random.choice(["workers", "tasks", "cancelled tasks", "preemptions", "workers"])
        if how == "workers":
            hit = self.kill(lambda line: line.endswith(" worker"))
        elif how == "tasks":
            hit = self.kill(lambda line: "slurm_script" in line)
        elif how == "cancelled tasks":
            self.cluster.call("scancel", self.random.choice(running))
            hit = True
        else:
            wrap = ["--wrap", "sleep 1", "--output=/dev/null", "--exclusive", "--partition=high"]
            self.cluster.call("sbatch", *wrap)
            hit = True
        self.kills[how] += hit
        self.report(f"blow: {how}{'' if hit else ' (none there)'}", self.states())

    def kill(self, fits):
        """Kills a process of this trial's Slurm with signal 9."""
        found = []
        for path in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                line = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
                conf = b"SLURM_CONF=" + self.cluster.env["SLURM_CONF"].encode()
                if fits(line) and conf in (path / "environ").read_bytes().split(b"\0"):
                    found.append(int(path.name))
            except OSError:
                continue
        if not found:
            return False
        try:
            os.kill(self.random.choice(found), signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def result(self, wall, local_wall):
        expected = {path.parent.name: path.read_bytes() for path in self.local.glob("*/record.json")}
        found = {path.parent.name: path.read_bytes() for path in self.ours.glob("*/record.json")}
        logs = {run: (self.ours / run / "run.log").read_text() for run in found}
        count = lambda word: sum(len(re.findall(rf" {word}", log)) for log in logs.values())
        twice = sum(len(re.findall(r" finished$", log, re.M)) > 1 for log in logs.values())
        left = sum(1 for path in self.ours.glob("*/*") if path.name.startswith("."))
        times = [json.loads((self.local / run / "timing.json").read_text())["wall_seconds"]
                 for run in expected]
        overhead = lambda wall: round(1000 * (wall * self.args.cpus - sum(times)) / len(times), 1)
        blows = "with kills" if self.args.every else "in peace"
        return {
            "runs": len(expected),
            **{f"killed: {name}": number for name, number in self.kills.items()},
            "submissions": self.submissions,
            "runs resumed from a checkpoint": count("resumed after step"),
            "runs begun anew, killed before a checkpoint": count("started\n") - len(logs),
            "runs lost": len(expected.keys() - found.keys()),
            "runs finished twice": twice,
            "records that differ": sum(found.get(run) != text for run, text in expected.items()),
            "temporary files left by kills": left,
            f"wall seconds through Slurm, {blows}": round(wall, 1),
            "wall seconds by local workers": round(local_wall, 1),
            "seconds of a run itself, mean": round(sum(times) / len(times), 4),
            "processor time beside a run, ms, local": overhead(local_wall),
            f"the same through Slurm, {blows}": overhead(wall),
        }


if __name__ == "__main__":
    main()
