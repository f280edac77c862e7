//! Renders the page: texts and tables with the template, charts with the scripts on the page.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use corridor_tables::commands::Commands;
use corridor_tables::label::Verdict;
use corridor_tables::{CompareRow, DimMetricRow, DimScenarioRow, SummaryRow};
use minijinja::{AutoEscape, Environment, Value, context};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::chart;
use crate::number::{NumberFormat, count, things};
use crate::tables::Tables;
use crate::wording::{MEAN, mark, verdict, words};

const TEMPLATE: &str = include_str!("../assets/report.html");
const STYLE: &str = include_str!("../assets/report.css");
/// Scripts of the page, in the order in which they run.
const SCRIPTS: [&str; 3] = [
    include_str!("../vendor/d3.v7.9.2.min.js"),
    include_str!("../vendor/plot.v0.6.17.umd.min.js"),
    include_str!("../assets/report.js"),
];

/// A failure to make a page.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The template does not fit its data, which is a fault of this crate.
    #[error("the template of the report does not fit its data")]
    Template(#[from] minijinja::Error),
    /// A number or a text cannot be written as JSON.
    #[error("the data of the report cannot be written as JSON")]
    Data(#[from] serde_json::Error),
}

/// A piece of the answer: plain text, or the name of a policy.
#[derive(Serialize)]
struct Piece<'a> {
    text: &'a str,
    is_name: bool,
}

/// The comparison table of a scenario.
#[derive(Serialize)]
struct ScenarioTable {
    scenario: String,
    horizon: String,
    baseline: String,
    rows: Vec<PolicyLine>,
}

/// The line of a policy in a comparison table.
#[derive(Default, Serialize)]
struct PolicyLine {
    policy: String,
    is_baseline: bool,
    value: String,
    diff: String,
    interval: String,
    money: String,
    better: String,
    exposure: String,
    verdict: String,
    class: &'static str,
}

/// A line of the section on the origin of the numbers.
#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: String,
    is_code: bool,
}

/// Renders a run as one self-contained HTML page.
///
/// `answer` states the finding in a sentence, with names of policies in backticks. `warnings` are
/// those of the study and of the run. `commands` are mentioned where the program has them.
///
/// # Errors
/// [`RenderError`], which only a fault of this crate can cause.
pub fn render(
    tables: &Tables,
    answer: &str,
    warnings: &[String],
    commands: &Commands,
) -> Result<String, RenderError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("report.html", TEMPLATE)?;
    let metric =
        tables.metrics.iter().find(|metric| metric.is_primary).cloned().unwrap_or_default();
    let scenario_tables: Vec<ScenarioTable> =
        tables.scenarios.iter().map(|row| scenario_table(tables, &metric, row)).collect();
    let page = environment.get_template("report.html")?.render(context! {
        style => STYLE,
        scripts => SCRIPTS,
        script_hashes => SCRIPTS.map(hash).join(" "),
        head => head(tables),
        primary => primary(&metric),
        answer => pieces(answer),
        warnings => warnings,
        tables => scenario_tables,
        provenance => provenance(tables, commands),
        data => inert(&serde_json::to_string(&chart::data(tables, commands))?),
    })?;
    Ok(page)
}

/// The size of the run, for the head of the page.
fn head(tables: &Tables) -> Value {
    let run = &tables.run;
    context! {
        study => run.study,
        question => run.question,
        run_id => tables.run_id,
        paths => count(run.paths.unsigned_abs()),
        years => run.horizon_years.to_string(),
        policies => things(run.policies.unsigned_abs().into(), "policy"),
        scenarios => things(run.scenarios.unsigned_abs().into(), "scenario"),
    }
}

/// The primary metric, for the note above the comparison tables.
fn primary(metric: &DimMetricRow) -> Value {
    let format = NumberFormat::of(&metric.number_format);
    let margin = |margin| format!("{}{}", format.bare(margin), format.difference_suffix());
    context! {
        display_name => metric.display_name,
        unit => metric.unit,
        definition => metric.definition,
        margin => metric.margin.map(margin),
    }
}

/// Cuts the answer at its backticks: every second piece is a name.
fn pieces(answer: &str) -> Vec<Piece<'_>> {
    let piece = |(place, text)| Piece { text, is_name: place % 2 == 1 };
    answer.split('`').enumerate().map(piece).collect()
}

/// Escapes JSON so that no HTML parser takes it for markup: without `<`, `>` and `&`, and without
/// the separators that end a line of a script.
fn inert(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                text.push_str(&format!("\\u{:04x}", c as u32))
            }
            other => text.push(other),
        }
    }
    text
}

/// Hashes a script as the content security policy names it.
fn hash(script: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(script.as_bytes())))
}

fn scenario_table(
    tables: &Tables,
    metric: &DimMetricRow,
    scenario: &DimScenarioRow,
) -> ScenarioTable {
    let own = |row: &&SummaryRow| {
        row.scenario_id == scenario.scenario_id
            && row.metric_id == metric.metric_id
            && row.stat == MEAN
    };
    let last =
        tables.summary.iter().filter(own).map(|row| row.horizon_months).max().unwrap_or_default();
    let comparison_of = |policy: i32| {
        tables.compare.iter().find(|row| {
            row.stat == MEAN
                && row.scenario_id == scenario.scenario_id
                && row.horizon_months == last
                && row.metric_id == metric.metric_id
                && row.policy_id == policy
        })
    };
    let rows = tables
        .summary
        .iter()
        .filter(own)
        .filter(|row| row.horizon_months == last)
        .map(|row| {
            let name = policy_name(tables, row.policy_id);
            policy_line(row, comparison_of(row.policy_id), metric, name)
        })
        .collect();
    let horizon = tables.horizons.iter().find(|row| row.horizon_months == last);
    ScenarioTable {
        scenario: scenario.scenario.clone(),
        horizon: horizon.map_or_else(String::new, |row| row.horizon.clone()),
        baseline: common_baseline(tables),
        rows,
    }
}

fn policy_name(tables: &Tables, id: i32) -> String {
    let found = tables.policies.iter().find(|row| row.policy_id == id);
    found.map_or_else(String::new, |row| row.policy.clone())
}

/// The name of the one baseline of all comparisons, or words for several.
fn common_baseline(tables: &Tables) -> String {
    let mut baselines: Vec<i32> = tables.compare.iter().map(|row| row.baseline_policy_id).collect();
    baselines.sort_unstable();
    baselines.dedup();
    match baselines[..] {
        [one] => policy_name(tables, one),
        _ => "its baseline".to_owned(),
    }
}

fn policy_line(
    own: &SummaryRow,
    compare: Option<&CompareRow>,
    metric: &DimMetricRow,
    policy: String,
) -> PolicyLine {
    let format = NumberFormat::of(&metric.number_format);
    let value = value_text(own, format);
    let Some(row) = compare else {
        let diff = "baseline".to_owned();
        return PolicyLine { policy, is_baseline: true, value, diff, ..PolicyLine::default() };
    };
    let finer = format.for_differences().within(row.std_error);
    let interval = row.ci_low_simultaneous.zip(row.ci_high_simultaneous);
    let diff = |diff| {
        format!("{}{}{}", finer.signed(diff), format.difference_suffix(), mark(&row.precision))
    };
    PolicyLine {
        policy,
        is_baseline: false,
        value,
        diff: row.diff.map(diff).unwrap_or_default(),
        interval: interval
            .map(|(low, high)| format!("{} to {}", finer.signed(low), finer.signed(high)))
            .unwrap_or_default(),
        money: row
            .effect_currency
            .map(|effect| NumberFormat::of("#,##0").signed(effect))
            .unwrap_or_default(),
        better: row.share_better.map(|share| format!("{:.1} %", 100.0 * share)).unwrap_or_default(),
        exposure: row
            .exposure_diff_frac
            .map(|diff| format!("{} pp", NumberFormat::of("0.0%").signed(diff)))
            .unwrap_or_default(),
        verdict: verdict(row),
        class: class_of(row),
    }
}

/// The estimate of a policy with its standard error, or why there is none.
fn value_text(row: &SummaryRow, format: NumberFormat) -> String {
    match (row.value, row.std_error) {
        (Some(value), Some(error)) => format!(
            "{} ± {}{}{}",
            format.within(Some(error)).bare(value),
            format.for_differences().within(Some(error)).bare(error),
            format.suffix(),
            mark(&row.precision)
        ),
        (Some(value), None) => format!("{}{}", format.bare(value), format.suffix()),
        (None, _) => format!("none: {}", words(row.reason.as_deref())),
    }
}

/// The class of the style sheet for a verdict.
fn class_of(row: &CompareRow) -> &'static str {
    match row.verdict.as_deref().and_then(Verdict::of_name) {
        Some(Verdict::Better) => "better",
        Some(Verdict::Worse) => "worse",
        Some(Verdict::Equivalent) => "equivalent",
        Some(Verdict::NotResolved) | None => "unresolved",
    }
}

/// The origin of the numbers: identity of the run, and where to find everything else.
fn provenance(tables: &Tables, commands: &Commands) -> Vec<Fact> {
    let run = &tables.run;
    let code = |name, value| Fact { name, value, is_code: true };
    let plain = |name, value| Fact { name, value, is_code: false };
    let mut facts = vec![
        code("study", run.study.clone()),
        code("run (simulation)", tables.run_id.clone()),
        code("analysis", run.analysis_id.clone()),
        code("seed", run.seed.clone()),
        plain("numerics version", run.numerics_version.to_string()),
        plain("paths", count(run.paths.unsigned_abs())),
        plain("step", run.step.clone()),
    ];
    if let Some(command) = commands.run {
        facts.push(code("run again from the run folder", command.to_owned()));
    }
    let files = "fact_*.parquet and dim_*.parquet beside this page; COLUMNS.md explains every \
                 column, manifest.json lists every file with its hash";
    facts.push(plain("every number", files.to_owned()));
    facts
}
