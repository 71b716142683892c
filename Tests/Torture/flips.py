"""Flips bits in every stored file: each is noticed, told and made again."""
import shutil, signal, subprocess, time

from campaign import Difference, say

COUNT = 3  # flips in each file


def part(campaign):
    count = campaign.count or COUNT
    quiet = campaign.quiet("short")
    noticed = flips = 0
    paths = [path.relative_to(quiet.folder) for path in sorted((quiet.folder / "store").rglob("*"))
             if path.is_file() and path.name != "lock"]
    for path in paths:
        for _ in range(count):
            folder = campaign.top / "flipped"
            shutil.copytree(quiet.folder, folder)
            place = flip(campaign, folder / path)
            flips += 1
            noticed += mend(campaign, quiet, folder, path, place)
            shutil.rmtree(folder)
    say(f"  {flips} bits in {len(paths)} files: {noticed} noticed, told and mended, {flips - noticed} in white space")
    resumed = sum(checkpoint(campaign) for _ in range(2 * count))
    say(f"  {2 * count} bits in inner checkpoints: told {resumed} times, the stage started again")
    claim(campaign)
    say("  bits in the claim of a run in progress: cleaning refuses to go on")
    locks(campaign, quiet)
    return (f"{flips} bits in {len(paths)} files, {2 * count} in inner checkpoints, one in a claim, bytes in locks: "
            "every one noticed or harmless, and every run ended with the quiet bytes")


def flip(campaign, path):
    data = bytearray(path.read_bytes())
    place = campaign.random.randrange(len(data))
    data[place] ^= 1 << campaign.random.randrange(8)
    path.write_bytes(data)
    return place


def mend(campaign, quiet, folder, path, place):
    """Whether a flipped bit was noticed; raises if that harmed anything."""
    original = (quiet.folder / path).read_bytes()
    label = f"a bit at {place} of {path}"
    found = campaign.run(campaign.tool, "store", "verify", "--store", str(folder / "store"))
    ended = campaign.run(*campaign.command("short", folder, "--json"))
    if path.name == "format.json" and ended.returncode == 1:
        if "format" not in ended.stderr:
            raise Difference(f"{label}: not told: {ended.stderr}")
        (folder / path).unlink()
        ended = campaign.run(*campaign.command("short", folder, "--json"))
    campaign.expect_quiet(quiet, folder, ended, label)
    if found.returncode == 0:
        if original[place] > 32 and path.name != "format.json":
            raise Difference(f"{label}: not noticed by 'store verify'")
        return False
    if path.parts[1] == "records" and "is damaged and is made again" not in ended.stdout:
        raise Difference(f"{label}: not told by the run: {ended.stdout}")
    return True


def checkpoint(campaign):
    """Whether a run told of a damaged inner checkpoint, which its stage did not go on from."""
    if not hasattr(campaign, "shrink"):
        campaign.shrink = campaign.quiet("shrink")
    folder = campaign.top / "stopped"
    for moment in (0.3, 0.5, 0.2, 0.7, 0.4):
        process = subprocess.Popen(campaign.command("shrink", folder, "--checkpoint-interval", 0),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moment * campaign.shrink.length)
        process.send_signal(signal.SIGTERM)
        process.wait()
        found = [path for path in (folder / "store").rglob("checkpoint")
                 if not (path.parent / "record.json").exists()]
        if found:
            break
        shutil.rmtree(folder)
    else:
        raise Difference("no run left an inner checkpoint when it was stopped")
    flip(campaign, found[0])
    ended = campaign.run(*campaign.command("shrink", folder, "--json"))
    campaign.expect_quiet(campaign.shrink, folder, ended, "with a bit flipped in an inner checkpoint")
    shutil.rmtree(folder)
    if '"warning"' not in ended.stdout:
        raise Difference(f"a bit in an inner checkpoint was not told: {ended.stdout}")
    return True


def claim(campaign):
    folder = campaign.top / "claimed"
    process = subprocess.Popen(campaign.command("shrink", folder), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               text=True)
    claims = []
    while not claims and process.poll() is None:
        claims = [path for path in (folder / "store/runs").glob("*.json") if path.stat().st_size > 0]
    flip_digit(claims[0])
    clean = [campaign.tool, "store", "gc", "--store", str(folder / "store"), "--older-than", "0s"]
    refused = campaign.run(*clean)
    if refused.returncode != 1 or "does not say what a run in progress needs" not in refused.stderr:
        raise Difference(f"a damaged claim: {refused.returncode}: {refused.stdout}{refused.stderr}")
    _, errors = process.communicate()
    campaign.expect_quiet(campaign.shrink, folder, subprocess.CompletedProcess([], process.returncode, "", errors),
                          "whose claim was damaged")
    if campaign.run(*clean).returncode != 0:
        raise Difference("a store is not cleaned after the run has ended whose claim was damaged")


def flip_digit(path):
    text = path.read_text()
    place = text.rindex('"') - 1
    with path.open("r+") as file:
        file.seek(place)
        file.write("0" if text[place] != "0" else "1")


def locks(campaign, quiet):
    folder = campaign.top / "locks"
    shutil.copytree(quiet.folder, folder)
    for path in (folder / "store").rglob("lock"):
        path.write_bytes(b"?")
    campaign.expect_quiet(quiet, folder, campaign.run(*campaign.command("short", folder)), "with bytes in locks")
