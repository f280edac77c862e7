//! Builds the rows of `fact_summary` and `fact_quantile`.

use corridor_core::outcome::CellId;
use corridor_tables::label::Stat;
use corridor_tables::metric::MetricId;
use corridor_tables::{QuantileRow, SummaryRow};

use crate::cell::Estimates;
use crate::estimate::Estimate;

/// Builds the rows of `fact_summary`: headline, spread, key quantiles and tail of every metric of
/// every cell.
pub(crate) fn summary_rows(estimates: Estimates) -> Vec<SummaryRow> {
    let mut rows = Vec::new();
    for (id, metrics) in estimates {
        for (metric, found) in MetricId::all().zip(&metrics) {
            rows.extend(
                found.summary().map(|(stat, estimate)| summary_row(id, metric, stat, estimate)),
            );
        }
    }
    rows
}

/// Builds the rows of `fact_quantile`: all percents of every metric that has quantiles.
pub(crate) fn quantile_rows(estimates: &Estimates) -> Vec<QuantileRow> {
    let mut rows = Vec::new();
    for (id, metrics) in estimates {
        for (metric, found) in MetricId::all().zip(metrics) {
            rows.extend(
                found
                    .quantiles
                    .iter()
                    .map(|(percent, estimate)| quantile_row(*id, metric, *percent, estimate)),
            );
        }
    }
    rows
}

fn summary_row(id: CellId, metric: MetricId, stat: Stat, estimate: &Estimate) -> SummaryRow {
    SummaryRow {
        scenario_id: id.scenario_id.number(),
        policy_id: id.policy_id.number(),
        horizon_months: id.horizon_months as i32,
        metric_id: metric.number(),
        stat: stat.name(),
        value: estimate.value,
        std_error: estimate.std_error,
        ci_low: estimate.ci_low,
        ci_high: estimate.ci_high,
        n_paths: estimate.n_paths as i64,
        method: estimate.method.name().into(),
        precision: estimate.precision.name().into(),
        reason: estimate.reason.map(|reason| reason.name().into()),
    }
}

fn quantile_row(id: CellId, metric: MetricId, percent: u8, estimate: &Estimate) -> QuantileRow {
    QuantileRow {
        scenario_id: id.scenario_id.number(),
        policy_id: id.policy_id.number(),
        horizon_months: id.horizon_months as i32,
        metric_id: metric.number(),
        prob: f64::from(percent) / 100.0,
        value: estimate.value,
        std_error: estimate.std_error,
        ci_low: estimate.ci_low,
        ci_high: estimate.ci_high,
        n_paths: estimate.n_paths as i64,
        method: estimate.method.name().into(),
        precision: estimate.precision.name().into(),
        reason: estimate.reason.map(|reason| reason.name().into()),
    }
}
