//! Renders the page: text and tables by the template, charts by the script the page carries.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use corridor_tables::commands::Commands;
use corridor_tables::{CompareRow, DimMetricRow, DimScenarioRow, SummaryRow};
use minijinja::{AutoEscape, Environment, context};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::chart;
use crate::number::{NumberFormat, count, things};
use crate::tables::Tables;
use crate::wording::{MEAN, mark, verdict, words};

const TEMPLATE: &str = include_str!("../assets/report.html");
const STYLE: &str = include_str!("../assets/report.css");
/// In the order in which they run.
const SCRIPTS: [&str; 3] = [
    include_str!("../vendor/d3.v7.9.2.min.js"),
    include_str!("../vendor/plot.v0.6.17.umd.min.js"),
    include_str!("../assets/report.js"),
];

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The template does not fit what it is given: a mistake of this program.
    #[error("the report's template does not fit its data")]
    Template(#[from] minijinja::Error),
    /// A number or text cannot be written as JSON.
    #[error("the report's data cannot be written")]
    Data(#[from] serde_json::Error),
}

/// A word of the answer, or a policy's name in it.
#[derive(Serialize)]
struct Piece<'a> {
    text: &'a str,
    is_name: bool,
}

#[derive(Serialize)]
struct ScenarioTable {
    scenario: String,
    horizon: String,
    baseline: String,
    rows: Vec<Line>,
}

#[derive(Default, Serialize)]
struct Line {
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

#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: String,
    is_code: bool,
}

/// Makes the page. `answer` says in a sentence what was found, names in backticks; `warnings` are
/// those of the study and the run.
///
/// # Errors
/// None that a user could cause.
pub fn render(
    tables: &Tables,
    answer: &str,
    warnings: &[String],
    commands: &Commands,
) -> Result<String, RenderError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("report.html", TEMPLATE)?;
    let run = &tables.run;
    let primary =
        tables.metrics.iter().find(|metric| metric.is_primary).cloned().unwrap_or_default();
    let format = NumberFormat::of(&primary.number_format);
    let page = environment.get_template("report.html")?.render(context! {
        style => STYLE,
        scripts => SCRIPTS,
        script_hashes => SCRIPTS.map(hash).join(" "),
        head => context! {
            study => run.study,
            question => run.question,
            run_id => tables.run_id,
            paths => count(run.paths.unsigned_abs()),
            years => run.horizon_years.to_string(),
            policies => things(run.policies.unsigned_abs().into(), "policy"),
            scenarios => things(run.scenarios.unsigned_abs().into(), "scenario"),
        },
        primary => context! {
            display_name => primary.display_name,
            unit => primary.unit,
            definition => primary.definition,
            margin => primary.margin.map(
                |margin| format!("{}{}", format.bare(margin), format.difference_suffix())
            ),
        },
        answer => answer.split('`').enumerate().map(
            |(place, text)| Piece { text, is_name: place % 2 == 1 }
        ).collect::<Vec<_>>(),
        warnings => warnings,
        tables => tables.scenarios.iter().map(
            |scenario| scenario_table(tables, &primary, scenario)
        ).collect::<Vec<_>>(),
        provenance => provenance(tables, commands),
        data => inert(&serde_json::to_string(&chart::data(tables, commands))?),
    })?;
    Ok(page)
}

/// JSON that no HTML parser takes for anything else: without `<`, `>` and `&`, without separators
/// that end a script's line.
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

/// A script's hash, as a content security policy names it.
fn hash(script: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(script.as_bytes())))
}

fn scenario_table(
    tables: &Tables,
    primary: &DimMetricRow,
    scenario: &DimScenarioRow,
) -> ScenarioTable {
    let own = |row: &&SummaryRow| {
        row.scenario_id == scenario.scenario_id
            && row.metric_id == primary.metric_id
            && row.stat == MEAN
    };
    let last =
        tables.summary.iter().filter(own).map(|row| row.horizon_months).max().unwrap_or_default();
    let compare = |policy: i32| {
        let same = |row: &&CompareRow| {
            row.stat == MEAN
                && (row.scenario_id, row.horizon_months, row.metric_id)
                    == (scenario.scenario_id, last, primary.metric_id)
        };
        tables.compare.iter().filter(same).find(|row| row.policy_id == policy)
    };
    let name = |id: i32| {
        tables
            .policies
            .iter()
            .find(|row| row.policy_id == id)
            .map_or_else(String::new, |row| row.policy.clone())
    };
    let mut baselines: Vec<i32> = tables.compare.iter().map(|row| row.baseline_policy_id).collect();
    baselines.sort_unstable();
    baselines.dedup();
    let row = |row: &SummaryRow| line(row, compare(row.policy_id), primary, name(row.policy_id));
    ScenarioTable {
        scenario: scenario.scenario.clone(),
        horizon: tables
            .horizons
            .iter()
            .find(|row| row.horizon_months == last)
            .map_or_else(String::new, |row| row.horizon.clone()),
        baseline: if let [one] = baselines[..] { name(one) } else { "its baseline".to_owned() },
        rows: tables
            .summary
            .iter()
            .filter(own)
            .filter(|row| row.horizon_months == last)
            .map(row)
            .collect(),
    }
}

fn line(
    own: &SummaryRow,
    compare: Option<&CompareRow>,
    metric: &DimMetricRow,
    policy: String,
) -> Line {
    let format = NumberFormat::of(&metric.number_format);
    let value = match (own.value, own.std_error) {
        (Some(value), Some(error)) => format!(
            "{} ± {}{}{}",
            format.within(Some(error)).bare(value),
            format.for_differences().within(Some(error)).bare(error),
            format.suffix(),
            mark(&own.precision)
        ),
        (Some(value), None) => format!("{}{}", format.bare(value), format.suffix()),
        (None, _) => format!("none: {}", words(own.reason.as_deref())),
    };
    let Some(row) = compare else {
        return Line {
            policy,
            is_baseline: true,
            value,
            diff: "baseline".to_owned(),
            ..Line::default()
        };
    };
    let finer = format.for_differences().within(row.std_error);
    let interval = row.ci_low_simultaneous.zip(row.ci_high_simultaneous);
    let class = match row.verdict.as_deref() {
        Some("better") => "better",
        Some("worse") => "worse",
        Some("equivalent") => "equivalent",
        _ => "resolved",
    };
    Line {
        policy,
        is_baseline: false,
        value,
        diff: row
            .diff
            .map(|diff| {
                format!(
                    "{}{}{}",
                    finer.signed(diff),
                    format.difference_suffix(),
                    mark(&row.precision)
                )
            })
            .unwrap_or_default(),
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
        class,
    }
}

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
        facts.push(code("again from the run's folder", command.to_owned()));
    }
    facts.push(plain(
        "every number",
        "fact_*.parquet and dim_*.parquet beside this page; README.md \
        explains every column, manifest.json has their hashes"
            .to_owned(),
    ));
    facts
}
