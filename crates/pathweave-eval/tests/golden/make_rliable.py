"""Golden numbers of tests/golden.rs: python make_rliable.py > rliable.json (rliable 1.2.0, scipy 1.17.1)."""

import json

import numpy as np
import scipy.stats
from rliable import library, metrics

random = np.random.RandomState(7)
# Runs by tasks, rounded so that the file holds exactly what was computed with, with some ties.
X = np.round(random.beta(4, 2, size=(8, 5)) + np.linspace(0, 1, 5), 2)
Y = np.round(random.beta(3, 2, size=(6, 5)) + np.linspace(0, 1, 5), 2)


def intervals(scores, of, **kind):
    points, bounds = library.get_interval_estimates(scores, of, reps=50_000, **kind)
    name = next(iter(points))
    return np.atleast_1d(points[name]).tolist(), np.asarray(bounds[name]).tolist()


means, mean_bounds = intervals(
    {"x": X}, lambda s: np.array([metrics.aggregate_mean(s), metrics.aggregate_iqm(s)])
)
chance, chance_bounds = intervals(
    {"x,y": (X, Y)}, lambda x, y: np.array([metrics.probability_of_improvement(x, y)])
)
differences = np.round(X[:6].ravel() - Y.ravel(), 2)
print(
    json.dumps(
        {
            "x": X.T.tolist(),
            "y": Y.T.tolist(),
            "mean": means[0],
            "iqm": means[1],
            "mean_interval": [b[0] for b in mean_bounds],
            "iqm_interval": [b[1] for b in mean_bounds],
            "improvement": chance[0],
            "improvement_interval": [b[0] for b in chance_bounds],
            "differences": differences.tolist(),
            "wilcoxon_normal": scipy.stats.wilcoxon(
                np.tile(differences, 5), method="approx", correction=False
            ).pvalue,
            "distinct": differences[np.unique(np.abs(differences), return_index=True)[1]].tolist(),
            "wilcoxon_exact": scipy.stats.wilcoxon(
                [d for d in differences[np.unique(np.abs(differences), return_index=True)[1]] if d],
                method="exact",
            ).pvalue,
        },
        indent=1,
    )
)
