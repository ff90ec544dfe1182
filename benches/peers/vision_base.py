"""Twin of `vision_base`: four blocks of convolution, batch norm, ReLU, max pool; batch 100.

base            forward and backward, channels first
base-last       the same in PyTorch's channels-last memory format
cifar-lists     whole step, 20 tasks, routed sample by sample (see routing.py)
cifar-masked    whole step, 20 tasks, routed by a loop over modules
"""

import torch
from torch import nn

from protocol import serve
from routing import Lists, Masked

BATCH = 100


def base():
    layers, channels = [], 3
    for _ in range(4):
        layers += [
            nn.Conv2d(channels, 32, 3, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.MaxPool2d(2),
        ]
        channels = 32
    return nn.Sequential(*layers)


def make(case):
    network, x = base(), torch.randn(BATCH, 3, 32, 32)
    if case.startswith("cifar-"):
        kind = {"cifar-lists": Lists, "cifar-masked": Masked}[case]
        whole = kind(network, [128, 128, 128, 5], tasks=20, batch=BATCH)
        return lambda: whole.step(x)
    if case == "base-last":
        network = network.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    ones = torch.ones(BATCH, 32, 2, 2)

    def step():
        network.zero_grad(set_to_none=True)
        network(x).backward(ones)

    return step


serve(make)
