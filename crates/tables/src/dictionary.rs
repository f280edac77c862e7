//! Writes the README of a run folder: how to open it, and what every column means.

use crate::SCHEMA_VERSION;
use crate::column::{Additive, ColumnInfo};
use crate::commands::Commands;

/// A table of a run, as the data dictionary describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct TableInfo {
    /// Name, without folder and ending.
    pub name: &'static str,
    /// Contents, in one sentence.
    pub about: &'static str,
    /// File name relative to the run folder; a glob where there are several files.
    pub files: String,
    /// Number of rows.
    pub rows: u64,
    /// Columns, in order, `run_id` first.
    pub columns: Vec<ColumnInfo>,
}

/// The head of the README: the identity of a run and the warnings it ended with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunHead<'a> {
    /// Name of the study.
    pub study: &'a str,
    /// Identity of the simulation, `run_id` in every table.
    pub run_id: &'a str,
    /// Identity of the analysis.
    pub analysis_id: &'a str,
    /// Number of paths.
    pub paths: u64,
    /// Master seed.
    pub seed: u64,
    /// Path rows that are kept: `all`, `sample` or `none`.
    pub path_rows: &'a str,
    /// Version of the arithmetic.
    pub numerics_version: u32,
    /// Warnings of the study and of the run.
    pub warnings: &'a [String],
}

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
- `state/` is internal: sums from which a new analysis follows without simulating again{analyze}.
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

/// Text of the README: the run, how to read it, the words of `precision` and `reason`, and every
/// column of every table.
#[must_use]
pub fn readme(head: &RunHead<'_>, tables: &[TableInfo], commands: &Commands) -> String {
    let mut text = format!("# Run `{}` of the study `{}`\n\n", head.run_id, head.study);
    for (name, value) in [
        ("paths", head.paths.to_string()),
        ("seed", head.seed.to_string()),
        ("path rows kept", head.path_rows.to_owned()),
        ("numerics version", head.numerics_version.to_string()),
        ("schema version", SCHEMA_VERSION.to_string()),
        ("analysis", format!("`{}`", head.analysis_id)),
    ] {
        text.push_str(&format!("- {name}: {value}\n"));
    }
    for warning in head.warnings {
        text.push_str(&format!("- warning: {}\n", one_line(warning)));
    }
    text.push('\n');
    let analyze = commands.analyze.map(|command| format!(": `{command}`"));
    text.push_str(&HEAD.replace("{analyze}", &analyze.unwrap_or_default()));
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
