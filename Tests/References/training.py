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



# A linear model, trained by every solver, schedule and loss; and losses with their gradients.

ROWS, FEATURES = 10, 4
torch.manual_seed(1)
features = rounded(torch.randn(ROWS, FEATURES))
classes = torch.tensor([0, 1, 2, 1, 0, 1, 2, 2, 1, 0])
values = rounded(torch.randn(ROWS, 2))
start = {outputs: (rounded(torch.randn(outputs, FEATURES)), rounded(torch.randn(outputs))) for outputs in (1, 2, 3)}
weights = torch.tensor([1.0, 0.25, 4.0])
functional = torch.nn.functional

LOSSES = {
    "crossEntropy": (3, lambda z, rows: functional.cross_entropy(z, classes[rows])),
    "weighted": (3, lambda z, rows: functional.cross_entropy(z, classes[rows], weight=weights)),
    "smoothed": (3, lambda z, rows: functional.cross_entropy(z, classes[rows], weight=weights, label_smoothing=0.2)),
    "binary": (1, lambda z, rows: functional.binary_cross_entropy_with_logits(z[:, 0], (classes[rows] > 0).double())),
    "labels": (3, lambda z, rows: functional.binary_cross_entropy_with_logits(
        z, functional.one_hot(classes[rows], 3).double())),
    "mse": (2, lambda z, rows: functional.mse_loss(z, values[rows])),
    "mae": (2, lambda z, rows: functional.l1_loss(z, values[rows])),
    "huber": (2, lambda z, rows: functional.huber_loss(z, values[rows], delta=0.5)),
}


def train(loss, optimizer, schedule=None, warmup=None, clip=None):
    """Four epochs of three steps; the schedule steps with the epochs, the warm-up with the steps."""
    outputs, measure = LOSSES[loss]
    weight, bias = (tensor.clone().requires_grad_() for tensor in start[outputs])
    solver = optimizer([weight], [bias])
    scheduler = schedule(solver) if schedule else None
    step = 0
    for epoch in range(4):
        rate = [group["lr"] for group in solver.param_groups]
        for begin in range(0, ROWS, 4):
            rows = slice(begin, begin + 4)
            step += 1
            for group, whole in zip(solver.param_groups, rate):
                group["lr"] = whole * min(1, step / warmup) if warmup else whole
            solver.zero_grad()
            measure(features[rows] @ weight.T + bias, rows).backward()
            if clip:
                clip([weight, bias])
            solver.step()
        for group, whole in zip(solver.param_groups, rate):
            group["lr"] = whole
        if scheduler:
            scheduler.step()
    return [round(number, 9) for number in weight.reshape(-1).tolist() + bias.tolist()]


def solver(kind, decay=0.0, **options):
    """All but biases are regularized."""
    return lambda weights, biases: kind(
        [{"params": weights, "weight_decay": decay}, {"params": biases, "weight_decay": 0}], lr=0.05, **options)


optim, schedulers, clipping = torch.optim, torch.optim.lr_scheduler, torch.nn.utils
adam = solver(optim.Adam)
trained = {name: train(name, adam) for name in LOSSES}
trained |= {
    "adam": train("crossEntropy", solver(optim.Adam, 0.1, betas=(0.8, 0.99), eps=1e-3)),
    "adamw": train("crossEntropy", solver(optim.AdamW, 0.3)),
    "sgdm": train("crossEntropy", solver(optim.SGD, 0.1, momentum=0.7)),
    "rmsprop": train("crossEntropy", solver(optim.RMSprop, 0.1, alpha=0.9, eps=1e-3)),
    "piecewise": train("crossEntropy", adam, lambda s: schedulers.StepLR(s, 2, 0.3)),
    "cosine": train("crossEntropy", adam, lambda s: schedulers.CosineAnnealingLR(s, 4)),
    "warmup": train("crossEntropy", adam, lambda s: schedulers.StepLR(s, 1, 0.5), warmup=6),
    "global-l2norm": train("crossEntropy", solver(optim.SGD), clip=lambda p: clipping.clip_grad_norm_(p, 0.2)),
    "l2norm": train("crossEntropy", solver(optim.SGD), clip=lambda p: [clipping.clip_grad_norm_(q, 0.1) for q in p]),
    "absolute-value": train("crossEntropy", solver(optim.SGD), clip=lambda p: clipping.clip_grad_value_(p, 0.05)),
}

linear = {
    "features": features.reshape(-1).tolist(),
    "classes": classes.tolist(),
    "values": values.reshape(-1).tolist(),
    "start": {str(outputs): [t for tensor in tensors for t in tensor.reshape(-1).tolist()]
              for outputs, tensors in start.items()},
    "trained": trained,
}

reference = {
    "torch": torch.__version__,
    "examples": examples.reshape(-1).tolist(),
    "labels": labels.tolist(),
    "before": before,
    "losses": losses,
    "after": flat(),
    "linear": linear,
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(reference, indent=None, separators=(",", ":")) + "\n")
