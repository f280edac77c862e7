//! Registers every metric once: name, unit, direction, definition and source of its values.
//!
//! [`REGISTRY`] is the one list; the position of a metric in it is its `metric_id` in every file,
//! so a new metric goes to the end and ids keep their meaning. `study` accepts the names,
//! `analysis` computes the statistics, `report` prints the values, all from this catalogue.
//!
//! To add a metric:
//!
//! 1. Write its entry into the file of its family here and list it at the end of [`REGISTRY`]. A
//!    family is a topic for numbers kept for each path, and else the origin of the value
//!    (`derived`, `followed`, `certainty`). A metric without a `default_margin` has a verdict only
//!    where the study gives a margin.
//! 2. If its value is not a number kept for each path, add a variant in `source.rs`. The compiler
//!    then asks for its value, where NaN means that there is none:
//!    - for a [`Derived`] or an [`Event`], in `analysis/src/path_value.rs`; `inputs` names its
//!      columns, in the order of [`PathColumn`];
//!    - for a [`FollowedColumn`], in `analysis/src/monthly.rs`; extend `COUNT` and `ALL`, too. Such
//!      a metric cannot be the primary one.
//! 3. Define it in docs/model/07, and renew the hashes of the reduced studies with
//!    `CORRIDOR_BLESS=1 just unchanged`: new rows move the hash of a column without moving a value.
//!
//! Its row in `dim_metric`, its statistics, its histogram and its comparisons follow.

mod certainty;
mod definition;
mod derived;
mod drawdown;
mod followed;
mod growth;
mod meaning;
mod ruin;
mod source;
mod trading;
mod volatility;
mod wealth;
mod weights;

pub use definition::{DefaultMargin, Grid, Index, Metric, Scale, Spacing};
pub use source::{Derived, Event, FollowedColumn, Source, Worth};

use std::collections::BTreeMap;

use corridor_core::outcome::PathColumn;

use crate::DimMetricRow;

/// All metrics, in the order of `metric_id`.
pub static REGISTRY: [&Metric; 38] = [
    &wealth::TERMINAL_WEALTH_NOMINAL,
    &growth::LOG_GROWTH_UNIT_ANNUAL,
    &drawdown::MAX_DRAWDOWN_UNIT_FRAC,
    &drawdown::MAX_DRAWDOWN_BALANCE_FRAC,
    &drawdown::MONTHS_UNDER_WATER_UNIT,
    &volatility::VOL_UNIT_ANNUAL,
    &trading::TURNOVER_ONE_WAY_ANNUAL,
    &trading::REBALANCE_EVENTS,
    &trading::COST_BPS_ANNUAL,
    &weights::GROWTH_WEIGHT_MEAN_FRAC,
    &weights::WEIGHT_DEVIATION_RMS_FRAC,
    &weights::WEIGHT_DEVIATION_MAX_FRAC,
    &ruin::RUIN_MONTH,
    &ruin::RUINED,
    &certainty::GROWTH_GAMMA_2,
    &certainty::GROWTH_GAMMA_3,
    &certainty::GROWTH_GAMMA_5,
    &followed::TRACKING_ERROR_ANNUAL,
    &followed::INFORMATION_RATIO,
    &followed::RELATIVE_DRAWDOWN_MAX_FRAC,
    &followed::UNDERPERFORMED_1Y,
    &followed::UNDERPERFORMED_3Y,
    &followed::UNDERPERFORMED_5Y,
    &followed::UNDERPERFORMED_10Y,
    &followed::OUTSIDE_RANGE_FRAC,
    &followed::LARGEST_TRADE_FRAC,
    &followed::ULCER_INDEX_UNIT_FRAC,
    &derived::CAGR_UNIT_ANNUAL,
    &derived::SHARPE_RATIO,
    &derived::TERMINAL_WEALTH_REAL,
    &derived::FUNDED_RATIO,
    &derived::SHORTFALL_FRAC,
    &derived::GOAL_REACHED,
    &certainty::WEALTH_GAMMA_2,
    &certainty::WEALTH_GAMMA_3,
    &certainty::WEALTH_GAMMA_5,
    &followed::SORTINO_RATIO,
    &followed::REBALANCING_PREMIUM_ANNUAL,
];

/// Identifies a metric by its position in [`REGISTRY`]: `metric_id` in every file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MetricId(u8);

impl MetricId {
    /// Wealth at the horizon, `terminal_wealth_nominal`.
    pub const TERMINAL_WEALTH: Self = Self(PathColumn::TerminalWealthNominal as u8);
    /// Log growth of the unit value, `log_growth_unit_annual`.
    pub const LOG_GROWTH: Self = Self(PathColumn::LogGrowthUnitAnnual as u8);
    /// Month of ruin, `ruin_month`.
    pub const RUIN_MONTH: Self = Self(PathColumn::RuinMonth as u8);
    /// Maximum drawdown of the unit value, `max_drawdown_unit_frac`.
    pub const MAX_DRAWDOWN: Self = Self(PathColumn::MaxDrawdownUnitFrac as u8);
    /// One-way turnover, `turnover_one_way_annual`.
    pub const TURNOVER: Self = Self(PathColumn::TurnoverOneWayAnnual as u8);
    /// Number of rebalancing events, `rebalance_events`.
    pub const REBALANCE_EVENTS: Self = Self(PathColumn::RebalanceEvents as u8);
    /// Mean exposure to growth assets, `growth_weight_mean_frac`.
    pub const GROWTH_WEIGHT: Self = Self(PathColumn::GrowthWeightMeanFrac as u8);

    /// Iterates over the ids of all metrics, in order.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator {
        (0..REGISTRY.len() as u8).map(Self)
    }

    /// Finds a metric by its name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::all().find(|id| id.metric().name == name)
    }

    /// Finds the metric whose value is a number kept per path, unchanged.
    #[must_use]
    pub fn of_column(column: PathColumn) -> Option<Self> {
        Self::all().find(|id| id.metric().source == Source::Column(column))
    }

    /// Finds a metric by its `metric_id`.
    #[must_use]
    pub fn of_number(number: i32) -> Option<Self> {
        u8::try_from(number)
            .ok()
            .filter(|&position| usize::from(position) < REGISTRY.len())
            .map(Self)
    }

    /// Returns the `metric_id` of the files.
    #[must_use]
    pub fn number(self) -> i32 {
        i32::from(self.0)
    }

    /// Returns the position in [`REGISTRY`].
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Returns the catalogue entry.
    #[must_use]
    pub fn metric(self) -> &'static Metric {
        REGISTRY[self.index()]
    }
}

/// Makes the rows of `dim_metric`, given the primary metric and the margins that the study
/// declares, in the unit of each metric.
#[must_use]
pub fn dimension(primary: MetricId, margins: &BTreeMap<MetricId, f64>) -> Vec<DimMetricRow> {
    let row = |id: MetricId| {
        let metric = id.metric();
        DimMetricRow {
            metric_id: id.number(),
            metric: metric.name.to_owned(),
            display_name: metric.display_name.to_owned(),
            unit: metric.unit.to_owned(),
            number_format: metric.number_format.to_owned(),
            higher_is_better: metric.higher_is_better,
            grid: metric.grid.name().to_owned(),
            index: metric.index.map(|index| index.name().to_owned()),
            is_primary: id == primary,
            margin: margins
                .get(&id)
                .copied()
                .or(metric.default_margin.and_then(DefaultMargin::absolute)),
            margin_of_baseline_frac: metric
                .default_margin
                .filter(|_| !margins.contains_key(&id))
                .and_then(DefaultMargin::of_baseline),
            definition: metric.definition.to_owned(),
            formula: metric.formula.to_owned(),
            margin_is_declared: Some(margins.contains_key(&id)),
        }
    };
    MetricId::all().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_column_is_a_metric_under_its_own_name_and_in_its_order() {
        for (place, column) in PathColumn::ALL.into_iter().enumerate() {
            let id = MetricId::of_column(column).expect("registered");
            assert_eq!((id.index(), id.metric().name), (place, column.name()));
            assert_eq!(MetricId::of_name(column.name()), Some(id));
        }
    }

    #[test]
    fn names_are_unique_snake_case_and_ids_round_trip() {
        for id in MetricId::all() {
            let metric = id.metric();
            assert!(
                metric
                    .name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
                "{}",
                metric.name
            );
            assert_eq!(
                MetricId::of_name(metric.name),
                Some(id),
                "{} is registered twice",
                metric.name
            );
            assert_eq!(MetricId::of_number(id.number()), Some(id));
            for text in [
                metric.display_name,
                metric.unit,
                metric.number_format,
                metric.definition,
                metric.formula,
            ] {
                assert!(!text.is_empty() && text.is_ascii(), "{}: {text}", metric.name);
            }
        }
        assert_eq!(MetricId::of_number(REGISTRY.len() as i32), None);
        assert_eq!(MetricId::of_number(-1), None);
    }
}
