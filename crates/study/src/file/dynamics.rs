//! Mirrors `dynamics` as written: memory, jumps and indicators of a market.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape::PerAsset;

/// Memory in the shocks, jumps, and indicators of the regimes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DynamicsTable {
    /// Variance that follows past shocks within each regime; `vol` is then the level to which it
    /// reverts.
    pub garch: Option<GarchTable>,
    /// Memory of the relative return of two assets; `vol` is then the volatility of the shocks.
    pub relative_ar: Option<RelativeArTable>,
    /// Rare jumps that all assets have together, on top of `mean` and `vol`.
    pub jumps: Option<JumpsTable>,
    /// Observable numbers that the regimes drive, by name. `macro` signals read them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub indicator: BTreeMap<String, IndicatorTable>,
}

/// A GARCH(1,1) variance with the asymmetry `gamma` of Glosten, Jagannathan and Runkle (1993). Its
/// weights are per `moments_per`, which must be the step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GarchTable {
    /// Weight of the last squared shock.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub alpha: f64,
    /// Weight of the previous variance.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub beta: f64,
    /// Additional weight of the last squared shock if the shock was negative.
    #[serde(default)]
    #[schemars(range(min = -1.0, max = 2.0))]
    pub gamma: f64,
}

/// An AR(1) process of the relative return of two assets, per `moments_per`, which must be the
/// step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RelativeArTable {
    /// Names of the two assets.
    #[schemars(length(min = 2, max = 2))]
    pub assets: Vec<String>,
    /// Autocorrelation, between -1 and 1: below 0 the relative return reverts, above 0 it trends.
    #[schemars(extend("exclusiveMinimum" = -1.0, "exclusiveMaximum" = 1.0))]
    pub phi: f64,
}

/// Jumps of log prices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JumpsTable {
    /// Expected number of jumps a year; a number, or a map by regime in which a regime left out has
    /// none.
    pub per_year: PerAsset,
    /// Mean of a jump's log return; a number, or a map by asset in which an asset left out does not
    /// jump.
    pub mean: PerAsset,
    /// Standard deviation of a jump's log return; a number or a map by asset.
    pub vol: PerAsset,
}

/// An indicator that the regimes drive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IndicatorTable {
    /// Level to which it reverts, by main regime.
    pub by_regime: BTreeMap<String, f64>,
    /// Months in which it covers half of the way to its level (default: 0, at once).
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 2400.0))]
    pub half_life_months: f64,
    /// Long-run standard deviation of its noise, in the indicator's unit.
    #[serde(default)]
    #[schemars(range(min = 0.0))]
    pub noise_sd: f64,
    /// Months by which it knows the regime in advance. The `observe` of a `macro` signal may make
    /// it late.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 240.0))]
    pub lead_months: f64,
}
