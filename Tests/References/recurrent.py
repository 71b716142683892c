"""Writes recurrent.json: outputs and gradients of PyTorch's LSTM and GRU, which a test compares with ours.

Run by hand: python3 Tests/References/recurrent.py (torch 2.x, numpy). Double precision, so that the reference is exact.
"""

import json
import pathlib

import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

EXAMPLES, CHANNELS, UNITS, STEPS = 3, 2, 3, 5


def rounded(tensor):
    """Values that are 32-bit floats, and whose sums are."""
    return (tensor * 4096).round() / 4096


def flat(tensors):
    return torch.cat([tensor.detach().reshape(-1) for tensor in tensors]).tolist()


def ours(layer, name, value):
    """A parameter (or its gradient) in our layout: the gates of all directions one after the other."""
    suffixes = ["", "_reverse"] if layer.bidirectional else [""]
    return [value(getattr(layer, f"{name}_l0{suffix}")) for suffix in suffixes]


def described(layer, kind, lengths):
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(rounded(parameter))
    x = rounded(torch.randn(EXAMPLES, CHANNELS, STEPS))
    weights = rounded(torch.randn(EXAMPLES, UNITS * (2 if layer.bidirectional else 1), STEPS))
    for example, length in enumerate(lengths):
        x[example, :, length:] = 0
        weights[example, :, length:] = 0
    x.requires_grad_()
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        x.transpose(1, 2), torch.tensor(lengths), batch_first=True, enforce_sorted=False)
    output, state = layer(packed)
    output, _ = torch.nn.utils.rnn.pad_packed_sequence(output, batch_first=True, total_length=STEPS)
    output = output.transpose(1, 2)
    (output * weights).sum().backward()
    hidden = state[0] if isinstance(state, tuple) else state

    is_gru = isinstance(layer, torch.nn.GRU)

    def biases(value):
        inputs, states = ours(layer, "bias_ih", value), ours(layer, "bias_hh", value)
        if not is_gru:
            return [a + b for a, b in zip(inputs, states)], None
        summed = [torch.cat([a[: 2 * UNITS] + b[: 2 * UNITS], a[2 * UNITS :]]) for a, b in zip(inputs, states)]
        return summed, [b[2 * UNITS :] for b in states]

    parameters = {
        "inputWeights": flat(ours(layer, "weight_ih", lambda p: p)),
        "recurrentWeights": flat(ours(layer, "weight_hh", lambda p: p)),
        "bias": flat(biases(lambda p: p)[0]),
    }
    gradients = {
        "inputWeights": flat(ours(layer, "weight_ih", lambda p: p.grad)),
        "recurrentWeights": flat(ours(layer, "weight_hh", lambda p: p.grad)),
        # The gradient of a sum is that of either summand.
        "bias": flat(ours(layer, "bias_ih", lambda p: p.grad)),
    }
    if is_gru:
        parameters["recurrentBias"] = flat(biases(lambda p: p)[1])
        gradients["recurrentBias"] = flat([b[2 * UNITS :] for b in ours(layer, "bias_hh", lambda p: p.grad)])
    return {
        "kind": kind,
        "lengths": lengths,
        "input": flat([x]),
        "weights": flat([weights]),
        "parameters": parameters,
        "output": flat([output]),
        # The state after the last turn, direction after direction.
        "last": flat([hidden.transpose(0, 1)]),
        "gradients": gradients,
        "inputGradient": flat([x.grad]),
    }


cases = []
for lengths in ([STEPS] * EXAMPLES, [3, 5, 1]):
    for kind, make in (("lstm", torch.nn.LSTM), ("gru", torch.nn.GRU)):
        for bidirectional in (False, True):
            layer = make(CHANNELS, UNITS, bidirectional=bidirectional)
            cases.append(described(layer, ("bi" if bidirectional else "") + kind, lengths))

path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps({"torch": torch.__version__, "cases": cases}, separators=(",", ":")) + "\n")
