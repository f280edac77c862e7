//! Measures what is in the account at the horizon.

use corridor_core::outcome::PathColumn;

use super::{Grid, Index, Metric, Scale, Source};

pub(super) static TERMINAL_WEALTH_NOMINAL: Metric = Metric {
    name: "terminal_wealth_nominal",
    display_name: "Terminal wealth",
    unit: "currency (nominal)",
    number_format: "#,##0",
    higher_is_better: Some(true),
    grid: Grid::Horizon,
    index: Some(Index::Balance),
    definition: "Balance at the horizon, flows, costs and fees included; 0 for a ruined path. Its \
    mean always favours never \
                 rebalancing when expected returns differ: rank by certainty-equivalent growth \
                 instead.",
    formula: "W_n",
    source: Source::Column(PathColumn::TerminalWealthNominal),
    default_margin: None,
    scale: Scale::Log,
    whole_numbers: false,
    shows_probability_below_zero: false,
};
