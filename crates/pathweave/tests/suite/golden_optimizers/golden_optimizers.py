"""Prints numbers.rs: five steps of each optimizer of thesis figure 7.12 by torch.optim, defaults but
for the learning rate, on three numbers with given gradients in f64.

python golden_optimizers.py > numbers.rs   (torch 2.15)
"""
import torch

START = [0.5, -1.0, 0.25]
GRADIENTS = [
    [0.3, -0.2, 1.0],
    [0.1, 0.4, -1.5],
    [-0.7, 0.4, 0.6],
    [0.2, -0.9, 0.6],
    [0.2, -0.1, 0.0],
]
RATE = 0.05
NAMES = "SGD ASGD Adadelta Adagrad Adam Adamax RMSprop Rprop".split()


def steps(name):
    w = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, name)([w], lr=RATE)
    rows = []
    for gradient in GRADIENTS:
        w.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
        rows.append(w.tolist())
    return rows


def row(values):
    return "[" + ", ".join(repr(round(value, 12)) for value in values) + "]"


print("//! Written by `golden_optimizers.py`: numbers of torch", torch.__version__.split("+")[0] + ".")
print()
print("/// Initial numbers.")
print(f"pub const START: [f64; 3] = {row(START)};")
print("/// Gradient of each step.")
print("pub const GRADIENTS: [[f64; 3]; 5] = [")
for gradient in GRADIENTS:
    print(f"    {row(gradient)},")
print("];")
print("/// Learning rate.")
print(f"pub const RATE: f64 = {RATE};")
print("/// Numbers after each step, by optimizer.")
print(f"pub const AFTER: [(&str, [[f64; 3]; 5]); {len(NAMES)}] = [")
for name in NAMES:
    print(f'    ("{name.lower()}", [')
    for values in steps(name):
        print(f"        {row(values)},")
    print("    ]),")
print("];")
