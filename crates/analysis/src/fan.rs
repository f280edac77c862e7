//! Summarises the spread of a number over paths at each point in time: the rows of a fan chart.

use std::collections::BTreeMap;

use corridor_core::outcome::{PolicyId, ScenarioId};
use corridor_tables::FanRow;
use corridor_tables::label::FanMeasure;

use crate::quantile::of_sorted;
use crate::statistic::{QuantileRanks, quantile_exact};

/// Quantiles of a fan, in percent.
pub const FAN_PERCENTS: [u8; 9] = [1, 5, 10, 25, 50, 75, 90, 95, 99];

/// A point in time of a fan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FanPoint {
    /// Scenario, as in `dim_scenario`.
    pub scenario_id: ScenarioId,
    /// Policy, as in `dim_policy`.
    pub policy_id: PolicyId,
    /// Quantity that is shown.
    pub measure: FanMeasure,
    /// Months from the start.
    pub time_months: f64,
}

/// Builds the rows of a fan at one point in time: the quantiles of the values of all paths, which
/// are sorted in place.
///
/// Where `replicate_paths` consecutive paths make one replicate, intervals are as wide as if these
/// paths were equal, so they are never too narrow.
#[must_use]
pub fn fan(point: FanPoint, values: &mut [f64], replicate_paths: usize) -> Vec<FanRow> {
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len() as u64;
    let row = |percent: u8| {
        let prob = f64::from(percent) / 100.0;
        let ranks = QuantileRanks::new(n, prob)?;
        let wanted: BTreeMap<u64, f64> =
            ranks.ranks().map(|rank| (rank, values[rank as usize])).collect();
        let factor = (replicate_paths as f64).sqrt();
        let estimate = quantile_exact(&ranks, &wanted)?;
        let estimate =
            if replicate_paths > 1 { estimate.rescaled(factor, estimate.method) } else { estimate };
        debug_assert_eq!(estimate.value, of_sorted(values, prob));
        Some(FanRow {
            scenario_id: point.scenario_id.number(),
            policy_id: point.policy_id.number(),
            measure: point.measure.name().into(),
            time_months: point.time_months,
            prob,
            value: estimate.value,
            ci_low: estimate.ci_low,
            ci_high: estimate.ci_high,
            n_paths: n as i64,
            precision: estimate.precision.name().into(),
        })
    };
    FAN_PERCENTS.into_iter().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_rise_and_lie_in_their_intervals() {
        let mut values: Vec<f64> = (0..2000).map(|i| f64::from(i * 7919 % 2003)).collect();
        let point = FanPoint {
            scenario_id: ScenarioId(1),
            policy_id: PolicyId(2),
            measure: FanMeasure::Wealth,
            time_months: 12.0,
        };
        let rows = fan(point, &mut values, 1);
        assert_eq!(rows.len(), FAN_PERCENTS.len());
        assert!(rows.windows(2).all(|pair| pair[0].value < pair[1].value));
        assert!(rows.iter().all(|row| row.ci_low < row.value
            && row.value < row.ci_high
            && row.precision == "precise"));
        assert!(fan(FanPoint { measure: FanMeasure::Drawdown, ..point }, &mut [], 1).is_empty());
    }
}
