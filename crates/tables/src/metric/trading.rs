//! Defines metrics of trading and of its cost.

use corridor_core::outcome::PathColumn;

use super::definition::{Grid, Index, Metric, Scale, Spacing};
use super::source::Source;

pub(super) static TURNOVER_ONE_WAY_ANNUAL: Metric = Metric {
    name: "turnover_one_way_annual",
    display_name: "Turnover (one way)",
    unit: "fraction a year",
    number_format: "0.0%",
    higher_is_better: Some(false),
    grid: Grid::Step,
    index: Some(Index::Balance),
    definition: "Half the value that the rule trades, over the wealth before each trade, per year. \
    Flows and the first purchase do not count.",
    formula: "sum_t (sum_i |trade_i,t| / 2 / W_t-) / years",
    source: Source::Column(PathColumn::TurnoverOneWayAnnual),
    default_margin: None,
    scale: Scale::Linear,
    spacing: Spacing::Dense,
    shows_probability_below_zero: false,
};

pub(super) static REBALANCE_EVENTS: Metric = Metric {
    name: "rebalance_events",
    display_name: "Rebalancing events",
    unit: "events",
    number_format: "0.0",
    higher_is_better: None,
    grid: Grid::Step,
    index: None,
    definition: "Number of steps, over the whole horizon, in which the rule trades.",
    formula: "#{t : sum_i |trade_i,t| > 0}",
    source: Source::Column(PathColumn::RebalanceEvents),
    default_margin: None,
    scale: Scale::Linear,
    spacing: Spacing::Whole,
    shows_probability_below_zero: false,
};

pub(super) static COST_BPS_ANNUAL: Metric = Metric {
    name: "cost_bps_annual",
    display_name: "Cost",
    unit: "bp a year",
    number_format: "0.0",
    higher_is_better: Some(false),
    grid: Grid::Step,
    index: Some(Index::Balance),
    definition: "Trading costs, costs of flows and fees, each over the wealth before it, per year.",
    formula: "1e4 sum_t (cost_t / W_t-) / years",
    source: Source::Column(PathColumn::CostBpsAnnual),
    default_margin: None,
    scale: Scale::Linear,
    spacing: Spacing::Dense,
    shows_probability_below_zero: false,
};
