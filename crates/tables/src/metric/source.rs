//! Says where a path's value of a metric comes from: a stored column, an event, a formula over
//! columns, or the month-by-month record of the first paths.

use corridor_core::outcome::PathColumn;

/// The origin of a path's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A number kept per path, unchanged; NaN where the path has no value.
    Column(PathColumn),
    /// 1 on paths on which the event happened, else 0; the mean is its probability.
    Event(Event),
    /// `x^(1-gamma)` with `x` the worth, NaN on a ruined path; the metric is the certainty
    /// equivalent of the mean over paths.
    CertaintyEquivalent {
        /// Relative risk aversion; at least 2.
        gamma: u8,
        /// The quantity `x` whose utility is averaged.
        worth: Worth,
    },
    /// A formula over numbers kept per path and facts of the scenario.
    Derived(Derived),
    /// A number found by following the path month by month; NaN where the path has no value.
    Followed(FollowedColumn),
}

impl Source {
    /// Returns the path columns from which the value is computed, in the order of the columns;
    /// none for a value that is found month by month.
    #[must_use]
    pub const fn inputs(self) -> &'static [PathColumn] {
        match self {
            Self::Column(column) => std::slice::from_ref(&PathColumn::ALL[column as usize]),
            Self::Event(Event::Ruined) => &[PathColumn::RuinMonth],
            Self::Event(Event::GoalReached) => &[PathColumn::TerminalWealthNominal],
            Self::CertaintyEquivalent { worth: Worth::Growth, .. } => {
                &[PathColumn::LogGrowthUnitAnnual, PathColumn::RuinMonth]
            }
            Self::CertaintyEquivalent { worth: Worth::Wealth, .. } => {
                &[PathColumn::TerminalWealthNominal, PathColumn::RuinMonth]
            }
            Self::Derived(derived) => derived.inputs(),
            Self::Followed(_) => &[],
        }
    }

    /// Returns whether the value exists only where the account has a goal.
    #[must_use]
    pub const fn needs_goal(self) -> bool {
        match self {
            Self::Event(Event::GoalReached) => true,
            Self::Derived(derived) => derived.needs_goal(),
            Self::Column(_)
            | Self::Event(Event::Ruined)
            | Self::CertaintyEquivalent { .. }
            | Self::Followed(_) => false,
        }
    }

    /// Returns whether the value is known only of the first paths of a run, which are followed
    /// month by month.
    #[must_use]
    pub const fn is_followed(self) -> bool {
        matches!(self, Self::Followed(_))
    }

    /// Returns whether the values of single paths have a distribution that is reported: quantiles
    /// and a histogram.
    #[must_use]
    pub const fn has_distribution(self) -> bool {
        match self {
            Self::Column(_) | Self::Derived(_) => true,
            Self::Followed(column) => !column.is_event(),
            Self::Event(_) | Self::CertaintyEquivalent { .. } => false,
        }
    }

    /// Returns whether values are 0 or 1, so that their mean is a probability.
    #[must_use]
    pub const fn is_event(self) -> bool {
        match self {
            Self::Event(_) => true,
            Self::Followed(column) => column.is_event(),
            Self::Column(_) | Self::CertaintyEquivalent { .. } | Self::Derived(_) => false,
        }
    }

    /// Returns whether a path's value falls where the outcome that the metric reports rises.
    ///
    /// So it is for certainty equivalents: `x^(1-gamma)` falls where `x` rises.
    #[must_use]
    pub const fn is_reversed(self) -> bool {
        match self {
            Self::CertaintyEquivalent { .. } => true,
            Self::Column(_) | Self::Event(_) | Self::Derived(_) | Self::Followed(_) => false,
        }
    }
}

/// An event that may happen on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The account was emptied by the horizon.
    Ruined,
    /// The balance at the horizon is at least the goal.
    GoalReached,
}

/// The quantity that an investor's utility is a function of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// Unit value at the horizon, `exp(log growth x years)`; its certainty equivalent is a growth
    /// rate.
    Growth,
    /// Balance at the horizon; its certainty equivalent is an amount in currency.
    Wealth,
}

/// A formula over numbers kept per path and facts of the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Derived {
    /// Compound annual growth rate of the unit value.
    Cagr,
    /// Log growth in excess of cash, over volatility.
    Sharpe,
    /// Balance at the horizon in money of the start.
    WealthReal,
    /// Balance at the horizon over the goal.
    FundedRatio,
    /// Amount by which the balance falls short of the goal, as a fraction of the goal.
    Shortfall,
}

impl Derived {
    /// Returns the path columns of the formula, in the order of the columns.
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

    /// Returns whether the value exists only where the account has a goal.
    #[must_use]
    pub const fn needs_goal(self) -> bool {
        match self {
            Self::Cagr | Self::Sharpe | Self::WealthReal => false,
            Self::FundedRatio | Self::Shortfall => true,
        }
    }
}

/// A number found by following a path month by month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(usize)]
pub enum FollowedColumn {
    /// Annualised standard deviation of the monthly log return in excess of the baseline's.
    TrackingError,
    /// Log growth in excess of the baseline's, over the tracking error.
    InformationRatio,
    /// Largest fall below its running peak of the unit value over the baseline's.
    RelativeDrawdown,
    /// 1 where the unit value is below the baseline's after 1 year, else 0.
    Underperformed1y,
    /// 1 where the unit value is below the baseline's after 3 years, else 0.
    Underperformed3y,
    /// 1 where the unit value is below the baseline's after 5 years, else 0.
    Underperformed5y,
    /// 1 where the unit value is below the baseline's after 10 years, else 0.
    Underperformed10y,
    /// Fraction of months outside the range of the investment policy.
    OutsideRange,
    /// Largest one-way turnover in a month, as a fraction of wealth.
    LargestTrade,
    /// Root mean square of the drawdown of the unit value.
    UlcerIndex,
    /// Log growth in excess of cash, over downside deviation.
    Sortino,
    /// Log growth in excess of the weighted log growth of the assets.
    RebalancingPremium,
}

impl FollowedColumn {
    /// Number of columns.
    pub const COUNT: usize = 12;

    /// All columns, in order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::TrackingError,
        Self::InformationRatio,
        Self::RelativeDrawdown,
        Self::Underperformed1y,
        Self::Underperformed3y,
        Self::Underperformed5y,
        Self::Underperformed10y,
        Self::OutsideRange,
        Self::LargestTrade,
        Self::UlcerIndex,
        Self::Sortino,
        Self::RebalancingPremium,
    ];

    /// Returns whether values are 0 or 1, so that their mean is a probability.
    #[must_use]
    pub const fn is_event(self) -> bool {
        match self {
            Self::Underperformed1y
            | Self::Underperformed3y
            | Self::Underperformed5y
            | Self::Underperformed10y => true,
            Self::TrackingError
            | Self::InformationRatio
            | Self::RelativeDrawdown
            | Self::OutsideRange
            | Self::LargestTrade
            | Self::UlcerIndex
            | Self::Sortino
            | Self::RebalancingPremium => false,
        }
    }

    /// Returns whether the number is relative to the baseline, so that a baseline has none.
    #[must_use]
    pub const fn is_relative(self) -> bool {
        match self {
            Self::TrackingError
            | Self::InformationRatio
            | Self::RelativeDrawdown
            | Self::Underperformed1y
            | Self::Underperformed3y
            | Self::Underperformed5y
            | Self::Underperformed10y => true,
            Self::OutsideRange
            | Self::LargestTrade
            | Self::UlcerIndex
            | Self::Sortino
            | Self::RebalancingPremium => false,
        }
    }
}
