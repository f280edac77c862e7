//! Measures what follows from a path's row and a few facts of its scenario: yearly growth, growth
//! per risk, real wealth, and how far a goal is reached.

use corridor_core::outcome::PathColumn;

use super::{Event, Grid, Index, Metric, Scale, Source};

/// A number that follows from a path's row and facts of its scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Derived {
    /// Compound annual growth rate of the unit value.
    Cagr,
    /// Log growth beyond that of cash over volatility.
    Sharpe,
    /// Balance at the horizon in money of the start.
    WealthReal,
    /// Balance at the horizon over the goal.
    FundedRatio,
    /// What the balance lacks of the goal, as a share of it.
    Shortfall,
}

impl Derived {
    /// The columns it follows from, in their order.
    #[must_use]
    pub const fn inputs(self) -> &'static [PathColumn] {
        match self {
            Self::Cagr => &[PathColumn::LogGrowthUnitAnnual],
            Self::Sharpe => &[PathColumn::LogGrowthUnitAnnual, PathColumn::VolUnitAnnual],
            Self::WealthReal | Self::FundedRatio | Self::Shortfall => {
                &[PathColumn::TerminalWealthNominal]
            }
        }
    }

    /// Whether it exists only where the account has a goal.
    #[must_use]
    pub const fn needs_goal(self) -> bool {
        match self {
            Self::Cagr | Self::Sharpe | Self::WealthReal => false,
            Self::FundedRatio | Self::Shortfall => true,
        }
    }
}

/// What most of them have in common.
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
        whole_numbers: false,
        shows_probability_below_zero: false,
    }
}

pub(super) static CAGR_UNIT_ANNUAL: Metric = Metric {
    unit: "return a year",
    number_format: "0.00%",
    index: Some(Index::Unit),
    default_margin: Some(super::growth::MARGIN_BPS * 1e-4),
    ..of_balance(
        Source::Derived(Derived::Cagr),
        "cagr_unit_annual",
        "Compound annual growth",
        "Compound annual growth rate of the unit value, path by path; over the years alive for a \
        ruined path.",
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
        "Log growth of the unit value beyond that of cash (`account.risk_free_annual`), over its \
        volatility, path by path \
         (Sharpe 1966); none where there is no volatility. Of log returns, so lower than that of \
         arithmetic ones by about half \
         the volatility.",
        "(ln(unit_n)/years - ln(1 + risk_free)) / vol_unit_annual",
    )
};

pub(super) static TERMINAL_WEALTH_REAL: Metric = Metric {
    unit: "currency (real, money of the start)",
    number_format: "#,##0",
    scale: Scale::Log,
    ..of_balance(
        Source::Derived(Derived::WealthReal),
        "terminal_wealth_real",
        "Terminal wealth, real",
        "Balance at the horizon over the price level there (`account.inflation_annual`); 0 for a \
        ruined path.",
        "W_n / (1 + inflation)^years",
    )
};

pub(super) static FUNDED_RATIO: Metric = of_balance(
    Source::Derived(Derived::FundedRatio),
    "funded_ratio",
    "Funded ratio",
    "Balance at the horizon over the goal (`account.goal`); only where there is a goal.",
    "W_n / G",
);

pub(super) static SHORTFALL_FRAC: Metric = Metric {
    higher_is_better: Some(false),
    ..of_balance(
        Source::Derived(Derived::Shortfall),
        "shortfall_frac",
        "Shortfall from the goal",
        "What the balance at the horizon lacks of the goal (`account.goal`), as a share of it; \
        only where there is a goal.",
        "max(0, 1 - W_n / G)",
    )
};

pub(super) static GOAL_REACHED: Metric = Metric {
    unit: "probability",
    whole_numbers: true,
    ..of_balance(
        Source::Event(Event::GoalReached),
        "goal_reached",
        "Probability of reaching the goal",
        "1 where the balance at the horizon is at least the goal (`account.goal`), else 0; `mean` \
        is the probability. Only where \
         there is a goal.",
        "1{W_n >= G}",
    )
};
