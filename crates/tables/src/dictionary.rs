//! Writes the README of a run folder: how to open it, and what every column means.

use crate::SCHEMA_VERSION;
use crate::column::{Additive, ColumnInfo};
use crate::commands::Commands;
use crate::label::{Precision, Reason};

/// A table of a run with the facts that the data dictionary states.
#[derive(Clone, Debug, PartialEq)]
pub struct TableInfo {
    /// Name of the table, without folder and file ending.
    pub name: &'static str,
    /// Contents, in one sentence.
    pub about: &'static str,
    /// File name relative to the run folder; a glob where there are several files.
    pub files: String,
    /// Number of rows in all files together.
    pub rows: u64,
    /// Columns in the order of the file, `run_id` first.
    pub columns: Vec<ColumnInfo>,
}

/// The head of the README: the identity of a run and the warnings it ended with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunHead<'a> {
    /// Name of the study.
    pub study: &'a str,
    /// Identity of the simulation: `run_id` in every table.
    pub run_id: &'a str,
    /// Identity of the analysis.
    pub analysis_id: &'a str,
    /// Number of simulated paths.
    pub paths: u64,
    /// Master seed.
    pub seed: u64,
    /// Extent of `fact_path`: `all`, `sample` or `none`.
    pub path_rows: &'a str,
    /// Version of the arithmetic: equal versions give equal bits.
    pub numerics_version: u32,
    /// Warnings of the study and of the run.
    pub warnings: &'a [String],
}

const HOW_TO_READ: &str = "\
## How to read it

The files are plain Parquet. In this folder, `duckdb -init views.sql` opens one view per table and
a few joined views that have the labels; any other tool reads the files themselves. `fact_path` is
a folder: read `fact_path/*.parquet`.

- `manifest.json` is written last: a folder without it is not a finished run. It lists every file
  with its BLAKE3 hash.
- The `dim_` tables explain the ids: join on `run_id` and the id. Labels are only there and in the
  `bi_` tables.
- Every table has `run_id`, so that tables of several runs can be stacked.
- The order of rows has no meaning. NaN and infinity do not occur: such a cell is null, and the
  column `reason`, where there is one, explains why.
- `_nominal` is in the currency of the account, not adjusted for inflation; `_frac` is a fraction
  (0.05 = 5 %); `_bps` is in basis points, hundredths of a percent. Drawdowns are positive. `diff`
  is always policy minus baseline.
- Sum only columns that are marked additive. Rows of one path are paired, not independent.
- `state/` is internal: it holds sums from which a new analysis follows without simulating
  again{analyze}.
- `inputs/` holds copies of the files that the study reads, under the licences they came with.

";

/// Writes the README of a run: its identity, how to read it, the words of `precision` and
/// `reason`, and every column of every table.
#[must_use]
pub fn readme(head: &RunHead<'_>, tables: &[TableInfo], commands: &Commands) -> String {
    let mut text = String::new();
    push_head(&mut text, head);
    let analyze = commands.analyze.map(|command| format!(": `{command}`"));
    text.push_str(&HOW_TO_READ.replace("{analyze}", &analyze.unwrap_or_default()));
    push_words(&mut text);
    for table in tables {
        push_table(&mut text, table);
    }
    text
}

fn push_head(text: &mut String, head: &RunHead<'_>) {
    text.push_str(&format!("# Run `{}` of the study `{}`\n\n", head.run_id, head.study));
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
}

fn push_words(text: &mut String) {
    text.push_str("## Words\n\n");
    text.push_str(
        "`precision` grades how far a standard error and its interval can be relied on.\n\n",
    );
    push_meanings(text, "precision", Precision::ALL.map(|label| (label.name(), label.meaning())));
    text.push_str(
        "`reason` explains why a number is null, else why the verdict is missing, else why the\n\
        precision is not `precise`.\n\n",
    );
    push_meanings(text, "reason", Reason::ALL.map(|label| (label.name(), label.meaning())));
    text.push_str(
        "`fact_break_even` has reasons of its own, which its column `reason` explains.\n\n",
    );
}

fn push_meanings<const N: usize>(text: &mut String, column: &str, labels: [(&str, &str); N]) {
    text.push_str(&format!("| {column} | meaning |\n|---|---|\n"));
    for (word, meaning) in labels {
        text.push_str(&format!("| `{word}` | {} |\n", cell(meaning)));
    }
    text.push('\n');
}

fn push_table(text: &mut String, table: &TableInfo) {
    let about = one_line(table.about);
    text.push_str(&format!("## {}\n\n", table.name));
    text.push_str(&format!("{about} File: `{}`, {} rows.\n\n", table.files, table.rows));
    text.push_str("| column | type | null | unit | additive | meaning |\n");
    text.push_str("|---|---|---|---|---|---|\n");
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

/// Makes a text safe for a cell of a Markdown table.
fn cell(text: &str) -> String {
    one_line(text).replace('|', "\\|")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
