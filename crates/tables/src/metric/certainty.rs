//! Defines certainty equivalents: the sure growth rate, or the sure balance, that an investor of
//! constant relative risk aversion finds as good as the random one.
//!
//! With a relative risk aversion of `gamma` the utility of `x` is `x^(1-gamma) / (1-gamma)`. The
//! certainty equivalent is the power mean over paths with exponent `1-gamma`.

use super::definition::{DefaultMargin, Grid, Index, Metric, PER_CENT, Scale, Spacing};
use super::growth::MARGIN_BPS;
use super::source::{Source, Worth};

pub(super) static GROWTH_GAMMA_2: Metric = equivalent(
    2,
    Worth::Growth,
    "ce_growth_gamma_2",
    "Certainty-equivalent growth (gamma 2)",
    "1e4 ln(mean(unit_n^(-1))) / (-1 years)",
);
pub(super) static GROWTH_GAMMA_3: Metric = equivalent(
    3,
    Worth::Growth,
    "ce_growth_gamma_3",
    "Certainty-equivalent growth (gamma 3)",
    "1e4 ln(mean(unit_n^(-2))) / (-2 years)",
);
pub(super) static GROWTH_GAMMA_5: Metric = equivalent(
    5,
    Worth::Growth,
    "ce_growth_gamma_5",
    "Certainty-equivalent growth (gamma 5)",
    "1e4 ln(mean(unit_n^(-4))) / (-4 years)",
);
pub(super) static WEALTH_GAMMA_2: Metric = equivalent(
    2,
    Worth::Wealth,
    "ce_wealth_gamma_2_nominal",
    "Certainty-equivalent wealth (gamma 2)",
    "mean(W_n^(-1))^(-1)",
);
pub(super) static WEALTH_GAMMA_3: Metric = equivalent(
    3,
    Worth::Wealth,
    "ce_wealth_gamma_3_nominal",
    "Certainty-equivalent wealth (gamma 3)",
    "mean(W_n^(-2))^(-1/2)",
);
pub(super) static WEALTH_GAMMA_5: Metric = equivalent(
    5,
    Worth::Wealth,
    "ce_wealth_gamma_5_nominal",
    "Certainty-equivalent wealth (gamma 5)",
    "mean(W_n^(-4))^(-1/4)",
);

const fn equivalent(
    gamma: u8,
    worth: Worth,
    name: &'static str,
    display_name: &'static str,
    formula: &'static str,
) -> Metric {
    let (unit, number_format, index, default_margin, definition) = match worth {
        Worth::Growth => (
            "bp a year",
            "0.0",
            Index::Unit,
            Some(DefaultMargin::Absolute(MARGIN_BPS)),
            "Sure log growth of the unit value that an investor of this constant relative risk \
            aversion finds as good as the random one; `mean` is this power mean over paths. There \
            is none where a path is ruined.",
        ),
        Worth::Wealth => (
            "currency (nominal)",
            "#,##0",
            Index::Balance,
            Some(PER_CENT),
            "Sure balance at the horizon, flows included, that an investor of this constant \
            relative risk aversion finds as good as the random one; `mean` is this power mean \
            over paths. There is none where a path is ruined.",
        ),
    };
    Metric {
        name,
        display_name,
        unit,
        number_format,
        higher_is_better: Some(true),
        grid: Grid::Horizon,
        index: Some(index),
        definition,
        formula,
        source: Source::CertaintyEquivalent { gamma, worth },
        default_margin,
        scale: Scale::Linear,
        spacing: Spacing::Dense,
        shows_probability_below_zero: false,
    }
}
