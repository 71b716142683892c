"""Writes training.json: the first losses of a small network in PyTorch, which a test compares with ours.

Run by hand: python3 Tests/References/training.py (torch 2.x, numpy). Double precision, so that the reference is exact.
"""

import json
import pathlib

import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

EXAMPLES, CHANNELS, STEPS, CLASSES, BATCH, EPOCHS = 20, 2, 12, 3, 8, 4


def rounded(tensor):
    """Values that are 32-bit floats, so that both sides begin with the same numbers."""
    return tensor.float().double()


labels = torch.arange(EXAMPLES) % CLASSES
examples = rounded(torch.randn(EXAMPLES, CHANNELS, STEPS) * (1 + labels.double()).view(-1, 1, 1) + 0.5)
mean = rounded(examples.mean(dim=(0, 2)))
deviation = rounded(((examples - mean.view(1, -1, 1)) ** 2).mean(dim=(0, 2)).sqrt())

conv1 = torch.nn.Conv1d(CHANNELS, 5, 3, padding="same")
bn1 = torch.nn.BatchNorm1d(5)
conv2 = torch.nn.Conv1d(5, 4, 3, stride=2, padding=1)
bn2 = torch.nn.BatchNorm1d(4)
fc1 = torch.nn.Linear(4, 6)
fc2 = torch.nn.Linear(6, CLASSES)
pool = torch.nn.MaxPool1d(2)


def forward(x):
    x = (x - mean.view(1, -1, 1)) / deviation.view(1, -1, 1)
    x = pool(torch.relu(bn1(conv1(x))))
    x = torch.relu(bn2(conv2(x))).mean(dim=2)
    return fc2(torch.relu(fc1(x)))


def parameters():
    named = {"input.mean": mean, "input.deviation": deviation}
    for name, layer in {"conv_1": conv1, "conv_2": conv2, "fc_1": fc1, "fc_2": fc2}.items():
        named[f"{name}.weights"], named[f"{name}.bias"] = layer.weight, layer.bias
    for name, layer in {"bn_1": bn1, "bn_2": bn2}.items():
        named[f"{name}.scale"], named[f"{name}.offset"] = layer.weight, layer.bias
        named[f"{name}.mean"], named[f"{name}.variance"] = layer.running_mean, layer.running_var
    return named


def flat():
    return {name: tensor.detach().reshape(-1).tolist() for name, tensor in parameters().items()}


biases = [layer.bias for layer in (conv1, conv2, fc1, fc2)]
others = [layer.weight for layer in (conv1, conv2, fc1, fc2, bn1, bn2)] + [bn1.bias, bn2.bias]
with torch.no_grad():
    for parameter in biases + others:
        parameter.copy_(rounded(parameter))
before = flat()

optimizer = torch.optim.Adam([{"params": biases, "weight_decay": 0}, {"params": others, "weight_decay": 1e-2}], lr=1e-2)
losses = []
for epoch in range(EPOCHS):
    total = 0.0
    for start in range(0, EXAMPLES, BATCH):
        rows = slice(start, start + BATCH)
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(forward(examples[rows]), labels[rows])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels[rows])
    losses.append(total / EXAMPLES)

reference = {
    "torch": torch.__version__,
    "examples": examples.reshape(-1).tolist(),
    "labels": labels.tolist(),
    "before": before,
    "losses": losses,
    "after": flat(),
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(reference, indent=None, separators=(",", ":")) + "\n")
