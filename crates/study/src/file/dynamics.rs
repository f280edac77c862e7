//! Mirrors `dynamics`: what a market has besides its regimes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape::PerAsset;

/// Memory in the shocks, jumps, and indicators of the regimes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DynamicsTable {
    /// Variance that follows past shocks within each regime; `vol` is then the level it reverts to.
    pub garch: Option<GarchTable>,
    /// Memory of the relative return of two assets; `vol` is then that of the shocks.
    pub relative_ar: Option<RelativeArTable>,
    /// Rare jumps, common to all assets; on top of `mean` and `vol`.
    pub jumps: Option<JumpsTable>,
    /// Numbers that anybody can see and that the regimes drive: read by `macro` signals.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub indicator: BTreeMap<String, IndicatorTable>,
}

/// GARCH(1,1), with `gamma` of Glosten, Jagannathan and Runkle; weights per `moments_per`, which
/// must be the step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GarchTable {
    /// Weight of the last squared shock.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub alpha: f64,
    /// Weight of the variance before.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub beta: f64,
    /// Further weight of a negative shock.
    #[serde(default)]
    #[schemars(range(min = -1.0, max = 2.0))]
    pub gamma: f64,
}

/// AR(1) of the relative return of two assets, per `moments_per`, which must be the step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RelativeArTable {
    /// The two assets.
    #[schemars(length(min = 2, max = 2))]
    pub assets: Vec<String>,
    /// Below 0 the relative return reverts, above 0 it trends.
    #[schemars(extend("exclusiveMinimum" = -1.0, "exclusiveMaximum" = 1.0))]
    pub phi: f64,
}

/// Jumps of log prices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JumpsTable {
    /// Jumps a year; a number, or a map by regime in which regimes left out have none.
    pub per_year: PerAsset,
    /// Mean of a jump's log return; a number or a map by asset, in which assets left out do not
    /// jump.
    pub mean: PerAsset,
    /// Standard deviation of a jump's log return, likewise.
    pub vol: PerAsset,
}

/// An indicator of the regimes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IndicatorTable {
    /// The level it reverts to in each main regime.
    pub by_regime: BTreeMap<String, f64>,
    /// Time in which it goes half of the way there (default: 0, at once).
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 2400.0))]
    pub half_life_months: f64,
    /// Standard deviation of its noise in the long run.
    #[serde(default)]
    #[schemars(range(min = 0.0))]
    pub noise_sd: f64,
    /// Months by which it knows the regime in advance; a `macro` signal may be late by `observe`.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 240.0))]
    pub lead_months: f64,
}
