#!/usr/bin/env python3
"""Makes a dashboard of a finished run in Apache Superset: a threshold surface, the comparison, the fan of wealth.

    python dashboard.py RUN_FOLDER corridor.duckdb     the run's views as tables of a DuckDB file, then the dashboard

Superset runs at http://localhost:8088, its user and password are admin and admin (SUPERSET_URL, SUPERSET_USER,
SUPERSET_PASSWORD say otherwise). The surface needs a study that sweeps a width and an elasticity, as
scenarios/threshold-surface.toml does; run it again for another run: the dashboard of that run is made anew.
"""

import json
import os
import pathlib
import sys
import urllib.request

import duckdb

URL = os.environ.get("SUPERSET_URL", "http://localhost:8088")
TABLES = {
    "comparison": """SELECT c.*, p.band_width, p.elasticity, p.family, row_number() OVER (ORDER BY p.policy_order) AS place
        FROM v_compare c JOIN dim_policy p USING (run_id, policy_id) JOIN dim_metric m USING (run_id, metric_id)
        WHERE m.is_primary AND c.stat = 'mean'""",
    "fan": """SELECT policy, scenario, measure, time_months / 12 AS years, 'p' || lpad(CAST(round(100 * prob) AS INTEGER)::VARCHAR, 2, '0') AS quantile, value
        FROM fact_fan JOIN dim_policy USING (run_id, policy_id) JOIN dim_scenario USING (run_id, scenario_id) WHERE is_baseline""",
    "summary": "SELECT * FROM v_summary",
}


def load(run, file):
    """The run as tables: a file that Superset may open from wherever it runs."""
    pathlib.Path(file).unlink(missing_ok=True)
    target = pathlib.Path(file).resolve()
    os.chdir(run)
    db = duckdb.connect(str(target))
    db.execute(pathlib.Path("views.sql").read_text())
    for name, query in TABLES.items():
        db.execute(f"CREATE TABLE {name} AS {query}")
    for (view,) in db.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall():
        db.execute(f"DROP VIEW {view}")
    count, widest = db.execute("SELECT count(*), max(abs(diff)) FROM comparison").fetchone()
    db.close()
    print(f"{target}: {count} comparisons")
    return target, widest


class Superset:
    """Its REST API, as far as it is needed."""

    def __init__(self):
        login = {"username": os.environ.get("SUPERSET_USER", "admin"), "password": os.environ.get("SUPERSET_PASSWORD", "admin"), "provider": "db"}
        self.token = None
        self.token = self.call("POST", "security/login", login)["access_token"]

    def call(self, method, path, body=None):
        request = urllib.request.Request(f"{URL}/api/v1/{path}", method=method, data=json.dumps(body).encode() if body is not None else None)
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            return json.load(urllib.request.urlopen(request, timeout=120))
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path}: {error.code} {error.read().decode()[:600]}") from None

    def fresh(self, kind, name, column, body):
        """A new object of this kind; an old one of the same name goes."""
        for old in self.call("GET", f"{kind}/?q=(page_size:100)")["result"]:
            if old.get(column) == name:
                self.call("DELETE", f"{kind}/{old['id']}")
        return self.call("POST", f"{kind}/", body)["id"]


def metric(column, label):
    return {"expressionType": "SQL", "sqlExpression": f"MAX({column})", "label": label}


def charts(widest):
    """Name, kind, data and settings of every chart. One row stands behind each number: MAX takes it as it is. Colours are white
    at 0 and full at `widest`, the largest difference."""
    diff = metric("diff", "minus baseline")
    own = [metric(column, label) for column, label in (("diff", "minus baseline"), ("ci_low_simultaneous", "low"), ("ci_high_simultaneous", "high"))]
    grid = [{"expressionType": "SIMPLE", "clause": "WHERE", "subject": "elasticity", "operator": "IS NOT NULL"}]
    wealth = [{"expressionType": "SIMPLE", "clause": "WHERE", "subject": "measure", "operator": "==", "comparator": "wealth_nominal"}]
    surface = {"x_axis": "band_width", "groupby": ["elasticity"], "metric": diff, "adhoc_filters": grid, "normalize_across": "heatmap", "linear_color_scheme": "superset_div_1", "show_values": True,
               "show_legend": True, "y_axis_format": "+.2f", "value_bounds": [-widest, widest], "row_limit": 1000, "sort_x_axis": "alpha_asc", "sort_y_axis": "alpha_desc"}
    table = {"query_mode": "aggregate", "groupby": ["policy", "verdict"], "metrics": own, "row_limit": 100, "order_desc": True, "timeseries_limit_metric": diff,
             "column_config": {label: {"d3NumberFormat": "+.2f"} for label in ("minus baseline", "low", "high")}}
    bars = {"x_axis": "policy", "metrics": own, "x_axis_sort": "minus baseline", "x_axis_sort_asc": False, "orientation": "horizontal", "row_limit": 100, "show_legend": True, "y_axis_format": "+.1f"}
    fan = {"x_axis": "years", "metrics": [metric("value", "wealth")], "groupby": ["quantile"], "adhoc_filters": wealth, "row_limit": 10000, "show_legend": True, "logAxis": True, "y_axis_format": ".3s", "xAxisForceCategorical": False}
    return [
        ("Threshold surface: difference from the baseline, bp a year", "heatmap_v2", "comparison", surface),
        ("Every policy against the baseline, 95 % for all at once", "table", "comparison", table),
        ("Differences with their simultaneous intervals", "echarts_timeseries_bar", "comparison", bars),
        ("Wealth over time under the baseline, quantiles of paths", "echarts_timeseries_line", "fan", fan),
    ]


def position(ids, title):
    layout = {"DASHBOARD_VERSION_KEY": "v2", "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]}, "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": title}}}
    rows = [ids[place : place + 2] for place in range(0, len(ids), 2)]
    layout["GRID_ID"] = {"type": "GRID", "id": "GRID_ID", "parents": ["ROOT_ID"], "children": [f"ROW-{row}" for row in range(len(rows))]}
    for row, members in enumerate(rows):
        layout[f"ROW-{row}"] = {"type": "ROW", "id": f"ROW-{row}", "parents": ["ROOT_ID", "GRID_ID"], "meta": {"background": "BACKGROUND_TRANSPARENT"}, "children": [f"CHART-{one}" for one, _ in members]}
        for one, name in members:
            layout[f"CHART-{one}"] = {"type": "CHART", "id": f"CHART-{one}", "parents": ["ROOT_ID", "GRID_ID", f"ROW-{row}"], "children": [], "meta": {"chartId": one, "width": 6, "height": 56, "sliceName": name}}
    return layout


def main(run, file):
    study = json.loads((pathlib.Path(run) / "manifest.json").read_text())["result"]["study"]
    target, widest = load(run, file)
    superset = Superset()
    title = f"corridor: {study}"
    for kind, column, name in (("dashboard", "dashboard_title", title), *(("chart", "slice_name", chart[0]) for chart in charts(widest))):
        for old in superset.call("GET", f"{kind}/?q=(page_size:100)")["result"]:
            if old.get(column) == name:
                superset.call("DELETE", f"{kind}/{old['id']}")
    known = {dataset["table_name"]: dataset["id"] for dataset in superset.call("GET", "dataset/?q=(page_size:100)")["result"]}
    for name in TABLES:
        if name in known:
            superset.call("DELETE", f"dataset/{known[name]}")
    database = superset.fresh("database", "corridor", "database_name", {"database_name": "corridor", "sqlalchemy_uri": f"duckdb:///{target}", "extra": json.dumps({"engine_params": {"connect_args": {"read_only": True}}})})
    datasets = {name: superset.call("POST", "dataset/", {"database": database, "schema": "main", "table_name": name})["id"] for name in TABLES}
    board = superset.call("POST", "dashboard/", {"dashboard_title": title, "published": True})["id"]
    ids = []
    for name, kind, dataset, settings in charts(widest):
        params = {"viz_type": kind, "datasource": f"{datasets[dataset]}__table", **settings}
        body = {"slice_name": name, "viz_type": kind, "datasource_id": datasets[dataset], "datasource_type": "table", "params": json.dumps(params), "dashboards": [board]}
        ids.append((superset.call("POST", "chart/", body)["id"], name))
    superset.call("PUT", f"dashboard/{board}", {"position_json": json.dumps(position(ids, title))})
    print(f"{URL}/superset/dashboard/{board}/")


if __name__ == "__main__":
    if len(sys.argv) != 3 or not (pathlib.Path(sys.argv[1]) / "manifest.json").exists():
        raise SystemExit(__doc__)
    main(sys.argv[1], sys.argv[2])
