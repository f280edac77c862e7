"""Writes selection.json: what the Python packages `arch` and `statsmodels` make of stored losses.

Tests of superior predictive ability, stepwise superior models and the model confidence set run on the bootstrap indices
that `arch` drew, which are stored with the results. arch 8.0.0 uses the variance of a loss differential to tell which
models are far worse, but does not divide by it (its option `studentize` has no effect on the statistic), so differentials
are divided before they are handed over: arch then computes the studentised test of Hansen (2005). Run it with

    python -m venv v && v/bin/pip install arch==8.0.0 statsmodels==0.15.0 && v/bin/python selection.py
"""

import json
import pathlib

import numpy as np
from arch.bootstrap import MCS, SPA, StepM
from statsmodels.stats.multitest import multipletests

SECTIONS, MODELS, REPS = 60, 6, 100


def drawn(test):
    """The indices that `test` is going to draw."""
    indices = [test.bootstrap.index.copy().tolist() for _ in test.bootstrap.bootstrap(REPS)]
    test.reset()
    return indices


def one(name, seed, shifts):
    rng = np.random.default_rng(seed)
    shared = rng.standard_normal((SECTIONS, 1))
    losses = 1.0 + shared + 0.5 * rng.standard_normal((SECTIONS, MODELS)) - np.array(shifts)
    losses = np.round(losses, 6)
    differences = losses[:, :1] - losses[:, 1:]
    benchmark, models = np.zeros(SECTIONS), -differences / differences.std(axis=0)
    common = dict(reps=REPS, block_size=1, bootstrap="stationary", seed=seed)
    spa = SPA(benchmark, models, **common)
    spa_indices = drawn(spa)
    spa.compute()
    step = StepM(benchmark, models, size=0.1, **common)
    step_indices = drawn(step.spa)
    step.compute()
    mcs = MCS(losses, size=0.1, method="max", **common)
    mcs_indices = drawn(mcs)
    mcs.compute()
    p_values = np.sort(rng.uniform(size=8) ** 3)[rng.permutation(8)]
    return {
        "name": name,
        "losses": losses.T.tolist(),
        "spa": {"indices": spa_indices, **{k: float(v) for k, v in spa.pvalues.items()}},
        "step_m": {"indices": step_indices, "size": 0.1, "superior": [int(i) for i in step.superior_models]},
        "mcs": {"indices": mcs_indices, "pvalues": {str(i): float(p) for i, p in mcs.pvalues["Pvalue"].items()}},
        "holm": {"p": p_values.tolist(), "adjusted": multipletests(p_values, method="holm")[1].tolist()},
    }


cases = [
    one("one better", 1, [0, 0.17, 0, 0, -0.1, -0.4]),
    one("null", 2, [0, 0, 0, 0, 0, 0]),
    one("several better, one far worse", 3, [0, 0.05, 0.16, 0.2, 0.02, -2.0]),
]
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(cases, separators=(",", ":")))
