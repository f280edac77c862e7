//! Builds the rows of `fact_robustness`.

use std::collections::BTreeMap;

use corridor_tables::RobustnessRow;
use corridor_tables::metric::MetricId;

use crate::cell::Estimates;
use crate::comparison::Compared;
use crate::input::AnalysisInput;
use crate::quantile::of_sorted;
use crate::statistic::Stat;

type Key = (MetricId, u32, u32);

/// Builds the rows of `fact_robustness`: every policy, horizon and metric over all scenarios.
pub(crate) fn robustness_rows(
    input: &AnalysisInput,
    estimates: &Estimates,
    compared: &[Compared],
) -> Vec<RobustnessRow> {
    let mut values: BTreeMap<Key, Vec<(u32, f64)>> = BTreeMap::new();
    for (id, metrics) in estimates {
        for (metric, found) in MetricId::all().zip(metrics) {
            if let Some(value) = found.headline.value {
                values
                    .entry((metric, id.horizon_months, id.policy_id))
                    .or_default()
                    .push((id.scenario_id, value));
            }
        }
    }
    let mut differences: BTreeMap<Key, Vec<&Compared>> = BTreeMap::new();
    for row in compared.iter().filter(|row| row.stat == Stat::Mean) {
        differences
            .entry((row.metric, row.policy.horizon_months, row.policy.policy_id))
            .or_default()
            .push(row);
    }
    let bests = bests(input, &values);
    let row = |(&key, values): (&Key, &Vec<(u32, f64)>)| {
        let sign = sign(key.0).unwrap_or(1.0);
        let extreme = |sign: f64| {
            values.iter().copied().reduce(|a, b| if sign * b.1 > sign * a.1 { b } else { a })
        };
        let (best, worst) = (extreme(sign)?, extreme(-sign)?);
        let found = differences.get(&key).map_or(&[][..], Vec::as_slice);
        let regret = largest_regret(key, values, &bests);
        Some(RobustnessRow {
            policy_id: key.2 as i32,
            baseline_policy_id: found.first().map(|row| row.baseline as i32),
            horizon_months: key.1 as i32,
            metric_id: key.0.number(),
            scenarios: values.len() as i32,
            best: best.1,
            best_scenario_id: best.0 as i32,
            worst: worst.1,
            worst_scenario_id: worst.0 as i32,
            regret_max: regret.map(|regret| regret.1),
            regret_max_scenario_id: regret.map(|regret| regret.0 as i32),
            ..differing(key.0, found)
        })
    };
    values.iter().filter_map(row).collect()
}

/// Returns 1 if more is better, -1 if less is; `None` without a direction.
fn sign(metric: MetricId) -> Option<f64> {
    metric.metric().higher_is_better.map(|higher| if higher { 1.0 } else { -1.0 })
}

/// Finds the best value of the policies that do not see the future, in every scenario.
fn bests(input: &AnalysisInput, values: &BTreeMap<Key, Vec<(u32, f64)>>) -> BTreeMap<Key, f64> {
    let mut bests: BTreeMap<Key, f64> = BTreeMap::new();
    for (&(metric, months, _), values) in
        values.iter().filter(|((_, _, policy), _)| !input.look_ahead.contains(policy))
    {
        let Some(sign) = sign(metric) else { continue };
        for &(scenario, value) in values {
            let best = bests.entry((metric, months, scenario)).or_insert(value);
            *best = if sign * value > sign * *best { value } else { *best };
        }
    }
    bests
}

/// Returns the scenario with the largest distance from the best policy, and that distance.
fn largest_regret(
    (metric, months, _): Key,
    values: &[(u32, f64)],
    bests: &BTreeMap<Key, f64>,
) -> Option<(u32, f64)> {
    let sign = sign(metric)?;
    let regret = |&(scenario, value): &(u32, f64)| {
        Some((scenario, (sign * (bests.get(&(metric, months, scenario))? - value)).max(0.0)))
    };
    values.iter().filter_map(regret).reduce(|a, b| if b.1 > a.1 { b } else { a })
}

/// Fills the columns that follow from differences from the baseline.
fn differing(metric: MetricId, found: &[&Compared]) -> RobustnessRow {
    let mut sorted: Vec<f64> =
        found.iter().filter_map(|row| row.comparison.difference.estimate.value).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let mean = sorted.iter().sum::<f64>() / n;
    let squares: f64 = sorted.iter().map(|diff| (diff - mean) * (diff - mean)).sum();
    let share = |test: &dyn Fn(f64, &Compared) -> bool| {
        let sign = sign(metric).filter(|_| !sorted.is_empty())?;
        Some(
            found
                .iter()
                .filter(|row| row.comparison.difference.estimate.value.is_some() && test(sign, row))
                .count() as f64
                / n,
        )
    };
    let surely = |side: f64| {
        move |sign: f64, row: &Compared| {
            row.comparison
                .simultaneous
                .is_some_and(|(low, high)| if sign * side > 0.0 { low > 0.0 } else { high < 0.0 })
        }
    };
    let errors = found.iter().filter_map(|row| row.comparison.difference.estimate.std_error);
    RobustnessRow {
        share_better: share(&|sign, row| {
            row.comparison.difference.estimate.value.is_some_and(|diff| sign * diff > 0.0)
        }),
        share_surely_better: share(&surely(1.0)),
        share_surely_worse: share(&surely(-1.0)),
        diff_min: sorted.first().copied(),
        diff_median: of_sorted(&sorted, 0.5),
        diff_max: sorted.last().copied(),
        diff_sd_scenarios: (sorted.len() > 1).then(|| (squares / (n - 1.0)).sqrt()),
        diff_std_error_max: errors.reduce(f64::max),
        ..RobustnessRow::default()
    }
}
