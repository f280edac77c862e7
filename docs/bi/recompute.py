#!/usr/bin/env python3
"""Recomputes statistics of a run from its path rows, in DuckDB's SQL, in pandas and in Polars, and holds them against
fact_summary and fact_compare: each must agree to 1e-12.

    python -m venv v && v/bin/pip install duckdb==2.0.0 pandas==3.1.1 polars==2.1.0 pyarrow==26.0.1
    v/bin/python recompute.py RUN_FOLDER

The run must keep all path rows (`output.path_rows = "all"`) and have a policy besides its baseline; without antithetic pairs or a
control variate, whose errors and values come from sections. Libraries that are not
installed are skipped, and it says so. Exit code 0: all agree, 1: something differs, 2: bad usage.
"""

import importlib.util
import pathlib
import sys
import tomllib

import duckdb

COLUMNS = {
    "terminal_wealth_nominal": "low",
    "log_growth_unit_annual": "low",
    "max_drawdown_unit_frac": "high",
    # what follows from a row and the study: `derived` adds these
    "cagr_unit_annual": "low",
    "sharpe_ratio": "low",
    "terminal_wealth_real": "low",
}
PERCENTS = [1, 5, 10, 25, 50, 75, 90, 95, 99]
TAIL = 0.05


def derived(folder, years):
    """Every column of the path rows and those that follow from them, as what a SELECT asks for."""
    account = tomllib.loads((pathlib.Path(folder) / "study.toml").read_text())["account"]
    prices = (1 + account["inflation_annual"]) ** years
    return f"""*, exp(log_growth_unit_annual) - 1 AS cagr_unit_annual, terminal_wealth_nominal / {prices!r} AS terminal_wealth_real,
        (log_growth_unit_annual - ln({1 + account["risk_free_annual"]!r})) / vol_unit_annual AS sharpe_ratio"""


def stored(db, folder):
    """(stat, metric) -> value of the first policy besides the baseline, first scenario, last horizon; and its difference."""
    files = lambda name: f"read_parquet('{folder}/{name}.parquet')"
    scenario, policy, baseline, months = db.execute(f"""
        SELECT scenario_id, policy_id, baseline_policy_id, horizon_months FROM {files('fact_compare')}
        ORDER BY scenario_id, horizon_months DESC, policy_id LIMIT 1""").fetchone()
    where = f"scenario_id = {scenario} AND policy_id = {policy} AND horizon_months = {months}"
    summary = db.execute(f"""SELECT stat, metric, value FROM {files('fact_summary')} JOIN {files('dim_metric')} USING (metric_id) WHERE {where}""").fetchall()
    compare = db.execute(f"""SELECT stat, metric, diff, std_error, share_better, correlation
        FROM {files('fact_compare')} JOIN {files('dim_metric')} USING (metric_id) WHERE {where} AND stat = 'mean'""").fetchall()
    found = {(stat, metric): value for stat, metric, value in summary}
    for _, metric, diff, error, share, correlation in compare:
        found.update({("diff", metric): diff, ("std_error", metric): error, ("share_better", metric): share, ("correlation", metric): correlation})
    cell = f"scenario_id = {scenario} AND horizon_months = {months}"
    return found, (cell, policy, baseline, months / 12)


def in_sql(db, folder, where):
    cell, policy, baseline, years = where
    rows = f"(SELECT {derived(folder, years)} FROM read_parquet('{folder}/fact_path/part-*.parquet'))"
    found = {}
    for column, bad in COLUMNS.items():
        one = f"FROM {rows} WHERE {cell} AND policy_id = {policy}"
        quantiles = ", ".join(f"quantile_cont({column}, {p / 100})" for p in PERCENTS)
        mean, sd, *values = db.execute(f"SELECT fsum({column}) / count({column}), stddev_samp({column}), {quantiles} {one}").fetchone()
        found.update({("mean", column): mean, ("sd", column): sd, **{(f"p{p:02}", column): v for p, v in zip(PERCENTS, values)}})
        q = found[("p05" if bad == "low" else "p95", column)]
        beyond = f"greatest({q!r} - {column}, 0)" if bad == "low" else f"greatest({column} - {q!r}, 0)"
        (tail,) = db.execute(f"SELECT fsum({beyond}) / count(*) / {TAIL} {one}").fetchone()
        found[("cvar_05", column)] = q - tail if bad == "low" else q + tail
        pair = f"""FROM (SELECT path_id, {column} AS a {one}) JOIN
            (SELECT path_id, {column} AS b FROM {rows} WHERE {cell} AND policy_id = {baseline}) USING (path_id)"""
        better = "a > b" if bad == "low" else "a < b"
        diff, error, share, correlation = db.execute(f"""SELECT fsum(a - b) / count(*), stddev_samp(a - b) / sqrt(count(*)),
            (count(*) FILTER ({better}) + 0.5 * count(*) FILTER (a = b)) / count(*), corr(a, b) {pair}""").fetchone()
        found.update({("diff", column): diff, ("std_error", column): error, ("share_better", column): share, ("correlation", column): correlation})
    growth = "log_growth_unit_annual"
    for gamma in (2, 3, 5):
        k = 1 - gamma
        name = f"ce_growth_gamma_{gamma}"
        wealth = f"ce_wealth_gamma_{gamma}_nominal"
        (found[("mean", wealth)],) = db.execute(f"SELECT pow(fsum(pow(terminal_wealth_nominal, {k})) / count(*), 1 / {k}.0) FROM {rows} WHERE {cell} AND policy_id = {policy}").fetchone()
        (found[("mean", name)],) = db.execute(f"SELECT 1e4 * ln(fsum(exp({k} * {growth} * {years})) / count(*)) / ({k} * {years}) FROM {rows} WHERE {cell} AND policy_id = {policy}").fetchone()
    (found[("prob_below", growth)],) = db.execute(f"SELECT (count(*) FILTER ({growth} <= -1e-12)) / count(*) FROM {rows} WHERE {cell} AND policy_id = {policy}").fetchone()
    return found


def in_frames(a, b, years, library):
    """The same from two frames in path order, whatever library they are of: both have these methods."""
    found = {}
    for column, bad in COLUMNS.items():
        x, y = a[column], b[column]
        quantile = (lambda p: x.quantile(p)) if library == "pandas" else (lambda p: x.quantile(p, interpolation="linear"))
        found.update({("mean", column): x.mean(), ("sd", column): x.std(), **{(f"p{p:02}", column): quantile(p / 100) for p in PERCENTS}})
        q = quantile(TAIL if bad == "low" else 1 - TAIL)
        distance = (q - x if bad == "low" else x - q)
        mean = distance.clip(lower=0).mean() if library == "pandas" else distance.clip(lower_bound=0).mean()
        found[("cvar_05", column)] = q - mean / TAIL if bad == "low" else q + mean / TAIL
        d = x - y
        better = (d > 0) if bad == "low" else (d < 0)
        found.update({("diff", column): d.mean(), ("std_error", column): d.std() / len(d) ** 0.5, ("share_better", column): better.mean() + 0.5 * (d == 0).mean()})
    return found


def differences(name, found, expected):
    bad = 0
    for key, value in sorted(found.items()):
        other = expected[key]
        scale = max(abs(other), 1e-300)
        # a correlation near 1 is known to the digits of 1 - r; a difference to those of the two values it is made of
        if key[0] == "correlation":
            scale = 1.0
        if key[0] in ("diff", "std_error"):
            scale = max(scale, abs(expected[("mean", key[1])]))
        if abs(value - other) > 1e-12 * scale:
            bad += 1
            print(f"{name}: {key[0]} of {key[1]} is {value!r}, the run says {other!r}")
    print(f"{name}: {len(found) - bad} of {len(found)} statistics agree to 1e-12")
    return bad


def main(folder):
    db = duckdb.connect()
    expected, where = stored(db, folder)
    cell, policy, baseline, years = where
    bad = differences("DuckDB", in_sql(db, folder, where), expected)
    columns = derived(folder, years)
    frame = lambda id: f"SELECT {columns} FROM read_parquet('{folder}/fact_path/part-*.parquet') WHERE {cell} AND policy_id = {id} ORDER BY path_id"
    def polars_frame(id):
        import polars

        return polars.read_parquet(f"{folder}/fact_path/part-*.parquet").sql(f"SELECT {columns} FROM self WHERE {cell} AND policy_id = {id} ORDER BY path_id")

    for library, read in (("pandas", lambda id: db.execute(frame(id)).df()), ("polars", polars_frame)):
        if importlib.util.find_spec(library) is None:
            print(f"{library}: not installed, skipped")
            continue
        bad += differences(library, in_frames(read(policy), read(baseline), years, library), expected)
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or not (pathlib.Path(sys.argv[1]) / "manifest.json").is_file():
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(sys.argv[1].rstrip("/")))
