//! Builds the rows of `fact_break_even`.

use std::collections::BTreeMap;

use corridor_tables::BreakEvenRow;
use corridor_tables::metric::MetricId;

use crate::break_even::{Point, crossings};
use crate::comparison::Compared;
use crate::estimate::{Estimate, Precision};
use crate::input::{AnalysisInput, Over, Series};
use crate::statistic::Stat;

/// Builds the rows of `fact_break_even`: for every metric with a margin, the crossings of zero and of
/// both ends of the margin.
pub(crate) fn break_even_rows(input: &AnalysisInput, compared: &[Compared]) -> Vec<BreakEvenRow> {
    let compared = || compared.iter().filter(|row| row.stat == Stat::Mean);
    let known: Known<'_> = compared()
        .map(|row| {
            (
                (
                    row.metric,
                    row.policy.horizon_months,
                    row.policy.scenario_id,
                    row.policy.policy_id,
                ),
                row,
            )
        })
        .collect();
    let mut runs: Vec<(MetricId, u32)> =
        compared().map(|row| (row.metric, row.policy.horizon_months)).collect();
    runs.sort_unstable();
    runs.dedup();
    let mut rows = Vec::new();
    for series in &input.series {
        for &(metric, months) in &runs {
            let Some(margin) = input.comparison.margin(metric) else { continue };
            let others = match series.over {
                Over::Policies => input.scenarios.len(),
                Over::Scenarios => input.policies.len(),
            };
            for other in 0..others as u32 {
                let line = Line { series, metric, months, other };
                rows.extend(line.rows(&known, margin, input));
            }
        }
    }
    rows
}

type Known<'a> = BTreeMap<(MetricId, u32, u32, u32), &'a Compared>;

/// A series for one of what it does not run over: a policy's in one scenario, or scenarios' for one
/// policy.
struct Line<'a> {
    series: &'a Series,
    metric: MetricId,
    months: u32,
    other: u32,
}

impl Line<'_> {
    fn rows(&self, known: &Known<'_>, margin: f64, input: &AnalysisInput) -> Vec<BreakEvenRow> {
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
        let mut levels = vec![("zero", 0.0)];
        if margin > 0.0 {
            levels.extend([("margin_low", -margin), ("margin_high", margin)]);
        }
        levels
            .into_iter()
            .flat_map(|(level, value)| {
                self.at_level(&points, (n_paths, precision), (level, value), input)
            })
            .collect()
    }

    fn point(&self, known: &Known<'_>, x: f64, member: u32) -> Option<(Point, Estimate)> {
        let (scenario, policy) = match self.series.over {
            Over::Policies => (self.other, member),
            Over::Scenarios => (member, self.other),
        };
        let estimate = known
            .get(&(self.metric, self.months, scenario, policy))?
            .comparison
            .difference
            .estimate;
        Some((
            Point { x, diff: estimate.value?, low: estimate.ci_low?, high: estimate.ci_high? },
            estimate,
        ))
    }

    fn at_level(
        &self,
        points: &[Point],
        (n_paths, precision): (u64, Precision),
        (level, value): (&str, f64),
        input: &AnalysisInput,
    ) -> Vec<BreakEvenRow> {
        let found = crossings(points, value);
        let (name, scenario) = (
            |id: u32| input.policies.get(id as usize).cloned().unwrap_or_default(),
            input.scenarios.get(self.other as usize),
        );
        let blank = BreakEvenRow {
            swept: if self.series.over == Over::Policies { "policy" } else { "scenario" }
                .to_owned(),
            axis: self.series.axis.clone(),
            key: self.series.key.clone(),
            series: if self.series.over == Over::Policies {
                self.series.label.clone()
            } else {
                name(self.other)
            },
            scenario_id: (self.series.over == Over::Policies).then_some(self.other as i32),
            scenario: match self.series.over {
                Over::Policies => {
                    scenario.map(|scenario| scenario.name.clone()).unwrap_or_default()
                }
                Over::Scenarios => self.series.label.clone(),
            },
            horizon_months: self.months as i32,
            metric_id: self.metric.number(),
            level: level.to_owned(),
            level_value: value,
            crossing: 0,
            value: None,
            ci_low: None,
            ci_high: None,
            rises: None,
            swept_from: points.first().map_or(f64::NAN, |point| point.x),
            swept_to: points.last().map_or(f64::NAN, |point| point.x),
            points: points.len() as i32,
            n_paths: n_paths as i64,
            method: "linear interpolation".to_owned(),
            precision: precision.name().to_owned(),
            reason: None,
        };
        if found.is_empty() {
            return vec![BreakEvenRow {
                reason: Some(without_crossing(points, value).to_owned()),
                ..blank
            }];
        }
        let row = |(place, one): (usize, &crate::break_even::Crossing)| BreakEvenRow {
            crossing: place as i32,
            value: Some(one.x),
            ci_low: one.low,
            ci_high: one.high,
            rises: Some(one.rises),
            ..blank.clone()
        };
        found.iter().enumerate().map(row).collect()
    }
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
