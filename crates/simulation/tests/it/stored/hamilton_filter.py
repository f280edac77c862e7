"""Writes hamilton_filter.json: filtered regime probabilities by statsmodels on a fixed series.

    pip install statsmodels==0.15.0 && python hamilton_filter.py > hamilton_filter.json
"""

import json

import numpy as np
from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

MEAN = [0.0126, -0.0185, 0.002]
VOL = [0.035, 0.0748, 0.015]
# rows are "from"
TRANSITION = [[0.95, 0.04, 0.01], [0.30, 0.65, 0.05], [0.02, 0.03, 0.95]]


def series(steps):
    """Returns of a chain that stays about a year in each regime, as 32-bit floats: what a signal observes."""
    rng = np.random.default_rng(20261122)
    regime = (np.arange(steps) // 11) % 3
    returns = np.array(MEAN)[regime] + np.array(VOL)[regime] * rng.standard_normal(steps)
    return returns.astype(np.float32).astype(np.float64)


def filtered(returns):
    model = MarkovRegression(returns, k_regimes=3, trend="c", switching_variance=True)
    # statsmodels: p[0->0], p[1->0], p[2->0], p[0->1], p[1->1], p[2->1], then means and variances
    p = np.array(TRANSITION)
    params = np.concatenate([p[:, 0], p[:, 1], MEAN, np.square(VOL)])
    assert model.param_names[:6] == ["p[0->0]", "p[1->0]", "p[2->0]", "p[0->1]", "p[1->1]", "p[2->1]"], model.param_names
    return model.filter(params).filtered_marginal_probabilities


if __name__ == "__main__":
    returns = series(240)
    stationary = np.linalg.matrix_power(np.array(TRANSITION), 5000)[0]
    document = {
        "made_by": "hamilton_filter.py with statsmodels 0.15.0",
        "mean": MEAN,
        "vol": VOL,
        "transition": TRANSITION,
        "initial": stationary.tolist(),
        "returns": returns.tolist(),
        "filtered": filtered(returns).tolist(),
    }
    print(json.dumps(document))
