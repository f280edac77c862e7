//! Selects the comparison on one metric at one horizon from the tables of a run.

use std::collections::BTreeMap;

use corridor_tables::label::BreakEvenLevel;
use corridor_tables::metric::MetricId;
use corridor_tables::{
    AttributionRow, BreakEvenRow, CompareRow, DimHorizonRow, DimMetricRow, DimPolicyRow,
    DimRegimeRow, DimRunRow, DimScenarioRow, SignalRow, SummaryRow,
};
use serde_json::{Value, json};

use crate::number::NumberFormat;
use crate::tables::{COST, Tables};
use crate::unknown::{Thing, Unknown};
use crate::wording::MEAN;

/// The comparison of every policy with its baseline on one metric, at one horizon or at the last
/// horizon of each scenario.
pub struct Comparison {
    /// Facts about the run.
    pub run: DimRunRow,
    /// Metric of the comparison.
    pub metric: DimMetricRow,
    /// All report horizons of the run.
    pub horizons: Vec<DimHorizonRow>,
    /// Scenarios in the order of their ids.
    pub scenarios: Vec<DimScenarioRow>,
    /// Policies in the order of their ids.
    pub policies: Vec<DimPolicyRow>,
    /// Estimates, one entry per scenario and policy.
    pub lines: Vec<Line>,
    /// Other metrics for which the study declares a margin, with the comparisons at the same
    /// horizons.
    pub also: Vec<(DimMetricRow, Vec<CompareRow>)>,
    /// Break-even points on the metric at these horizons.
    pub break_even: Vec<BreakEvenRow>,
    /// Parts of the differences.
    pub attribution: Vec<AttributionRow>,
    /// Accuracy of the signals.
    pub signals: Vec<SignalRow>,
    /// True regimes of every scenario.
    pub regimes: Vec<DimRegimeRow>,
}

/// The estimates of one policy in one scenario.
pub struct Line {
    /// Estimate of the metric.
    pub summary: SummaryRow,
    /// Cost and risk of the policy.
    pub beside: Beside,
    /// Comparison with the baseline; `None` for the baseline.
    pub compare: Option<CompareRow>,
}

/// Cost and risk of a policy, on average over paths; `None` where the run does not know it, or
/// where it is the metric of the comparison itself.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Beside {
    /// Trading costs, in bp of wealth a year.
    pub cost_bps_annual: Option<f64>,
    /// Maximum drawdown of the unit value, as a fraction.
    pub max_drawdown_frac: Option<f64>,
}

/// The costs and drawdowns of all policies, to be shown beside a metric.
pub(crate) struct AllBeside {
    cost: Means,
    drawdown: Means,
}

/// Means by scenario, policy and horizon.
type Means = BTreeMap<(i32, i32, i32), f64>;

impl AllBeside {
    /// Finds them for the policies of a run; what `metric` itself says is left out.
    pub(crate) fn of(tables: &Tables, metric: &DimMetricRow) -> Self {
        let means = |name: &str| {
            let other =
                tables.metrics.iter().find(|row| row.metric == name && metric.metric != name);
            let id = other.map(|row| row.metric_id);
            let is_it = |row: &&SummaryRow| Some(row.metric_id) == id && row.stat == MEAN;
            let rows = tables.summary.iter().filter(is_it);
            rows.filter_map(|row| Some((place(row), row.value?))).collect()
        };
        Self { cost: means(COST), drawdown: means(MetricId::MAX_DRAWDOWN.metric().name) }
    }

    /// Returns cost and risk of the policy of a row of `fact_summary`.
    pub(crate) fn beside(&self, row: &SummaryRow) -> Beside {
        let of = |means: &Means| means.get(&place(row)).copied();
        Beside { cost_bps_annual: of(&self.cost), max_drawdown_frac: of(&self.drawdown) }
    }
}

fn place(row: &SummaryRow) -> (i32, i32, i32) {
    (row.scenario_id, row.policy_id, row.horizon_months)
}

impl Beside {
    /// Writes the costs, in bp of wealth a year; empty where they are not known.
    pub(crate) fn cost(self) -> String {
        self.cost_bps_annual.map(|cost| NumberFormat::of("0.0").bare(cost)).unwrap_or_default()
    }

    /// Writes the drawdown in per cent; empty where it is not known.
    pub(crate) fn drawdown(self) -> String {
        let percent = |fall| NumberFormat::of("0.0%").bare(fall) + " %";
        self.max_drawdown_frac.map(percent).unwrap_or_default()
    }
}

impl Comparison {
    /// Selects the comparison on `metric`, else on the primary metric of the study, at the report
    /// horizon after `years`, else at the last horizon of each scenario.
    ///
    /// # Errors
    /// [`Unknown`] if the run lacks the metric or the horizon, or a value of the metric there.
    pub fn of(tables: &Tables, metric: Option<&str>, years: Option<f64>) -> Result<Self, Unknown> {
        let metrics = compared_metrics(tables);
        let metric = match metric {
            None => metrics
                .iter()
                .find(|row| row.metric_id == tables.run.primary_metric_id)
                .cloned()
                .unwrap_or_default(),
            Some(name) => match find_metric(&metrics, name) {
                Ok(metric) => metric.clone(),
                Err(unknown) if tables.metrics.iter().any(|row| row.metric == name) => {
                    return Err(Unknown { what: Thing::ComparedMetric, ..unknown });
                }
                Err(unknown) => return Err(unknown),
            },
        };
        let at = At::of(tables, metric.metric_id, years)?;
        let also = metrics
            .iter()
            .filter(|other| other.metric_id != metric.metric_id)
            .filter(|other| other.margin_is_declared == Some(true))
            .map(|other| (other.clone(), at.compares(other.metric_id)))
            .filter(|(_, rows)| !rows.is_empty())
            .collect();
        let mut compares: BTreeMap<(i32, i32), CompareRow> = at
            .compares(metric.metric_id)
            .into_iter()
            .map(|row| ((row.scenario_id, row.policy_id), row))
            .collect();
        let all_beside = AllBeside::of(tables, &metric);
        let line = |summary: SummaryRow| Line {
            compare: compares.remove(&(summary.scenario_id, summary.policy_id)),
            beside: all_beside.beside(&summary),
            summary,
        };
        Ok(Self {
            lines: at.summaries(metric.metric_id).into_iter().map(line).collect(),
            also,
            scenarios: tables.scenarios.clone(),
            policies: tables.policies.clone(),
            run: tables.run.clone(),
            break_even: at.break_even(metric.metric_id),
            attribution: tables.attribution.clone(),
            signals: tables.signals.clone(),
            regimes: tables.regimes.clone(),
            horizons: tables.horizons.clone(),
            metric,
        })
    }

    /// Returns the name of a policy; empty for an id that the run does not have.
    #[must_use]
    pub fn policy(&self, id: i32) -> &str {
        self.policies.iter().find(|row| row.policy_id == id).map_or("", |row| row.policy.as_str())
    }

    /// Returns whether the run has several scenarios, so that each must be named.
    #[must_use]
    pub fn has_scenarios(&self) -> bool {
        self.run.scenarios > 1
    }

    /// Returns the baseline that all comparisons share; `None` if baselines differ.
    #[must_use]
    pub fn common_baseline(&self) -> Option<&str> {
        let mut baselines = self
            .lines
            .iter()
            .filter_map(|line| line.compare.as_ref())
            .map(|row| row.baseline_policy_id);
        let first = baselines.next()?;
        baselines.all(|id| id == first).then(|| self.policy(first))
    }

    /// Returns the horizon that all estimates share; `None` if horizons differ.
    #[must_use]
    pub fn common_horizon(&self) -> Option<&DimHorizonRow> {
        let first = self.lines.first()?.summary.horizon_months;
        let same = self.lines.iter().all(|line| line.summary.horizon_months == first);
        self.horizons.iter().find(|row| same && row.horizon_months == first)
    }

    /// Returns the format in which numbers of the metric are printed.
    #[must_use]
    pub fn format(&self) -> NumberFormat {
        NumberFormat::of(&self.metric.number_format)
    }

    /// Returns the estimates as JSON, with labels instead of ids.
    #[must_use]
    pub fn json(&self) -> Vec<Value> {
        self.lines.iter().map(|line| self.line_json(line)).collect()
    }

    /// Returns the break-even points as JSON.
    #[must_use]
    pub fn break_even_json(&self) -> Vec<Value> {
        let one = |row: &BreakEvenRow| {
            json!({
                "swept": row.swept,
                "axis": row.axis,
                "series": row.series,
                "scenario": row.scenario,
                "value": row.value,
                "ci_low": row.ci_low,
                "ci_high": row.ci_high,
                "rises": row.rises,
                "swept_from": row.swept_from,
                "swept_to": row.swept_to,
                "n_paths": row.n_paths,
                "precision": row.precision,
                "reason": row.reason,
            })
        };
        self.break_even.iter().map(one).collect()
    }

    fn line_json(&self, line: &Line) -> Value {
        let scenario =
            self.scenarios.iter().find(|row| row.scenario_id == line.summary.scenario_id);
        let mut document = json!({
            "scenario": scenario.map(|row| row.scenario.as_str()),
            "policy": self.policy(line.summary.policy_id),
            "horizon_months": line.summary.horizon_months,
            "value": line.summary.value,
            "std_error": line.summary.std_error,
            "method": line.summary.method,
            "precision": line.summary.precision,
        });
        if let Some(row) = &line.compare {
            document["against"] = json!({
                "baseline": self.policy(row.baseline_policy_id),
                "diff": row.diff,
                "std_error": row.std_error,
                "ci_low": row.ci_low,
                "ci_high": row.ci_high,
                "ci_low_simultaneous": row.ci_low_simultaneous,
                "ci_high_simultaneous": row.ci_high_simultaneous,
                "exposure_diff_frac": row.exposure_diff_frac,
                "cost_bps_annual": line.beside.cost_bps_annual,
                "max_drawdown_frac": line.beside.max_drawdown_frac,
                "effect_currency": row.effect_currency,
                "precision": row.precision,
                "verdict": row.verdict,
                "n_paths_needed": row.n_paths_needed,
                "reason": row.reason,
            });
        }
        document
    }
}

/// Returns the metrics that policies are compared on.
fn compared_metrics(tables: &Tables) -> Vec<DimMetricRow> {
    let is_compared = |row: &&DimMetricRow| {
        MetricId::of_number(row.metric_id).is_none_or(|id| id.metric().is_compared())
    };
    tables.metrics.iter().filter(is_compared).cloned().collect()
}

/// The tables of a run at one horizon of each scenario.
struct At<'a> {
    tables: &'a Tables,
    /// Months to the horizon of each scenario.
    ends: BTreeMap<i32, i32>,
}

impl<'a> At<'a> {
    /// Takes the report horizon after `years`, else the last horizon at which each scenario has
    /// statistics of the metric.
    fn of(tables: &'a Tables, metric_id: i32, years: Option<f64>) -> Result<Self, Unknown> {
        let at = years.map(|years| find_horizon(&tables.horizons, years)).transpose()?;
        let of_metric = tables.summary.iter().filter(|row| row.metric_id == metric_id);
        let summaries: Vec<&SummaryRow> = of_metric.filter(|row| row.stat == MEAN).collect();
        years.map_or(Ok(()), |years| has_value(&tables.horizons, &summaries, years))?;
        let mut ends: BTreeMap<i32, i32> = BTreeMap::new();
        for row in summaries {
            let end = ends.entry(row.scenario_id).or_default();
            *end = (*end).max(at.unwrap_or(row.horizon_months));
        }
        Ok(Self { tables, ends })
    }

    fn has(&self, scenario_id: i32, horizon_months: i32) -> bool {
        self.ends.get(&scenario_id) == Some(&horizon_months)
    }

    fn summaries(&self, metric_id: i32) -> Vec<SummaryRow> {
        let of_metric = self.tables.summary.iter().filter(|row| row.metric_id == metric_id);
        let here =
            |row: &&SummaryRow| row.stat == MEAN && self.has(row.scenario_id, row.horizon_months);
        let mut rows: Vec<SummaryRow> = of_metric.filter(here).cloned().collect();
        rows.sort_by_key(|row| (row.scenario_id, row.policy_id));
        rows
    }

    fn compares(&self, metric_id: i32) -> Vec<CompareRow> {
        let of_metric = self.tables.compare.iter().filter(|row| row.metric_id == metric_id);
        let here =
            |row: &&CompareRow| row.stat == MEAN && self.has(row.scenario_id, row.horizon_months);
        of_metric.filter(here).cloned().collect()
    }

    /// Points at which the difference is zero; a series of scenarios has them at the last horizon.
    fn break_even(&self, metric_id: i32) -> Vec<BreakEvenRow> {
        let last = self.ends.values().copied().max().unwrap_or_default();
        let end_of = |row: &BreakEvenRow| {
            row.scenario_id.map_or(last, |id| self.ends.get(&id).copied().unwrap_or_default())
        };
        let is_shown = |row: &&BreakEvenRow| {
            row.metric_id == metric_id
                && row.level == BreakEvenLevel::Zero.name()
                && row.horizon_months == end_of(row)
        };
        self.tables.break_even.iter().filter(is_shown).cloned().collect()
    }
}

/// Checks that the metric has a value at the horizon: some metrics have one at the end only.
fn has_value(
    horizons: &[DimHorizonRow],
    summaries: &[&SummaryRow],
    years: f64,
) -> Result<(), Unknown> {
    let with_value = horizons
        .iter()
        .filter(|horizon| summaries.iter().any(|row| row.horizon_months == horizon.horizon_months));
    let with_value: Vec<DimHorizonRow> = with_value.cloned().collect();
    match find_horizon(&with_value, years) {
        Err(Unknown { name, known, .. }) if !with_value.is_empty() => {
            Err(Unknown { what: Thing::HorizonOfMetric, name, known })
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Finds the report horizon of a number of years; returns its months.
///
/// # Errors
/// [`Unknown`] if the run does not have it.
pub fn find_horizon(horizons: &[DimHorizonRow], years: f64) -> Result<i32, Unknown> {
    let found = horizons.iter().find(|row| (row.horizon_years - years).abs() < 1e-6);
    let known = || horizons.iter().map(|row| row.horizon_years.to_string());
    found
        .map(|row| row.horizon_months)
        .ok_or_else(|| Unknown::new(Thing::Horizon, &years.to_string(), known()))
}

/// Finds a metric by its name.
///
/// # Errors
/// [`Unknown`] if the run does not have it.
pub fn find_metric<'a>(
    metrics: &'a [DimMetricRow],
    name: &str,
) -> Result<&'a DimMetricRow, Unknown> {
    let known = || metrics.iter().map(|row| row.metric.as_str());
    metrics
        .iter()
        .find(|row| row.metric == name)
        .ok_or_else(|| Unknown::new(Thing::Metric, name, known()))
}
