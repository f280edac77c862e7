#!/usr/bin/env python3
"""Opens every Parquet file of a run folder with the readers our users have, and checks types, rows and sums.

    python3 check_files.py RUN_FOLDER

Types must be those of the run's data dictionary (COLUMNS.md), row counts those of the manifest, and the sums, minima and
null counts of every column must agree between pyarrow, DuckDB, Polars, the Tableau Hyper API, PySpark and hyparquet. A
reader that is not installed is skipped, and says so. Exit code 0: all is well, 1: something differs, 2: bad usage or no reader
at all.

    pip install -r requirements.txt                                  the versions last tried
    npm install --prefix DIR hyparquet@1.31.5; export HYPARQUET=DIR  hyparquet, for node on the PATH
"""

import importlib.util
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys

TYPES = {  # data dictionary -> pyarrow, DuckDB, Polars, Hyper, Spark, hyparquet
    "INT32": ("int32", "INTEGER", "Int32", "INT", "int", "INT32"),
    "INT64": ("int64", "BIGINT", "Int64", "BIG_INT", "bigint", "INT64"),
    "DOUBLE": ("double", "DOUBLE", "Float64", "DOUBLE", "double", "DOUBLE"),
    "BOOLEAN": ("bool", "BOOLEAN", "Boolean", "BOOL", "boolean", "BOOLEAN"),
    "UTF8": ("string", "VARCHAR", "String", "TEXT", "string", "UTF8"),
}


class Table:
    """A table of the run: its files, its declared columns, its rows by the manifest.

    `patterns` stand for the columns that a wide table has for each metric."""

    def __init__(self, name, files, columns, patterns, rows):
        self.name, self.files, self.columns, self.patterns, self.rows = name, files, columns, patterns, rows

    def undeclared(self, types):
        known = lambda name: name in self.columns or any(re.fullmatch(pattern, name) for pattern in self.patterns)
        return [name for name in types if not known(name)]

    def numeric(self):
        return [name for name, (kind, _) in self.columns.items() if kind in ("INT32", "INT64", "DOUBLE")]


def tables(folder):
    manifest = json.loads((folder / "manifest.json").read_text())["result"]
    rows = {entry["file"]: entry.get("rows") for entry in manifest["statistics"]}
    found = []
    for section in re.split(r"^## ", (folder / "COLUMNS.md").read_text(), flags=re.M)[1:]:
        place = re.search(r"File: `([^`]+)`", section)
        if not place:
            continue
        cells = re.findall(r"^\| `(\w+)` \| (\w+)(\??) \|", section, flags=re.M)
        columns = {name: (kind, null == "?") for name, kind, null in cells}
        patterns = [rf"\w+{suffix}" for suffix in re.findall(r"^\| `<metric>(\w*)` \|", section, flags=re.M)]
        files = sorted(str(path) for path in folder.glob(place.group(1)))
        expected = rows.get(place.group(1), manifest["rows"])
        found.append(Table(section.split("\n", 1)[0].strip(), files, columns, patterns, expected))
    listed = {entry["file"] for entry in manifest["statistics"] if entry["file"].endswith(".parquet")}
    described = {pathlib.Path(file).name for table in found for file in table.files}
    missing = listed - described
    assert not missing, f"not in the data dictionary: {missing}"
    return found


class Reader:
    """What every reader has besides `read`."""

    @classmethod
    def is_installed(cls):
        return importlib.util.find_spec(cls.name) is not None

    def close(self):
        pass


class PyArrow(Reader):
    name, place = "pyarrow", 0

    def __init__(self):
        import pyarrow.compute
        import pyarrow.parquet

        self.pa, self.pc, self.pq = pyarrow, pyarrow.compute, pyarrow.parquet

    def read(self, table):
        data = self.pa.concat_tables([self.pq.read_table(file) for file in table.files])
        types = {field.name: str(field.type) for field in data.schema}
        facts = {}
        for name in table.columns:
            column = data[name]
            numbers = name in table.numeric()
            values = [value for value in column.to_pylist() if value is not None] if numbers else []
            assert all(math.isfinite(value) for value in values), f"{table.name}.{name} is not finite somewhere"
            facts[name] = (column.null_count, math.fsum(values) if numbers else None, min(values, default=None))
        return types, data.num_rows, facts


class DuckDb(Reader):
    name, place = "duckdb", 1

    def __init__(self):
        import duckdb

        self.db = duckdb.connect()

    def read(self, table):
        source = f"read_parquet({table.files!r})"
        types = {row[0]: row[1] for row in self.db.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
        return types, *sql_facts(table, source, lambda query: self.db.execute(query).fetchone(), "fsum")

    def views(self, folder, expected):
        here = os.getcwd()
        os.chdir(folder)
        try:
            self.db.execute(pathlib.Path("views.sql").read_text())
            names = re.findall(r"VIEW (\w+) AS", pathlib.Path("views.sql").read_text())
            for name in names:
                rows = self.db.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
                fact = {"v_summary": "fact_summary", "v_compare": "fact_compare", "v_quantile": "fact_quantile"}
                fact |= {"v_histogram": "fact_histogram", "v_path": "fact_path", "v_trajectory": "fact_trajectory"}
                wanted = expected[fact.get(name, name)]
                assert rows == wanted, f"view {name} has {rows} rows instead of {wanted}"
        finally:
            os.chdir(here)
        return len(names)


class Polars(Reader):
    name, place = "polars", 2

    def __init__(self):
        import polars

        self.pl = polars

    def read(self, table):
        data = self.pl.concat([self.pl.read_parquet(file) for file in table.files])
        types = {name: str(kind) for name, kind in data.schema.items()}
        facts = {}
        for name in table.columns:
            column = data[name]
            if name in table.numeric():
                wide = column.cast(self.pl.Float64) if types[name].startswith("Float") else column.cast(self.pl.Int64)
                facts[name] = (column.null_count(), wide.sum() if data.height else 0, column.min())
            else:
                facts[name] = (column.null_count(), None, None)
        return types, data.height, facts


class Hyper(Reader):
    name, place = "tableauhyperapi", 3

    def __init__(self):
        from tableauhyperapi import Connection, HyperProcess, Telemetry

        parameters = {"log_config": "", "default_database_version": "2"}
        self.process = HyperProcess(telemetry=Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters=parameters)
        self.connection = Connection(endpoint=self.process.endpoint)

    def close(self):
        self.connection.close()
        self.process.close()

    def read(self, table):
        files = ", ".join("'" + file.replace("'", "''") + "'" for file in table.files)
        source = f"external(ARRAY[{files}], FORMAT => 'parquet')"
        with self.connection.execute_query(f"SELECT * FROM {source} LIMIT 1") as result:
            types = {column.name.unescaped: str(column.type) for column in result.schema.columns}
        one = lambda query: self.connection.execute_list_query(query)[0]
        return types, *sql_facts(table, source, one, "sum")


class Spark(Reader):
    name, place = "pyspark", 4

    @classmethod
    def is_installed(cls):
        return super().is_installed() and shutil.which("java") is not None

    def __init__(self):
        from pyspark.sql import SparkSession, functions

        builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false").config("spark.sql.shuffle.partitions", "2")
        self.functions, self.spark = functions, builder.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
        self.spark.sparkContext.setLogLevel("ERROR")

    def close(self):
        self.spark.stop()

    def read(self, table):
        f, data = self.functions, self.spark.read.parquet(*table.files)
        types = {field.name: field.dataType.simpleString() for field in data.schema.fields}
        numeric, wanted = table.numeric(), [f.count(f.lit(1))]
        for name in table.columns:
            wanted.append(f.count(name))
        for name in numeric:
            wanted += [f.sum(f.col(name).cast("double")), f.min(name)]
        row = list(data.agg(*wanted).first())
        rows, counts, numbers = row[0], row[1 : 1 + len(table.columns)], row[1 + len(table.columns) :]
        facts = {name: (rows - count, None, None) for name, count in zip(table.columns, counts)}
        for place, name in enumerate(numeric):
            facts[name] = (facts[name][0], numbers[2 * place] or 0, numbers[2 * place + 1])
        return types, rows, facts


class Hyparquet(Reader):
    name, place = "hyparquet", 5

    @classmethod
    def is_installed(cls):
        folder = os.environ.get("HYPARQUET", "")
        return shutil.which("node") is not None and (pathlib.Path(folder) / "node_modules" / "hyparquet").exists()

    def read(self, table):
        script = str(pathlib.Path(__file__).with_name("read_files.mjs"))
        done = subprocess.run(["node", script, os.environ["HYPARQUET"]], input=json.dumps(table.files), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr.strip()[-400:]
        found = json.loads(done.stdout)
        types = {name: column["type"] for name, column in found["columns"].items()}
        numeric = table.numeric()
        numbers = lambda name, column: (column["sum"], column["min"]) if name in numeric else (None, None)
        return types, found["rows"], {name: (column["nulls"], *numbers(name, column)) for name, column in found["columns"].items()}


def sql_facts(table, source, one, add):
    facts = {}
    rows = one(f"SELECT count(*) FROM {source}")[0]
    for name in table.columns:
        quoted = f'"{name}"'
        nulls = rows - one(f"SELECT count({quoted}) FROM {source}")[0]
        if name in table.numeric():
            cast = f"CAST({quoted} AS DOUBLE PRECISION)" if add == "sum" else f"{quoted}::DOUBLE"
            total, least = one(f"SELECT {add}({cast}), min({quoted}) FROM {source}")
            facts[name] = (nulls, total or 0, least)
        else:
            facts[name] = (nulls, None, None)
    return rows, facts


def check_reader(reader, table, reference):
    """Types, rows and nulls as declared; numbers as the first reader has them."""
    types, rows, facts = reader.read(table)
    assert not table.undeclared(types), f"{table.name}: not declared: {table.undeclared(types)}"
    declared = [name for name in types if name in table.columns]
    assert declared == list(table.columns), f"{table.name}: columns {list(types)}, declared {list(table.columns)}"
    assert rows == table.rows, f"{table.name}: {rows} rows, the manifest says {table.rows}"
    for name, (kind, nullable) in table.columns.items():
        expected = TYPES[kind][reader.place]
        assert types[name] == expected, f"{table.name}.{name} is {types[name]} instead of {expected}"
        nulls, total, least = facts[name]
        assert nullable or nulls == 0, f"{table.name}.{name} has nulls"
        if reference is None:
            continue
        other_nulls, other_total, other_least = reference[name]
        assert nulls == other_nulls, f"{table.name}.{name}: {nulls} nulls, not {other_nulls}"
        assert least == other_least, f"{table.name}.{name}: minimum {least}, not {other_least}"
        # Readers add in their own order: the rounding of a plain sum of n numbers of this size.
        slack = 1e-12 * max(1, rows) * max(abs(other_total or 0), abs(other_least or 0), 1)
        assert total is None or abs(total - other_total) <= slack, f"{table.name}.{name}: {total}, not {other_total}"
    return facts


def main():
    if len(sys.argv) != 2 or not (pathlib.Path(sys.argv[1]) / "manifest.json").exists():
        print(__doc__, file=sys.stderr)
        return 2
    folder = pathlib.Path(sys.argv[1]).resolve()
    found = tables(folder)
    references, used, failed = {}, 0, 0
    for kind in (PyArrow, DuckDb, Polars, Hyper, Spark, Hyparquet):
        if not kind.is_installed():
            print(f"{kind.name}: SKIPPED, not installed")
            continue
        reader, problems, used = kind(), [], used + 1
        for table in found:
            try:
                facts = check_reader(reader, table, references.get(table.name))
                references.setdefault(table.name, facts)
            except Exception as error:  # whatever a reader raises is a finding
                problems.append(f"{table.name}: {error}")
        if kind is DuckDb:
            try:
                count = reader.views(folder, {table.name: table.rows for table in found})
                print(f"duckdb: {count} views answer")
            except Exception as error:
                problems.append(f"views.sql: {error}")
        reader.close()
        failed += len(problems)
        files = sum(len(table.files) for table in found)
        print(f"{kind.name}: {len(found)} tables in {files} files, {len(problems)} problems")
        for problem in problems:
            print(f"  {problem}")
    if used == 0:
        print("no reader is installed: nothing was checked")
        return 2
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
