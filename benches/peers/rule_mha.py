"""Twin of the benchmark `rule_mha`: a training step of the rule benchmark's attention models.

`KIND-FORM`: kinds are modular, op, gt and monolithic; forms `published` (every module computes
every token, outputs are kept module by module), `algebra` (the products that ours computes) and
`compiled` (`published` by torch.compile). Data are drawn, then one step of Adam.
"""

import torch
from torch import nn
from torch.nn import functional as F

from protocol import serve

RULES, DIM, WIDTH, SAMPLES, TOKENS, HEADS = 8, 128, 512, 256, 10, 2
HEAD = WIDTH // (HEADS * RULES)
INNER = (2 * DIM * (RULES * HEADS * (WIDTH + DIM) + WIDTH)) // (
    RULES * (WIDTH * (HEADS + 1) + RULES * HEADS * DIM)
)
ROWS = SAMPLES * TOKENS
ALONE = torch.eye(TOKENS, dtype=torch.bool)


class Grouped(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        bound = inputs**-0.5
        self.w = nn.Parameter(torch.empty(RULES, inputs, outputs).uniform_(-bound, bound))
        self.b = nn.Parameter(torch.empty(1, RULES, outputs).uniform_(-bound, bound))

    def forward(self, x):
        return torch.einsum("tmi,mio->tmo", x, self.w) + self.b


class Model(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        two = lambda i, h, o: nn.Sequential(nn.Linear(i, h), nn.ReLU(), nn.Linear(h, o))
        self.encoder = two(5 * RULES, DIM, DIM)
        self.query, self.key, self.value = (nn.Linear(DIM, WIDTH) for _ in range(3))
        if kind == "monolithic":
            self.own = nn.Linear(DIM, HEAD)
            self.out = two(WIDTH + HEAD, 2 * DIM, DIM)
        else:
            self.own = nn.Linear(DIM, RULES * HEAD)
            score = int(kind == "modular")
            self.first = Grouped((HEADS + 1) * HEAD, INNER)
            self.second = Grouped(INNER, DIM + score)
        if kind == "op":
            self.scorer = two(RULES, HEAD, RULES)
        self.decoder = two(DIM, DIM, 1)

    def attend(self, q, k, v):
        split = lambda x: x.view(SAMPLES, TOKENS, HEADS * RULES, HEAD).transpose(1, 2)
        q, k, v = split(q), split(k), split(v)
        scores = (q @ k.transpose(2, 3)).masked_fill(ALONE, -torch.inf)
        return (scores.softmax(-1) @ v).transpose(1, 2)

    def published(self, x, c):
        one_hot = F.one_hot(c, RULES).float()
        e = self.encoder(torch.cat([x, one_hot], -1))
        heads = self.attend(self.query(e) * HEAD**-0.5, self.key(e), self.value(e))
        own = self.own(e)
        if self.kind == "monolithic":
            z = torch.cat([heads.reshape(ROWS, WIDTH), own.view(ROWS, HEAD)], -1)
            return self.decoder(self.out(z))
        heads = heads.reshape(ROWS, RULES, HEADS * HEAD)
        z = torch.cat([heads, own.view(ROWS, RULES, HEAD)], -1)
        y = self.second(F.relu(self.first(z)))
        if self.kind == "modular":
            y, score = y[..., :-1], y[..., -1]
            p = score.softmax(-1)
        elif self.kind == "op":
            p = self.scorer(one_hot.view(ROWS, RULES)).softmax(-1)
        else:
            p = one_hot.view(ROWS, RULES)
        return self.decoder((p.unsqueeze(-1) * y).sum(1))

    def algebra(self, x, c):
        first, second = self.encoder[0], self.encoder[2]
        table = first.weight[:, 4 * RULES :].T + first.bias
        tokens = F.relu(x.view(ROWS, -1) @ first.weight[:, : 4 * RULES].T + table[c.view(-1)])
        maps = [self.query, self.key, self.value, self.own]
        weight = torch.cat([m.weight for m in maps])
        bias = torch.cat([m.bias for m in maps])
        made = F.linear(tokens, weight @ second.weight, weight @ second.bias + bias)
        q, k, v, own = made.split([WIDTH, WIDTH, WIDTH, made.shape[1] - 3 * WIDTH], 1)
        heads = self.attend(q * HEAD**-0.5, k, v)
        decoder = self.decoder[0].weight.T
        if self.kind == "monolithic":
            z = torch.cat([heads.reshape(ROWS, WIDTH), own], -1)
            hidden = F.relu(self.out[0](z))
            middle = hidden @ (self.out[2].weight.T @ decoder) + self.out[2].bias @ decoder
        else:
            heads = heads.reshape(ROWS, RULES, HEADS * HEAD)
            z = torch.cat([heads, own.view(ROWS, RULES, HEAD)], -1)
            hidden = F.relu(self.first(z))
            weight, bias = self.second.w[..., :DIM], self.second.b[0, :, :DIM]
            if self.kind == "modular":
                score = (hidden * self.second.w[..., DIM]).sum(-1) + self.second.b[..., DIM]
                p = score.softmax(-1)
            elif self.kind == "op":
                p = self.scorer(torch.eye(RULES)).softmax(-1)[c.view(-1)]
            else:
                p = F.one_hot(c.view(-1), RULES).float()
            stack = weight.reshape(RULES * INNER, DIM) @ decoder
            middle = (p.unsqueeze(-1) * hidden).view(ROWS, -1) @ stack + p @ (bias @ decoder)
        return self.decoder[2](F.relu(middle + self.decoder[0].bias))


def draw(coefficients):
    """Numbers of all rules, contexts, and the labels of each token's rule."""
    x = torch.randn(SAMPLES, TOKENS, 4, RULES)
    c = torch.randint(RULES, (SAMPLES, TOKENS))
    mine = c[:, None, :].expand(SAMPLES, TOKENS, TOKENS)
    y = 0
    for part in range(2):
        q, v = (x[:, :, i].gather(2, mine) for i in (part, part + 2))
        own = q.diagonal(dim1=1, dim2=2)[:, None]
        nearest = (q - own).abs().masked_fill(ALONE, torch.inf).argmin(1, keepdim=True)
        y = y + coefficients[part][c] * v.gather(1, nearest)[:, 0]
    return x.view(SAMPLES, TOKENS, 4 * RULES), c, y.view(ROWS, 1)


def make(case):
    kind, form = case.split("-")
    model, coefficients = Model(kind), torch.randn(2, RULES)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    forward = model.algebra if form == "algebra" else model.published
    loss = lambda x, c, y: (forward(x, c) - y).abs().mean()
    if form == "compiled":
        loss = torch.compile(loss)

    def run():
        value = loss(*draw(coefficients))
        optimizer.zero_grad()
        value.backward()
        optimizer.step()

    return run


serve(make)
