"""Routing-all-fc with tabular WPL, a module and an agent a task, SGD: one training step.

Two ways to write it. `Lists` goes sample by sample, as the public PyTorch code of the thesis's
authors does: look up the agent, sample its action, call the module on one row, append to lists;
then rewards, returns and table updates sample by sample. It leaves out what that code does beyond
this (policies as distributions in the autograd graph, collaboration rewards), so it is faster.
`Masked` keeps the loop over modules and does everything else for the whole batch at once.
"""

import torch
from torch import nn
from torch.nn import functional as F

RATE = 0.01  # of WPL's tables


class Table:
    """WPL's table of a depth: probabilities [tasks, modules] and average returns [tasks]."""

    def __init__(self, tasks, modules):
        self.probabilities = torch.full((tasks, modules), 1.0 / modules)
        self.average = torch.zeros(tasks)


class Sample:
    """What a sample's trajectory collects."""

    def __init__(self, task):
        self.task, self.actions, self.rewards = task, [], []


class Network:
    """`base` (or None), then routed layers of the widths given."""

    def __init__(self, base, widths, tasks, batch):
        self.base, self.tasks = base, tasks
        pairs = list(zip(widths, widths[1:]))
        self.banks = nn.ModuleList(
            nn.ModuleList(nn.Linear(a, b) for _ in range(tasks)) for a, b in pairs
        )
        self.tables = [Table(tasks, tasks) for _ in pairs]
        parameters = list(self.banks.parameters())
        parameters += list(base.parameters()) if base is not None else []
        self.optimizer = torch.optim.SGD(parameters, lr=0.01)
        self.tasks_of = torch.randint(tasks, (batch,))
        self.labels = torch.randint(widths[-1], (batch,))

    def activated(self, depth, y):
        return F.relu(y) if depth + 1 < len(self.banks) else y

    def update(self, losses):
        self.optimizer.zero_grad()
        losses.mean().backward()
        self.optimizer.step()

    def step(self, x):
        h = x if self.base is None else self.base(x).flatten(1)
        self.routed(h)


class Lists(Network):
    def routed(self, h):
        samples = [Sample(int(task)) for task in self.tasks_of]
        for depth, (bank, table) in enumerate(zip(self.banks, self.tables)):
            rows = []
            for row, sample in zip(h.split(1), samples):
                action = int(torch.multinomial(table.probabilities[sample.task], 1))
                rows.append(self.activated(depth, bank[action](row)))
                sample.actions.append(action)
                sample.rewards.append(0.0)
            h = torch.cat(rows)
        losses = F.cross_entropy(h, self.labels, reduction="none")
        for sample, answer, label in zip(samples, h.argmax(1), self.labels):
            sample.rewards[-1] += 1.0 if int(answer) == int(label) else -1.0
        self.update(losses)
        for sample in samples:
            returns = 0.0
            for depth in reversed(range(len(self.tables))):
                returns += sample.rewards[depth]
                self.learn(self.tables[depth], sample.task, sample.actions[depth], returns)

    @staticmethod
    def learn(table, agent, action, returns):
        average = float(table.average[agent])
        average += RATE * (returns - average)
        table.average[agent] = average
        policy, delta = table.probabilities[agent], returns - average
        share = float(policy[action])
        policy[action] += RATE * delta * (share if delta > 0 else 1.0 - share)
        policy.clamp_(0.0, 1.0)
        policy /= policy.sum()


class Masked(Network):
    def routed(self, h):
        actions = []
        for depth, (bank, table) in enumerate(zip(self.banks, self.tables)):
            action = torch.multinomial(table.probabilities[self.tasks_of], 1).squeeze(1)
            y = torch.zeros(len(h), bank[0].out_features)
            for number, module in enumerate(bank):
                rows = action == number
                y[rows] = self.activated(depth, module(h[rows]))
            actions.append(action)
            h = y
        losses = F.cross_entropy(h, self.labels, reduction="none")
        returns = (h.argmax(1) == self.labels).float() * 2 - 1
        self.update(losses)
        for table, action in zip(self.tables, actions):
            self.learn(table, self.tasks_of, action, returns)

    @staticmethod
    def learn(table, agents, actions, returns):
        count = torch.zeros_like(table.average).index_add_(0, agents, torch.ones_like(returns))
        total = torch.zeros_like(table.average).index_add_(0, agents, returns)
        kept = (1 - RATE) ** count
        table.average = table.average * kept + total / count.clamp(min=1) * (1 - kept)
        delta, share = returns - table.average[agents], table.probabilities[agents, actions]
        scaled = RATE * delta * torch.where(delta > 0, share, 1 - share)
        moved = table.probabilities.index_put((agents, actions), scaled, accumulate=True)
        moved = moved.clamp(0, 1)
        table.probabilities = moved / moved.sum(1, keepdim=True)
