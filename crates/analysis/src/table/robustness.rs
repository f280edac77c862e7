//! Builds the rows of `fact_robustness`.

use std::collections::BTreeMap;

use corridor_core::outcome::{PolicyId, ScenarioId};
use corridor_tables::RobustnessRow;
use corridor_tables::label::Stat;
use corridor_tables::metric::MetricId;

use crate::cell::Estimates;
use crate::comparison::Compared;
use crate::input::AnalysisInput;
use crate::quantile::of_sorted;

/// One policy at one horizon, in all scenarios.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct PolicyKey {
    months: u32,
    policy: PolicyId,
}

/// One scenario at one horizon, under all policies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct ScenarioKey {
    months: u32,
    scenario: ScenarioId,
}

/// Number of a scenario, in the metric's unit: a headline or a regret.
#[derive(Clone, Copy)]
struct InScenario {
    scenario: ScenarioId,
    value: f64,
}

/// Builds the rows of `fact_robustness` of a metric: every policy and horizon over all scenarios.
pub(crate) fn robustness_rows(
    input: &AnalysisInput,
    metric: MetricId,
    estimates: &Estimates,
    compared: &[Compared],
) -> Vec<RobustnessRow> {
    let mut values: BTreeMap<PolicyKey, Vec<InScenario>> = BTreeMap::new();
    for (id, found) in estimates {
        if let Some(value) = found.headline.value {
            let key = PolicyKey { months: id.horizon_months, policy: id.policy_id };
            let found = InScenario { scenario: id.scenario_id, value };
            values.entry(key).or_default().push(found);
        }
    }
    let mut differences: BTreeMap<PolicyKey, Vec<&Compared>> = BTreeMap::new();
    for row in compared.iter().filter(|row| row.stat == Stat::Mean) {
        let (months, policy) = (row.policy.horizon_months, row.policy.policy_id);
        differences.entry(PolicyKey { months, policy }).or_default().push(row);
    }
    let sign = sign(metric);
    let bests = bests(input, sign, &values);
    let row = |(key, values): (&PolicyKey, &Vec<InScenario>)| {
        let found = differences.get(key).map_or(&[][..], Vec::as_slice);
        let (best, worst) = extremes(values, sign.unwrap_or(1.0))?;
        let regret = largest_regret(*key, values, sign, &bests);
        Some(RobustnessRow {
            policy_id: key.policy.number(),
            horizon_months: key.months as i32,
            metric_id: metric.number(),
            scenarios: values.len() as i32,
            best: best.value,
            best_scenario_id: best.scenario.number(),
            worst: worst.value,
            worst_scenario_id: worst.scenario.number(),
            regret_max: regret.map(|regret| regret.value),
            regret_max_scenario_id: regret.map(|regret| regret.scenario.number()),
            ..differing(sign, found)
        })
    };
    values.iter().filter_map(row).collect()
}

/// Returns the best and the worst value; `sign` is 1 if more is better, -1 if less is.
fn extremes(values: &[InScenario], sign: f64) -> Option<(InScenario, InScenario)> {
    let extreme = |sign: f64| {
        values.iter().copied().reduce(|a, b| if sign * b.value > sign * a.value { b } else { a })
    };
    Some((extreme(sign)?, extreme(-sign)?))
}

/// Returns 1 if more is better, -1 if less is; `None` without a direction.
fn sign(metric: MetricId) -> Option<f64> {
    metric.metric().higher_is_better.map(|higher| if higher { 1.0 } else { -1.0 })
}

/// Finds the best value of the policies that do not see the future, in every scenario; none without a
/// direction.
fn bests(
    input: &AnalysisInput,
    sign: Option<f64>,
    values: &BTreeMap<PolicyKey, Vec<InScenario>>,
) -> BTreeMap<ScenarioKey, f64> {
    let mut bests: BTreeMap<ScenarioKey, f64> = BTreeMap::new();
    let Some(sign) = sign else { return bests };
    let fair = values.iter().filter(|(key, _)| !input.look_ahead.contains(&key.policy));
    for (&PolicyKey { months, .. }, values) in fair {
        for &InScenario { scenario, value } in values {
            let best = bests.entry(ScenarioKey { months, scenario }).or_insert(value);
            *best = if sign * value > sign * *best { value } else { *best };
        }
    }
    bests
}

/// Returns the scenario with the largest distance from the best policy, and that distance.
fn largest_regret(
    key: PolicyKey,
    values: &[InScenario],
    sign: Option<f64>,
    bests: &BTreeMap<ScenarioKey, f64>,
) -> Option<InScenario> {
    let (months, sign) = (key.months, sign?);
    let regret = |&InScenario { scenario, value }: &InScenario| {
        let best = bests.get(&ScenarioKey { months, scenario })?;
        Some(InScenario { scenario, value: (sign * (best - value)).max(0.0) })
    };
    values.iter().filter_map(regret).reduce(|a, b| if b.value > a.value { b } else { a })
}

/// Fills the columns that follow from differences from the baseline.
fn differing(sign: Option<f64>, found: &[&Compared]) -> RobustnessRow {
    let mut sorted: Vec<f64> =
        found.iter().filter_map(|row| row.comparison.difference.estimate.value).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let mean = sorted.iter().sum::<f64>() / n;
    let squares: f64 = sorted.iter().map(|diff| (diff - mean) * (diff - mean)).sum();
    let share = |test: &dyn Fn(f64, &Compared) -> bool| {
        let sign = sign.filter(|_| !sorted.is_empty())?;
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
        baseline_policy_id: found.first().map(|row| row.baseline.number()),
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
