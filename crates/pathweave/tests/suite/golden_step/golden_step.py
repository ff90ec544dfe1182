"""Numbers of one training step, for numbers.rs: python3 golden_step.py > numbers.rs

Plain Python, number by number, from the formulas of the thesis (T): algorithm 3.1, equations 3.2
and 3.6 to 3.12, algorithm 5.1. The actions are what the run's random streams draw; all else follows.
"""

from math import exp, log

ACTIONS = {  # [depth][row]
    "WPL": [[1, 0, 1], [1, 1, 1]],
    "REINFORCE": [[1, 0, 1], [1, 1, 1]],
    "Q_LEARNING": [[0, 0, 1], [0, 1, 1]],
}
X = [[-1.0, 1.0], [1.0, -1.0], [-1.0, 1.0]]
TASK, LABEL = [0, 1, 1], [1, 0, 1]
W = [  # [depth][module][in][out]
    [[[0.5, -0.3], [0.2, 0.4]], [[-0.6, 0.1], [0.3, 0.7]]],
    [[[0.8, -0.5], [-0.4, 0.6]], [[0.3, 0.9], [0.7, -0.2]]],
]
B = [[[0.1, 0.2], [-0.1, 0.05]], [[0.0, 0.1], [0.2, -0.3]]]
TABLE = [[[0.6, 0.4], [0.3, 0.7]], [[0.5, 0.5], [0.2, 0.8]]]  # [depth][agent][action]
MEAN_OF_AGENTS, MEAN = [[0.2, -0.1], [0.0, 0.3]], [[0.25], [-0.5]]
COST, GAMMA, RATE, ROUTER_RATE, LAMBDA, ALPHA = [0.1, 0.2], 0.5, 0.1, 0.2, 0.1, 0.1
ROWS, DEPTHS, TWO = range(3), range(2), range(2)


def softmax(z):
    total = sum(exp(v) for v in z)
    return [exp(v) / total for v in z]


def copy(nested):
    return [copy(v) for v in nested] if isinstance(nested, list) else nested


def flat(nested):
    return [w for v in nested for w in flat(v)] if isinstance(nested, list) else [nested]


def step(name):
    a = ACTIONS[name]
    affine = lambda h, t, r: [
        B[t][a[t][r]][o] + sum(h[i] * W[t][a[t][r]][i][o] for i in TWO) for o in TWO
    ]
    pre = [affine(X[r], 0, r) for r in ROWS]
    h = [[max(v, 0.0) for v in pre[r]] for r in ROWS]
    z = [affine(h[r], 1, r) for r in ROWS]
    losses = [-log(softmax(z[r])[LABEL[r]]) for r in ROWS]
    correct = [z[r].index(max(z[r])) == LABEL[r] for r in ROWS]
    final = [1.0 if c else -1.0 for c in correct]
    reward = [[-COST[a[t][r]] + (final[r] if t == 1 else 0.0) for r in ROWS] for t in DEPTHS]
    returns = [[reward[0][r] + GAMMA * reward[1][r] for r in ROWS], reward[1]]

    # d mean(L) / dz = (softmax(z) - onehot(y)) / 3, backwards through the chosen modules.
    weight, bias = copy(W), copy(B)
    for r in ROWS:
        dz = [(softmax(z[r])[o] - (o == LABEL[r])) / 3.0 for o in TWO]
        dh = [sum(dz[o] * W[1][a[1][r]][i][o] for o in TWO) for i in TWO]
        dpre = [dh[i] if pre[r][i] > 0.0 else 0.0 for i in TWO]
        for t, inp, d in ((1, h[r], dz), (0, X[r], dpre)):
            for o in TWO:
                bias[t][a[t][r]][o] -= RATE * d[o]
                for i in TWO:
                    weight[t][a[t][r]][i][o] -= RATE * inp[i] * d[o]

    table, router_loss, mean_return = copy(TABLE), 0.0, [[], []]
    if name == "WPL":
        mean_return = copy(MEAN_OF_AGENTS)
        for t in DEPTHS:
            for agent in TWO:
                mine = [r for r in ROWS if TASK[r] == agent]
                average = sum(returns[t][r] for r in mine) / len(mine)
                kept = (1.0 - LAMBDA) ** len(mine)
                mean_return[t][agent] = kept * mean_return[t][agent] + (1.0 - kept) * average
                for r in mine:
                    pi = TABLE[t][agent][a[t][r]]
                    delta = returns[t][r] - mean_return[t][agent]
                    delta *= 1.0 - pi if delta < 0.0 else pi
                    table[t][agent][a[t][r]] += LAMBDA * delta
                clipped = [min(max(p, 0.0), 1.0) for p in table[t][agent]]
                table[t][agent] = [p / sum(clipped) for p in clipped]
    if name == "REINFORCE":
        mean_return = copy(MEAN)
        for t in DEPTHS:
            for r in ROWS:
                pi = softmax(TABLE[t][TASK[r]])
                advantage = returns[t][r] - MEAN[t][0]
                router_loss -= log(pi[a[t][r]]) * advantage / 3.0
                for i in TWO:  # d -log pi(a) / dz_i = pi_i - 1(i = a)
                    gradient = (pi[i] - (i == a[t][r])) * advantage / 3.0
                    table[t][TASK[r]][i] -= ROUTER_RATE * gradient
            mean_return[t][0] = (1.0 - ALPHA) * MEAN[t][0] + ALPHA * sum(returns[t]) / 3.0
    if name == "Q_LEARNING":
        for t in DEPTHS:
            for r in ROWS:
                ahead = GAMMA * max(TABLE[1][TASK[r]]) if t == 0 else 0.0
                error = TABLE[t][TASK[r]][a[t][r]] - (reward[t][r] + ahead)
                router_loss += error**2 / 3.0
                table[t][TASK[r]][a[t][r]] -= ROUTER_RATE * 2.0 * error / 3.0

    lists = lambda parts: "[" + ", ".join(numbers(p) for p in parts) + "]"
    numbers = lambda vs: "[" + ", ".join(f"{v:.9f}" for v in flat(vs)) + "]"
    print(f"\npub const {name}: Golden = Golden {{")
    print(f"    actions: {a},")
    print(f"    logits: {lists(z)},")
    print(f"    losses: {numbers(losses)},")
    print(f"    correct: {str(correct).lower()},")
    print(f"    rewards: {lists(reward)},")
    print(f"    returns: {lists(returns)},")
    print(f"    router_loss: {router_loss:.9f},")
    print(f"    weight: {lists(weight)},")
    print(f"    bias: {lists(bias)},")
    print(f"    table: {lists(table)},")
    print(f"    mean_return: [&{numbers(mean_return[0])}, &{numbers(mean_return[1])}],")
    print("};")


print(
    """//! What `golden_step.py` printed.

/// One step, by depth and row.
pub struct Golden {
    /// What the random streams drew
    pub actions: [[u32; 3]; 2],
    pub logits: [[f64; 2]; 3],
    pub losses: [f64; 3],
    pub correct: [bool; 3],
    pub rewards: [[f64; 3]; 2],
    pub returns: [[f64; 3]; 2],
    /// Mean over rows of the sum over depths
    pub router_loss: f64,
    /// Updated weights, w - 0.1 dL/dw
    pub weight: [[f64; 8]; 2],
    pub bias: [[f64; 4]; 2],
    /// Updated tables: WPL by its own rule (rate 0.1), the others by w - 0.2 dL/dw
    pub table: [[f64; 4]; 2],
    pub mean_return: [&'static [f64]; 2],
}"""
)
for name in ACTIONS:
    step(name)
