#!/usr/bin/env python3
"""Slurm without Slurm, for tests: sbatch runs a job at once, or holds it. Called as sbatch, squeue, scancel or scontrol.

The folder $FAKE_SLURM has the state of each job in a file of its own, and every call in the file `calls`.
FAKE_SLURM_HOLD leaves jobs in the queue, FAKE_SLURM_REFUSE=TEXT refuses scripts with that text in their path.
"""
import os, pathlib, re, subprocess, sys

name, arguments = pathlib.Path(sys.argv[0]).name, sys.argv[1:]
folder = pathlib.Path(os.environ["FAKE_SLURM"])
jobs = folder / "jobs"
jobs.mkdir(parents=True, exist_ok=True)
with open(folder / "calls", "a") as calls:
    print(name, *arguments, file=calls)


def state(job):
    path = jobs / job
    return path.read_text() if path.exists() else None


def option(name, source):
    values = [one.split("=", 1)[1] for one in source if one.startswith(f"--{name}=")]
    return values[-1].strip('"') if values else None


def run(script, job):
    text = pathlib.Path(script).read_text()
    options = [line.removeprefix("#SBATCH ") for line in text.splitlines() if line.startswith("#SBATCH ")]
    first, last = map(int, (option("array", options) or "0-0").split("%")[0].split("-"))
    log = option("output", options).replace("%%", "%")
    succeeded = True
    for task in range(first, last + 1):
        environment = {**os.environ, "SLURM_CPUS_PER_TASK": option("cpus-per-task", options), "SLURM_JOB_ID": job}
        if option("array", options):
            environment |= {"SLURM_ARRAY_JOB_ID": job, "SLURM_ARRAY_TASK_ID": str(task)}
        with open(log.replace("%a", str(task)), "a") as output:
            result = subprocess.run(["bash", script], stdout=output, stderr=output, cwd=option("chdir", options),
                                    env=environment)
        succeeded = succeeded and result.returncode == 0
    return "COMPLETED" if succeeded else "FAILED"


if name == "sbatch":
    script = arguments[-1]
    refused = os.environ.get("FAKE_SLURM_REFUSE")
    if refused and refused in script:
        sys.exit("sbatch: error: invalid partition specified: gpu")
    job = str(len(list(jobs.iterdir())) + 1)
    kind, *before = (option("dependency", arguments) or "afterok").split(":")
    if os.environ.get("FAKE_SLURM_HOLD"):
        (jobs / job).write_text("PENDING")
    elif kind == "afterok" and any(state(one) != "COMPLETED" for one in before):
        (jobs / job).write_text("CANCELLED")
    else:
        (jobs / job).write_text("RUNNING")
        (jobs / job).write_text(run(script, job))
    print(job)
elif name == "squeue":
    for job in option("jobs", arguments).split(","):
        if "|" in option("format", arguments):
            if state(job):
                print(f"{job}|{state(job)}")
        else:
            print(state(job) or os.environ.get("FAKE_SLURM_STATE", "RUNNING"))
elif name == "scancel":
    for job in arguments:
        (jobs / job).write_text("CANCELLED")
