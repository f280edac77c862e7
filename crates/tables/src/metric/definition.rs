//! Describes one metric: its names, unit, direction, formula and what may be done with it.

use corridor_core::outcome::PathColumn;

use super::source::{FollowedColumn, Source};

/// A margin of practical equivalence that holds where the study declares none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DefaultMargin {
    /// In the unit of the metric.
    Absolute(f64),
    /// As a share of the baseline's value.
    OfBaseline(f64),
}

impl DefaultMargin {
    /// Returns the margin in the unit of the metric if that does not depend on the baseline.
    #[must_use]
    pub const fn absolute(self) -> Option<f64> {
        match self {
            Self::Absolute(width) => Some(width),
            Self::OfBaseline(_) => None,
        }
    }

    /// Returns the margin as a share of the baseline's value if it is one.
    #[must_use]
    pub const fn of_baseline(self) -> Option<f64> {
        match self {
            Self::Absolute(_) => None,
            Self::OfBaseline(share) => Some(share),
        }
    }

    /// Returns the margin in the unit of the metric, given the value of the baseline.
    #[must_use]
    pub fn at(self, baseline: Option<f64>) -> Option<f64> {
        match self {
            Self::Absolute(width) => Some(width),
            Self::OfBaseline(share) => baseline.map(|value| share * value.abs()),
        }
    }
}

/// Default margin of probabilities and drawdowns: one percentage point.
pub(super) const POINT: DefaultMargin = DefaultMargin::Absolute(0.01);
/// Default margin of wealth: one per cent of the baseline's.
pub(super) const PER_CENT: DefaultMargin = DefaultMargin::OfBaseline(0.01);

/// The catalogue entry of a metric: all facts about it but the arithmetic of its value.
#[derive(Debug)]
pub struct Metric {
    /// Name in snake_case; a metric that is a column of `fact_path` has the column's name.
    pub name: &'static str,
    /// Name in tables and charts for people.
    pub display_name: &'static str,
    /// Unit of the values.
    pub unit: &'static str,
    /// Spreadsheet format in which values are printed, such as `0.0%` or `#,##0`.
    pub number_format: &'static str,
    /// Whether larger values are better; `None` where neither direction is better as such.
    pub higher_is_better: Option<bool>,
    /// Points in time at which the path is observed.
    pub grid: Grid,
    /// Value series that the metric is computed from; `None` for a metric of weights or trades.
    pub index: Option<Index>,
    /// Definition in words.
    pub definition: &'static str,
    /// Definition as a formula.
    pub formula: &'static str,
    /// Origin of a path's value.
    pub source: Source,
    /// Margin of practical equivalence that holds where the study declares none; `None` where
    /// there is none, so that the metric has no verdict.
    pub default_margin: Option<DefaultMargin>,
    /// Spacing of the edges of its histogram.
    pub scale: Scale,
    /// Spacing of the values that paths may have.
    pub spacing: Spacing,
    /// Whether `prob_below`, the probability of a negative value, is reported.
    pub shows_probability_below_zero: bool,
}

impl Metric {
    /// Returns whether policies are compared on the metric.
    ///
    /// The month of ruin exists on ruined paths only, and which paths are ruined depends on the
    /// policy: a paired difference would leave out all paths that only one of the two ruins. A
    /// metric that is relative to the baseline is a difference already.
    #[must_use]
    pub fn is_compared(&self) -> bool {
        match self.source {
            Source::Column(column) => column != PathColumn::RuinMonth,
            Source::Followed(column) => !column.is_relative(),
            Source::Event(_) | Source::CertaintyEquivalent { .. } | Source::Derived(_) => true,
        }
    }

    /// Returns whether verdicts may rest on the metric: it is known of every simulated path.
    #[must_use]
    pub const fn may_be_primary(&self) -> bool {
        !self.is_followed()
    }

    /// Returns whether the metric exists only where the account has a goal.
    #[must_use]
    pub const fn needs_goal(&self) -> bool {
        self.source.needs_goal()
    }

    /// Returns whether the metric grows without bound on paths that come close to ruin.
    ///
    /// A withdrawal that leaves next to nothing makes the return of the unit after its costs as low
    /// as it leaves little, and the metric squares returns.
    #[must_use]
    pub const fn is_unbounded_near_ruin(&self) -> bool {
        matches!(
            self.source,
            Source::Column(PathColumn::VolUnitAnnual)
                | Source::Followed(FollowedColumn::TrackingError)
        )
    }

    /// Returns whether the metric is known only of the first paths of a run, which are followed
    /// month by month.
    #[must_use]
    pub const fn is_followed(&self) -> bool {
        self.source.is_followed()
    }
}

/// The points in time at which a path is observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grid {
    /// Every step of the study; the formula says whether the start, `t = 0`, is one of them.
    Step,
    /// The ends of months.
    Month,
    /// The report horizon only.
    Horizon,
}

impl Grid {
    /// Returns the word in the column `grid` of `dim_metric`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Month => "month",
            Self::Horizon => "horizon",
        }
    }
}

/// The two value series of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// Balance of the account in currency; contributions and withdrawals move it.
    Balance,
    /// Time-weighted unit value: 1 at the start, flows removed, net of costs and fees.
    Unit,
}

impl Index {
    /// Returns the word in the column `index` of `dim_metric`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Balance => "balance",
            Self::Unit => "unit",
        }
    }
}

/// The spacing of a histogram's edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Equal steps.
    Linear,
    /// Equal ratios, for positive values that span several orders of magnitude.
    Log,
}

/// The spacing of the values that paths may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// Any number.
    Dense,
    /// Any weight, or distance of weights: far from 0 and close to each other.
    Weights,
    /// Whole numbers.
    Whole,
    /// Times in months: whole numbers of steps.
    Months,
    /// Shares of the months of a path.
    SharesOfMonths,
}

impl Spacing {
    /// Returns whether the values are so far apart that quantiles move in jumps.
    #[must_use]
    pub const fn makes_jumps(self) -> bool {
        match self {
            Self::Dense | Self::Weights => false,
            Self::Whole | Self::Months | Self::SharesOfMonths => true,
        }
    }

    /// Returns whether values are whole numbers on a grid of months.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        match self {
            Self::Whole | Self::Months => true,
            Self::Dense | Self::Weights | Self::SharesOfMonths => false,
        }
    }
}
