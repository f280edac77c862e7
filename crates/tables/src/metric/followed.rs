//! Measures what shows only month by month: how far a policy strays from its baseline, how long it
//! is out of its range.
//!
//! These are found on the first paths of a run, which are followed through every month
//! (`output.followed_paths`); their rows say how many paths that is. What is relative to the
//! baseline has no value for a baseline itself.

use super::{Grid, Index, Metric, Scale, Source};

/// A number found by following a path month by month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(usize)]
pub enum FollowedColumn {
    /// Standard deviation of the monthly active log return, annualised.
    TrackingError,
    /// Active log growth over tracking error.
    InformationRatio,
    /// Largest fall of the unit value over the baseline's below its running peak.
    RelativeDrawdown,
    /// 1 where the unit value is below the baseline's after a year.
    Underperformed1y,
    /// The same after three years.
    Underperformed3y,
    /// The same after five years.
    Underperformed5y,
    /// The same after ten years.
    Underperformed10y,
    /// Share of months outside the range of the investment policy.
    OutsideRange,
    /// Largest one-way turnover in a month.
    LargestTrade,
    /// Root mean square of the drawdown.
    UlcerIndex,
    /// Log growth beyond that of cash over downside deviation.
    Sortino,
    /// Log growth beyond the weighted log growth of the assets.
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

    /// Whether it is 0 or 1, its mean a probability.
    #[must_use]
    pub const fn is_event(self) -> bool {
        matches!(
            self,
            Self::Underperformed1y
                | Self::Underperformed3y
                | Self::Underperformed5y
                | Self::Underperformed10y
        )
    }

    /// Whether it is about the difference from the baseline already.
    #[must_use]
    pub const fn is_relative(self) -> bool {
        self.is_event()
            || matches!(self, Self::TrackingError | Self::InformationRatio | Self::RelativeDrawdown)
    }
}

/// What most of them have in common.
const fn followed(
    column: FollowedColumn,
    name: &'static str,
    display_name: &'static str,
    definition: &'static str,
    formula: &'static str,
) -> Metric {
    Metric {
        name,
        display_name,
        unit: "fraction",
        number_format: "0.00%",
        higher_is_better: Some(false),
        grid: Grid::Month,
        index: Some(Index::Unit),
        definition,
        formula,
        source: Source::Followed(column),
        default_margin: None,
        scale: Scale::Linear,
        whole_numbers: false,
        shows_probability_below_zero: false,
    }
}

const fn underperformed(
    column: FollowedColumn,
    name: &'static str,
    display_name: &'static str,
    formula: &'static str,
) -> Metric {
    Metric {
        unit: "probability",
        number_format: "0.0%",
        ..followed(
            column,
            name,
            display_name,
            "1 where the unit value stands below that of the baseline so long after the start, \
            else 0.",
            formula,
        )
    }
}

pub(super) static TRACKING_ERROR_ANNUAL: Metric = Metric {
    unit: "log return a year (st. dev.)",
    higher_is_better: None,
    ..followed(
        FollowedColumn::TrackingError,
        "tracking_error_annual",
        "Tracking error",
        "Standard deviation (n - 1) of the monthly log return of the unit value less the \
        baseline's, annualised.",
        "sd(ln(u_t / u_{t-1}) - ln(b_t / b_{t-1})) sqrt(12)",
    )
};

pub(super) static INFORMATION_RATIO: Metric = Metric {
    unit: "ratio",
    number_format: "0.00",
    higher_is_better: Some(true),
    ..followed(
        FollowedColumn::InformationRatio,
        "information_ratio",
        "Information ratio",
        "Log growth of the unit value less the baseline's, a year, over the tracking error of the \
        path; none where that is 0.",
        "ln(u_n / b_n) / years / tracking error",
    )
};

pub(super) static RELATIVE_DRAWDOWN_MAX_FRAC: Metric = followed(
    FollowedColumn::RelativeDrawdown,
    "relative_drawdown_max_frac",
    "Largest relative drawdown",
    "Largest fall of the unit value in units of the baseline's below its running peak, seen \
    monthly.",
    "max_t (1 - (u_t / b_t) / max_{s<=t} (u_s / b_s))",
);

pub(super) static UNDERPERFORMED_1Y: Metric = underperformed(
    FollowedColumn::Underperformed1y,
    "underperformed_1y",
    "Underperforming over 1 year",
    "1{u_t < b_t}, t = 12 months",
);
pub(super) static UNDERPERFORMED_3Y: Metric = underperformed(
    FollowedColumn::Underperformed3y,
    "underperformed_3y",
    "Underperforming over 3 years",
    "1{u_t < b_t}, t = 36 months",
);
pub(super) static UNDERPERFORMED_5Y: Metric = underperformed(
    FollowedColumn::Underperformed5y,
    "underperformed_5y",
    "Underperforming over 5 years",
    "1{u_t < b_t}, t = 60 months",
);
pub(super) static UNDERPERFORMED_10Y: Metric = underperformed(
    FollowedColumn::Underperformed10y,
    "underperformed_10y",
    "Underperforming over 10 years",
    "1{u_t < b_t}, t = 120 months",
);

pub(super) static OUTSIDE_RANGE_FRAC: Metric = Metric {
    number_format: "0.0%",
    index: None,
    ..followed(
        FollowedColumn::OutsideRange,
        "outside_range_frac",
        "Time outside the policy range",
        "Share of months in which the largest distance of a weight from its target, before trading \
        (over several steps its root \
         mean square), exceeds `comparison.policy_range`.",
        "#{t : max_i |w_i,t - w*_i| > range} / months",
    )
};

pub(super) static LARGEST_TRADE_FRAC: Metric = Metric {
    number_format: "0.0%",
    higher_is_better: None,
    index: None,
    ..followed(
        FollowedColumn::LargestTrade,
        "largest_trade_frac",
        "Largest trade",
        "Largest one-way turnover within a month, of the wealth before it.",
        "max_t sum_i |trade_i,t| / 2 / W_t-",
    )
};

pub(super) static ULCER_INDEX_UNIT_FRAC: Metric = followed(
    FollowedColumn::UlcerIndex,
    "ulcer_index_unit_frac",
    "Ulcer index",
    "Root mean square over months of the fall of the unit value below its running peak (Martin and \
    McCann 1989).",
    "sqrt(mean_t (1 - u_t / max_{s<=t} u_s)^2)",
);

pub(super) static SORTINO_RATIO: Metric = Metric {
    unit: "ratio",
    number_format: "0.00",
    higher_is_better: Some(true),
    shows_probability_below_zero: true,
    ..followed(
        FollowedColumn::Sortino,
        "sortino_ratio",
        "Sortino ratio",
        "Log growth of the unit value beyond that of cash (`account.risk_free_annual`), over the \
        annualised root mean square of \
         what its monthly log returns fall short of cash (Sortino and Price 1994); none where none \
         falls short or the path was ruined.",
        "(ln(unit_n)/years - r_f) / sqrt((12/n) sum_t min(0, x_t - r_f/12)^2), r_f = ln(1 + \
        risk_free)",
    )
};

pub(super) static REBALANCING_PREMIUM_ANNUAL: Metric = Metric {
    unit: "log return a year",
    number_format: "0.00%",
    higher_is_better: None,
    shows_probability_below_zero: true,
    ..followed(
        FollowedColumn::RebalancingPremium,
        "rebalancing_premium_annual",
        "Rebalancing premium",
        "Log growth of the unit value less the weighted log growth of the assets, weights being \
        the policy's target at the start \
         (Booth and Fama 1992, diversification return). Most of it is that a mix varies less than \
         its parts, rebalanced or not: \
         compare it between policies, and do not take it for return that rebalancing adds. None \
         where the path was ruined.",
        "ln(unit_n)/years - sum_i w*_i ln(S_i,n / S_i,0)/years",
    )
};
