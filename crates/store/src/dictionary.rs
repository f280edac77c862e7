//! Writes the README of a run folder: how to open it, and what every column means.

use crate::column::{Additive, ColumnInfo};
use crate::manifest::RunFacts;
use crate::schema::SCHEMA_VERSION;
use crate::statistics::TableInfo;

const HEAD: &str = "\
## How to read it

The files are plain Parquet. In this folder, `duckdb -init views.sql` opens one view per table and
a few joined ones with the labels in place; any other tool reads the files as they are (`fact_path`
is a folder: read `fact_path/*.parquet`).

- `manifest.json` was written last: without it the folder is not a finished run. It lists every
  file with its BLAKE3.
- Ids are explained by the `dim_` tables: join on `run_id` and the id. Labels stand there only, and
  in the `bi_` tables.
- `run_id` stands in every table, so that tables of several runs can be stacked.
- Rows have no meaningful order. NaN and infinity do not occur: a cell is null, and `reason` says
  why where there is one.
- `_nominal` is in the currency of the account, not adjusted for inflation; `_frac` is a fraction
  (0.05 = 5 %), `_bps` hundredths of a percent; drawdowns are positive. `diff` is always policy
  minus baseline.
- Add up only columns marked additive; rows of one path are paired, not independent.
- `state/` is internal: sums from which `corridor analyze` answers a new question without
  simulating again.
- `inputs/`, where the study reads files, holds copies of them, under the licences they came with.

";

const WORDS: &str = "\
## Words

`precision` says whether a standard error and its interval can be relied on.

| precision | meaning |
|---|---|
| `precise` | a 95 % interval is held to cover in 92.7 to 97.3 % of runs |
| `indicative` | it covers about as often as it says |
| `insufficient` | it may cover far less often: more paths are needed, and no verdict rests on it |

`reason` says why a number is null; else why there is no verdict; else why the precision is not
`precise`.

| reason | meaning |
|---|---|
| `no_values` | no path has a value |
| `one_path` | one path has no spread |
| `ruin` | a path is ruined, and no sure growth rate is worth a chance of ruin |
| `overflow` | a number beyond what a float holds came up |
| `few_paths` | too few paths whatever their values |
| `skew` | too few paths for how skewed the values are |
| `heavy_tail` | a few paths carry most of the sum |
| `rare_event` | the event, or its opposite, is too rare |
| `beyond_sample` | the interval would reach beyond the smallest or largest path |
| `discrete` | values are whole numbers or many paths share one: a quantile moves in jumps and \
has no standard error |
| `partial` | more than one path in a hundred has no value and is left out |
| `no_margin` | no margin of practical equivalence is declared for the metric, so there is no \
verdict |
| `no_direction` | neither more nor less of it is better as such, so there is no verdict |
| `look_ahead` | the policy sees the future, as nobody can: it is not judged with those that do \
not |

`fact_break_even` has reasons of its own: they stand at its column.

";

/// The README's text.
pub(crate) fn dictionary(facts: &RunFacts, tables: &[TableInfo]) -> String {
    let mut text = format!("# Run `{}` of the study `{}`\n\n", facts.simulation_id, facts.study);
    for (name, value) in [
        ("paths", facts.paths.to_string()),
        ("seed", facts.seed.to_string()),
        ("path rows kept", facts.path_rows.clone()),
        ("numerics version", facts.numerics_version.to_string()),
        ("schema version", SCHEMA_VERSION.to_string()),
        ("analysis", format!("`{}`", facts.analysis_id)),
    ] {
        text.push_str(&format!("- {name}: {value}\n"));
    }
    for warning in &facts.warnings {
        text.push_str(&format!("- warning: {}\n", one_line(warning)));
    }
    text.push('\n');
    text.push_str(HEAD);
    text.push_str(WORDS);
    for table in tables {
        push_table(&mut text, table);
    }
    text
}

fn push_table(text: &mut String, table: &TableInfo) {
    text.push_str(&format!("## {}\n\n", table.name));
    text.push_str(&format!(
        "{} File: `{}`, {} rows.\n\n",
        one_line(table.about),
        table.files,
        table.rows
    ));
    text.push_str(
        "| column | type | null | unit | additive | meaning |\n|---|---|---|---|---|---|\n",
    );
    for column in &table.columns {
        push_column(text, column);
    }
    text.push('\n');
}

fn push_column(text: &mut String, column: &ColumnInfo) {
    let null = if column.nullable { "yes" } else { "no" };
    let additive = match column.additive {
        Additive::Yes => "yes",
        Additive::No => "no",
    };
    let (name, kind) = (&column.name, column.column_type.name());
    let (unit, about) = (cell(&column.unit), cell(&column.about));
    text.push_str(&format!("| `{name}` | {kind} | {null} | {unit} | {additive} | {about} |\n"));
}

/// Text that cannot break out of its table cell.
fn cell(text: &str) -> String {
    one_line(text).replace('|', "\\|")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
