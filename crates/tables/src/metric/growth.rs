//! Defines growth of the unit value.

use corridor_core::outcome::PathColumn;

use super::definition::{DefaultMargin, Grid, Index, Metric, Scale, Spacing};
use super::source::Source;

/// Practical equivalence of growth rates: 5 basis points a year.
pub(super) const MARGIN_BPS: f64 = 5.0;

pub(super) static LOG_GROWTH_UNIT_ANNUAL: Metric = Metric {
    name: "log_growth_unit_annual",
    display_name: "Log growth",
    unit: "log return a year",
    number_format: "0.00%",
    higher_is_better: Some(true),
    grid: Grid::Horizon,
    index: Some(Index::Unit),
    definition: "Logarithm of the unit value per year; on a ruined path over the years before \
    ruin. `prob_below` is the probability that it is negative.",
    formula: "ln(unit_n) / years",
    source: Source::Column(PathColumn::LogGrowthUnitAnnual),
    default_margin: Some(DefaultMargin::Absolute(MARGIN_BPS * 1e-4)),
    scale: Scale::Linear,
    spacing: Spacing::Dense,
    shows_probability_below_zero: true,
};
