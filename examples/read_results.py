"""Reads the tables of a run and recomputes a paired difference from its paths.

On path k, policy p ends with log growth g_p(k). The difference of two policies is the mean over
paths of d(k) = g_a(k) - g_b(k), and its standard error is sd(d) / sqrt(n): both policies met the
same market on the same path, so the pair is the unit of the sample. Two separate means would
throw the pairing away and have an error many times larger.

Usage: python3 examples/read_results.py RUN_DIR        (needs pyarrow or duckdb, nothing else)
"""

import math
import pathlib
import sys


def columns(run_dir, table, names):
    """Columns of a table as lists, by whichever reader is installed."""
    files = str(run_dir / table / "*.parquet") if (run_dir / table).is_dir() else str(run_dir / f"{table}.parquet")
    try:
        import duckdb

        rows = duckdb.sql(f"select {', '.join(names)} from read_parquet('{files}')").fetchall()
        return [list(column) for column in zip(*rows)] or [[] for _ in names]
    except ImportError:
        import glob

        import pyarrow.parquet as parquet

        found = [[] for _ in names]
        for file in sorted(glob.glob(files)):
            read = parquet.read_table(file, columns=names)
            for column, name in zip(found, names):
                column.extend(read.column(name).to_pylist())
        return found


def main():
    run_dir = pathlib.Path(sys.argv[1])
    policies = dict(zip(*columns(run_dir, "dim_policy", ["policy_id", "policy"])))
    (baseline,), = columns(run_dir, "dim_run", ["baseline_policy_id"])
    keys = ["scenario_id", "policy_id", "horizon_months", "path_id", "log_growth_unit_annual"]
    growth = {}
    for scenario, policy, horizon, path, value in zip(*columns(run_dir, "fact_path", keys)):
        growth.setdefault((scenario, horizon), {}).setdefault(policy, {})[path] = value
    if not growth:
        sys.exit("this run keeps no path rows: run the study with output.path_rows = \"all\"")
    scenario, horizon = max(growth)
    by_policy = growth[scenario, horizon]
    print(f"log growth less that of `{policies[baseline]}`, scenario {scenario}, after {horizon} months")
    for policy, values in sorted(by_policy.items()):
        if policy != baseline:
            pairs = [value - by_policy[baseline][path] for path, value in values.items()]
            mean = sum(pairs) / len(pairs)
            spread = math.sqrt(sum((pair - mean) ** 2 for pair in pairs) / (len(pairs) - 1))
            error = spread / math.sqrt(len(pairs))
            print(f"  {policies[policy]:<28} {1e4 * mean:+8.2f} bp a year, standard error {1e4 * error:.2f}")


if __name__ == "__main__":
    main()
