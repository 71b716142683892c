"""What every part of the campaign needs: the tool, what a run ended with, and a verdict."""
import dataclasses, json, os, pathlib, random, subprocess, time

RECIPES = pathlib.Path(__file__).parent / "recipes"
LONGEST = 120  # seconds after which a run counts as stuck


class Difference(Exception):
    """Something that must not happen; ends the campaign."""


@dataclasses.dataclass
class Campaign:
    """One part: its program, its random numbers, and a folder that stays if the part fails."""
    tool: str
    count: int | None
    random: random.Random
    top: pathlib.Path

    def command(self, recipe, folder, *options, store=None, verb=("run",)):
        """A run of a recipe that leaves all its files in a folder."""
        path = recipe if isinstance(recipe, pathlib.Path) else RECIPES / f"{recipe}.yaml"
        return [self.tool, *verb, str(path), "--store", str(store or folder / "store"),
                "--output", str(folder / "run"), *map(str, options)]

    def run(self, *command, environment=None):
        """Runs a command to its end."""
        try:
            return subprocess.run(command, capture_output=True, text=True, timeout=LONGEST,
                                  env={**os.environ, **(environment or {})})
        except subprocess.TimeoutExpired:
            raise Difference(f"stuck for {LONGEST} s: {' '.join(command)}")

    def quiet(self, recipe, *options):
        """What a run ends with that nobody disturbs, and how long it takes."""
        folder = self.top / f"quiet-{recipe}"
        started = time.monotonic()
        ended = self.run(*self.command(recipe, folder, *options))
        length = time.monotonic() - started
        if ended.returncode not in (0, 3):
            raise Difference(f"the quiet run of {recipe} ended with {ended.returncode}: {ended.stderr}")
        return Quiet(recipe, folder, length, outcome(folder / "run", ended.returncode))

    def expect_quiet(self, quiet, folder, ended, *what):
        """Checks that a run ended as the quiet one did, and left a store without damage."""
        label = " ".join(map(str, what))
        if ended.returncode != quiet.outcome[0]:
            raise Difference(f"{quiet.recipe}, {label}: exit status {ended.returncode}: {ended.stderr}")
        if outcome(folder / "run", ended.returncode) != quiet.outcome:
            raise Difference(f"{quiet.recipe}, {label}: ended otherwise than the quiet run; see {folder}")
        self.verify(folder / "store", label)

    def verify(self, store, label):
        ended = self.run(self.tool, "store", "verify", "--store", str(store))
        if ended.returncode != 0:
            raise Difference(f"{label}: the store is damaged:\n{ended.stdout}{ended.stderr}")

    def options(self):
        """Options that must change nothing."""
        return ["--threads", self.random.choice([1, 2]), "--jobs", self.random.choice([1, 8]),
                "--checkpoint-interval", self.random.choice([0, 0.02, 0.2])]


@dataclasses.dataclass
class Quiet:
    recipe: str
    folder: pathlib.Path
    length: float
    outcome: tuple


def outcome(run, status):
    """The exit status, every artifact's key, options and result, and the bytes of the final network."""
    artifacts = {}
    for path in sorted(run.glob("[0-9]*-*.json")):
        artifact = json.loads(path.read_text())
        artifacts[path.name] = {name: artifact[name] for name in ("key", "options", "result")}
    network = run / "network.safetensors"
    return status, artifacts, network.read_bytes() if network.exists() else None


def statuses(run):
    """How each stage of a run ended: pairs of key and status."""
    return [(stage["key"], stage["status"]) for stage in json.loads((run / "run.json").read_text())["stages"]]


def say(*words):
    print(*words, flush=True)
