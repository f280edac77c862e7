//! Mirrors values that may be written in more than one shape.
//!
//! The shape alone distinguishes a number from a map, and a list from a word. The structure check
//! does so where it knows the place, so users never see the messages of `untagged`, which have
//! none.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One number for every asset, or a map by asset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(extend("x-infinite" = true))]
pub(crate) enum PerAsset {
    /// One number for every asset.
    Each(f64),
    /// By asset name.
    Map(BTreeMap<String, f64>),
}

/// One number per asset: a list in asset order or a map by asset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum AssetValues {
    /// In the order of `assets`.
    List(Vec<f64>),
    /// By asset name.
    Map(BTreeMap<String, f64>),
}

/// Correlations of the log returns of one regime.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum CorrelationValue {
    /// One correlation for every pair.
    AllPairs(f64),
    /// The whole matrix, or its lower triangle with or without the diagonal of ones.
    Matrix(Vec<Vec<f64>>),
}

/// Law of the first regime.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum InitialValue {
    /// "stationary", or a regime's name.
    Word(String),
    /// One probability per regime.
    Law(Vec<f64>),
}

impl Default for InitialValue {
    fn default() -> Self {
        Self::Word("stationary".to_owned())
    }
}

/// When a rule reviews the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum ReviewValue {
    /// A usual rhythm, by name.
    Word(ReviewWord),
    /// Any number of months or steps.
    Every(ReviewEvery),
}

/// Names of the usual rhythms of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReviewWord {
    /// At every step.
    Step,
    /// Every day.
    Day,
    /// Every week; every 5 steps if a step is a day.
    Week,
    /// Every two weeks; every 10 steps if a step is a day.
    TwoWeeks,
    /// Every month.
    Month,
    /// Every 3 months.
    Quarter,
    /// Every 6 months.
    HalfYear,
    /// Every 12 months.
    Year,
}

/// A rhythm by a number of months or of steps, exactly one of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReviewEvery {
    /// Months between reviews.
    #[schemars(range(min = 1, max = 2400))]
    pub every_months: Option<u32>,
    /// Months by which the reviews are shifted.
    #[schemars(range(min = 0.0, max = 2400.0))]
    pub phase_months: Option<f64>,
    /// Steps between reviews.
    #[schemars(range(min = 1, max = 100_000))]
    pub every_steps: Option<u32>,
    /// Steps by which the reviews are shifted.
    #[schemars(range(max = 100_000))]
    pub phase_steps: Option<u32>,
}
