"""Kills runs at random moments; the same command must end with the bytes of a quiet run.

A trial is a fresh store: the run is killed and started again, some times over, then it runs to its end. Most kills are
SIGKILL, some of them on the heels of a SIGTERM or SIGINT. In every third trial a second run shares the store and is
left alone: it must end as the quiet run, too.
"""
import shutil, signal, subprocess, threading, time
from concurrent.futures import ThreadPoolExecutor

from campaign import Difference, say

COUNT = 300


def part(campaign):
    count = campaign.count or COUNT
    quiets = [campaign.quiet(name) for name in ("shrink", "mend", "teach", "wide")]
    for quiet in quiets:
        say(f"  the quiet run of {quiet.recipe} takes {quiet.length:.1f} s")
    kills = {quiet.recipe: 0 for quiet in quiets}
    resumed = trials = 0
    lock = threading.Lock()

    def trial(number, quiet, seconds, options, signals, is_shared):
        folder = campaign.top / f"trial-{number}"
        def start(name):
            command = campaign.command(quiet.recipe, folder / name, *next(options), store=folder / "store")
            return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        other = start("other") if is_shared else None
        for attempt, (second, first) in enumerate(zip(seconds, signals)):
            process = start("it")
            started = time.monotonic()
            try:
                process.communicate(timeout=second * quiet.length)
                # On a machine that has less to do than when the quiet run was timed, whole runs are shorter.
                if attempt == 0 and not is_shared:
                    quiet.length = min(quiet.length, time.monotonic() - started)
                break
            except subprocess.TimeoutExpired:
                if first:
                    process.send_signal(first)
                    time.sleep(second / 20)
                process.kill()
                process.communicate()
                with lock:
                    kills[quiet.recipe] += process.returncode == -signal.SIGKILL
        command = campaign.command(quiet.recipe, folder / "it", *next(options), "--json", store=folder / "store")
        ended = campaign.run(*command)
        (folder / "it" / "store").symlink_to(folder / "store")
        campaign.expect_quiet(quiet, folder / "it", ended, f"trial {number}, killed after {seconds} of its length")
        if other:
            ended.stderr, _ = other.communicate(timeout=120)
            ended.returncode = other.returncode
            (folder / "other" / "store").symlink_to(folder / "store")
            campaign.expect_quiet(quiet, folder / "other", ended, f"trial {number}, the run that was left alone")
        warned = [line for line in ended.stdout.splitlines() if '"warning"' in line]
        if warned:
            raise Difference(f"trial {number}: {warned}")
        shutil.rmtree(folder)
        return ended.stdout.count('"resumed"')

    # Every random choice is made here, so that a seed gives the same campaign.
    def parameters():
        random = campaign.random
        number = random.randrange(2, 6)
        options = [campaign.options() for _ in range(number + 2)]
        signals = random.choices([None, signal.SIGTERM, signal.SIGINT], [8, 1, 1], k=number)
        return [random.random() for _ in range(number)], iter(options), signals

    with ThreadPoolExecutor(2) as pool:
        while sum(kills.values()) < count:
            batch = []
            for _ in range(8):
                batch.append(pool.submit(
                    trial, trials, quiets[trials % 4], *parameters(), is_shared=trials // 4 % 3 == 2))
                trials += 1
            resumed += sum(future.result() for future in batch)
            say(f"  {sum(kills.values())} kills in {trials} trials")
    by_recipe = ", ".join(f"{number} in {name}" for name, number in kills.items())
    return (f"{sum(kills.values())} kills ({by_recipe}) in {trials} trials; {resumed} stages went on from a checkpoint "
            f"in the last runs; every run ended with the bytes of the quiet one")
