"""Twin of `mnist_step`: 32 features, 128, 128, 2; ten tasks; batch 100. See routing.py.

lists     sample by sample
masked    a loop over modules, the rest for the whole batch at once
"""

import torch

from protocol import serve
from routing import Lists, Masked

BATCH = 100


def make(case):
    kind = {"lists": Lists, "masked": Masked}[case]
    network = kind(None, [32, 128, 128, 2], tasks=10, batch=BATCH)
    x = torch.randn(BATCH, 32)
    return lambda: network.step(x)


serve(make)
