//! Defines metrics of the weights held: exposure to growth assets and distance from the target.

use corridor_core::outcome::PathColumn;

use super::definition::{Grid, Metric, Scale, Spacing};
use super::source::Source;

pub(super) static GROWTH_WEIGHT_MEAN_FRAC: Metric = Metric {
    name: "growth_weight_mean_frac",
    display_name: "Mean growth exposure",
    unit: "fraction",
    number_format: "0.0%",
    higher_is_better: None,
    grid: Grid::Step,
    index: None,
    definition: "Mean over time of the total weight of the study's growth assets after trading, at \
    every step but the last.",
    formula: "mean_{t=0..n-1} sum_{i in growth} w_i,t",
    source: Source::Column(PathColumn::GrowthWeightMeanFrac),
    default_margin: None,
    scale: Scale::Linear,
    spacing: Spacing::Weights,
    shows_probability_below_zero: false,
};

pub(super) static WEIGHT_DEVIATION_RMS_FRAC: Metric = Metric {
    name: "weight_deviation_rms_frac",
    display_name: "Weight deviation (r.m.s.)",
    unit: "fraction",
    number_format: "0.0%",
    higher_is_better: Some(false),
    grid: Grid::Step,
    index: None,
    definition: "Root mean square over time of the largest distance of a weight from its target, \
    before trading.",
    formula: "sqrt(mean_t max_i (w_i,t - w*_i)^2)",
    source: Source::Column(PathColumn::WeightDeviationRmsFrac),
    default_margin: None,
    scale: Scale::Linear,
    spacing: Spacing::Weights,
    shows_probability_below_zero: false,
};

pub(super) static WEIGHT_DEVIATION_MAX_FRAC: Metric = Metric {
    name: "weight_deviation_max_frac",
    display_name: "Weight deviation (largest)",
    unit: "fraction",
    number_format: "0.0%",
    higher_is_better: Some(false),
    grid: Grid::Step,
    index: None,
    definition: "Largest distance of a weight from its target over time, before trading.",
    formula: "max_t max_i |w_i,t - w*_i|",
    source: Source::Column(PathColumn::WeightDeviationMaxFrac),
    default_margin: None,
    scale: Scale::Linear,
    spacing: Spacing::Weights,
    shows_probability_below_zero: false,
};
