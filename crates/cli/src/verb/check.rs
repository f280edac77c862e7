//! Checks a study: prints every mistake with its line, or the market, policies and scenarios that
//! the study describes.

use std::path::Path;

use clap::Args;
use corridor_core::numerics::exp;
use corridor_report::judged_by;
use corridor_report::number::{count, things};
use corridor_report::studied::Studied;
use corridor_report::text::layout::Layout;
use corridor_report::text::studied;
use corridor_report::text::table::{Align, TextTable};
use corridor_study::diagnostic::{Diagnostic, Problems, Severity};
use corridor_study::plan::{Comparison, MarketGroup, RunPlan};
use corridor_tables::metric::MetricId;
use corridor_workbench::Error;
use serde_json::{Value, json};

use crate::console::Console;
use crate::failure::Failure;
use crate::hint::with_command;
use crate::machine::settings;
use crate::place::PlaceInput;
use crate::study_input::{StudyInput, warn};
use crate::terminal::Terminal;

/// Most policies that are listed for a study that searches.
const SEARCHED_SHOWN: usize = 8;

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckInput {
    #[command(flatten)]
    study: StudyInput,
    /// Print the study with every default, alias and sweep of policies written out, and what the
    /// market implies
    #[arg(long, help_heading = "Output")]
    expand: bool,
    /// Print one JSON document, mistakes included
    #[arg(long, help_heading = "Output")]
    json: bool,
}

/// Checks a study and prints a summary of it.
///
/// # Errors
/// [`Failure::Work`] with every mistake of the study.
pub fn check(input: &CheckInput, console: &Console) -> Result<(), Failure> {
    let loaded = input.study.changes.load(
        &input.study.study,
        settings(&PlaceInput::default()),
        &Terminal::new(console, None),
    );
    let session = match loaded {
        Ok(session) => session,
        Err(failure) => {
            if let Failure::Work { error: Error::Study(problems) } = &failure
                && input.json
            {
                console.json(&refusal(problems))?;
            }
            return Err(failure);
        }
    };
    let plan = session.plan();
    if input.json {
        return console.json(&document(plan, input.expand));
    }
    warn(plan, console);
    console.result(&if input.expand {
        expanded(plan)
    } else {
        summary(&input.study.study, plan, &console.layout())
    })
}

/// Writes the study with every default, followed by the moments of its markets as comments.
fn expanded(plan: &RunPlan) -> String {
    let implied: String =
        plan.groups.iter().map(|group| market(plan, group, plan.groups.len() > 1)).collect();
    let comments: String =
        implied.lines().map(|line| format!("# {line}").trim_end().to_owned() + "\n").collect();
    format!("{}\n{comments}", plan.resolved_toml)
}

fn summary(study: &Path, plan: &RunPlan, layout: &Layout) -> String {
    let RunPlan { policies, scenarios, horizons, groups, .. } = plan;
    let mut text = format!(
        "ok: {} is a study of {} in {} at {}, {} (run {})\n",
        study.display(),
        things(policies.len() as u64, "policy"),
        things(scenarios.len() as u64, "scenario"),
        things(horizons.len() as u64, "horizon"),
        things(plan.paths, "path"),
        plan.simulation_id
    );
    let rows = scenarios.iter().map(|scenario| &scenario.row);
    let studied = Studied::of(rows, policies);
    // a search tries many policies that differ in a number or two
    let shown = if plan.search.is_some() { SEARCHED_SHOWN } else { policies.len() };
    text.push_str(&studied::render(&studied, shown, layout));
    if policies.len() > shown {
        text.push_str(&format!(
            "  and {} more to search among\n",
            count((policies.len() - shown) as u64)
        ));
    }
    let moments: String =
        groups.iter().map(|group| market(plan, group, groups.len() > 1)).collect();
    text + &moments + &verdict(plan)
}

/// Writes the metric on which the verdict rests.
fn verdict(plan: &RunPlan) -> String {
    let Comparison { primary_metric, margins, .. } = &plan.comparison;
    let Some(metric) = MetricId::of_name(primary_metric).map(MetricId::metric) else {
        return String::new();
    };
    format!(
        "\nverdict\n  on the {}; `comparison.primary_metric` chooses another metric\n",
        judged_by(metric, margins.get(primary_metric).copied())
    )
}

/// Writes the yearly moments that a market implies: per asset, per regime and per indicator.
fn market(plan: &RunPlan, group: &MarketGroup, several: bool) -> String {
    let moments = &group.moments;
    let first = group.scenario_ids.first().and_then(|&id| plan.scenarios.get(id.index()));
    let label = first.map(|scenario| scenario.row.market.as_str()).unwrap_or_default();
    let of = if several { format!(" in {}", scenario_names(plan, group)) } else { String::new() };
    let mut text = format!("\nwhat {label} implies{of}, a year\n");
    let mut assets = TextTable::new([
        ("asset", Align::Left),
        ("mean return", Align::Right),
        ("std dev", Align::Right),
        ("typical growth", Align::Right),
        ("mean log", Align::Right),
        ("vol of log", Align::Right),
        ("correlation", Align::Left),
    ]);
    for (place, asset) in moments.assets.iter().enumerate() {
        let with_earlier: Vec<String> = moments.correlation[place][..place]
            .iter()
            .map(|value| format!("{value:+.2}"))
            .collect();
        let [mean, std_dev] = year_return(group, place);
        assets.row(vec![
            asset.clone(),
            percent(mean),
            percent(std_dev),
            percent(exp(moments.mean_log_annual[place]) - 1.0),
            percent(moments.mean_log_annual[place]),
            percent(moments.vol_annual[place]),
            with_earlier.join(" "),
        ]);
    }
    text.push_str(&assets.render(2));
    if group.market.step_law().is_none() {
        for input in &plan.inputs {
            text.push_str(&format!("  history {}\n", input.about));
        }
    }
    if moments.regimes.len() > 1 {
        let mut regimes = TextTable::new([
            ("regime", Align::Left),
            ("share of time", Align::Right),
            ("mean stay", Align::Right),
        ]);
        for (place, regime) in moments.regimes.iter().enumerate() {
            let stay = match moments.sojourn_years[place] {
                years if years.is_finite() => format!("{years:.2} years"),
                _ => "for ever".to_owned(),
            };
            regimes.row(vec![regime.clone(), percent(moments.stationary[place]), stay]);
        }
        text.push_str(&regimes.render(2));
    }
    text + &indicators(group)
}

/// Returns the mean and the standard deviation of the simple return of an asset over a year, NaN
/// where they have no closed form.
fn year_return(group: &MarketGroup, asset: usize) -> [f64; 2] {
    let year = group.market.year_return(asset, group.simulation.grid.step.per_year());
    year.map_or([f64::NAN; 2], |year| [year.mean, year.std_dev])
}

/// Writes the indicators of a market: their means, their noise and when they turn.
fn indicators(group: &MarketGroup) -> String {
    let known = group.market.indicator_laws();
    if known.is_empty() {
        return String::new();
    }
    let regimes = &group.moments.regimes;
    let mut table = TextTable::new([
        ("indicator", Align::Left),
        ("mean by regime", Align::Left),
        ("noise", Align::Right),
        ("turns", Align::Left),
    ]);
    for indicator in known {
        let inner = (regimes.len() / indicator.mean.len().max(1)).max(1);
        // an indicator follows the main regimes; joint ones are called `main/correlation`
        let main = |place: usize| regimes[place * inner].split('/').next().unwrap_or_default();
        let means: Vec<String> = indicator
            .mean
            .iter()
            .enumerate()
            .map(|(place, mean)| format!("{} {mean}", main(place)))
            .collect();
        let months = (group.simulation.grid.months(indicator.lead_steps) * 100.0).round() / 100.0;
        let turns = match indicator.lead_steps {
            0 => "with the regime".to_owned(),
            _ => {
                format!("{months} month{} before the regime", if months == 1.0 { "" } else { "s" })
            }
        };
        let stationary =
            indicator.noise_sd / (1.0 - indicator.persistence * indicator.persistence).sqrt();
        table.row(vec![
            indicator.name.clone(),
            means.join(", "),
            format!("{stationary:.3}"),
            turns,
        ]);
    }
    table.render(2)
}

fn scenario_names(plan: &RunPlan, group: &MarketGroup) -> String {
    let names = group
        .scenario_ids
        .iter()
        .filter_map(|&id| plan.scenarios.get(id.index()))
        .map(|scenario| scenario.row.scenario.as_str());
    names.collect::<Vec<_>>().join(", ")
}

fn percent(fraction: f64) -> String {
    if fraction.is_nan() { "-".to_owned() } else { format!("{:.2} %", fraction * 100.0) }
}

fn document(plan: &RunPlan, expand: bool) -> Value {
    let markets = plan.groups.iter().map(|group| {
        let moments = &group.moments;
        let years: Vec<[f64; 2]> =
            (0..moments.assets.len()).map(|asset| year_return(group, asset)).collect();
        json!({
            "scenario_ids": group.scenario_ids.iter().map(|id| id.number()).collect::<Vec<_>>(),
            "assets": moments.assets,
            "mean_return_annual": years.iter().map(|year| year[0]).collect::<Vec<_>>(),
            "std_dev_return_annual": years.iter().map(|year| year[1]).collect::<Vec<_>>(),
            "typical_growth_annual":
                moments.mean_log_annual.iter().map(|mean| exp(*mean) - 1.0).collect::<Vec<_>>(),
            "mean_log_annual": moments.mean_log_annual,
            "log_mean_growth_annual": moments.log_mean_growth_annual,
            "vol_annual": moments.vol_annual,
            "correlation": moments.correlation,
            "regimes": moments.regimes,
            "stationary": moments.stationary,
            "sojourn_years": moments.sojourn_years,
        })
    });
    let mut document = json!({
        "ok": true,
        "study": plan.name,
        "question": plan.question,
        "simulation_id": plan.simulation_id,
        "analysis_id": plan.analysis_id,
        "paths": plan.paths,
        "markets": markets.collect::<Vec<_>>(),
        "scenarios": plan.scenarios.iter().map(
            |scenario| scenario.row.scenario.as_str()
        ).collect::<Vec<_>>(),
        "policies": plan.policies.iter().map(|policy| policy.policy.as_str()).collect::<Vec<_>>(),
        "baseline": plan.policies.get(
            plan.comparison.baseline.index()
        ).map(|policy| policy.policy.as_str()),
        "primary_metric": plan.comparison.primary_metric,
        "margin": plan.comparison.margins.get(&plan.comparison.primary_metric),
        "diagnostics": plan.warnings.iter().map(diagnostic).collect::<Vec<_>>(),
    });
    if expand {
        document["resolved"] = json!(plan.resolved_toml);
    }
    document
}

fn refusal(problems: &Problems) -> Value {
    json!(
        {
            "ok": false,
            "diagnostics": problems.diagnostics.iter().map(diagnostic).collect::<Vec<_>>(),
        }
    )
}

fn diagnostic(diagnostic: &Diagnostic) -> Value {
    let Diagnostic { severity, id, message, hint, more: _, place } = &with_command(diagnostic);
    json!({
        "severity": match severity { Severity::Error => "error", Severity::Warning => "warning" },
        "id": id.name(),
        "message": message,
        "hint": hint,
        "file": place.file,
        "line": place.line,
        "column": place.column,
    })
}
