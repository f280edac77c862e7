//! Builds the rows of `fact_summary` and `fact_quantile`.

use corridor_core::outcome::CellId;
use corridor_tables::label::Stat;
use corridor_tables::metric::MetricId;
use corridor_tables::{QuantileRow, SummaryRow};

use crate::cell::{Estimates, MetricEstimates};
use crate::estimate::Estimate;

/// Builds the rows of `fact_summary`: headline, spread, key quantiles and tail of a metric of every
/// cell.
pub(crate) fn summary_rows(metric: MetricId, estimates: &Estimates) -> Vec<SummaryRow> {
    let rows = |(&id, found): (&CellId, &MetricEstimates)| -> Vec<SummaryRow> {
        found.summary().map(|(stat, estimate)| summary_row(id, metric, stat, estimate)).collect()
    };
    estimates.iter().flat_map(rows).collect()
}

/// Builds the rows of `fact_quantile`: all percents of a metric of some cells.
pub(crate) fn quantile_rows<'a>(
    metric: MetricId,
    estimates: impl IntoIterator<Item = (&'a CellId, &'a MetricEstimates)>,
) -> Vec<QuantileRow> {
    let mut rows = Vec::new();
    for (&id, found) in estimates {
        let row =
            |(percent, estimate): &(u8, Estimate)| quantile_row(id, metric, *percent, estimate);
        rows.extend(found.quantiles.iter().map(row));
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
