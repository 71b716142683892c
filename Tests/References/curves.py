"""Trains what our training recipes train, in PyTorch, and puts both curves side by side.

    python3 Tests/References/curves.py PARE [RECIPE ...] [--seeds 3] [--threads 2]

PARE is the built program; without recipes all of them are run. Needs torch 2.x and numpy, and the data of the recipes.
Our side is what the program writes, RUN/02-train.json and 03-evaluate.json, with --set seed=1, 2, ... The other side reads
the same files, recipe and data, and has the same network, first values by the same rules, batches by the same rules (but
its own generator), loss, solver and schedule. Per epoch: the mean of the training loss over seeds, with its lowest and
highest. The curves agree if at no epoch the two means are further apart than twice the larger of the two ranges, or 2 % of
the first epoch's loss; the test accuracies, if their means are not further apart than the larger of their two ranges, or one point.
"""

import argparse
import json
import math
import pathlib
import re
import struct
import subprocess
import tempfile

import numpy
import torch
import torch.nn.functional as F

ROOT = pathlib.Path(__file__).resolve().parents[2]


# Data: (examples, labels, steps or None) for training and test.


def series(path, channels, longest, classes):
    """A .ts file: zero-padded [count, channels, longest], labels, steps."""
    rows, labels, steps = [], [], []
    names = None
    for line in path.read_text().splitlines():
        if line.lower().startswith("@classlabel"):
            names = line.split()[2:]
        if not line or line[0] in "#@":
            continue
        *parts, label = line.split(":")
        values = numpy.array([[float(v) for v in part.split(",")] for part in parts], numpy.float32)
        padded = numpy.zeros((channels, longest), numpy.float32)
        padded[:, : values.shape[1]] = values
        rows.append(padded)
        labels.append((classes or names).index(label))
        steps.append(values.shape[1])
    return torch.tensor(numpy.stack(rows)), torch.tensor(labels), torch.tensor(steps)


def idx(path):
    data = path.read_bytes()
    rank = data[3]
    shape = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
    return torch.tensor(numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * rank).reshape(shape).copy())


def images(folder, pixels, labels):
    x, y = idx(folder / pixels).float().unsqueeze(1), idx(folder / labels).long()
    test = torch.arange(len(y)) % 5 == 0
    return (x[~test], y[~test], None), (x[test], y[test], None)


def vowels():
    folder = ROOT / "datasets/japanese-vowels"
    return tuple(series(folder / f"JapaneseVowels_{part}.ts", 12, 29, None) for part in ("TRAIN", "TEST"))


def standin():
    folder = ROOT / "datasets/cifar10-standin"
    parts = []
    for pattern in ("data_batch*.bin", "test_batch*.bin"):
        data = b"".join(path.read_bytes() for path in sorted(folder.glob(pattern)))
        records = numpy.frombuffer(data, numpy.uint8).reshape(-1, 3073)
        x = torch.tensor(records[:, 1:].reshape(-1, 3, 32, 32).astype(numpy.float32))
        parts.append((x, torch.tensor(records[:, 0].astype(numpy.int64)), None))
    (x, y, _), test = parts
    kept = torch.arange(len(y)) % 10 != 0  # the data set draws a tenth for validation
    return (x[kept], y[kept], None), test


# Networks, with the first values that ours have.


def begin(module):
    for part in module.modules():
        if isinstance(part, (torch.nn.Conv2d, torch.nn.Linear)):
            # PyTorch's own counts a filter of all groups as one of each.
            fans = part.weight[0].numel() * (1 + part.weight.shape[0] / part.weight.shape[1] / getattr(part, "groups", 1))
            torch.nn.init.uniform_(part.weight, -math.sqrt(6 / fans), math.sqrt(6 / fans))
            torch.nn.init.zeros_(part.bias)
        if isinstance(part, torch.nn.LSTM):
            torch.nn.init.xavier_uniform_(part.weight_ih_l0)
            torch.nn.init.orthogonal_(part.weight_hh_l0)
            torch.nn.init.zeros_(part.bias_ih_l0)
            torch.nn.init.zeros_(part.bias_hh_l0)
            part.bias_hh_l0.requires_grad_(False)  # one bias, as ours
            with torch.no_grad():
                part.bias_ih_l0[part.hidden_size : 2 * part.hidden_size] = 1
    return module


class Speaker(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(12, 100, batch_first=True)
        self.fc = torch.nn.Linear(100, 9)

    def forward(self, x, steps):
        packed = torch.nn.utils.rnn.pack_padded_sequence(
            x.transpose(1, 2), steps, batch_first=True, enforce_sorted=False)
        return self.fc(self.lstm(packed)[1][0][0])


class Images(torch.nn.Module):
    def __init__(self, *parts):
        super().__init__()
        self.body = torch.nn.Sequential(*parts)

    def forward(self, x, steps):
        return self.body(x)


class Mean(torch.nn.Module):
    def forward(self, x):
        return x.mean(dim=(2, 3))


class Same(torch.nn.Module):
    """A convolution with 'same' padding at any stride: the odd element goes to the end."""

    def __init__(self, inputs, outputs, size, stride=1, groups=1):
        super().__init__()
        self.conv = torch.nn.Conv2d(inputs, outputs, size, stride, groups=groups)

    def forward(self, x):
        pads = []
        for axis in (1, 0):
            length, size, stride = x.shape[2 + axis], self.conv.kernel_size[axis], self.conv.stride[axis]
            total = max(0, (math.ceil(length / stride) - 1) * stride + size - length)
            pads += [total // 2, total - total // 2]
        return self.conv(F.pad(x, pads))


def normal(convolution, outputs):
    return [convolution, torch.nn.BatchNorm2d(outputs), torch.nn.ReLU()]


class Unit(torch.nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = torch.nn.Sequential(
            *normal(Same(inputs, outputs, 3, stride), outputs), *normal(Same(outputs, outputs, 3), outputs)[:2])
        self.skip = torch.nn.Sequential(*normal(Same(inputs, outputs, 1, stride), outputs)[:2]) if stride > 1 else None

    def forward(self, x):
        return torch.relu(self.body(x) + (self.skip(x) if self.skip else x))


def digits_network():
    convolutions = [torch.nn.Conv2d(1, 20, 5), Same(20, 20, 3), Same(20, 20, 3)]
    parts = [part for convolution in convolutions for part in normal(convolution, 20)]
    return Images(*parts, torch.nn.Flatten(), torch.nn.Linear(11520, 10))


def residual_network():
    parts, width = normal(Same(3, 16, 3), 16), 16
    for stage, outputs in enumerate((16, 32, 64)):
        for unit in range(3):
            parts.append(Unit(width, outputs, 2 if stage and not unit else 1))
            width = outputs
    return Images(*parts, Mean(), torch.nn.Linear(64, 10))


def keywords_network():
    parts = normal(Same(1, 64, (10, 4), 2), 64)
    for _ in range(4):
        parts += normal(Same(64, 64, 3, groups=64), 64) + normal(Same(64, 64, 1), 64)
    return Images(*parts, Mean(), torch.nn.Linear(64, 12))


RECIPES = {
    "train-japanese-vowels": (Speaker, vowels),
    "train-digits": (
        digits_network,
        lambda: images(ROOT / "datasets/mnist-t10k", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")),
    "train-keywords": (
        keywords_network, lambda: images(ROOT / "datasets/keywords-standin", "images.idx", "labels.idx")),
    "train-residual": (residual_network, standin),
}


# Training.


def batches(count, size, steps, generator):
    """Rows by batch; see MiniBatches: those of similar length together, what is left over drawn."""
    order = torch.randperm(count, generator=generator)
    if steps is None:
        return order.split(size)
    whole = count // size
    rows = order[: whole * size]
    rows = rows[torch.argsort(steps[rows], stable=True)]
    groups = [rows[i * size : (i + 1) * size] for i in torch.randperm(whole, generator=generator).tolist()]
    return groups + ([order[whole * size :]] if count % size else [])


def normalization(x, steps, kind):
    axes = (0, 2, 3) if x.dim() == 4 else (0, 2)
    shape = [1, -1] + [1] * (x.dim() - 2)
    valid = torch.ones_like(x) if steps is None else (torch.arange(x.shape[2])[None] < steps[:, None])[:, None].expand_as(x)
    count = valid.double().sum(axes)
    mean = (x.double() * valid).sum(axes) / count
    deviation = (((x.double() - mean.view(shape)) ** 2 * valid).sum(axes) / count).sqrt()
    deviation = deviation if kind == "zscore" else torch.ones_like(mean)
    return lambda v: (v - mean.float().view(shape)) / deviation.float().view(shape)


def train(build, data, options, kind, seed):
    """The training loss of each epoch, and the test accuracy."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    (x, y, steps), (test_x, test_y, test_steps) = data
    normalize = normalization(x, steps, kind)
    network = begin(build())
    learnables = [p for p in network.parameters() if p.requires_grad]
    # All but biases: a bias of batch normalization is an offset, which has the penalty.
    offsets = {id(p) for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d) for p in m.parameters()}
    penalized = [
        p for name, p in network.named_parameters() if p.requires_grad and (id(p) in offsets or "bias" not in name)]
    rate = options["InitialLearnRate"]
    if options["solver"] == "adam":
        solver = torch.optim.Adam(learnables, lr=rate)
    else:
        solver = torch.optim.SGD(learnables, lr=rate, momentum=options["Momentum"])
    epochs, size = options["MaxEpochs"], options["MiniBatchSize"]
    warmup = options.get("warmupEpochs", 0) * math.ceil(len(y) / size)
    losses, step = [], 0
    for epoch in range(epochs):
        total = 0.0
        network.train()
        for rows in batches(len(y), size, steps, generator):
            scheduled = rate * (1 + math.cos(math.pi * epoch / epochs)) / 2
            for group in solver.param_groups:
                group["lr"] = scheduled * min(1, (step + 1) / warmup if warmup else 1)
            solver.zero_grad()
            loss = F.cross_entropy(
                network(normalize(x[rows]), None if steps is None else steps[rows]), y[rows])
            loss.backward()
            for p in penalized:
                p.grad += options["L2Regularization"] * p.detach()
            if options.get("GradientThreshold"):
                torch.nn.utils.clip_grad_norm_(learnables, options["GradientThreshold"])
            solver.step()
            total += loss.item() * len(rows)
            step += 1
        losses.append(total / len(y))
    network.eval()
    right = 0
    with torch.no_grad():
        for first in range(0, len(test_y), 500):
            rows = slice(first, first + 500)
            scores = network(normalize(test_x[rows]), None if test_steps is None else test_steps[rows])
            right += (scores.argmax(1) == test_y[rows]).sum().item()
    return losses, right / len(test_y)


def ours(pare, recipe, seed, folder, threads):
    run = folder / f"{recipe}-{seed}"
    path = ROOT / f"pipelines/{recipe}.yaml"
    subprocess.run(
        [pare, "run", path, "--set", f"seed={seed}", "--store", folder / "store", "--output", run, "--threads", str(threads)],
        stdout=subprocess.DEVNULL)
    training = json.loads((run / "02-train.json").read_text())
    row = json.loads((run / "03-evaluate.json").read_text())["result"]["rows"][0]
    losses = [epoch["loss"] for epoch in training["result"]["training"]["epochs"]]
    return losses, row["metrics"]["accuracy"]["value"], training["options"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pare", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("recipes", nargs="*", default=list(RECIPES))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    seeds = range(1, arguments.seeds + 1)
    agree = True
    for recipe in arguments.recipes:
        build, read = RECIPES[recipe]
        with tempfile.TemporaryDirectory() as folder:
            mine = [ours(arguments.pare, recipe, seed, pathlib.Path(folder), arguments.threads) for seed in seeds]
        network = (ROOT / f"pipelines/networks/{recipe.removeprefix('train-')}.yaml").read_text()
        kind = re.search(r"normalization: (\w+)", network).group(1)
        data = read()
        theirs = [train(build, data, mine[0][2], kind, seed) for seed in seeds]

        def spread(values):
            return sum(values) / len(values), min(values), max(values)

        print(f"{recipe}: training loss of {arguments.seeds} seeds\n epoch  ours (lowest-highest)      PyTorch (lowest-highest)")
        worst = 0.0
        for epoch in range(len(mine[0][0])):
            a, b = (spread([run[0][epoch] for run in runs]) for runs in (mine, theirs))
            room = max(2 * max(a[2] - a[1], b[2] - b[1]), 0.02 * theirs[0][0][0])
            worst = max(worst, abs(a[0] - b[0]) / room)
            print(f"{epoch + 1:6d}  {a[0]:.4f} ({a[1]:.4f}-{a[2]:.4f})    {b[0]:.4f} ({b[1]:.4f}-{b[2]:.4f})")
        a, b = (spread([run[1] for run in runs]) for runs in (mine, theirs))
        print(f"  test  {a[0]:.4f} ({a[1]:.4f}-{a[2]:.4f})    {b[0]:.4f} ({b[1]:.4f}-{b[2]:.4f})")
        same = worst <= 1 and abs(a[0] - b[0]) <= max(a[2] - a[1], b[2] - b[1], 0.01)
        agree = agree and same
        print(f"{recipe}: {'agree' if same else 'DIFFER'}; the largest distance is {worst:.2f} of what is allowed\n", flush=True)
    raise SystemExit(0 if agree else 1)


if __name__ == "__main__":
    main()
