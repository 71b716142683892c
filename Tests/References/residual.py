"""Recomputes the scores of a residual network's filters with PyTorch and compares them with what prune removed.

    python3 Tests/References/residual.py .build/release/pare [EXAMPLES]

Prunes the shipped residual network once on the drawn stand-in for CIFAR-10 with the given program, for the criteria
`taylor` (scores as they are, and divided by the norm of their layer) and `taylor-weight`, and computes the scores of all
groups in float64 from the files, sharing no code with it. What a group is and where it is read follows from the names of
the shipped network alone. The groups of lowest score must be those that were removed, with their scores.

Prints what it compared; the exit status is 1 if something differs. Needs torch and numpy.
"""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np
import torch
from torch.nn import functional

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "datasets/cifar10-standin"
FAILURES = []

DATASET = """
version: 1
name: drawn
task: classification
labels: [a, b, c, d, e, f, g, h, i, j]
input: {kind: image, height: 32, width: 32, channels: 3}
format: cifar-10
splits:
  train: {file: train.bin}
"""
RECIPE = """
version: 1
name: reference
stages:
  - load: {{network: {root}/pipelines/networks/residual.safetensors, data: data}}
  - prune: {{criterion: {criterion}, normalize: {normalize}, MaxToPrune: 60, goal: {{learnables: 260000}}, finetune: {{MaxEpochs: 0, MiniBatchSize: 50}}}}
"""


def network_of(path):
    data = path.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    layers = json.loads(header.pop("__metadata__")["pare.network"])["layers"]
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data[8 + size + begin : 8 + size + end], "<f4").reshape(entry["shape"])
        tensors[name] = torch.tensor(values.astype(np.float64), requires_grad=True)
    return layers, tensors


def same(x, size, stride):
    """The zeros of padding 'same' around an image: the odd one at the end."""
    total = [max(0, (-(-extent // stride) - 1) * stride + size - extent) for extent in x.shape[2:]]
    top, left = total[0] // 2, total[1] // 2
    return functional.pad(x, (left, total[1] - left, top, total[0] - top))


def forward(layers, tensors, images):
    values = {}
    for layer in layers:
        name, kind, attributes = layer["name"], layer["kind"], layer.get("attributes", {})
        inputs = [values[source] for source in layer["inputs"]]

        def own(parameter, shape=(1, -1, 1, 1)):
            return tensors[f"{name}.{parameter}"].reshape(shape)

        if kind == "imageInput":
            value = (images - own("mean")) / own("deviation")
        elif kind == "convolution2d":
            stride = attributes["stride"][0]
            padded = same(inputs[0], attributes["filterSize"][0], stride)
            value = functional.conv2d(padded, tensors[f"{name}.weights"], tensors[f"{name}.bias"], stride=stride)
        elif kind == "batchNormalization":
            value = (inputs[0] - own("mean")) / torch.sqrt(own("variance") + attributes["epsilon"])
            value = value * own("scale") + own("offset")
        elif kind == "relu":
            value = torch.relu(inputs[0])
        elif kind == "add":
            value = inputs[0] + inputs[1]
        elif kind == "globalAveragePooling":
            value = inputs[0].mean(dim=(2, 3))
        elif kind == "dense":
            value = inputs[0] @ tensors[f"{name}.weights"].T + tensors[f"{name}.bias"]
        else:
            assert kind == "softmax", kind
            break
        value.retain_grad()
        values[name] = value
    return values, value


def groups_of(names):
    """The sites and the layers of each family of channels that go together."""
    families = []
    for stage in (1, 2, 3):
        units = [f"stage{stage}_unit{unit}" for unit in (1, 2, 3)]
        first = ["conv_in"] if stage == 1 else [f"{units[0]}_skip"]
        sites = (["relu_in"] if stage == 1 else []) + [f"{unit}_relu2" for unit in units]
        families.append((sites, first + [f"{unit}_conv2" for unit in units]))
        families += [([f"{unit}_relu1"], [f"{unit}_conv1"]) for unit in units]
    assert all(name in names for sites, layers in families for name in sites + layers)
    return families


def scores(criterion, normalize, layers, tensors, images, labels):
    sums, steps = {}, 0
    for start in range(0, len(labels), 50):
        values, logits = forward(layers, tensors, images[start : start + 50])
        for tensor in tensors.values():
            tensor.grad = None
        functional.cross_entropy(logits, labels[start : start + 50], reduction="sum").backward()
        steps += 1
        for layer in layers:
            name = layer["name"]
            if criterion == "taylor" and layer["kind"] == "relu":
                product = (values[name] * values[name].grad).sum(dim=(2, 3)).abs().sum(dim=0) / len(labels)
            elif criterion == "taylor-weight" and layer["kind"] == "convolution2d":
                parts = [tensors[f"{name}.{part}"] for part in ("weights", "bias")]
                slopes = sum((part * part.grad).reshape(len(part), -1).sum(dim=1) for part in parts)
                product = (slopes / len(labels[start : start + 50])) ** 2
            else:
                continue
            sums[name] = sums.get(name, 0) + product.detach()
    if criterion == "taylor-weight":
        sums = {name: value / steps for name, value in sums.items()}
    if normalize == "l2":
        sums = {name: value / value.norm() for name, value in sums.items()}
    result = []
    for sites, members in groups_of({layer["name"] for layer in layers}):
        places = sites if criterion == "taylor" else members
        total = sum(sums[place] for place in places)
        result += [(float(score), members[0], filter) for filter, score in enumerate(total)]
    return sorted(result)


def lowest(ordered, count):
    """The groups that go, of which every layer keeps a fifth, rounded down."""
    sizes, gone, chosen = {}, {}, []
    for _, layer, _ in ordered:
        sizes[layer] = sizes.get(layer, 0) + 1
    for row in ordered:
        if gone.get(row[1], 0) < sizes[row[1]] - sizes[row[1]] // 5 and len(chosen) < count:
            gone[row[1]] = gone.get(row[1], 0) + 1
            chosen.append(row)
    return chosen


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 400
    layers, tensors = network_of(ROOT / "pipelines/networks/residual.safetensors")
    records = np.frombuffer((DATA / "data_batch_1.bin").read_bytes(), np.uint8).reshape(-1, 3073)[:count]
    labels = torch.tensor(records[:, 0].astype(np.int64))
    # As the data set reads them; the constants of the shipped network say on which scale.
    images = torch.tensor(records[:, 1:].reshape(-1, 3, 32, 32).astype(np.float64))
    if float(tensors["input.mean"].max().detach()) < 1:
        images = images / 255
    for criterion, normalize in [("taylor", "none"), ("taylor", "l2"), ("taylor-weight", "l2")]:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "data").mkdir()
            (folder / "data/dataset.yaml").write_text(DATASET)
            (folder / "data/train.bin").write_bytes(records.tobytes())
            (folder / "recipe.yaml").write_text(RECIPE.format(root=ROOT, criterion=criterion, normalize=normalize))
            command = [program, "run", "recipe.yaml", "--store", "store", "--output", "run"]
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
            removed = json.loads((folder / "run/02-prune.json").read_text())["result"]["history"][1]["removed"]
        own = [(row["score"], row["filters"][0]["layer"], row["filters"][0]["filter"]) for row in removed]
        expected = lowest(scores(criterion, normalize, layers, tensors, images, labels), len(own))
        # Scores that differ by less than float can tell may stand in another order.
        is_same = {row[1:] for row in own} == {row[1:] for row in expected}
        others = {row[1:]: row[0] for row in expected}
        worst = max(abs(row[0] - others.get(row[1:], np.inf)) for row in own) / own[-1][0]
        what = f"{criterion}, normalize {normalize}: {len(own)} groups of lowest score, scores within {worst:.1e}"
        print("  ok     " if is_same and worst < 1e-4 else "  DIFFERS", what)
        if not is_same or worst >= 1e-4:
            FAILURES.append(what)
    sys.exit(1 if FAILURES else 0)


main()
