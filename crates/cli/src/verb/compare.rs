//! Compares any two policies of a finished run, on every metric, from the sums that the run keeps.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use clap::Args;
use corridor_core::level::Level;
use corridor_report::number::{NumberFormat, count};
use corridor_report::wording::{MEAN, mark, verdict};
use corridor_store::run_reader::RunReader;
use corridor_study::plan::RunPlan;
use corridor_tables::metric::{MetricId, Source};
use corridor_tables::{CompareRow, DimMetricRow, SummaryRow};
use serde_json::{Value, json};

use crate::analyse::analyse;
use crate::comparison::{find_horizon, find_metric};
use crate::console::Console;
use crate::control::controls;
use crate::failure::Failure;
use crate::followed;
use crate::place::disk;
use crate::study_input::{Changes, policy_id};
use crate::text_table::{Align, TextTable};
use crate::verb::analyze::plan_of_run;
use crate::verb::show::Target;

/// Which run, and which two policies.
#[derive(Debug, Args)]
pub struct CompareInput {
    #[command(flatten)]
    target: Target,
    /// The policy that is asked about
    #[arg(value_name = "POLICY")]
    policy: String,
    /// The policy it is held against
    #[arg(value_name = "AGAINST")]
    against: String,
    /// Compare at this report horizon instead of the last one
    #[arg(long, value_name = "YEARS", help_heading = "Output")]
    horizon: Option<f64>,
    /// Compare every statistic of this metric (quantiles, tail, spread) instead of the mean of
    /// every metric
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    metric: Option<String>,
    /// Print one JSON document
    #[arg(long, help_heading = "Output")]
    json: bool,
}

/// Two policies on every metric.
struct Pair<'a> {
    plan: &'a RunPlan,
    metrics: Vec<DimMetricRow>,
    /// At the horizon asked for, by scenario, metric and statistic.
    rows: Vec<CompareRow>,
    /// What is relative to the other already: tracking error and the like.
    relative: Vec<SummaryRow>,
    /// The one metric asked for.
    only: Option<i32>,
    policy: &'a str,
    against: &'a str,
    /// A policy of the two that sees the future.
    looks_ahead: Option<&'a str>,
}

/// Compares two policies.
///
/// # Errors
/// [`Failure::Store`] where there is no finished run, [`Failure::Unknown`] where it has no such
/// policy or horizon, [`Failure::Analysis`] where it kept no sums of the pair.
pub fn compare(input: &CompareInput, console: &Console) -> Result<(), Failure> {
    let (folder, _) = input.target.find(false)?;
    let run = RunReader::open(disk(), &folder)?;
    let mut plan = plan_of_run(&folder, &Changes::default())?;
    let (policy, against) = (policy_id(&plan, &input.policy)?, policy_id(&plan, &input.against)?);
    if policy == against {
        return Err(Failure::SamePolicy { policy: input.policy.clone() });
    }
    // everybody is a baseline but one
    plan.comparison.compare_with = (0..plan.policies.len() as u32).collect();
    plan.comparison.compare_with[policy as usize] = against;
    let followed = followed::follow(&plan, Level::best());
    let controls = controls(&plan, Level::best(), &AtomicBool::new(false));
    let found = analyse(&plan, &run.parts(), followed.cells, controls)?;
    let only = input
        .metric
        .as_ref()
        .map(|name| Ok::<_, Failure>(find_metric(&found.metrics, name)?.metric_id))
        .transpose()?;
    let horizons = run.rows()?.rows;
    let at = input.horizon.map(|years| find_horizon(&horizons, years)).transpose()?;
    let (mut rows, mut relative) = (found.compare, found.summary);
    let end = |scenario: i32, rows: &[CompareRow]| {
        rows.iter().filter(|row| row.scenario_id == scenario).map(|row| row.horizon_months).max()
    };
    let ends: Vec<Option<i32>> = (0..plan.scenarios.len() as i32)
        .map(|scenario| at.or_else(|| end(scenario, &rows)))
        .collect();
    rows.retain(|row| ends.get(row.scenario_id as usize) == Some(&Some(row.horizon_months)));
    let compared: BTreeSet<i32> = rows.iter().map(|row| row.metric_id).collect();
    let is_mean = |row: &SummaryRow| {
        row.stat == MEAN && row.policy_id == policy as i32 && row.value.is_some()
    };
    relative.retain(|row| {
        is_mean(row) && !compared.contains(&row.metric_id) && is_relative(row.metric_id)
    });
    let name = |id: u32| plan.policies[id as usize].policy.as_str();
    let looks_ahead =
        [policy, against].into_iter().find(|&id| plan.policies[id as usize].look_ahead).map(name);
    let pair = Pair {
        plan: &plan,
        metrics: found.metrics,
        rows,
        relative,
        only,
        policy: name(policy),
        against: name(against),
        looks_ahead,
    };
    if input.json { console.json(&pair.json()) } else { console.result(&pair.text()) }
}

impl Pair<'_> {
    fn text(&self) -> String {
        let paths = self.paths();
        let mut text = format!(
            "{}: `{}` less `{}`, on the same {} paths\n",
            self.plan.name,
            self.policy,
            self.against,
            count(paths)
        );
        for scenario in &self.plan.scenarios {
            let rows: Vec<&CompareRow> = self
                .rows
                .iter()
                .filter(|row| row.scenario_id == scenario.row.scenario_id)
                .collect();
            let months = rows.first().map_or(0, |row| row.horizon_months);
            text.push_str(&format!(
                "\n{}, after {} years\n",
                scenario.row.scenario,
                f64::from(months) / 12.0
            ));
            let mut table = TextTable::new([
                ("metric", Align::Left),
                (self.policy, Align::Right),
                (self.against, Align::Right),
                ("difference ± s.e.", Align::Right),
                ("95 %", Align::Right),
                ("better on", Align::Right),
                ("verdict", Align::Left),
            ]);
            let shown = |row: &&&CompareRow| {
                self.only.map_or(row.stat == MEAN, |metric| row.metric_id == metric)
            };
            rows.iter()
                .filter(shown)
                .filter_map(|row| self.cells(row))
                .for_each(|cells| table.row(cells));
            text.push_str(&table.render(2));
            if self.only.is_none() {
                text.push_str(&self.relative_text(scenario.row.scenario_id));
            }
        }
        text.push_str(
            "\nverdicts stand where there is a margin; intervals are of each metric by itself\n",
        );
        if text.contains(" ?") {
            text.push_str(
                "? the error is indicative only; ?? the error cannot be trusted, so \
            nothing is resolved\n",
            );
        }
        if self.rows.iter().any(|row| self.is_followed(row.metric_id)) {
            let followed = self.plan.followed_paths.min(paths);
            text.push_str(&format!(
                "* on the first {} paths, which are followed month by month\n",
                count(followed)
            ));
        }
        if let Some(seer) = self.looks_ahead {
            text.push_str(&format!(
                "`{seer}` looks ahead: nobody can follow it, and it has no verdict\n"
            ));
        }
        text
    }

    /// Paths of the run.
    fn paths(&self) -> u64 {
        self.rows.iter().map(|row| row.n_paths.unsigned_abs()).max().unwrap_or(0)
    }

    /// What is relative to the other policy already: it has no difference of its own.
    fn relative_text(&self, scenario: i32) -> String {
        let mut table = TextTable::new([
            ("relative to it", Align::Left),
            ("value ± s.e.", Align::Right),
            ("95 %", Align::Right),
            ("paths", Align::Right),
        ]);
        let rows: Vec<&SummaryRow> =
            self.relative.iter().filter(|row| row.scenario_id == scenario).collect();
        for row in &rows {
            let Some(metric) = self.metrics.iter().find(|metric| metric.metric_id == row.metric_id)
            else {
                continue;
            };
            let format = NumberFormat::of(&metric.number_format).within(row.std_error);
            let (value, error) = (
                row.value.unwrap_or(f64::NAN),
                row.std_error.map(|error| format!(" ± {}", format.for_differences().bare(error))),
            );
            let ends = row
                .ci_low
                .zip(row.ci_high)
                .map(|(low, high)| format!("[{}, {}]", format.bare(low), format.bare(high)));
            table.row(vec![
                metric.display_name.clone(),
                format!(
                    "{}{}{}{}",
                    format.bare(value),
                    error.unwrap_or_default(),
                    format.suffix(),
                    mark(&row.precision)
                ),
                ends.unwrap_or_default(),
                count(row.n_paths.unsigned_abs()),
            ]);
        }
        if rows.is_empty() { String::new() } else { format!("\n{}", table.render(2)) }
    }

    fn is_followed(&self, metric_id: i32) -> bool {
        MetricId::of_number(metric_id)
            .is_some_and(|id| matches!(id.metric().source, Source::Followed(_)))
    }

    fn cells(&self, row: &CompareRow) -> Option<Vec<String>> {
        let metric = self.metrics.iter().find(|metric| metric.metric_id == row.metric_id)?;
        let format = NumberFormat::of(&metric.number_format);
        let finer = format.for_differences().within(row.std_error);
        let bare = |value: Option<f64>| value.map(|value| format.bare(value)).unwrap_or_default();
        let diff = row.diff.zip(row.std_error).map(|(diff, error)| {
            format!("{} ± {}{}", finer.signed(diff), finer.bare(error), mark(&row.precision))
        });
        let ends = row
            .ci_low
            .zip(row.ci_high)
            .map(|(low, high)| format!("[{}, {}]", finer.signed(low), finer.signed(high)));
        let unit = if format.suffix().is_empty() { metric.unit.as_str() } else { "%" };
        Some(vec![
            if row.stat == MEAN {
                format!(
                    "{}, {unit}{}",
                    metric.display_name,
                    if self.is_followed(row.metric_id) { " *" } else { "" }
                )
            } else {
                format!("{}, {}", stat_words(&row.stat), metric.display_name)
            },
            bare(row.policy_value),
            bare(row.baseline_value),
            diff.unwrap_or_else(|| {
                format!("none: {}", row.reason.as_deref().unwrap_or("no value").replace('_', " "))
            }),
            ends.unwrap_or_default(),
            row.share_better.map(|share| format!("{:.1} %", 100.0 * share)).unwrap_or_default(),
            if metric.margin.is_some() { verdict(row) } else { String::new() },
        ])
    }

    fn json(&self) -> Value {
        let row = |row: &CompareRow| {
            let metric = self.metrics.iter().find(|metric| metric.metric_id == row.metric_id);
            json!({
                "scenario": self.plan.scenarios.get(row.scenario_id as usize).map(
                    |scenario| scenario.row.scenario.as_str()
                ),
                "horizon_months": row.horizon_months,
                "metric": metric.map(|metric| metric.metric.as_str()),
                "unit": metric.map(|metric| metric.unit.as_str()),
                "stat": row.stat,
                "policy_value": row.policy_value,
                "against_value": row.baseline_value,
                "diff": row.diff,
                "std_error": row.std_error,
                "ci_low": row.ci_low,
                "ci_high": row.ci_high,
                "p_value": row.p_value,
                "share_better": row.share_better,
                "correlation": row.correlation,
                "effect_currency": row.effect_currency,
                "effect_currency_low": row.effect_currency_low,
                "effect_currency_high": row.effect_currency_high,
                "n_paths": row.n_paths,
                "precision": row.precision,
                "verdict": row.verdict,
                "n_paths_needed": row.n_paths_needed,
                "reason": row.reason,
            })
        };
        json!({
            "study": self.plan.name,
            "run_id": self.plan.simulation_id,
            "policy": self.policy,
            "against": self.against,
            "looks_ahead": self.looks_ahead,
            "rows": self.rows.iter().filter(
                |row| self.only.is_none_or(|metric| row.metric_id == metric)
            ).map(row).collect::<Vec<_>>(),
        })
    }
}

/// Whether a metric is about the difference from another policy.
fn is_relative(metric_id: i32) -> bool {
    let source = MetricId::of_number(metric_id).map(|id| id.metric().source);
    matches!(source, Some(Source::Followed(column)) if column.is_relative())
}

/// A statistic as people read it.
fn stat_words(stat: &str) -> String {
    match stat {
        "sd" => "st. dev.".to_owned(),
        "cvar_05" => "mean of the worst 5 %".to_owned(),
        "prob_below" => "probability below 0".to_owned(),
        quantile => {
            format!("{} % quantile", quantile.trim_start_matches('p').trim_start_matches('0'))
        }
    }
}
