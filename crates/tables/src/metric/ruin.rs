//! Defines metrics of ruin: from the month of ruin on the account is empty for good.

use corridor_core::outcome::PathColumn;

use super::definition::{Grid, Index, Metric, POINT, Scale, Spacing};
use super::source::{Event, Source};

pub(super) static RUIN_MONTH: Metric = Metric {
    name: "ruin_month",
    display_name: "Month of ruin (ruined paths)",
    unit: "months",
    number_format: "0",
    higher_is_better: Some(true),
    grid: Grid::Step,
    index: Some(Index::Balance),
    definition: "Months from the start until the account is empty. Statistics are over ruined \
    paths only.",
    formula: "(12/m) min{t : W_t = 0}",
    source: Source::Column(PathColumn::RuinMonth),
    default_margin: None,
    scale: Scale::Linear,
    spacing: Spacing::Months,
    shows_probability_below_zero: false,
};

pub(super) static RUINED: Metric = Metric {
    name: "ruined",
    display_name: "Probability of ruin",
    unit: "probability",
    number_format: "0.0%",
    higher_is_better: Some(false),
    grid: Grid::Horizon,
    index: Some(Index::Balance),
    definition: "1 on a path whose account is empty by the horizon, else 0; `mean` is the \
    probability of ruin.",
    formula: "1{W_n = 0}",
    source: Source::Event(Event::Ruined),
    default_margin: Some(POINT),
    scale: Scale::Linear,
    spacing: Spacing::Whole,
    shows_probability_below_zero: false,
};
