//! Writes the plan of a run as rows of its dimensions.

use std::collections::BTreeMap;

use corridor_analysis::metric::MetricId;
use corridor_core::NUMERICS_VERSION;
use corridor_store::column::{TableRow, column_name};
use corridor_store::schema::SCHEMA_VERSION;
use corridor_store::tables::{
    ColumnValues, DimHorizonRow, DimPolicyRow, DimRegimeRow, DimRunRow, DimScenarioRow,
    PolicyAxisRow, ScenarioAxisRow, Table, WideColumn,
};
use corridor_study::plan::{PolicyRow, RunPlan, SweptKind, SweptValue};

use crate::place::parts;
use crate::source::regimes;

/// `dim_run`.
#[must_use]
pub fn run(plan: &RunPlan) -> Vec<DimRunRow> {
    let Some(grid) = plan.groups.first().map(|group| group.simulation.grid) else {
        return Vec::new();
    };
    vec![DimRunRow {
        study: plan.name.clone(),
        question: (!plan.question.is_empty()).then(|| plan.question.clone()),
        analysis_id: plan.analysis_id.clone(),
        seed: plan.seed.to_string(),
        numerics_version: NUMERICS_VERSION as i32,
        schema_version: SCHEMA_VERSION as i32,
        paths: plan.paths as i64,
        paths_per_part: plan.paths_per_part as i64,
        paths_kept: parts(plan).iter().map(|part| part.kept_paths as i64).sum(),
        horizon_years: plan.horizons.iter().map(|row| row.horizon_years).fold(0.0, f64::max),
        step: grid.step.name().to_owned(),
        steps_per_year: grid.per_year() as i32,
        scenarios: plan.scenarios.len() as i32,
        policies: plan.policies.len() as i32,
        baseline_policy_id: Some(plan.comparison.baseline as i32),
        antithetic: plan.replicate_paths > 1,
        control_variate: plan
            .groups
            .iter()
            .all(|group| group.market.has_control())
            .then_some(plan.comparison.control_variate),
        primary_metric_id: MetricId::of_name(&plan.comparison.primary_metric)
            .map_or(0, MetricId::number),
    }]
}

/// `dim_scenario`, with one more column for each swept key.
#[must_use]
pub fn scenarios(plan: &RunPlan) -> Table<DimScenarioRow> {
    let row = |row: &corridor_study::plan::ScenarioRow| DimScenarioRow {
        scenario_id: row.scenario_id as i32,
        scenario: row.name.clone(),
        market: row.market.clone(),
        cost_one_way_bps: row.cost_one_way_bps,
        horizon_years: row.horizon_years,
        target: row.target.clone(),
        inflation_annual: Some(row.inflation_annual),
        risk_free_annual: Some(row.risk_free_annual),
        goal_amount: row.goal.map(|goal| goal.amount),
        goal_indexed: row.goal.map(|goal| goal.indexed),
    };
    let names = swept_columns(plan);
    let extra =
        plan.swept.iter().zip(names).enumerate().map(|(place, (column, name))| WideColumn {
            name,
            unit: "of the key".to_owned(),
            about: format!("Swept: `{}`.", column.key),
            values: swept_values(plan, place, column.kind),
        });
    Table { rows: plan.scenarios.iter().map(row).collect(), extra: extra.collect() }
}

/// Column of each swept key in `dim_scenario`: a whole swept table may be called like a column that
/// stands there anyway.
fn swept_columns(plan: &RunPlan) -> Vec<String> {
    let mut taken: Vec<String> =
        DimScenarioRow::COLUMNS.iter().map(|column| column.info.name.to_string()).collect();
    let mut names = Vec::new();
    for column in &plan.swept {
        let mut name = column_name(&column.column);
        while taken.contains(&name) {
            name.push_str("_swept");
        }
        taken.push(name.clone());
        names.push(name);
    }
    names
}

fn swept_values(plan: &RunPlan, place: usize, kind: SweptKind) -> ColumnValues {
    let values = plan.scenarios.iter().map(|scenario| scenario.swept.get(place));
    match kind {
        SweptKind::Number => ColumnValues::Double(
            values
                .map(|value| {
                    if let Some(SweptValue::Number(number)) = value { Some(*number) } else { None }
                })
                .collect(),
        ),
        SweptKind::Boolean => {
            ColumnValues::Boolean(
                values
                    .map(|value| {
                        if let Some(SweptValue::Boolean(truth)) = value {
                            Some(*truth)
                        } else {
                            None
                        }
                    })
                    .collect(),
            )
        }
        SweptKind::Text => ColumnValues::Text(
            values
                .map(|value| {
                    if let Some(SweptValue::Text(text)) = value { Some(text.clone()) } else { None }
                })
                .collect(),
        ),
    }
}

/// `scenario_axis`.
#[must_use]
pub fn scenario_axis(plan: &RunPlan) -> Vec<ScenarioAxisRow> {
    let columns: BTreeMap<&str, String> =
        plan.swept.iter().map(|column| column.key.as_str()).zip(swept_columns(plan)).collect();
    let row = |row: &corridor_study::plan::ScenarioAxisRow| ScenarioAxisRow {
        scenario_id: row.scenario_id as i32,
        axis: row.axis.clone(),
        key: row.key.clone(),
        column_name: columns.get(row.key.as_str()).cloned().unwrap_or_default(),
        value_number: row.value_number,
        value_text: row.value_text.clone(),
    };
    plan.scenario_axis.iter().map(row).collect()
}

/// `policy_axis`.
#[must_use]
pub fn policy_axis(plan: &RunPlan) -> Vec<PolicyAxisRow> {
    let row = |row: &corridor_study::plan::PolicyAxisRow| PolicyAxisRow {
        policy_id: row.policy_id as i32,
        axis: row.axis.clone(),
        key: row.key.clone(),
        value_number: row.value_number,
        value_text: row.value_text.clone(),
    };
    plan.policy_axis.iter().map(row).collect()
}

/// `dim_policy`, with what is known of the signal behind a scaled band.
#[must_use]
pub fn policies(plan: &RunPlan) -> Table<DimPolicyRow> {
    let text = |name: &str, about: &str, value: &dyn Fn(&PolicyRow) -> Option<String>| WideColumn {
        name: name.to_owned(),
        unit: "label".to_owned(),
        about: about.to_owned(),
        values: ColumnValues::Text(plan.policies.iter().map(value).collect()),
    };
    let months = WideColumn {
        name: "signal_months".to_owned(),
        unit: "months".to_owned(),
        about: "Half-life or window of the signal; null without one.".to_owned(),
        values: ColumnValues::Double(
            plan.policies.iter().map(|policy| policy.signal_months).collect(),
        ),
    };
    let extra = vec![
        text(
            "catalogue",
            "Catalogue entry the rule came from; null if it was written out.",
            &|policy| policy.catalogue.clone(),
        ),
        text("signal_kind", "Kind of the signal; null without one.", &|policy| {
            policy.signal_kind.map(str::to_owned)
        }),
        text("signal_asset", "Asset the signal observes; null without one.", &|policy| {
            policy.signal_asset.clone()
        }),
        months,
    ];
    Table { rows: plan.policies.iter().map(|policy| policy_row(policy, plan)).collect(), extra }
}

fn policy_row(policy: &PolicyRow, plan: &RunPlan) -> DimPolicyRow {
    let relative = policy.band_kind == "relative";
    let account_target =
        || plan.scenarios.first().map(|scenario| scenario.target.clone()).unwrap_or_default();
    DimPolicyRow {
        policy_id: policy.policy_id as i32,
        policy_order: policy.policy_order as i32,
        policy_key: policy.policy_key.clone(),
        policy: policy.name.clone(),
        is_baseline: policy.policy_id == plan.comparison.baseline,
        family: policy.family.to_owned(),
        target: policy.target.clone().unwrap_or_else(account_target),
        review: policy.review.clone(),
        review_months: (policy.review != "step").then_some(policy.review_months),
        review_phase_steps: policy.review_phase_steps as i32,
        trigger: policy.trigger.to_owned(),
        band_kind: (policy.band_kind != "none").then(|| policy.band_kind.to_owned()),
        band_measure: policy.measure.map(str::to_owned),
        band_width: if relative { policy.band_relative } else { policy.band_width },
        band_width_relative: policy.band_relative.filter(|_| !relative),
        band_min_width: policy.min_width,
        band_max_width: policy.max_width,
        signal: policy.signal.clone(),
        scale_form: policy.scale.clone(),
        elasticity: policy.elasticity,
        slope: policy.slope,
        reference: policy.reference,
        signal_observe: policy.signal_observe.map(str::to_owned),
        signal_lag: policy.signal_lag_months,
        signal_noise: policy.signal_noise,
        signal_accuracy: policy.signal_accuracy,
        look_ahead: policy.look_ahead,
        asked_about: plan.comparison.about.contains(&policy.policy_id),
        twin_of: policy.twin_of.clone(),
        twin_same: policy.twin_same.map(str::to_owned),
        trade_rule: (policy.trigger != "never").then(|| policy.trade_rule.to_owned()),
        fraction: policy.fraction,
        destination_width: policy.destination_width,
        trade_assets: policy.trade_assets.to_owned(),
        cash_flows: policy.cash_flows.to_owned(),
        cooldown_months: policy.cooldown_months,
        min_trade_frac: policy.min_trade_frac,
        max_turnover_frac: policy.max_turnover_frac,
        execution_lag_steps: policy.execution_lag_steps as i32,
        params_json: policy.params_json.clone(),
    }
}

/// `dim_horizon`.
#[must_use]
pub fn horizons(plan: &RunPlan) -> Vec<DimHorizonRow> {
    let last = plan.horizons.iter().map(|row| row.horizon_months).max();
    let steps = |months: u32| {
        plan.groups
            .first()
            .map_or(0, |group| group.simulation.grid.step_of_months(f64::from(months)))
    };
    let row = |row: &corridor_study::plan::HorizonRow| DimHorizonRow {
        horizon_months: row.horizon_months as i32,
        horizon_years: row.horizon_years,
        horizon_steps: steps(row.horizon_months) as i32,
        horizon: horizon_label(row.horizon_months),
        is_final: Some(row.horizon_months) == last,
    };
    plan.horizons.iter().map(row).collect()
}

fn horizon_label(months: u32) -> String {
    let words = [count(months / 12, "year"), count(months % 12, "month")];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn count(number: u32, what: &str) -> Option<String> {
    match number {
        0 => None,
        1 => Some(format!("1 {what}")),
        _ => Some(format!("{number} {what}s")),
    }
}

/// `dim_regime`.
#[must_use]
pub fn regime_rows(plan: &RunPlan) -> Vec<DimRegimeRow> {
    let of_scenario = |scenario: &corridor_study::plan::ScenarioRow| {
        let scenario_id = scenario.scenario_id as i32;
        let group = &plan.groups[scenario.group];
        let moments = &group.moments;
        let row = move |(place, name): (usize, &String)| DimRegimeRow {
            scenario_id,
            regime_id: place as i32,
            regime: name.clone(),
            stationary_frac: moments.stationary[place],
            sojourn_months: Some(moments.sojourn_years[place] * 12.0)
                .filter(|months| months.is_finite()),
        };
        regimes(&group.market).iter().enumerate().map(row)
    };
    plan.scenarios.iter().flat_map(of_scenario).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn horizons_are_called_by_years_where_they_are_whole() {
        assert_eq!(
            [1, 6, 12, 18, 360].map(horizon_label),
            ["1 month", "6 months", "1 year", "1 year 6 months", "30 years"]
        );
    }
}
