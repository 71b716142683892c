"""Lets the n-th call fail that changes a file, for every n of a short run; the next run must end with the quiet bytes."""
import errno, os, shutil, subprocess
from concurrent.futures import ThreadPoolExecutor

from campaign import Difference, say, outcome

# The error number, whether all later calls fail with it, and how the program tells of it.
FAULTS = [(errno.ENOSPC, True, "no space left while "), (errno.EIO, False, "input/output error while ")]


def part(campaign):
    shim = campaign.top / "failing.so"
    source = os.path.join(os.path.dirname(__file__), "failing.c")
    subprocess.check_call(["cc", "-O1", "-shared", "-fPIC", "-o", shim, source, "-ldl"])
    options = ["--threads", 1, "--checkpoint-interval", 0]
    quiet = campaign.quiet("short", *options)

    def run(folder, **faults):
        settings = {f"FAIL_{name.upper()}": str(value) for name, value in faults.items()}
        return campaign.run(*campaign.command("short", folder, *options),
                            environment={"LD_PRELOAD": str(shim), "FAIL_BELOW": str(folder), **settings})

    counted = campaign.top / "counted"
    counted.mkdir()
    campaign.expect_quiet(quiet, counted, run(counted, count=campaign.top / "count"), "with the calls counted")
    calls = int((campaign.top / "count").read_text())
    say(f"  {calls} calls of a run change something")

    def trial(turn, number, is_lasting, words):
        label = f"call {turn} {'and later ones ' if is_lasting else ''}failed with {errno.errorcode[number]}"
        folder = campaign.top / f"{errno.errorcode[number]}-{turn}"
        folder.mkdir()
        failed = run(folder, at=turn, **{"with": number}, **({"on": 1} if is_lasting else {}))
        if failed.returncode == quiet.outcome[0]:
            # What only explains or tidies up may be lost without a word, and nothing else.
            if outcome(folder / "run", failed.returncode) != quiet.outcome:
                raise Difference(f"{label}: the run did not notice it; see {folder}")
        elif failed.returncode != 1 or words not in failed.stderr + failed.stdout:
            raise Difference(f"{label}: exit status {failed.returncode}: {failed.stdout}{failed.stderr}")
        campaign.expect_quiet(quiet, folder, campaign.run(*campaign.command("short", folder, *options)), label)
        shutil.rmtree(folder)
        return failed.returncode == 1

    parts = []
    for number, *how in FAULTS:
        with ThreadPoolExecutor(2) as pool:
            told = sum(pool.map(lambda turn: trial(turn, number, *how), range(1, calls + 1)))
        parts.append(f"{errno.errorcode[number]} at each of {calls} calls (told {told} times)")
        say(f"  {parts[-1]}")
    return " and ".join(parts) + ": no crash, and the next run ended with the quiet bytes"
