"""A store on a disk that is full, and then has space again; and one that cannot be written at all."""
import os, subprocess

from campaign import Difference, say

COUNT = 12


def part(campaign):
    if os.geteuid() != 0:
        return "SKIPPED: only root can mount the small disks of this part"
    quiet = campaign.quiet("shrink")
    needed = int(subprocess.check_output(["du", "-s", "-B1", quiet.folder], text=True).split()[0])
    full = 0
    for number in range(campaign.count or COUNT):
        # The first sizes have space for a few files, the last ones for nearly all.
        size = max(16, int(needed * (number + 1) / (campaign.count or COUNT) / 1024) // 4 * 4)
        folder = campaign.top / f"disk-{number}"
        folder.mkdir()
        mount(folder, f"size={size}k")
        try:
            command = campaign.command("shrink", folder, *campaign.options())
            ended = campaign.run(*command)
            is_full = ended.returncode == 1
            if not is_full and ended.returncode != quiet.outcome[0]:
                raise Difference(f"a disk of {size} KiB: exit status {ended.returncode}: {ended.stderr}")
            if is_full and "free some space and run the same command again" not in ended.stderr:
                raise Difference(f"a disk of {size} KiB: no clear message: {ended.stderr}")
            if is_full and (folder / "store/records").exists():
                full += 1
                campaign.verify(folder / "store", f"a full disk of {size} KiB")
            subprocess.check_call(["mount", "-o", "remount,size=64m", folder])
            campaign.expect_quiet(quiet, folder, campaign.run(*command), f"with space after {size} KiB were full")
            say(f"  {size} KiB: {'full, then as the quiet run' if is_full else 'enough'}")
        finally:
            subprocess.check_call(["umount", folder])
    return f"{full} full disks: each was told, nothing was damaged, and with space the run ended with the quiet bytes; " \
        + read_only(campaign, quiet)


def read_only(campaign, quiet):
    folder = campaign.top / "read-only"
    folder.mkdir()
    mount(folder, "size=64m")
    try:
        subprocess.check_call(["cp", "-r", quiet.folder / "store", folder])
        subprocess.check_call(["mount", "-o", "remount,ro", folder])
        other = ["--store", str(folder / "store"), "--output", str(campaign.top / "frozen/run")]
        recipe = campaign.command("shrink", folder)[2]
        plan = campaign.run(campaign.tool, "plan", recipe, "--store", str(folder / "store"))
        if plan.returncode != 0 or "runs:" in plan.stdout:
            raise Difference(f"a plan on a store that can only be read: {plan.stdout}{plan.stderr}")
        run = campaign.run(campaign.tool, "run", recipe, *other)
        if run.returncode != 1 or "make the folder writable or name another with --store" not in run.stderr:
            raise Difference(f"a run on a store that can only be read: {run.returncode}: {run.stderr}")
        frozen = campaign.run(campaign.tool, "run", recipe, *other, "--frozen")
        (campaign.top / "frozen/store").symlink_to(folder / "store")
        campaign.expect_quiet(quiet, campaign.top / "frozen", frozen, "--frozen on a store that can only be read")
    finally:
        subprocess.check_call(["umount", folder])
    return "a store that can only be read is planned with and collected from, and a run says what to do"


def mount(folder, options):
    if subprocess.call(["mount", "-t", "tmpfs", "-o", options, "none", folder]) != 0:
        raise Difference("cannot mount a small disk: run this part where root may mount a tmpfs")
