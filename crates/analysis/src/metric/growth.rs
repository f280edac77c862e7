//! Measures growth of the unit value: per path, and its certainty equivalent over paths.
//!
//! The certainty equivalent of relative risk aversion `g` is the sure growth rate that an investor with utility
//! `U^(1-g) / (1-g)` finds as good as the random one.

use corridor_core::outcome::PathColumn;

use super::{Grid, Index, Metric, Scale, Source, Worth};

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
    definition: "Logarithm of the unit value per year; over the years alive for a ruined path. `prob_below` is the \
                 probability that it is negative.",
    formula: "ln(unit_n) / years",
    source: Source::Column(PathColumn::LogGrowthUnitAnnual),
    default_margin: Some(MARGIN_BPS * 1e-4),
    scale: Scale::Linear,
    whole_numbers: false,
    shows_probability_below_zero: true,
};

pub(super) static CE_GROWTH_GAMMA_2: Metric =
    certainty_equivalent(2, "ce_growth_gamma_2", "Certainty-equivalent growth (gamma 2)", "1e4 ln(mean(unit_n^(-1))) / (-1 years)");
pub(super) static CE_GROWTH_GAMMA_3: Metric =
    certainty_equivalent(3, "ce_growth_gamma_3", "Certainty-equivalent growth (gamma 3)", "1e4 ln(mean(unit_n^(-2))) / (-2 years)");
pub(super) static CE_GROWTH_GAMMA_5: Metric =
    certainty_equivalent(5, "ce_growth_gamma_5", "Certainty-equivalent growth (gamma 5)", "1e4 ln(mean(unit_n^(-4))) / (-4 years)");

const fn certainty_equivalent(gamma: u8, name: &'static str, display_name: &'static str, formula: &'static str) -> Metric {
    Metric {
        name,
        display_name,
        unit: "bp a year",
        number_format: "0.0",
        higher_is_better: Some(true),
        grid: Grid::Horizon,
        index: Some(Index::Unit),
        definition: "Sure log growth of the unit value that an investor of this constant relative risk aversion finds as good \
                     as the random one; `mean` is this power mean over paths. None where a path is ruined.",
        formula,
        source: Source::CertaintyEquivalent { gamma, worth: Worth::Growth },
        default_margin: Some(MARGIN_BPS),
        scale: Scale::Linear,
        whole_numbers: false,
        shows_probability_below_zero: false,
    }
}
