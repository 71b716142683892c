#!/usr/bin/env python3
"""Times training steps of ours and of PyTorch in turn on the same workloads and prints the ratios.

    swift build -c release --product step
    Benchmarks/compare.py --python /path/to/python/with/torch [WORKLOAD...] [--rounds 15] [--memory]

Both programs stay alive for a workload and take turns (A B A B ...), so that what else the machine does hits both.
Where the input is an image PyTorch runs in both of its memory layouts, and the ratio is against the one with the
smaller median. A ratio is that of two neighbours in time, PyTorch's milliseconds over ours: above 1 we are faster.
Peak memory is that of the whole process with its libraries, in the same run.
"""
import argparse, json, os, pathlib, platform, statistics, subprocess, sys, time

HERE = pathlib.Path(__file__).resolve().parent
# Workloads, and whether the input is an image.
WORKLOADS = {"tiny1d": False, "digits": True, "vowels": False, "resnet20": True}
# What a turn takes, about.
TURN_SECONDS = 0.25
# Between two turns, so that threads which spin for new work (those of OpenMP do) have gone to sleep.
PAUSE_SECONDS = 0.02


class Contender:
    """A program that runs as many steps as it is told and says what each took."""

    def __init__(self, name, command, threads):
        self.name, self.medians = name, []
        self.process = subprocess.Popen(command + ["--threads", str(threads), "--serve"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            sys.exit(f"'{' '.join(map(str, command))}' does not run; see above")
        self.steps = max(3, min(1000, int(TURN_SECONDS * 1e3 / self.run(3))))

    def run(self, steps):
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        return statistics.median(json.loads(self.process.stdout.readline()))

    def turn(self):
        time.sleep(PAUSE_SECONDS)
        self.medians.append(self.run(self.steps))

    def end(self):
        """Returns the peak of the memory in MB."""
        self.process.stdin.close()
        self.process.stdout.close()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_maxrss / (1 << 10 if sys.platform == "linux" else 1 << 20)


def machine(python):
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
               platform.processor()) if sys.platform == "linux" else platform.processor()
    version = subprocess.run([python, "-c", "import torch; print(torch.__version__)"], capture_output=True, text=True)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{cpu}, {os.cpu_count()} CPUs, load {load}; PyTorch {version.stdout.strip()}; {time.strftime('%Y-%m-%d')}"


def compare(workload, options):
    peer = [options.python, str(HERE / "torch_step.py"), workload]
    contenders = [
        Contender("ours", [options.step, workload], options.threads),
        Contender("PyTorch", peer, options.threads)]
    if WORKLOADS[workload]:
        contenders.append(Contender("PyTorch, channels last", peer + ["--channels-last"], options.threads))
    for _ in range(options.rounds):
        for contender in contenders:
            contender.turn()
    ours, *peers = contenders
    better = min(peers, key=lambda peer: statistics.median(peer.medians))
    ratios = [theirs / mine for theirs, mine in zip(better.medians, ours.medians)]
    print(f"{workload:9} {statistics.median(ratios):5.2f} x [{min(ratios):.2f}, {max(ratios):.2f}]   "
          + "   ".join(f"{each.name} {statistics.median(each.medians):.3f} ms" for each in contenders), flush=True)
    peaks = [(each.name, each.end()) for each in contenders]
    if options.memory:
        print(" " * 10 + "peak memory: " + "   ".join(f"{name} {peak:.0f} MB" for name, peak in peaks), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=", ".join(WORKLOADS))
    parser.add_argument("--python", default=sys.executable, help="a Python that has PyTorch")
    parser.add_argument("--step", default=str(HERE.parent / ".build/release/step"), help="our program")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--memory", action="store_true", help="print the peak memory of each program too")
    options = parser.parse_args()
    unknown = [name for name in options.workloads if name not in WORKLOADS]
    if unknown:
        parser.error(f"unknown workload '{unknown[0]}'; known: {', '.join(WORKLOADS)}")
    print(machine(options.python))
    for workload in options.workloads or WORKLOADS:
        compare(workload, options)


main()
