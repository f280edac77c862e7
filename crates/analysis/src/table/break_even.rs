//! Builds the rows of `fact_break_even`.

use std::collections::{BTreeMap, BTreeSet};

use corridor_core::outcome::{CellId, PolicyId, ScenarioId};
use corridor_tables::BreakEvenRow;
use corridor_tables::label::Stat;
use corridor_tables::metric::{DefaultMargin, MetricId};

use crate::break_even::{Crossing, Point, crossings};
use crate::comparison::Compared;
use crate::estimate::Estimate;
use crate::input::{AnalysisInput, Over, Series};

/// Builds the rows of `fact_break_even` of a metric with a margin: the crossings of zero and of both
/// ends of the margin.
pub(crate) fn break_even_rows(
    input: &AnalysisInput,
    metric: MetricId,
    compared: &[Compared],
) -> Vec<BreakEvenRow> {
    let margin = input.comparison.margin(metric).and_then(DefaultMargin::absolute);
    let Some(margin) = margin else { return Vec::new() };
    let compared = || compared.iter().filter(|row| row.stat == Stat::Mean);
    let known: Known<'_> = compared().map(|row| (row.policy, row)).collect();
    let horizons: BTreeSet<u32> = compared().map(|row| row.policy.horizon_months).collect();
    let mut rows = Vec::new();
    for series in &input.series {
        for &months in &horizons {
            let others = match series.over {
                Over::Policies => input.scenarios.len(),
                Over::Scenarios => input.policies.len(),
            };
            for other in 0..others as u32 {
                let sweep = Sweep { input, series, metric, months, other };
                rows.extend(sweep.rows(&known, margin));
            }
        }
    }
    rows
}

/// Comparisons of the headline of a metric, by cell.
type Known<'a> = BTreeMap<CellId, &'a Compared>;

/// A series on one metric at one horizon: policies in one scenario, or one policy in the scenarios.
struct Sweep<'a> {
    input: &'a AnalysisInput,
    series: &'a Series,
    metric: MetricId,
    months: u32,
    /// Id of the scenario of a series of policies, or of the policy of a series of scenarios.
    other: u32,
}

/// A level that a difference may cross.
#[derive(Clone, Copy)]
struct Level {
    name: &'static str,
    /// In the metric's unit.
    value: f64,
}

impl Sweep<'_> {
    fn rows(&self, known: &Known<'_>, margin: f64) -> Vec<BreakEvenRow> {
        let found: Vec<(Point, Estimate)> = self
            .series
            .points
            .iter()
            .filter_map(|&(x, member)| self.point(known, x, member))
            .collect();
        let (points, estimates): (Vec<Point>, Vec<Estimate>) = found.into_iter().unzip();
        let Some(precision) =
            estimates.iter().map(|estimate| estimate.precision).max().filter(|_| points.len() > 1)
        else {
            return Vec::new();
        };
        let n_paths = estimates.iter().map(|estimate| estimate.n_paths).min().unwrap_or(0);
        let blank = BreakEvenRow {
            n_paths: n_paths as i64,
            precision: precision.name().into(),
            ..self.blank(&points)
        };
        let mut levels = vec![Level { name: "zero", value: 0.0 }];
        if margin > 0.0 {
            levels.extend([
                Level { name: "margin_low", value: -margin },
                Level { name: "margin_high", value: margin },
            ]);
        }
        levels.into_iter().flat_map(|level| at_level(&points, level, &blank)).collect()
    }

    fn point(&self, known: &Known<'_>, x: f64, member: u32) -> Option<(Point, Estimate)> {
        let (scenario_id, policy_id) = match self.series.over {
            Over::Policies => (ScenarioId(self.other), PolicyId(member)),
            Over::Scenarios => (ScenarioId(member), PolicyId(self.other)),
        };
        let cell = CellId { scenario_id, policy_id, horizon_months: self.months };
        let estimate = known.get(&cell)?.comparison.difference.estimate;
        Some((
            Point { x, diff: estimate.value?, low: estimate.ci_low?, high: estimate.ci_high? },
            estimate,
        ))
    }

    /// A row with the columns that all levels and crossings share.
    fn blank(&self, points: &[Point]) -> BreakEvenRow {
        let (series, other) = (self.series, self.other as usize);
        let scenario_name = || Some(self.input.scenarios.get(other)?.name.clone());
        let (swept, label, scenario_id, scenario) = match series.over {
            Over::Policies => (
                "policy",
                series.label.clone(),
                Some(self.other as i32),
                scenario_name().unwrap_or_default(),
            ),
            Over::Scenarios => (
                "scenario",
                self.input.policies.get(other).cloned().unwrap_or_default(),
                None,
                series.label.clone(),
            ),
        };
        BreakEvenRow {
            swept: swept.into(),
            axis: series.axis.clone(),
            axis_label: Some(series.title.clone()),
            key: series.key.clone(),
            series: label,
            scenario_id,
            scenario,
            horizon_months: self.months as i32,
            metric_id: self.metric.number(),
            swept_from: points.first().map_or(f64::NAN, |point| point.x),
            swept_to: points.last().map_or(f64::NAN, |point| point.x),
            points: points.len() as i32,
            method: "linear interpolation".into(),
            ..BreakEvenRow::default()
        }
    }
}

/// Builds one row per crossing of a level; without a crossing, one row with the reason.
fn at_level(points: &[Point], level: Level, blank: &BreakEvenRow) -> Vec<BreakEvenRow> {
    let blank =
        BreakEvenRow { level: level.name.into(), level_value: level.value, ..blank.clone() };
    let found = crossings(points, level.value);
    if found.is_empty() {
        let reason = Some(without_crossing(points, level.value).into());
        return vec![BreakEvenRow { reason, ..blank }];
    }
    let row = |(number, crossing): (usize, &Crossing)| BreakEvenRow {
        crossing: number as i32,
        value: Some(crossing.x),
        ci_low: crossing.low,
        ci_high: crossing.high,
        rises: Some(crossing.rises),
        swept_below: Some(crossing.between.0),
        swept_above: Some(crossing.between.1),
        ..blank.clone()
    };
    found.iter().enumerate().map(row).collect()
}

/// Returns why a difference crosses a level nowhere. A side is named only if every interval lies
/// wholly on it.
fn without_crossing(points: &[Point], level: f64) -> &'static str {
    let all = |test: &dyn Fn(&Point) -> bool| points.iter().all(test);
    if all(&|point| point.low == level && point.high == level) {
        "level"
    } else if all(&|point| point.low > level) {
        "above"
    } else if all(&|point| point.high < level) {
        "below"
    } else {
        "unresolved"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_is_named_only_where_every_interval_is_on_it() {
        let line = |points: &[(f64, f64)]| -> Vec<Point> {
            points
                .iter()
                .enumerate()
                .map(|(x, &(diff, half))| Point {
                    x: x as f64,
                    diff,
                    low: diff - half,
                    high: diff + half,
                })
                .collect()
        };
        let check = |points: &[(f64, f64)]| without_crossing(&line(points), 0.0);
        assert_eq!(check(&[(-1.0, 0.5), (-2.0, 0.5)]), "below");
        assert_eq!(check(&[(1.0, 0.5), (2.0, 0.5)]), "above");
        assert_eq!(check(&[(-1.0, 0.5), (-0.2, 0.5)]), "unresolved");
        assert_eq!(check(&[(0.0, 0.0), (0.0, 0.0)]), "level");
    }
}
