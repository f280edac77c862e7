//! Renders the page: texts and tables with the template, charts with the scripts on the page.

mod comparison_tables;
mod lasting;
mod studied;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use corridor_tables::DimMetricRow;
use corridor_tables::commands::Commands;
use minijinja::{AutoEscape, Environment, Value, context};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::chart;
use crate::number::{NumberFormat, count, things};
use crate::studied::common;
use crate::tables::Tables;

const TEMPLATE: &str = include_str!("../assets/report.html");
const STYLE: &str = include_str!("../assets/report.css");
/// Scripts of the page, in the order in which they run.
const SCRIPTS: [&str; 8] = [
    include_str!("../vendor/d3.v7.9.2.min.js"),
    include_str!("../vendor/plot.v0.6.17.umd.min.js"),
    include_str!("../assets/page.js"),
    include_str!("../assets/explain.js"),
    include_str!("../assets/comparison.js"),
    include_str!("../assets/money.js"),
    include_str!("../assets/background.js"),
    include_str!("../assets/draw.js"),
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
    let page = environment.get_template("report.html")?.render(context! {
        style => STYLE,
        scripts => SCRIPTS,
        script_hashes => SCRIPTS.map(hash).join(" "),
        head => head(tables),
        primary => primary(&metric),
        answer => pieces(answer),
        warnings => warnings,
        studied => studied::boxed(tables),
        lasting => lasting::tables(tables),
        swept => comparison_tables::swept(tables, &metric),
        tables => comparison_tables::by_scenario(tables, &metric),
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
        studied => common(&tables.scenarios),
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
    let margin = |margin| format!("±{}{}", format.bare(margin), format.difference_suffix());
    let share = metric.margin_of_baseline_frac.map(|share| {
        format!("{} % of the baseline's value", NumberFormat::of("0").bare(100.0 * share))
    });
    context! {
        display_name => metric.display_name,
        unit => metric.unit,
        definition => metric.definition,
        way => metric.higher_is_better.map(|higher| {
            if higher { "higher is better" } else { "lower is better" }
        }),
        margin => metric.margin.map(margin).or(share),
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

fn policy_name(tables: &Tables, id: i32) -> String {
    let found = tables.policies.iter().find(|row| row.policy_id == id);
    found.map_or_else(String::new, |row| row.policy.clone())
}

/// The longest report horizon of a scenario, in months; `None` for a scenario without results.
fn end_of(tables: &Tables, scenario_id: i32) -> Option<i32> {
    let own = tables.summary.iter().filter(|row| row.scenario_id == scenario_id);
    own.map(|row| row.horizon_months).max()
}

/// The place of the scenario that is shown first: the one in the middle, because the ends of a
/// sweep frame the case of interest.
fn first_shown(scenarios: usize) -> usize {
    scenarios.saturating_sub(1) / 2
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
