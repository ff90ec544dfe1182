"""Twin of the benchmark `rule_mlp`: a training step of the rule benchmark's MLP models.

`KIND-R-E-D-WAY`: kinds are modular, monolithic and gtmodular; ways are `published` (the input is
repeated for every module, outputs are kept module by module), `eager` (our algebra: linear layers
that follow each other are multiplied together, contexts are looked up) and `compiled` (`eager` by
torch.compile). Data are drawn, then one step of Adam.
"""

import torch
from torch import nn
from torch.nn import functional as F

from protocol import serve

BATCH = 256


def two(inputs, hidden, outputs):
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))


class Grouped(nn.Module):
    """[B, M, in] to [B, M, out], a linear layer a module."""

    def __init__(self, modules, inputs, outputs):
        super().__init__()
        bound = inputs**-0.5
        self.w = nn.Parameter(torch.empty(modules, inputs, outputs).uniform_(-bound, bound))
        self.b = nn.Parameter(torch.empty(1, modules, outputs).uniform_(-bound, bound))

    def forward(self, x):
        return torch.bmm(x.transpose(0, 1), self.w).transpose(0, 1) + self.b


class Model(nn.Module):
    def __init__(self, kind, rules, encoder, width):
        super().__init__()
        self.kind, self.rules, self.e, self.d = kind, rules, encoder, width
        self.digit = two(1, encoder, encoder)
        self.context = two(rules, encoder, encoder)
        if kind == "monolithic":
            self.mlp = two(3 * encoder, width, width)
        else:
            self.first = Grouped(rules, 3 * encoder, width // rules)
            self.second = Grouped(rules, width // rules, width + int(kind == "modular"))
        self.decoder = two(width, encoder, 1)

    def published(self, x, c):
        hot = F.one_hot(c, self.rules).float()
        x = torch.cat([self.digit(x[:, :1]), self.digit(x[:, 1:]), self.context(hot)], 1)
        if self.kind == "monolithic":
            return self.decoder(self.mlp(x))
        x = x.unsqueeze(1).repeat(1, self.rules, 1)
        y = self.second(F.relu(self.first(x)))
        p = hot
        if self.kind == "modular":
            y, score = y[..., :-1], y[..., -1]
            p = score.softmax(-1)
        return self.decoder((p.unsqueeze(-1) * y).sum(1))

    def algebra(self, x, c):
        e, d = self.e, self.d
        if self.kind == "monolithic":
            first, bias = self.mlp[0].weight.T, self.mlp[0].bias
        else:
            first, bias = self.first.w.transpose(0, 1).reshape(3 * e, -1), self.first.b.view(-1)
        last = self.digit[2]
        merged = torch.cat([last.weight.T @ first[:e], last.weight.T @ first[e : 2 * e]])
        inner = F.relu(self.context[0].weight.T + self.context[0].bias)
        table = self.context[2](inner) @ first[2 * e :]
        table = table + last.bias @ (first[:e] + first[e : 2 * e]) + bias
        digits = F.relu(x.view(-1, 1) * self.digit[0].weight.T + self.digit[0].bias)
        hidden = F.relu(digits.view(BATCH, 2 * e) @ merged + table[c])
        decoder = self.decoder[0].weight.T
        if self.kind == "monolithic":
            out = self.mlp[2]
            z = hidden @ (out.weight.T @ decoder) + out.bias @ decoder
            return self.decoder[2](F.relu(z + self.decoder[0].bias))
        weight, bias = self.second.w[..., :d], self.second.b[0, :, :d]
        hidden = hidden.view(BATCH, self.rules, -1)
        if self.kind == "modular":
            score = (hidden * self.second.w[..., d]).sum(-1) + self.second.b[..., d]
            p = score.softmax(-1)
        else:
            p = F.one_hot(c, self.rules).float()
        weighted = (p.unsqueeze(-1) * hidden).view(BATCH, -1)
        z = weighted @ (weight.reshape(-1, d) @ decoder) + p @ (bias @ decoder)
        return self.decoder[2](F.relu(z + self.decoder[0].bias))


def make(case):
    kind, rules, encoder, width, way = case.split("-")
    rules = int(rules)
    model, coefficients = Model(kind, rules, int(encoder), int(width)), torch.randn(rules, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    forward = model.published if way == "published" else model.algebra
    loss = lambda x, c, y: (forward(x, c).squeeze(1) - y).abs().mean()
    if way == "compiled":
        loss = torch.compile(loss)

    def run():
        x, c = torch.randn(BATCH, 2), torch.randint(rules, (BATCH,))
        y = (coefficients[c] * x).sum(1)
        optimizer.zero_grad()
        loss(x, c, y).backward()
        optimizer.step()

    return run


serve(make)
