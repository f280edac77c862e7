//! Defines the volatility of the unit value.

use corridor_core::outcome::PathColumn;

use super::definition::{Grid, Index, Metric, Scale, Spacing};
use super::source::Source;

pub(super) static VOL_UNIT_ANNUAL: Metric = Metric {
    name: "vol_unit_annual",
    display_name: "Volatility",
    unit: "log return a year (st. dev.)",
    number_format: "0.0%",
    higher_is_better: Some(false),
    grid: Grid::Step,
    index: Some(Index::Unit),
    definition: "Annualised standard deviation (divisor n - 1) of the log returns of the unit \
    value over the steps of the path.",
    formula: "sd(ln(unit_t / unit_{t-1})) sqrt(m)",
    source: Source::Column(PathColumn::VolUnitAnnual),
    default_margin: None,
    scale: Scale::Linear,
    spacing: Spacing::Dense,
    shows_probability_below_zero: false,
};
