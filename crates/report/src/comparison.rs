//! Picks the comparison on one metric at one horizon out of the tables of a run.

use std::collections::BTreeMap;

use corridor_tables::{
    AttributionRow, BreakEvenRow, CompareRow, DimHorizonRow, DimMetricRow, DimPolicyRow,
    DimRegimeRow, DimRunRow, DimScenarioRow, SignalRow, SummaryRow,
};
use serde_json::{Value, json};

use crate::number::NumberFormat;
use crate::tables::Tables;
use crate::unknown::Unknown;
use crate::wording::MEAN;

/// Every policy against its baseline on one metric, at the last horizon of each scenario or at one
/// named.
pub struct Comparison {
    /// The run.
    pub run: DimRunRow,
    /// The metric.
    pub metric: DimMetricRow,
    /// Every report horizon.
    pub horizons: Vec<DimHorizonRow>,
    /// Scenarios, by id.
    pub scenarios: Vec<DimScenarioRow>,
    /// Policies, by id.
    pub policies: Vec<DimPolicyRow>,
    /// One entry per scenario and policy, in the order of the policies.
    pub lines: Vec<Line>,
    /// Where swept numbers break even on the metric, at the same horizons.
    pub break_even: Vec<BreakEvenRow>,
    /// What differences are made of.
    pub attribution: Vec<AttributionRow>,
    /// How well signals tell the regime.
    pub signals: Vec<SignalRow>,
    /// The regimes of every scenario.
    pub regimes: Vec<DimRegimeRow>,
}

/// One policy in one scenario.
pub struct Line {
    /// Its own estimate.
    pub summary: SummaryRow,
    /// Its difference from the baseline; `None` for the baseline.
    pub compare: Option<CompareRow>,
}

impl Comparison {
    /// Picks the comparison on `metric`, or on the study's primary metric, at the report horizon
    /// after `years`, or at the end of each scenario.
    ///
    /// # Errors
    /// [`Unknown`] where there is no such metric or horizon, or no value of the one at the other.
    pub fn of(tables: Tables, metric: Option<&str>, years: Option<f64>) -> Result<Self, Unknown> {
        let Tables {
            horizons,
            run: dim_run,
            compare: mut compares,
            mut metrics,
            summary: mut summaries,
            mut break_even,
            ..
        } = tables;
        let at = years.map(|years| find_horizon(&horizons, years)).transpose()?;
        // A metric of ruined paths alone has no pairs.
        metrics.retain(|metric| {
            compares.is_empty() || compares.iter().any(|row| row.metric_id == metric.metric_id)
        });
        let metric = match metric {
            None => metrics
                .into_iter()
                .find(|row| row.metric_id == dim_run.primary_metric_id)
                .unwrap_or_default(),
            Some(name) => find_metric(&metrics, name)?.clone(),
        };
        summaries.retain(|row| row.metric_id == metric.metric_id && row.stat == MEAN);
        years.map_or(Ok(()), |years| has_value(&horizons, &summaries, years))?;
        let mut ends: BTreeMap<i32, i32> = BTreeMap::new();
        for row in &summaries {
            let end = ends.entry(row.scenario_id).or_default();
            *end = (*end).max(at.unwrap_or(row.horizon_months));
        }
        summaries.retain(|row| ends.get(&row.scenario_id) == Some(&row.horizon_months));
        summaries.sort_by_key(|row| (row.scenario_id, row.policy_id));
        compares.retain(|row| {
            row.metric_id == metric.metric_id
                && row.stat == MEAN
                && ends.get(&row.scenario_id) == Some(&row.horizon_months)
        });
        let last = ends.values().copied().max().unwrap_or_default();
        let end_of = |row: &BreakEvenRow| {
            row.scenario_id.map_or(last, |id| ends.get(&id).copied().unwrap_or_default())
        };
        break_even.retain(|row| {
            row.metric_id == metric.metric_id
                && row.level == "zero"
                && row.horizon_months == end_of(row)
        });
        let line = |summary: SummaryRow| {
            let same = |row: &&CompareRow| {
                (row.scenario_id, row.policy_id) == (summary.scenario_id, summary.policy_id)
            };
            Line { compare: compares.iter().find(same).cloned(), summary }
        };
        Ok(Self {
            lines: summaries.into_iter().map(line).collect(),
            scenarios: tables.scenarios,
            policies: tables.policies,
            run: dim_run,
            break_even,
            attribution: tables.attribution,
            signals: tables.signals,
            regimes: tables.regimes,
            horizons,
            metric,
        })
    }

    /// The name of a policy.
    #[must_use]
    pub fn policy(&self, id: i32) -> &str {
        self.policies.iter().find(|row| row.policy_id == id).map_or("", |row| row.policy.as_str())
    }

    /// The one baseline of all comparisons; `None` where policies have baselines of their own.
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

    /// The horizon compared at, where all scenarios end at the same one.
    #[must_use]
    pub fn common_horizon(&self) -> Option<&DimHorizonRow> {
        let first = self.lines.first()?.summary.horizon_months;
        let same = self.lines.iter().all(|line| line.summary.horizon_months == first);
        self.horizons.iter().find(|row| same && row.horizon_months == first)
    }

    /// How numbers of the metric are printed.
    #[must_use]
    pub fn format(&self) -> NumberFormat {
        NumberFormat::of(&self.metric.number_format)
    }

    /// The lines as JSON, labels in place.
    #[must_use]
    pub fn json(&self) -> Vec<Value> {
        self.lines.iter().map(|line| self.line_json(line)).collect()
    }

    /// Where swept numbers break even, as JSON.
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

/// Some metrics are known at the end only.
fn has_value(
    horizons: &[DimHorizonRow],
    summaries: &[SummaryRow],
    years: f64,
) -> Result<(), Unknown> {
    let with_value = horizons
        .iter()
        .filter(|horizon| summaries.iter().any(|row| row.horizon_months == horizon.horizon_months));
    let with_value: Vec<DimHorizonRow> = with_value.cloned().collect();
    match find_horizon(&with_value, years) {
        Err(Unknown { name, known, .. }) if !with_value.is_empty() => {
            Err(Unknown { what: "value of this metric after so many years:", name, known })
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Months of the report horizon of so many years.
///
/// # Errors
/// [`Unknown`] where there is none.
pub fn find_horizon(horizons: &[DimHorizonRow], years: f64) -> Result<i32, Unknown> {
    let found = horizons.iter().find(|row| (row.horizon_years - years).abs() < 1e-6);
    let known = || {
        horizons.iter().map(|row| format!("`{}`", row.horizon_years)).collect::<Vec<_>>().join(", ")
    };
    found.map(|row| row.horizon_months).ok_or_else(|| Unknown {
        what: "report horizon of so many years:",
        name: years.to_string(),
        known: known(),
    })
}

/// The metric of this name.
///
/// # Errors
/// [`Unknown`] where there is none.
pub fn find_metric<'a>(
    metrics: &'a [DimMetricRow],
    name: &str,
) -> Result<&'a DimMetricRow, Unknown> {
    let known =
        || metrics.iter().map(|row| format!("`{}`", row.metric)).collect::<Vec<_>>().join(", ");
    metrics.iter().find(|row| row.metric == name).ok_or_else(|| Unknown {
        what: "metric",
        name: name.to_owned(),
        known: known(),
    })
}
