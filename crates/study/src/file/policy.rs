//! Mirrors `[[policy]]`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape::{PerAsset, ReviewValue};

/// A rebalancing rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-sweep" = "inside"))]
pub(crate) struct PolicyTable {
    /// Name; a sweep appends its values.
    #[schemars(extend("x-sweep" = false))]
    pub name: String,
    /// Name of a catalogue entry that gives the keys left out here; `corridor check --expand` prints it in full.
    #[serde(rename = "use")]
    pub entry: Option<String>,
    /// Target weights (default: the account's).
    pub target: Option<BTreeMap<String, f64>>,
    /// Moves the target's share of growth assets: share = `vol_annual` / signal.
    pub vol_target: Option<VolTargetTable>,
    /// Moves the target's share of growth assets: share = (`vol_annual` / signal) squared.
    pub variance_managed: Option<VolTargetTable>,
    /// Moves the target's share of growth assets: the share of `target` times the product of the factors.
    pub target_scale: Option<TargetScaleTable>,
    /// Moves the target's share of growth assets by the calendar.
    pub glide_path: Option<GlidePathTable>,
    /// When the rule looks (default: at every step).
    pub review: Option<ReviewValue>,
    /// What makes it trade when it looks; required unless `use` gives it.
    pub trigger: Option<TriggerValue>,
    /// Where it trades to (default: to the target).
    pub trade: Option<TradeValue>,
    /// Which assets it trades (default: all).
    pub trade_assets: Option<TradeAssetsWord>,
    /// How contributions are invested (default: at the target weights).
    pub cash_flows: Option<CashFlowsWord>,
    /// Months after a trade during which no trigger fires (default: 0).
    #[schemars(range(min = 0.0, max = 2400.0))]
    pub cooldown_months: Option<f64>,
    /// Trades of a smaller one-way turnover, as a fraction of wealth, are skipped (default: 0).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_trade_frac: Option<f64>,
    /// Trades of a larger one-way turnover are shortened to it (default: no cap).
    #[schemars(extend("exclusiveMinimum" = 0.0, "x-infinite" = true))]
    pub max_turnover_frac: Option<f64>,
    /// Steps between the decision and the trade (default: 0).
    #[schemars(range(max = 100_000))]
    pub execution_lag_steps: Option<u32>,
    /// Makes this static rule the twin of another policy: the program finds the share of growth assets, or the width of the
    /// band, that gives it the same average exposure or turnover.
    #[schemars(extend("x-sweep" = false))]
    pub twin: Option<TwinTable>,
    /// What sweeps made of this policy: written by `corridor check --expand`, so that the series of a sweep stay known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), extend("x-sweep" = false))]
    pub swept: Vec<SweptTable>,
}

/// A share of growth assets in proportion to a volatility's inverse; the others share the rest as in `target`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VolTargetTable {
    /// Name of a volatility signal.
    pub signal: String,
    /// The portfolio's volatility aimed at, annual, as if the others had none.
    #[schemars(range(max = 10.0), extend("exclusiveMinimum" = 0.0))]
    pub vol_annual: f64,
    /// Least share of growth assets (default: 0).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_share: Option<f64>,
    /// Largest share of growth assets (default: 1).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub max_share: Option<f64>,
}

/// A share of growth assets scaled by signals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetScaleTable {
    /// Factors of the share.
    #[schemars(length(min = 1, max = 16))]
    pub scale: Vec<ScaleTable>,
    /// Least share of growth assets (default: 0).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_share: Option<f64>,
    /// Largest share of growth assets (default: 1).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub max_share: Option<f64>,
}

/// Shares of growth assets by year, on straight lines between.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GlidePathTable {
    /// Years, rising from 0.
    #[schemars(length(min = 1, max = 64))]
    pub years: Vec<f64>,
    /// The share of growth assets in each; level after the last.
    #[schemars(length(min = 1, max = 64))]
    pub growth_share: Vec<f64>,
}

/// Whose twin a policy is, and in what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TwinTable {
    /// Name of the policy.
    pub of: String,
    /// What they have in common, on average over paths of the first scenario.
    pub same: SameWord,
    /// Whether the number is found: written by `corridor check --expand`.
    #[serde(default)]
    pub settled: bool,
}

/// What twins have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SameWord {
    /// Mean weight of the growth assets, by another target.
    Exposure,
    /// Yearly turnover, by another width of the band.
    Turnover,
}

/// A swept value behind a policy that is written out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SweptTable {
    /// Name of the policy that was swept.
    pub of: String,
    /// Axis of the sweep.
    pub axis: Option<String>,
    /// Key of the sweep.
    pub key: String,
    /// The same as it stands in the policy's name.
    pub name: String,
    /// The value.
    pub value: SweptValue,
}

/// A swept value: a number, or anything else as text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum SweptValue {
    /// A number.
    Number(f64),
    /// Anything else, as it stands in names.
    Text(String),
}

/// What makes a rule trade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TriggerValue {
    /// Buy and hold.
    Never,
    /// Calendar rebalancing.
    Always,
    /// When a weight is outside its band.
    Outside(OutsideTable),
}

/// The tolerance band; at least one of `absolute` and `relative`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutsideTable {
    /// Half-width as a fraction of the portfolio: 0.05 = 5 points; a number or a map by asset.
    #[schemars(extend("x-infinite" = true))]
    pub absolute: Option<PerAsset>,
    /// Half-width as a fraction of the target weight; a number or a map by asset.
    #[schemars(extend("x-infinite" = true))]
    pub relative: Option<PerAsset>,
    /// Which band counts where both are given (default: the tighter).
    pub combine: Option<CombineWord>,
    /// Of what the weights are watched.
    #[serde(default)]
    pub on: OnWord,
    /// How the distance is measured.
    #[serde(default)]
    pub measure: MeasureWord,
    /// Factors of the width.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub scale: Vec<ScaleTable>,
    /// Lower limit of a scaled width (default: 0).
    #[schemars(range(min = 0.0))]
    pub min_width: Option<f64>,
    /// Upper limit of a scaled width (default: none).
    #[schemars(range(min = 0.0), extend("x-infinite" = true))]
    pub max_width: Option<f64>,
}

/// Which of two bands counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CombineWord {
    /// The narrower.
    #[default]
    Tighter,
    /// The wider.
    Wider,
}

/// Of what the weights are watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnWord {
    /// Of each asset.
    #[default]
    Assets,
}

/// How the distance is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MeasureWord {
    /// By the asset furthest out.
    #[default]
    Max,
}

/// A factor of the band's width: a signal and exactly one form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScaleTable {
    /// Name of a signal.
    pub signal: String,
    /// `(signal / reference)^elasticity`.
    pub power: Option<PowerForm>,
    /// `exp(slope * (signal - reference))`.
    pub exponential: Option<ExponentialForm>,
    /// A factor for each range of the signal.
    pub step: Option<StepForm>,
}

/// A power of the signal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PowerForm {
    /// Exponent; negative narrows the band while the signal is high.
    #[schemars(range(min = -100.0, max = 100.0))]
    pub elasticity: f64,
    /// Value of the signal, in its own unit, at which the factor is 1.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub reference: f64,
}

/// An exponential of the signal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExponentialForm {
    /// Slope per unit of the signal.
    #[schemars(range(min = -1000.0, max = 1000.0))]
    pub slope: f64,
    /// Value of the signal at which the factor is 1.
    pub reference: f64,
}

/// Steps of the signal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepForm {
    /// Thresholds, increasing.
    #[schemars(length(min = 1, max = 64))]
    pub at: Vec<f64>,
    /// Factors below, between and above the thresholds: one more than these.
    pub factors: Vec<f64>,
}

/// Where a rule trades to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TradeValue {
    /// To the target.
    #[default]
    ToTarget,
    /// This share of the way to the target, above 0 and up to 1.
    PartWay(f64),
    /// To the edge of the band.
    ToEdge,
    /// Until every watched asset is within this half-width; a number or a map by asset.
    ToWithin(PerAsset),
    /// Until every watched asset is within this share of its band, 0 to 1.
    ToWithinShare(f64),
}

/// Which assets a rule trades.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TradeAssetsWord {
    /// All.
    #[default]
    All,
    /// Those outside their band, the others absorbing the difference.
    Breached,
}

/// How contributions are invested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CashFlowsWord {
    /// At the target weights.
    #[default]
    TargetWeights,
    /// In proportion to the holdings.
    ProRata,
}
