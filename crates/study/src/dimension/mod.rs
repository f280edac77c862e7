//! Builds the dimension tables of a run from its checked study: labels and parameters for the ids
//! of all facts.

mod label;
mod policy;
mod scenario;

use corridor_core::NUMERICS_VERSION;
use corridor_tables::metric::MetricId;
use corridor_tables::{DimHorizonRow, DimRegimeRow, DimRunRow, SCHEMA_VERSION};

use crate::plan::{MarketGroup, RunPlan, Scenario};
use label::horizon_label;

pub(crate) use policy::policies;
pub(crate) use scenario::{scenario, scenario_axis, swept};

/// Rows of `dim_horizon`, the report horizons of all scenarios, increasing. Steps are counted on
/// the clock of the first market.
pub(crate) fn horizons(
    months: impl Iterator<Item = u32>,
    groups: &[MarketGroup],
) -> Vec<DimHorizonRow> {
    let mut months: Vec<u32> = months.collect();
    months.sort_unstable();
    months.dedup();
    let last = months.last().copied();
    let steps = |months: u32| {
        groups.first().map_or(0, |group| group.simulation.grid.step_of_months(f64::from(months)))
    };
    let row = |months: u32| DimHorizonRow {
        horizon_months: months as i32,
        horizon_years: f64::from(months) / 12.0,
        horizon_steps: steps(months) as i32,
        horizon: horizon_label(months),
        is_final: Some(months) == last,
    };
    months.into_iter().map(row).collect()
}

/// Rows of `dim_regime`, the true regimes of each scenario's market.
pub(crate) fn regimes(scenarios: &[Scenario], groups: &[MarketGroup]) -> Vec<DimRegimeRow> {
    let of_scenario = |scenario: &Scenario| {
        let scenario_id = scenario.row.scenario_id;
        let group = &groups[scenario.group];
        let moments = &group.moments;
        let row = move |(regime, name): (usize, &String)| DimRegimeRow {
            scenario_id,
            regime_id: regime as i32,
            regime: name.clone(),
            stationary_frac: moments.stationary[regime],
            sojourn_months: Some(moments.sojourn_years[regime] * 12.0)
                .filter(|months| months.is_finite()),
        };
        group.market.regimes().iter().enumerate().map(row)
    };
    scenarios.iter().flat_map(of_scenario).collect()
}

impl RunPlan {
    /// The row of `dim_run` without the run id, which the store writes.
    #[must_use]
    pub fn run_row(&self) -> DimRunRow {
        let Some(grid) = self.groups.first().map(|group| group.simulation.grid) else {
            return DimRunRow::default();
        };
        let has_control = self.groups.iter().all(|group| group.market.has_control());
        let primary = MetricId::of_name(&self.comparison.primary_metric);
        DimRunRow {
            study: self.name.clone(),
            question: (!self.question.is_empty()).then(|| self.question.clone()),
            analysis_id: self.analysis_id.clone(),
            seed: self.seed.to_string(),
            numerics_version: NUMERICS_VERSION as i32,
            schema_version: SCHEMA_VERSION as i32,
            paths: self.paths as i64,
            paths_per_part: self.paths_per_part as i64,
            paths_kept: self.kept_paths() as i64,
            horizon_years: self.horizons.iter().map(|row| row.horizon_years).fold(0.0, f64::max),
            step: grid.step.name().to_owned(),
            steps_per_year: grid.per_year() as i32,
            scenarios: self.scenarios.len() as i32,
            policies: self.policies.len() as i32,
            baseline_policy_id: Some(self.comparison.baseline.number()),
            antithetic: self.replicate_paths > 1,
            control_variate: has_control.then_some(self.comparison.control_variate),
            primary_metric_id: primary.map_or(0, MetricId::number),
        }
    }
}
