"""Eight processes on one store, each with the whole sweep of 64 points; then the same with random kills of some."""
import collections, shutil, signal, subprocess, time

from campaign import Difference, LONGEST, outcome, say, statuses

COUNT = 4  # rounds with kills
RUNNERS = 8


def part(campaign):
    started = time.monotonic()
    quiet = campaign.top / "quiet"
    ended = campaign.run(*sweep(campaign, quiet, quiet / "store", "--threads", 1))
    if ended.returncode not in (0, 3):
        raise Difference(f"the quiet sweep ended with {ended.returncode}: {ended.stderr}")
    length = time.monotonic() - started
    expected = points(quiet)
    keys = {key for run in runs(quiet) for key, _ in statuses(run)}
    say(f"  the quiet sweep takes {length:.1f} s: {len(expected)} points, {len(keys)} distinct stages")
    together(campaign, expected, keys, ended.returncode)
    kills = sum(hunted(campaign, expected, ended.returncode, length) for _ in range(campaign.count or COUNT))
    return (f"{RUNNERS} processes made each of {len(keys)} stages once; with {kills} kills none got stuck; "
            f"all {len(expected)} points ended with the quiet bytes in every process")


def sweep(campaign, folder, store, *options):
    return campaign.command("sweep", folder, *options, store=store, verb=("sweep", "run"))


def runs(folder):
    return sorted(path for path in (folder / "run/runs").iterdir() if path.is_dir())


def points(folder):
    return {run.name: outcome(run, None) for run in runs(folder)}


def start(campaign, folder, name):
    options = ["--threads", campaign.random.choice([1, 2]), "--jobs", campaign.random.choice([1, 8])]
    return subprocess.Popen(sweep(campaign, folder / name, folder / "store", *options),
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def check(campaign, folder, name, process, expected, status):
    try:
        _, errors = process.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        process.kill()
        raise Difference(f"runner {name} is stuck; see {folder}")
    if process.returncode != status:
        raise Difference(f"runner {name} ended with {process.returncode}: {errors}")
    if points(folder / name) != expected:
        raise Difference(f"runner {name} ended otherwise than the quiet sweep; see {folder}")


def together(campaign, expected, keys, status):
    folder = campaign.top / "together"
    runners = {str(number): start(campaign, folder, str(number)) for number in range(RUNNERS)}
    for name, process in runners.items():
        check(campaign, folder, name, process, expected, status)
    made = collections.Counter()
    for name in runners:
        # In one process a stage that points share is told once as made, by the point that came first.
        made.update({key for run in runs(folder / name) for key, how in statuses(run) if how == "ran"})
    again = {key: times for key, times in made.items() if times != 1}
    if again or set(made) != keys:
        raise Difference(f"{len(keys)} stages are to be made once each, but {len(again)} were made more often and "
                         f"{len(keys - set(made))} never; see {folder}")
    campaign.verify(folder / "store", "after eight processes")
    say(f"  {RUNNERS} processes: {sum(made.values())} stages made for {len(keys)} keys")
    shutil.rmtree(folder)


def hunted(campaign, expected, status, length):
    folder = campaign.top / "hunted"
    runners = {str(number): start(campaign, folder, str(number)) for number in range(RUNNERS)}
    kills = 0
    for _ in range(3 * RUNNERS):
        time.sleep(campaign.random.uniform(0, length / 8))
        name = campaign.random.choice(sorted(runners))
        if runners[name].poll() is None:
            runners[name].send_signal(campaign.random.choice([signal.SIGKILL] * 3 + [signal.SIGTERM]))
            runners[name].communicate()
            kills += 1
            runners[name] = start(campaign, folder, name)
    for name, process in runners.items():
        check(campaign, folder, name, process, expected, status)
    campaign.verify(folder / "store", f"after {kills} kills among eight processes")
    left = list((folder / "store").rglob("checkpoint"))
    if left:
        raise Difference(f"checkpoints of complete records are left: {left}")
    say(f"  {RUNNERS} processes with {kills} kills: all ended as the quiet sweep")
    shutil.rmtree(folder)
    return kills
