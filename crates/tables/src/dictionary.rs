//! Writes the texts of a run folder: the README, which says what is where, and the dictionary of
//! all columns.

use crate::SCHEMA_VERSION;
use crate::column::{Additive, ColumnInfo};
use crate::commands::Commands;
use crate::label::{Precision, Reason};
use crate::metric::{Metric, REGISTRY};

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

/// The head of the README: the identity of a run, its answer and the warnings it ended with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunHead<'a> {
    /// Name of the study.
    pub study: &'a str,
    /// Identity of the simulation: `run_id` in every table.
    pub run_id: &'a str,
    /// Identity of the analysis.
    pub analysis_id: &'a str,
    /// Finding of the study in a few sentences.
    pub answer: &'a str,
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
## Which file for which chart

| chart | file | how |
|---|---|---|
| table, ranking, heat map | `bi_long` | filter one `metric` and one `horizon`; rank by `value`, or colour `diff` by a swept column and `policy` |
| forest plot | `bi_long` | `diff` with `diff_ci_low_simultaneous` to `diff_ci_high_simultaneous`, coloured by `verdict` |
| fan over time | `bi_fan` | filter one `measure`; `p05` to `p95` against `time_years` |
| how outcomes spread | `fact_histogram` | `prob` by bucket; the view `v_histogram` has the labels |
| break-even points | `fact_break_even` | `value` with `ci_low` to `ci_high` along `axis_label` |
| single paths | `fact_path/*.parquet` | one row per path, scenario, policy and horizon |
| all of it, drawn | `report.html` | opens in any browser, offline |

The files are plain Parquet: no import and no join is needed for the first three.
`duckdb -init views.sql` opens a view of every table, and joined views with labels.

## What keeps a dashboard honest

- Never add or average `value` and `diff`: they are statistics already. Filter instead, in the
  `fact_` tables to one `stat` as well; only columns marked additive may be summed.
- Join on `run_id` and the id. Stacked runs then stay apart.
- Leave out rows with `look_ahead`: such a policy sees the future.
- Show `std_error` or the interval, and the word in `precision`.
- `n_paths` belongs to its row: some metrics rest on the first paths of a run only.

## Relationships

`dim_scenario` (on `scenario_id`), `dim_policy` (`policy_id`), `dim_metric` (`metric_id`) and
`dim_horizon` (`horizon_months`), one to many, to every `fact_` table that has the column;
`dim_policy` as baseline to `fact_compare` on `baseline_policy_id`; `dim_regime` on `scenario_id`
and `regime_id` together.

";

const ABOUT_FILES: &str = "\
- `manifest.json` is written last: a folder without it is not a finished run. It lists every file
  with its BLAKE3 hash, which shows damage and not forgery: whoever can change a file can change
  its hash.
- `state/` is internal: it holds sums from which a new analysis, or a comparison of two rules,
  follows without simulating again{analyze}. Nothing else needs it.
- `inputs/` holds copies of the files that the study reads, under the licences they came with.
- `COLUMNS.md` explains every column.
";

const CONVENTIONS: &str = "\
- The order of rows has no meaning. NaN and infinity do not occur: such a cell is null, and the
  column `reason`, where there is one, explains why.
- `_nominal` is in the currency of the account, not adjusted for inflation; `_frac` is a fraction
  (0.05 = 5 %); `_bps` is in basis points, hundredths of a percent. Drawdowns are positive. `diff`
  is always policy minus baseline.
- A type with `?` may be null. Sums over rows mean something only where the unit says `additive`.
  Rows of one path are paired, not independent.

";

/// Writes the README of a run on one screen: the answer, which file serves which chart, how the
/// tables hang together, and what each of them contains.
#[must_use]
pub fn readme(head: &RunHead<'_>, tables: &[TableInfo], commands: &Commands) -> String {
    let mut text = format!("# Run `{}` of the study `{}`\n\n", head.run_id, head.study);
    if !head.answer.is_empty() {
        text.push_str(&format!("{}\n\n", one_line(head.answer)));
    }
    for warning in head.warnings {
        text.push_str(&format!("- warning: {}\n", one_line(warning)));
    }
    text.push_str(if head.warnings.is_empty() { "" } else { "\n" });
    text.push_str(HOW_TO_READ);
    text.push_str("## Files\n\n| file | rows | contents |\n|---|---|---|\n");
    for table in tables {
        let about = cell(table.about);
        text.push_str(&format!("| `{}` | {} | {about} |\n", table.files, table.rows));
    }
    let analyze = commands.analyze.map(|command| format!(": `{command}`")).unwrap_or_default();
    text.push_str(&format!("\n{}", ABOUT_FILES.replace("{analyze}", &analyze)));
    text + &format!(
        "\n{} paths, seed {}, path rows kept: {}, numerics version {}, schema version \
        {SCHEMA_VERSION}, analysis `{}`.\n",
        head.paths, head.seed, head.path_rows, head.numerics_version, head.analysis_id
    )
}

/// Writes the data dictionary of a run: every column of every table, and the words of `precision`
/// and `reason`. Columns that a table has for each metric are explained once.
#[must_use]
pub fn columns(tables: &[TableInfo]) -> String {
    let mut text = format!("# Columns\n\n{CONVENTIONS}");
    push_words(&mut text);
    for table in tables {
        push_table(&mut text, table);
    }
    text
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
    text.push_str("| column | type | unit | meaning |\n|---|---|---|---|\n");
    let mut told: Vec<String> = Vec::new();
    let columns_with = |suffix: &str| {
        let same = |column: &&ColumnInfo| {
            of_metric(table, &column.name).is_some_and(|(_, own)| own == suffix)
        };
        table.columns.iter().filter(same).count()
    };
    for column in &table.columns {
        let of_metric = of_metric(table, &column.name);
        let Some((metric, suffix)) = of_metric.filter(|(_, suffix)| columns_with(suffix) > 1)
        else {
            push_column(text, &column.name, column, &column.about);
            continue;
        };
        let name = format!("<metric>{suffix}");
        if !told.contains(&name) {
            let about = column.about.replace(&format!("`{metric}`"), "the metric");
            let about = if suffix.is_empty() { "Headline of the metric." } else { &about };
            push_column(text, &name, column, &format!("{about} One column for each metric."));
            told.push(name);
        }
    }
    text.push('\n');
}

/// The metric and the rest of the name of a column that a wide table has for each metric.
fn of_metric<'a>(table: &TableInfo, column: &'a str) -> Option<(&'static str, &'a str)> {
    if !["bi_summary", "bi_compare"].contains(&table.name) {
        return None;
    }
    let metric = |metric: &&Metric| {
        let rest = column.strip_prefix(metric.name)?;
        (rest.is_empty() || rest.starts_with('_')).then_some((metric.name, rest))
    };
    REGISTRY.iter().filter_map(metric).max_by_key(|(name, _)| name.len())
}

fn push_column(text: &mut String, name: &str, column: &ColumnInfo, about: &str) {
    let null = if column.nullable { "?" } else { "" };
    let additive = match column.additive {
        Additive::Yes => ", additive",
        Additive::No => "",
    };
    let kind = column.column_type.name();
    let of_metric = name.starts_with('<');
    let unit = if of_metric { "of the metric".to_owned() } else { cell(&column.unit) };
    text.push_str(&format!("| `{name}` | {kind}{null} | {unit}{additive} | {} |\n", cell(about)));
}

/// Makes a text safe for a cell of a Markdown table.
fn cell(text: &str) -> String {
    one_line(text).replace('|', "\\|")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
