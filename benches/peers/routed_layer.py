"""Twin of `routed_layer`: the hard-routed linear layer in PyTorch, forward and backward.

loop-M    for each of M modules: rows that chose it by mask, linear, ReLU, written back by mask
chunks-M  rows sorted by module, split, a linear for each chunk, concatenated, ReLU, sorted back
"""

import torch
from torch import nn
from torch.nn import functional as F

from protocol import serve

ROWS, WIDTH = 256, 128


def actions(modules):
    """The generator of the Rust side, so that both have the same groups."""
    state, chosen = 1, []
    for _ in range(ROWS):
        state = (state * 1103515245 + 12345) % 2**31
        chosen.append((state >> 16) % modules)
    return torch.tensor(chosen)


def make(case):
    kind, modules = case.split("-")
    action = actions(int(modules))
    bank = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(int(modules)))
    x = torch.randn(ROWS, WIDTH, requires_grad=True)
    ones = torch.ones(ROWS, WIDTH)

    def loop():
        y = torch.zeros(ROWS, WIDTH)
        for number, module in enumerate(bank):
            rows = action == number
            y[rows] = torch.relu(module(x[rows]))
        return y

    def chunks():
        order = torch.argsort(action)
        sizes = torch.bincount(action, minlength=len(bank)).tolist()
        parts = x[order].split(sizes)
        done = [F.linear(part, m.weight, m.bias) for part, m in zip(parts, bank) if len(part)]
        y = torch.relu(torch.cat(done))
        return torch.empty_like(y).index_copy(0, order, y)

    forward = {"loop": loop, "chunks": chunks}[kind]

    def step():
        x.grad = None
        bank.zero_grad(set_to_none=True)
        forward().backward(ones)

    return step


serve(make)
