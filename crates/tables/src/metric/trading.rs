//! Measures trading and what it costs.

use corridor_core::outcome::PathColumn;

use super::{Grid, Index, Metric, Scale, Source};

pub(super) static TURNOVER_ONE_WAY_ANNUAL: Metric = Metric {
    name: "turnover_one_way_annual",
    display_name: "Turnover (one way)",
    unit: "fraction a year",
    number_format: "0.0%",
    higher_is_better: Some(false),
    grid: Grid::Step,
    index: Some(Index::Balance),
    definition: "Half the value traded by rebalancing over the wealth before each trade, per year; \
    flows and the first \
                 purchase stand outside.",
    formula: "sum_t (sum_i |trade_i,t| / 2 / W_t-) / years",
    source: Source::Column(PathColumn::TurnoverOneWayAnnual),
    default_margin: None,
    scale: Scale::Linear,
    whole_numbers: false,
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
    definition: "Steps in which something was traded to rebalance, over the whole horizon.",
    formula: "#{t : sum_i |trade_i,t| > 0}",
    source: Source::Column(PathColumn::RebalanceEvents),
    default_margin: None,
    scale: Scale::Linear,
    whole_numbers: true,
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
    definition: "Trading costs, fees and the cost of flows, each over the wealth before it, per \
    year.",
    formula: "1e4 sum_t (cost_t / W_t-) / years",
    source: Source::Column(PathColumn::CostBpsAnnual),
    default_margin: None,
    scale: Scale::Linear,
    whole_numbers: false,
    shows_probability_below_zero: false,
};
