"""Twin of `text_lstm`: LSTMs with routed transformations, one training step.

WHAT-gather-DEPTH  rows of each module selected, multiplied, copied back
WHAT-mask-DEPTH    every module on all rows, then a mask

WHAT is what goes through modules on its way to the gates, `input` or `state`. Sentences are sorted
by length and a time step has those that still run, so that nothing is padded.
"""

import torch
from torch import nn

from protocol import serve
from text import ROUTED, VOCABULARY, WIDTH, MODULES, Batch, Classifier, training


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        bound = WIDTH**-0.5
        draw = lambda *shape: nn.Parameter(torch.empty(*shape).uniform_(-bound, bound))
        # A parameter a module, so that the gradient of one does not fill all.
        self.weights = nn.ParameterList(draw(4, WIDTH, WIDTH) for _ in range(MODULES))
        self.biases = nn.ParameterList(draw(4, WIDTH) for _ in range(MODULES))
        self.fixed = nn.Linear(WIDTH, 4 * WIDTH)
        self.classifier = Classifier()

    def module(self, number, x):
        """[n, H] at the first depth, [n, 4 H] later -> [n, 4 H]"""
        weight, bias = self.weights[number], self.biases[number]
        if x.shape[1] == WIDTH:
            flat = weight.permute(1, 0, 2).reshape(WIDTH, 4 * WIDTH)
            return torch.addmm(bias.reshape(-1), x, flat)
        gates = x.view(-1, 4, WIDTH).transpose(0, 1)
        return torch.baddbmm(bias.unsqueeze(1), gates, weight).transpose(0, 1).flatten(1)


def make(case):
    what, how, depth = case.split("-")
    batch, network, routed = Batch(int(depth)), Network(), ROUTED[how]
    vectors = torch.randn(VOCABULARY, WIDTH)
    lengths = torch.tensor(batch.lengths)
    order = lengths.argsort(descending=True, stable=True)
    back = order.argsort()
    sizes = [int((lengths > step).sum()) for step in range(int(lengths.max()))]

    def path(x, actions):
        for action in actions:
            x = routed(x, action, network.module, 4 * WIDTH)
        return x

    def loss():
        x = vectors[batch.words]
        gates = path(x, batch.actions) if what == "input" else network.fixed(x)
        h = c = x.new_zeros(len(order), WIDTH)
        ended = []
        for step, size in enumerate(sizes):
            ended.append(h[size:])
            h, c, running = h[:size], c[:size], order[:size]
            state = network.fixed(h) if what == "input" else path(h, batch.paths[:, running])
            i, f, g, o = (gates[batch.starts[running] + step] + state).chunk(4, 1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
        ended.append(h)
        return network.classifier.loss(torch.cat(ended[::-1])[back], batch.labels)

    return training(network, loss)


serve(make)
