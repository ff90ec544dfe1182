"""Twin of `rule_rnn`: the rule benchmark's recurrent models, 8 rules, E = H = 128, batch 256, 10 tokens.

KIND-published  a loop over time, all modules on every token, [tokens, modules, width] states mixed
KIND-eager      the algebra of ours: the encoder's last layer multiplied into input-to-hidden, one
                product for all time steps; gtmodular gathers each time step's rows by module
KIND-compiled   the same under torch.compile
KIND is modular or gtmodular. A step draws its data, clips the gradient to norm 1, updates by Adam.
"""

import math

import torch
import torch.nn.functional as F

from protocol import serve

BATCH, TOKENS, STATE, RULES, E, H = 256, 10, 32, 8, 128, 128


def shared_width():
    a, b, c = 4 * RULES + 1, 4 * RULES * E + 1, 5 * H * H + H * (4 * E + 1)
    return int((math.sqrt(b * b + 4 * a * c) - b) / (2 * a))


class Data:
    def __init__(self):
        self.a = torch.randn(RULES, STATE, STATE) / STATE**0.5
        self.b = torch.randn(RULES, STATE, STATE) / STATE**0.5

    def draw(self):
        x = torch.randn(BATCH, TOKENS, STATE)
        rule = torch.randint(RULES, (BATCH, TOKENS))
        hot = F.one_hot(rule, RULES).float()
        state, states = torch.zeros(BATCH, STATE), []
        for n in range(TOKENS):
            pushed = torch.einsum("bi,rij->brj", state, self.a)
            pushed = pushed + torch.einsum("bi,rij->brj", x[:, n], self.b)
            state = (hot[:, n, :, None] * pushed).sum(1)
            states.append(state)
        return x, rule, hot, torch.stack(states, 1)


class Model:
    """Parameters in the published shapes."""

    def __init__(self, kind):
        self.kind, self.width = kind, shared_width()
        w = self.width

        def uniform(*shape, fan_in):
            return torch.empty(shape).uniform_(-(fan_in**-0.5), fan_in**-0.5).requires_grad_()

        self.w0 = uniform(E, STATE + RULES, fan_in=STATE + RULES)
        self.b0 = uniform(E, fan_in=STATE + RULES)
        self.w2, self.b2 = uniform(E, E, fan_in=E), uniform(E, fan_in=E)
        self.i2h = uniform(RULES * 4 * w, E, fan_in=E)
        self.h2h = uniform(RULES * 4 * w, w, fan_in=w)
        self.score = uniform(RULES, 8 * w, 1, fan_in=8 * w)
        self.d0, self.e0 = uniform(w, w, fan_in=w), uniform(w, fan_in=w)
        self.d2, self.e2 = uniform(STATE, w, fan_in=w), uniform(STATE, fan_in=w)

    def parameters(self):
        names = ["w0", "b0", "w2", "b2", "i2h", "h2h", "d0", "e0", "d2", "e2"]
        return [getattr(self, name) for name in names + ["score"] * (self.kind == "modular")]

    def decode(self, h):
        return F.linear(torch.relu(F.linear(h, self.d0, self.e0)), self.d2, self.e2)

    def cell(self, gates, c):
        """Gates [..., 4 * width], c broadcast against them."""
        i, f, o, g = gates.chunk(4, -1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c

    def start(self):
        return torch.zeros(BATCH, self.width), torch.zeros(BATCH, self.width)

    def mix(self, a, s, c, hot):
        """One time step; a and s are [batch, modules, 4 * width]."""
        if self.kind == "modular":
            own = torch.relu(torch.cat([a, s], -1)).transpose(0, 1)
            score = torch.bmm(own, self.score).transpose(0, 1).softmax(1)
        else:
            score = hot[..., None]
        h, c = self.cell(a + s, c[:, None])
        return (score * h).sum(1), (score * c).sum(1)

    def published(self, x, rule, hot):
        code = torch.relu(F.linear(torch.cat([x, hot], -1), self.w0, self.b0))
        code = F.linear(code, self.w2, self.b2)
        (h, c), states = self.start(), []
        for n in range(TOKENS):
            a = F.linear(code[:, n], self.i2h).view(BATCH, RULES, -1)
            s = F.linear(h, self.h2h).view(BATCH, RULES, -1)
            h, c = self.mix(a, s, c, hot[:, n])
            states.append(h)
        return self.decode(torch.stack(states, 1))

    def merged(self, x, rule, hot):
        columns = self.w0[:, STATE:].T + self.b0
        hidden = torch.relu(F.linear(x, self.w0[:, :STATE]) + columns[rule]).transpose(0, 1)
        both, bias = self.i2h @ self.w2, self.i2h @ self.b2
        (h, c), states = self.start(), []
        if self.kind == "modular":
            drive = F.linear(hidden, both, bias).view(TOKENS, BATCH, RULES, -1).unbind()
            for n in range(TOKENS):
                s = F.linear(h, self.h2h).view(BATCH, RULES, -1)
                h, c = self.mix(drive[n], s, c, hot[:, n])
                states.append(h)
            return self.decode(torch.stack(states, 1))
        both, bias = both.view(RULES, -1, E), bias.view(RULES, -1)
        own = self.h2h.view(RULES, -1, self.width)
        for n in range(TOKENS):
            order = rule[:, n].argsort()
            counts = torch.bincount(rule[:, n], minlength=RULES).tolist()
            rows = zip(hidden[n][order].split(counts), h[order].split(counts))
            gates = [
                torch.addmm(bias[m], x, both[m].T) + y @ own[m].T for m, (x, y) in enumerate(rows)
            ]
            back = order.argsort()
            h, c = self.cell(torch.cat(gates)[back], c)
            states.append(h)
        return self.decode(torch.stack(states, 1))


def make(case):
    kind, way = case.split("-")
    model, data = Model(kind), Data()
    forward = model.published if way == "published" else model.merged
    if way == "compiled":
        forward = torch.compile(forward)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)

    def step():
        x, rule, hot, y = data.draw()
        loss = (forward(x, rule, hot) - y).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return step


serve(make)
