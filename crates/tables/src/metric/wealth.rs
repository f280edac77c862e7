//! Defines wealth at the horizon.

use corridor_core::outcome::PathColumn;

use super::definition::{Grid, Index, Metric, PER_CENT, Scale, Spacing};
use super::source::Source;

pub(super) static TERMINAL_WEALTH_NOMINAL: Metric = Metric {
    name: "terminal_wealth_nominal",
    display_name: "Terminal wealth",
    unit: "currency (nominal)",
    number_format: "#,##0",
    higher_is_better: Some(true),
    grid: Grid::Horizon,
    index: Some(Index::Balance),
    definition: "Balance at the horizon, after flows, costs and fees; 0 on a ruined path. Where \
    expected returns differ its mean favours never rebalancing: rank policies by \
    certainty-equivalent growth instead.",
    formula: "W_n",
    source: Source::Column(PathColumn::TerminalWealthNominal),
    default_margin: Some(PER_CENT),
    scale: Scale::Log,
    spacing: Spacing::Dense,
    shows_probability_below_zero: false,
};
