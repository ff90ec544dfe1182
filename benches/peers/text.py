"""What both text twins share: the batch of the Rust side, the classifier, a step."""

import torch
from torch import nn
from torch.nn import functional as F

PAIRS, WIDTH, MODULES, VOCABULARY, DEPTH = 128, 300, 15, 5000, 3


class Batch:
    """Words [N], sentence of each word [N], modules of each word [depth, N], sentences' lengths."""

    def __init__(self, depth):
        self.seed = 1
        table = [self.next(MODULES) for _ in range(MODULES * DEPTH)]
        contexts = [self.next(MODULES) for _ in range(PAIRS)]
        words, self.lengths, paths = [], [], []
        for sentence in range(2 * PAIRS):
            self.lengths.append(14 + self.next(13))
            context = contexts[sentence % PAIRS]
            paths.append(table[context * DEPTH :][:depth])
            for _ in range(self.lengths[-1]):
                words.append(int(VOCABULARY ** (self.next(32768) / 32768)) - 1)
        self.labels = torch.tensor([self.next(3) for _ in range(PAIRS)])
        self.words, self.paths = torch.tensor(words), torch.tensor(paths).T
        lengths = torch.tensor(self.lengths)
        self.owners = torch.repeat_interleave(torch.arange(2 * PAIRS), lengths)
        self.starts = lengths.cumsum(0) - lengths
        self.actions = self.paths[:, self.owners]

    def next(self, below):
        self.seed = (self.seed * 1103515245 + 12345) % 2**31
        return (self.seed >> 16) % below


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        wide = 2 * WIDTH
        self.layers = nn.Sequential(
            nn.Linear(wide, wide), nn.ReLU(), nn.Linear(wide, wide), nn.ReLU(), nn.Linear(wide, 3)
        )

    def loss(self, sentences, labels):
        pairs = torch.cat((sentences[:PAIRS], sentences[PAIRS:]), 1)
        return F.cross_entropy(self.layers(pairs), labels)


def training(network, loss):
    """A function that runs one step."""
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-3)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss().backward()
        optimizer.step()

    return step


def by_module(x, action, apply, width):
    """Rows of each module gathered, multiplied, copied back. [n, ...] -> [n, width]"""
    y = x.new_empty(len(x), width)
    for number in action.unique().tolist():
        rows = (action == number).nonzero().squeeze(1)
        y = y.index_copy(0, rows, apply(number, x.index_select(0, rows)))
    return y


def by_mask(x, action, apply, width):
    """Every module on all rows, a mask keeps what was chosen. [n, ...] -> [n, width]"""
    y = x.new_zeros(len(x), width)
    for number in range(MODULES):
        y = torch.where((action == number).unsqueeze(1), apply(number, x), y)
    return y


ROUTED = {"gather": by_module, "mask": by_mask}
