//! Defines falls below the running peak, as positive fractions, and the time spent below it.

use corridor_core::outcome::PathColumn;

use super::definition::{Grid, Index, Metric, POINT, Scale, Spacing};
use super::source::Source;

pub(super) static MAX_DRAWDOWN_UNIT_FRAC: Metric = Metric {
    name: "max_drawdown_unit_frac",
    display_name: "Maximum drawdown (unit value)",
    unit: "fraction",
    number_format: "0.0%",
    higher_is_better: Some(false),
    grid: Grid::Step,
    index: Some(Index::Unit),
    definition: "Largest fall of the unit value below its running peak, seen at every step, the \
    start included.",
    formula: "max_t (1 - unit_t / max_{s<=t} unit_s)",
    source: Source::Column(PathColumn::MaxDrawdownUnitFrac),
    default_margin: Some(POINT),
    scale: Scale::Linear,
    spacing: Spacing::Dense,
    shows_probability_below_zero: false,
};

pub(super) static MAX_DRAWDOWN_BALANCE_FRAC: Metric = Metric {
    name: "max_drawdown_balance_frac",
    display_name: "Maximum drawdown (balance)",
    unit: "fraction",
    number_format: "0.0%",
    higher_is_better: Some(false),
    grid: Grid::Step,
    index: Some(Index::Balance),
    definition: "Largest fall of the balance below its running peak, withdrawals included; 1 on a \
    ruined path.",
    formula: "max_t (1 - W_t / max_{s<=t} W_s)",
    source: Source::Column(PathColumn::MaxDrawdownBalanceFrac),
    default_margin: Some(POINT),
    scale: Scale::Linear,
    spacing: Spacing::Dense,
    shows_probability_below_zero: false,
};

pub(super) static MONTHS_UNDER_WATER_UNIT: Metric = Metric {
    name: "months_under_water_unit",
    display_name: "Months under water",
    unit: "months",
    number_format: "0.0",
    higher_is_better: Some(false),
    grid: Grid::Step,
    index: Some(Index::Unit),
    definition: "Time during which the unit value is strictly below its running peak: the total, \
    not the longest spell.",
    formula: "(12/m) #{t : unit_t < max_{s<=t} unit_s}",
    source: Source::Column(PathColumn::MonthsUnderWaterUnit),
    default_margin: None,
    scale: Scale::Linear,
    spacing: Spacing::Months,
    shows_probability_below_zero: false,
};
