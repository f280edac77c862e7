//! Defines metrics that follow from a path's row and a few facts of its scenario: annual growth,
//! the Sharpe ratio, real wealth, and progress towards the goal.

use super::definition::{DefaultMargin, Grid, Index, Metric, PER_CENT, POINT, Scale, Spacing};
use super::growth::MARGIN_BPS;
use super::source::{Derived, Event, Source};

/// Fills in the fields that most metrics of the balance at the horizon share.
const fn of_balance(
    source: Source,
    name: &'static str,
    display_name: &'static str,
    definition: &'static str,
    formula: &'static str,
) -> Metric {
    Metric {
        name,
        display_name,
        unit: "fraction",
        number_format: "0.0%",
        higher_is_better: Some(true),
        grid: Grid::Horizon,
        index: Some(Index::Balance),
        definition,
        formula,
        source,
        default_margin: None,
        scale: Scale::Linear,
        spacing: Spacing::Dense,
        shows_probability_below_zero: false,
    }
}

pub(super) static CAGR_UNIT_ANNUAL: Metric = Metric {
    unit: "return a year",
    number_format: "0.00%",
    index: Some(Index::Unit),
    default_margin: Some(DefaultMargin::Absolute(MARGIN_BPS * 1e-4)),
    ..of_balance(
        Source::Derived(Derived::Cagr),
        "cagr_unit_annual",
        "Compound annual growth",
        "Compound annual growth rate of the unit value on each path. On a ruined path it is taken \
        over the years before ruin.",
        "unit_n^(1/years) - 1",
    )
};

pub(super) static SHARPE_RATIO: Metric = Metric {
    unit: "ratio",
    number_format: "0.00",
    index: Some(Index::Unit),
    shows_probability_below_zero: true,
    ..of_balance(
        Source::Derived(Derived::Sharpe),
        "sharpe_ratio",
        "Sharpe ratio",
        "Log growth of the unit value in excess of cash (`account.risk_free_annual`), over the \
        volatility of the unit value, on each path (Sharpe 1966). A path without volatility has \
        none. Because it is a ratio of log returns it is lower than that of arithmetic returns, \
        by about half the volatility.",
        "(ln(unit_n)/years - ln(1 + risk_free)) / vol_unit_annual",
    )
};

pub(super) static TERMINAL_WEALTH_REAL: Metric = Metric {
    unit: "currency (real, money of the start)",
    number_format: "#,##0",
    default_margin: Some(PER_CENT),
    scale: Scale::Log,
    ..of_balance(
        Source::Derived(Derived::WealthReal),
        "terminal_wealth_real",
        "Terminal wealth, real",
        "Balance at the horizon, divided by the price level at the horizon \
        (`account.inflation_annual`). It is 0 on a ruined path.",
        "W_n / (1 + inflation)^years",
    )
};

pub(super) static FUNDED_RATIO: Metric = of_balance(
    Source::Derived(Derived::FundedRatio),
    "funded_ratio",
    "Funded ratio",
    "Balance at the horizon, divided by the goal (`account.goal`). It exists only for an account \
    with a goal.",
    "W_n / G",
);

pub(super) static SHORTFALL_FRAC: Metric = Metric {
    higher_is_better: Some(false),
    ..of_balance(
        Source::Derived(Derived::Shortfall),
        "shortfall_frac",
        "Shortfall from the goal",
        "Amount by which the balance at the horizon falls short of the goal (`account.goal`), as \
        a fraction of the goal; 0 where the goal is reached. It exists only for an account with a \
        goal.",
        "max(0, 1 - W_n / G)",
    )
};

pub(super) static GOAL_REACHED: Metric = Metric {
    unit: "probability",
    default_margin: Some(POINT),
    spacing: Spacing::Whole,
    ..of_balance(
        Source::Event(Event::GoalReached),
        "goal_reached",
        "Probability of reaching the goal",
        "1 on a path whose balance at the horizon is at least the goal (`account.goal`), else 0; \
        `mean` is the probability. It exists only for an account with a goal.",
        "1{W_n >= G}",
    )
};
