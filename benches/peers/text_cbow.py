"""Twin of `text_cbow`: a bag of words whose words go through routed modules, one training step.

gather  rows of each module selected, linear, ReLU, copied back; no padding
mask    every module on all rows, then a mask
"""

import torch
from torch import nn

from protocol import serve
from text import ROUTED, VOCABULARY, WIDTH, MODULES, PAIRS, Batch, Classifier, training


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.bank = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(MODULES))
        self.classifier = Classifier()


def make(case):
    batch, network, routed = Batch(3), Network(), ROUTED[case]
    vectors = torch.randn(VOCABULARY, WIDTH)

    def apply(number, x):
        return torch.relu(network.bank[number](x))

    def loss():
        x = vectors[batch.words]
        for action in batch.actions:
            x = routed(x, action, apply, WIDTH)
        sums = x.new_zeros(2 * PAIRS, WIDTH).index_add(0, batch.owners, x)
        return network.classifier.loss(sums, batch.labels)

    return training(network, loss)


serve(make)
