//! Defines metrics that need a path month by month: how far a policy strays from its baseline, and
//! how long it is outside its range.
//!
//! They are found on the first paths of a run, which are followed through every month
//! (`output.followed_paths`); `n_paths` counts those paths. A metric that is relative to the
//! baseline has no value for a baseline.

use super::definition::{Grid, Index, Metric, Scale, Spacing};
use super::source::{FollowedColumn, Source};

/// Fills in the fields that most metrics of followed paths share.
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
        spacing: Spacing::Dense,
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
            "1 where the unit value is below that of the baseline this long after the start, \
            else 0; `mean` is the probability.",
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
        "Annualised standard deviation (divisor n - 1) of the monthly log return of the unit value \
        in excess of the baseline's.",
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
        "Log growth a year of the unit value in excess of the baseline's, over the tracking error \
        of the path. A path without tracking error has none.",
        "ln(u_n / b_n) / years / tracking error",
    )
};

pub(super) static RELATIVE_DRAWDOWN_MAX_FRAC: Metric = followed(
    FollowedColumn::RelativeDrawdown,
    "relative_drawdown_max_frac",
    "Largest relative drawdown",
    "Largest fall of the unit value, in units of the baseline's, below its running peak, seen \
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
    spacing: Spacing::SharesOfMonths,
    ..followed(
        FollowedColumn::OutsideRange,
        "outside_range_frac",
        "Time outside the policy range",
        "Fraction of months in which the largest distance of a weight from its target, before \
        trading, exceeds `comparison.policy_range`. A month of several steps counts with their \
        root mean square.",
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
        "Largest one-way turnover within a month, as a fraction of the wealth before it.",
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
        "Log growth of the unit value in excess of cash (`account.risk_free_annual`), over the \
        annualised root mean square by which its monthly log returns fall short of cash (Sortino \
        and Price 1994). A ruined path has none, nor has a path on which no month falls short.",
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
        "Log growth of the unit value in excess of the weighted log growth of the assets, at the \
        policy's target weights of the start (Booth and Fama 1992, diversification return). Most \
        of it arises because a mix varies less than its parts, rebalanced or not: compare it \
        between policies, and do not take it for return that rebalancing adds. A ruined path has \
        none.",
        "ln(unit_n)/years - sum_i w*_i ln(S_i,n / S_i,0)/years",
    )
};
