//! Says in plain words what a metric tells, for readers who do not know the field.

use corridor_core::outcome::PathColumn;

use super::definition::Metric;
use super::source::{Derived, Event, FollowedColumn, Source, Worth};

impl Metric {
    /// Returns the meaning of the metric in one plain sentence; the exact one is `definition`.
    #[must_use]
    pub const fn meaning(&self) -> &'static str {
        match self.source {
            Source::Column(column) => of_column(column),
            Source::Event(Event::Ruined) => "How likely the account is empty before the horizon.",
            Source::Event(Event::GoalReached) => {
                "How likely the balance at the horizon is at least the goal."
            }
            Source::CertaintyEquivalent { worth: Worth::Growth, gamma: _ } => {
                "The sure yearly growth that an investor with this dislike of risk, gamma, would \
                take instead of the uncertain one."
            }
            Source::CertaintyEquivalent { worth: Worth::Wealth, gamma: _ } => {
                "The sure balance at the horizon that an investor with this dislike of risk, \
                gamma, would take instead of the uncertain one."
            }
            Source::Derived(derived) => of_derived(derived),
            Source::Followed(column) => of_followed(column),
        }
    }
}

const fn of_column(column: PathColumn) -> &'static str {
    match column {
        PathColumn::TerminalWealthNominal => "The balance of the account at the horizon.",
        PathColumn::LogGrowthUnitAnnual => {
            "The typical yearly growth, which compounds to the typical outcome."
        }
        PathColumn::MaxDrawdownUnitFrac => {
            "The deepest fall from a peak to a later low, with cash flows left out."
        }
        PathColumn::MaxDrawdownBalanceFrac => {
            "The deepest fall of the balance from a peak to a later low, withdrawals included."
        }
        PathColumn::MonthsUnderWaterUnit => {
            "The number of months in which the portfolio is below its highest value so far."
        }
        PathColumn::VolUnitAnnual => "How much the yearly return swings.",
        PathColumn::TurnoverOneWayAnnual => {
            "The share of the portfolio that is replaced in a year."
        }
        PathColumn::RebalanceEvents => "The number of times that the rule trades.",
        PathColumn::CostBpsAnnual => "What trading and fees cost a year.",
        PathColumn::GrowthWeightMeanFrac => "The mean weight of equity and other growth assets.",
        PathColumn::WeightDeviationRmsFrac => "How far weights usually are from their targets.",
        PathColumn::WeightDeviationMaxFrac => "How far weights are from their targets at most.",
        PathColumn::RuinMonth => "The month in which the account is empty, where it runs out.",
    }
}

const fn of_derived(derived: Derived) -> &'static str {
    match derived {
        Derived::Cagr => "The yearly growth, as banks and funds quote it.",
        Derived::Sharpe => "Growth above cash for each unit of volatility.",
        Derived::WealthReal => "The balance at the horizon in today's money.",
        Derived::FundedRatio => "The balance at the horizon as a share of the goal.",
        Derived::Shortfall => "The part of the goal that is missing at the horizon.",
    }
}

const fn of_followed(column: FollowedColumn) -> &'static str {
    match column {
        FollowedColumn::TrackingError => "How much the return strays from that of the baseline.",
        FollowedColumn::InformationRatio => {
            "Growth above the baseline for each unit of straying from it."
        }
        FollowedColumn::RelativeDrawdown => {
            "The deepest loss against the baseline, from a relative peak to a later low."
        }
        FollowedColumn::Underperformed1y => {
            "How likely the rule is behind its baseline after 1 year."
        }
        FollowedColumn::Underperformed3y => {
            "How likely the rule is behind its baseline after 3 years."
        }
        FollowedColumn::Underperformed5y => {
            "How likely the rule is behind its baseline after 5 years."
        }
        FollowedColumn::Underperformed10y => {
            "How likely the rule is behind its baseline after 10 years."
        }
        FollowedColumn::OutsideRange => {
            "The share of months in which weights are outside the range that the investor allows."
        }
        FollowedColumn::LargestTrade => "The largest share of the portfolio traded in one month.",
        FollowedColumn::UlcerIndex => {
            "How deep and how long the portfolio is below its highest value so far."
        }
        FollowedColumn::Sortino => "Growth above cash for each unit of losing months.",
        FollowedColumn::RebalancingPremium => {
            "Growth above the weighted growth of the assets, from mixing and rebalancing them."
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::metric::REGISTRY;

    #[test]
    fn every_meaning_is_one_plain_sentence() {
        for metric in REGISTRY {
            let meaning = metric.meaning();
            assert!(meaning.ends_with('.') && meaning.matches(". ").count() == 0, "{meaning}");
            assert!(meaning.len() < 130 && !meaning.contains('_'), "{}: {meaning}", metric.name);
        }
    }
}
