"""Recomputes a small compression with numpy alone and compares every number that can be compared.

    python3 Tests/References/compression.py .build/release/pare

Runs a short recipe (prune, project, quantize, evaluate; no retraining) on the shipped network and data with the given
program, once for each integer scheme, and then from the files it left, sharing no code with it:

- the Taylor score of every filter in float64: the filters that were removed first are the lowest, with their scores;
- the principal components, ranks and explained variances, and the projected layers with their folded means;
- the folding of batch normalization, the scale of every tensor, and all integer weights and biases, bit for bit;
- integer inference over the test split: confusion matrix and loss, exactly;
- the bytes of everything that inference needs.

Prints what it compared; the exit status is 1 if something differs. Needs numpy.
"""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "datasets/road-surface-quality"
TYPES = {"F32": "<f4", "I8": "<i1", "I32": "<i4"}

RECIPE = """
version: 1
name: reference
seed: {seed}
stages:
  - load: {{network: {root}/pipelines/networks/road-damage.safetensors, data: {folder}/data, channels: [z]}}
  - prune: {{MaxToPrune: 6, goal: {{totalParameters: 1000}}, finetune: {{solver: adam, InitialLearnRate: 0.01, MaxEpochs: 3}}}}
  - project: {{goal: {{totalParameters: 420}}}}
  - quantize: {{type: int8, scaling: {scaling}, granularity: {granularity}, prepare: [unpack, fold]}}
  - evaluate: {{needs: [load, prune, project, quantize], metrics: [accuracy, loss, confusion]}}
"""
FAILURES = []


def compare(what, is_equal, detail=""):
    print("  ok     " if is_equal else "  DIFFERS", what, detail)
    if not is_equal:
        FAILURES.append(what)


# Files


def tensors_of(path):
    data = path.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data[8 + size + begin : 8 + size + end], TYPES[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"])
    return json.loads(metadata["pare.network"])["layers"], tensors


def examples_of(path):
    rows = [line for line in path.read_text().splitlines() if line and line[0] not in "@#"]
    cases = [row.rsplit(":", 1) for row in rows]
    z = [[float(value) for value in dimensions.split(":")[2].split(",")] for dimensions, _ in cases]
    labels = [["good", "bad"].index(label.strip()) if label.strip() in ("good", "bad") else int(label) for _, label in cases]
    return np.array(z, np.float32)[:, None, :], np.array(labels)


# Float inference, in float64


def convolve(x, weights):
    """Stride one, padding 'same' for an odd number of taps."""
    half = weights.shape[2] // 2
    padded = np.pad(x, ((0, 0), (0, 0), (half, half)))
    return sum(
        np.einsum("ect,fc->eft", padded[:, :, tap : tap + x.shape[2]], weights[:, :, tap])
        for tap in range(weights.shape[2]))


def column(vector, x):
    return vector.astype(float)[:, None] if x.ndim == 3 else vector.astype(float)


def forward(layers, tensors, x):
    values = []
    for layer in layers:
        name, kind = layer["name"], layer["kind"]
        own = {key[len(name) + 1 :]: value.astype(float) for key, value in tensors.items() if key.startswith(name + ".")}
        if kind == "sequenceInput":
            x = (x - column(own["mean"], x)) / column(own["deviation"], x)
        elif kind == "convolution1d":
            x = convolve(x, own["weights"]) + own.get("bias", np.zeros(1))[:, None]
        elif kind == "batchNormalization":
            factor = own["scale"] / np.sqrt(own["variance"] + layer["attributes"]["epsilon"])
            x = (x - own["mean"][:, None]) * factor[:, None] + own["offset"][:, None]
        elif kind == "relu":
            x = np.maximum(x, 0)
        elif kind == "globalAveragePooling":
            x = x.mean(axis=2)
        elif kind == "dense":
            x = x @ own["weights"].T + own.get("bias", 0)
        elif kind == "softmax":
            exponentials = np.exp(x - x.max(axis=1, keepdims=True))
            x = exponentials / exponentials.sum(axis=1, keepdims=True)
        values.append(x)
    return values


def gradients(layers, tensors, values, labels):
    """d(summed cross-entropy)/d(output) of every layer, batch normalization by its states."""
    gradient = values[-1].copy()
    gradient[np.arange(len(labels)), labels] -= 1
    result = [None] * len(layers)
    for index in range(len(layers) - 2, 0, -1):
        result[index] = gradient
        layer, before = layers[index], values[index - 1]
        name, kind = layer["name"], layer["kind"]
        if kind == "convolution1d":
            weights = tensors[name + ".weights"].astype(float)
            gradient = convolve(gradient, weights.transpose(1, 0, 2)[:, :, ::-1])
        elif kind == "batchNormalization":
            variance = tensors[name + ".variance"].astype(float) + layer["attributes"]["epsilon"]
            gradient = gradient * (tensors[name + ".scale"] / np.sqrt(variance))[:, None]
        elif kind == "relu":
            gradient = gradient * (before > 0)
        elif kind == "globalAveragePooling":
            gradient = np.repeat(gradient[:, :, None], before.shape[2], axis=2) / before.shape[2]
        elif kind == "dense":
            gradient = gradient @ tensors[name + ".weights"].astype(float)
    return result


# The checks


def check_scores(folder, train, labels):
    layers, tensors = tensors_of(ROOT / "pipelines/networks/road-damage.safetensors")
    values = forward(layers, tensors, train)
    slopes = gradients(layers, tensors, values, labels)
    scores = []
    for index, layer in enumerate(layers):
        if layer["kind"] != "convolution1d":
            continue
        # Behind batch normalization and activation.
        products = values[index + 2] * slopes[index + 2]
        for filter, score in enumerate(np.abs(products.sum(axis=2)).mean(axis=0)):
            scores.append((score, layer["name"], filter))
    lowest = sorted(scores)[:6]
    history = json.loads((folder / "02-prune.json").read_text())["result"]["history"]
    removed = [(row["score"], row["filters"][0]["layer"], row["filters"][0]["filter"]) for row in history[1]["removed"]]
    compare("the filters of lowest score", [row[1:] for row in lowest] == [row[1:] for row in removed])
    worst = max(abs(own[0] - other[0]) / own[0] for own, other in zip(lowest, removed))
    compare("their scores", worst < 1e-3, f"within {worst:.1e}")


def components_of(values):
    vectors = np.moveaxis(values, 1, -1).reshape(-1, values.shape[1])
    mean = vectors.mean(axis=0)
    centred = vectors - mean
    variances, directions = np.linalg.eigh(centred.T @ centred / len(vectors))
    return mean, variances[::-1], directions[:, ::-1]


def check_projection(folder, before, after, train):
    layers, tensors = before
    projected = after[1]
    values = {layer["name"]: value for layer, value in zip(layers, forward(layers, tensors, train))}
    report = json.loads((folder / "03-project.json").read_text())["result"]
    level, worst, worst_variance = report["explainedVariance"], 0, 0
    saved = 0
    for layer in layers:
        if layer["kind"] not in ("convolution1d", "dense"):
            continue
        name, is_dense = layer["name"], layer["kind"] == "dense"
        weights = tensors[name + ".weights"].astype(float)
        weights = weights[:, :, None] if is_dense else weights
        bias = tensors[name + ".bias"].astype(float)
        sides = [components_of(values[layer["inputs"][0]]), components_of(values[name])]
        explained = [np.cumsum(side[1]) / side[1].sum() for side in sides]
        # The level is one of these; here they are of activations in float64.
        ranks = [int(np.searchsorted(part, level - 1e-7) + 1) for part in explained]
        (outputs, inputs, taps) = weights.shape
        own = weights.size + outputs
        sizes = {(False, False): own}
        if is_dense:
            sizes[(False, True)] = ranks[1] * (inputs + outputs) + outputs
            sizes[(True, False)] = ranks[0] * (inputs + outputs) + outputs
        else:
            sizes[(False, True)] = taps * inputs * ranks[1] + ranks[1] * outputs + outputs
            sizes[(True, False)] = ranks[0] * inputs + taps * ranks[0] * outputs + outputs
            sizes[(True, True)] = ranks[0] * inputs + taps * ranks[0] * ranks[1] + ranks[1] * outputs + outputs
        best = min(sizes, key=lambda key: sizes[key])
        row = next(row for row in report["layers"] if row["name"] == name)
        asked = tuple(rank if used else None for rank, used in zip(ranks, best))
        saved += own - sizes[best]
        compare(
            f"the ranks of '{name}'", asked == (row.get("inputRank"), row.get("outputRank"))
            and row["learnablesAfter"] == sizes[best], str(asked))
        kept = [part[rank - 1] for part, rank in zip(explained, asked) if rank]
        worst_variance = max(worst_variance, abs(min(kept, default=1) - row["explainedVariance"]))
        (mean, _, p), (output_mean, _, q) = sides
        p = p[:, : asked[0]] @ p[:, : asked[0]].T if asked[0] else np.eye(inputs)
        q = q[:, : asked[1]] @ q[:, : asked[1]].T if asked[1] else np.eye(outputs)
        expected = np.einsum("ab,bct,cd->adt", q, weights, p)
        folded = q @ (bias + np.einsum("bct,c->b", weights, mean - p @ mean)) + (output_mean - q @ output_mean)
        found = np.eye(inputs)[:, :, None]
        for part in ("_proj_in", "", "_proj_out"):
            if name + part + ".weights" in projected:
                factor = projected[name + part + ".weights"].astype(float)
                factor = factor[:, :, None] if is_dense else factor
                # One of the two has one tap.
                found = np.einsum("abt,bcu->actu", factor, found).reshape(len(factor), inputs, -1)
            if name + part + ".bias" in projected:
                found_bias = projected[name + part + ".bias"]
        scale = np.abs(weights).max()
        worst = max(worst, np.abs(found - expected).max() / scale, np.abs(found_bias - folded).max() / np.abs(folded).max())
    compare("the explained variances", worst_variance < 1e-6, f"within {worst_variance:.1e}")
    compare("projected weights and folded means", worst < 1e-5, f"within {worst:.1e}")
    total = sum(value.size for key, value in tensors.items() if not key.startswith("input.")) - saved
    compare("the total of parameters", total == report["goal"]["reached"], str(total))


def half_away(values):
    return np.trunc(values + np.copysign(0.5, values))


def folded(layers, tensors):
    """Batch normalization goes into the convolution before it."""
    tensors, kept, renamed = dict(tensors), [], {}
    for layer in layers:
        layer = dict(layer, inputs=[renamed.get(name, name) for name in layer["inputs"]])
        name = layer["name"]
        if layer["kind"] != "batchNormalization":
            kept.append(layer)
            continue
        own = {key: tensors.pop(f"{name}.{key}").astype(float) for key in ("scale", "offset", "mean", "variance")}
        producer = renamed[name] = layer["inputs"][0]
        factor = own["scale"] / np.sqrt(own["variance"] + layer["attributes"]["epsilon"])
        weights, bias = tensors[producer + ".weights"], tensors.get(producer + ".bias", np.zeros(len(factor)))
        tensors[producer + ".weights"] = (weights.astype(float) * factor[:, None, None]).astype(np.float32)
        tensors[producer + ".bias"] = (
            factor * bias.astype(float) + (own["offset"] - factor * own["mean"])).astype(np.float32)
    return kept, tensors


def best_exponent(values, lowest):
    values = values.astype(np.float32).astype(float).ravel()
    covering = int(np.ceil(np.log2(np.abs(values).max() / 127)))
    def error(exponent):
        integers = np.clip(half_away(values / 2.0**exponent), lowest, 127)
        return ((values - integers * 2.0**exponent) ** 2).sum()
    return min((covering, covering - 1, covering - 2), key=error)


def check_rounding(after, quantized, train, scaling):
    layers, tensors = folded(*after)
    found_layers, found = quantized
    compare("the prepared layers", [row["name"] for row in layers] == [row["name"] for row in found_layers])
    values = {row["name"]: value for row, value in zip(layers, forward(layers, tensors, train))}
    readers = {row["inputs"][0]: row for row in layers if row["inputs"]}
    steps, equal_scales, equal_integers = {}, True, True
    for row in layers:
        name, kind = row["name"], row["kind"]
        if kind == "relu":
            steps[name] = steps[row["inputs"][0]]
            continue
        if kind == "softmax":
            continue
        reader = readers[name]
        seen = values[reader["name"] if reader["kind"] == "relu" else name]
        if scaling == "power-of-two":
            exponent = best_exponent(seen, -128)
            equal_scales &= exponent == found[name + ".activation.exponent"][0]
            steps[name] = 2.0**exponent
        else:
            low, high = min(seen.min(), 0), max(seen.max(), 0)
            scale = found[name + ".activation.scale"][0]
            equal_scales &= abs(scale / ((high - low) / 255) - 1) < 1e-4
            equal_scales &= found[name + ".activation.zeroPoint"][0] == half_away(np.array(-128 - low / scale))
            steps[name] = float(scale)
        if name + ".weights" not in tensors:
            continue
        weights = tensors[name + ".weights"].astype(float)
        flat = weights.reshape(len(weights), -1)
        if scaling == "power-of-two":
            exponent = best_exponent(weights, -127)
            equal_scales &= exponent == found[name + ".weights.exponent"][0]
            scales = np.full(len(flat), 2.0**exponent)
        else:
            scales = (np.abs(flat).max(axis=1) / 127).astype(np.float32)
            equal_scales &= np.array_equal(scales, found[name + ".weights.scale"])
            scales = scales.astype(float)
        integers = np.clip(half_away(flat / scales[:, None]), -127, 127)
        equal_integers &= np.array_equal(integers, found[name + ".weights"].reshape(flat.shape))
        if name + ".bias" in tensors:
            bias = half_away(tensors[name + ".bias"].astype(float) / (steps[row["inputs"][0]] * scales))
            equal_integers &= np.array_equal(bias, found[name + ".bias"])
    compare("the scales of all weights and activations", equal_scales)
    compare("all integer weights and biases", equal_integers)


def rescaled(sums, factor, is_exact):
    """`sums * factor`; exact and halves up, or TensorFlow Lite's 31-bit multiplier with its two roundings."""
    assert np.abs(sums).max() < 2**31
    if is_exact:
        return np.floor(sums * factor + 0.5).astype(np.int64)
    significand, shift = np.frexp(factor)
    multiplier = np.rint(significand * 2.0**31).astype(np.int64)
    assert (shift <= 0).all() and (multiplier < 2**31).all()
    product = sums * multiplier
    high = np.where(product >= 0, product + 2**30, product + 1 - 2**30)
    high = np.sign(high) * (np.abs(high) >> 31)
    remainder, mask = high & ((1 << -shift) - 1), (1 << -shift) - 1
    return (high >> -shift) + (remainder > (mask >> 1) + (high < 0))


def integer_probabilities(layers, tensors, x):
    def scale_of(name):
        if name + ".activation.exponent" in tensors:
            return 2.0 ** int(tensors[name + ".activation.exponent"][0]), 0
        return float(tensors[name + ".activation.scale"][0]), int(tensors[name + ".activation.zeroPoint"][0])

    is_exact = "input.activation.exponent" in tensors
    for row in layers:
        name, kind = row["name"], row["kind"]
        if kind == "sequenceInput":
            step, zero = scale_of(name)
            x = (x - tensors["input.mean"][:, None]) / tensors["input.deviation"][:, None]
            assert x.dtype == np.float32
            x = np.clip(half_away(x.astype(float) / step) + zero, -128, 127).astype(np.int64)
        elif kind == "relu":
            x = np.maximum(x, zero)
        elif kind == "softmax":
            real = (x - zero) * step
            exponentials = np.exp(real - real.max(axis=1, keepdims=True))
            shares = exponentials / exponentials.sum(axis=1, keepdims=True)
            return np.minimum(np.floor(shares * 256 + 0.5), 255) / 256
        else:
            (new_step, new_zero), factor = scale_of(name), np.array([step])
            if kind == "globalAveragePooling":
                sums = (x - zero).sum(axis=2)
                factor = factor / x.shape[2]
            else:
                weights = tensors[name + ".weights"].astype(np.int64)
                if is_exact:
                    factor = factor * 2.0 ** tensors[name + ".weights.exponent"].astype(float)
                else:
                    factor = factor * tensors[name + ".weights.scale"].astype(float)
                bias = tensors.get(name + ".bias", np.zeros(len(weights))).astype(np.int64)
                if kind == "dense":
                    sums = (x - zero) @ weights.T + bias
                else:
                    sums = convolve(x - zero, weights).astype(np.int64) + bias[:, None]
            factor = factor / new_step
            if sums.ndim == 3:
                factor = factor[:, None]
            x = np.clip(rescaled(sums, factor, is_exact) + new_zero, -128, 127)
            step, zero = new_step, new_zero


def check_inference(folder, quantized, test, labels):
    probabilities = integer_probabilities(*quantized, test)
    predictions = probabilities.argmax(axis=1)
    confusion = np.zeros((2, 2), int)
    np.add.at(confusion, (labels, predictions), 1)
    result = json.loads((folder / "05-evaluate.json").read_text())["result"]
    compare("the confusion matrix in integers", result["confusion"]["counts"] == confusion.tolist(), str(confusion.tolist()))
    loss = -np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-7)).mean()
    difference = abs(result["rows"][3]["metrics"]["loss"]["value"] - loss)
    compare("the loss in integers, so every probability", difference < 1e-12, f"{loss:.12f}")
    size = sum(tensor.nbytes for tensor in quantized[1].values())
    compare("the bytes in integers", result["rows"][3]["network"]["memoryBytes"] == size, str(size))


def check_float(folder, network, row, test, labels):
    layers, tensors = network
    result = json.loads((folder / "05-evaluate.json").read_text())["result"]["rows"][row]
    probabilities = forward(layers, tensors, test)[-1]
    loss = -np.log(probabilities[np.arange(len(labels)), labels]).mean()
    correct = int((probabilities.argmax(axis=1) == labels).sum())
    metrics = result["metrics"]
    compare(
        f"accuracy and loss after {result['need']}",
        metrics["accuracy"]["correct"] == correct and abs(metrics["loss"]["value"] - loss) < 1e-4 * (1 + loss),
        f"{correct}, {loss:.6f}")
    size = sum(tensor.nbytes for tensor in tensors.values())
    compare(f"bytes after {result['need']}", result["network"]["memoryBytes"] == size, str(size))


def main(pare):
    train, train_labels = examples_of(DATA / "RoadSurfaceQuality_TRAIN.ts")
    test, test_labels = examples_of(DATA / "RoadSurfaceQuality_TEST.ts")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "data").mkdir()
        for path in DATA.glob("*.ts"):
            (folder / "data" / path.name).symlink_to(path)
        # All training cases in one split, so that which ones were drawn need not be known.
        lines = (DATA / "dataset.yaml").read_text().splitlines()
        (folder / "data/dataset.yaml").write_text("\n".join(row for row in lines if "validation:" not in row))
        for scaling, granularity in (("power-of-two", "tensor"), ("affine", "channel")):
            for seed in (1, 2, 3):
                print(f"{scaling} per {granularity}, seed {seed}")
                recipe = folder / f"{scaling}-{seed}.yaml"
                recipe.write_text(
                    RECIPE.format(root=ROOT, folder=folder, scaling=scaling, granularity=granularity, seed=seed))
                output = folder / f"{scaling}-{seed}"
                subprocess.run(
                    [pare, "run", recipe, "--store", folder / "store", "--output", output],
                    check=True, stdout=subprocess.DEVNULL)
                networks = {}
                for index, stage in enumerate(("load", "prune", "project", "quantize"), 1):
                    key = json.loads((output / f"{index:02}-{stage}.json").read_text())["key"]
                    networks[stage] = tensors_of(folder / "store/records" / key[:2] / key / "network.safetensors")
                check_scores(output, train, train_labels)
                check_projection(output, networks["prune"], networks["project"], train)
                check_rounding(networks["project"], networks["quantize"], train, scaling)
                check_inference(output, networks["quantize"], test, test_labels)
                for row, stage in enumerate(("load", "prune", "project")):
                    check_float(output, networks[stage], row, test, test_labels)
    print(f"{len(FAILURES)} differ")
    return 1 if FAILURES else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
