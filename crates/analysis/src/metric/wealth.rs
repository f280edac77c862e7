//! Measures what is in the account at the horizon.

use corridor_core::outcome::PathColumn;

use super::{Grid, Index, Metric, Scale, Source, Worth};

pub(super) static TERMINAL_WEALTH_NOMINAL: Metric = Metric {
    name: "terminal_wealth_nominal",
    display_name: "Terminal wealth",
    unit: "currency (nominal)",
    number_format: "#,##0",
    higher_is_better: Some(true),
    grid: Grid::Horizon,
    index: Some(Index::Balance),
    definition: "Balance at the horizon, flows, costs and fees included; 0 for a ruined path. Its mean always favours never \
                 rebalancing when expected returns differ: rank by certainty-equivalent growth instead.",
    formula: "W_n",
    source: Source::Column(PathColumn::TerminalWealthNominal),
    default_margin: None,
    scale: Scale::Log,
    whole_numbers: false,
    shows_probability_below_zero: false,
};

pub(super) static CE_WEALTH_GAMMA_2: Metric =
    certainty_equivalent(2, "ce_wealth_gamma_2_nominal", "Certainty-equivalent wealth (gamma 2)", "mean(W_n^(-1))^(-1)");
pub(super) static CE_WEALTH_GAMMA_3: Metric =
    certainty_equivalent(3, "ce_wealth_gamma_3_nominal", "Certainty-equivalent wealth (gamma 3)", "mean(W_n^(-2))^(-1/2)");
pub(super) static CE_WEALTH_GAMMA_5: Metric =
    certainty_equivalent(5, "ce_wealth_gamma_5_nominal", "Certainty-equivalent wealth (gamma 5)", "mean(W_n^(-4))^(-1/4)");

const fn certainty_equivalent(gamma: u8, name: &'static str, display_name: &'static str, formula: &'static str) -> Metric {
    Metric {
        name,
        display_name,
        unit: "currency (nominal)",
        number_format: "#,##0",
        higher_is_better: Some(true),
        grid: Grid::Horizon,
        index: Some(Index::Balance),
        definition: "Sure balance at the horizon, flows included, that an investor of this constant relative risk aversion finds as \
                     good as the random one; `mean` is this power mean over paths. None where a path is ruined.",
        formula,
        source: Source::CertaintyEquivalent { gamma, worth: Worth::Wealth },
        default_margin: None,
        scale: Scale::Linear,
        whole_numbers: false,
        shows_probability_below_zero: false,
    }
}
