//! Mirrors `[[policy]]`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::scale::ScaleTable;
use super::shape::{PerAsset, ReviewValue};
use super::trigger::TriggerValue;

/// A rebalancing rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-sweep" = "inside"))]
pub(crate) struct PolicyTable {
    /// Name; a sweep appends its values.
    #[schemars(extend("x-sweep" = false))]
    pub name: String,
    /// Name of a catalogue entry that gives the keys left out here; `corridor check --expand`
    /// prints it in full.
    #[serde(rename = "use")]
    pub entry: Option<String>,
    /// Target weights (default: the account's).
    pub target: Option<BTreeMap<String, f64>>,
    /// Moves the target's share of growth assets: share = `vol_annual` / signal.
    pub vol_target: Option<VolTargetTable>,
    /// Moves the target's share of growth assets: share = (`vol_annual` / signal) squared.
    pub variance_managed: Option<VolTargetTable>,
    /// Moves the target's share of growth assets: the share of `target` times the product of the
    /// factors.
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
    /// How contributions are invested and what withdrawals are taken from (default: at the target
    /// weights, and in proportion).
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
    /// Makes this static rule the twin of another policy: the program finds the share of growth
    /// assets, or the width of the band, that gives it the same average exposure or turnover.
    #[schemars(extend("x-sweep" = false))]
    pub twin: Option<TwinTable>,
    /// What sweeps made of this policy: written by `corridor check --expand`, so that the series of
    /// a sweep stay known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), extend("x-sweep" = false))]
    pub swept: Vec<SweptTable>,
}

/// A share of growth assets in proportion to a volatility's inverse; the others share the rest as
/// in `target`.
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

/// Where a rule trades to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TradeValue {
    /// To the target.
    #[default]
    ToTarget,
    /// This share of the way to the target, above 0 and up to 1.
    PartWay(f64),
    /// The same with a share that signals scale.
    PartWayScaled(PartWayTable),
    /// To the edge of the band.
    ToEdge,
    /// Until every watched asset is within this half-width; a number or a map by asset.
    ToWithin(PerAsset),
    /// Until every watched asset is within this share of its band, 0 to 1.
    ToWithinShare(f64),
}

/// A share of the way that signals scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartWayTable {
    /// The share at a factor of 1.
    #[schemars(range(max = 1.0), extend("exclusiveMinimum" = 0.0))]
    pub fraction: f64,
    /// Factors of the share.
    #[schemars(length(min = 1, max = 16))]
    pub scale: Vec<ScaleTable>,
    /// Least share (default: 0).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_fraction: Option<f64>,
    /// Largest share (default: 1).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub max_fraction: Option<f64>,
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

/// How contributions are invested, and what withdrawals are taken from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CashFlowsWord {
    /// Contributions at the target weights, withdrawals in proportion to the holdings.
    #[default]
    TargetWeights,
    /// Both in proportion to the holdings.
    ProRata,
    /// Contributions buy what is most below its target, withdrawals sell what is most above it.
    MostOffTargetFirst,
}

impl PolicyTable {
    /// Names of the signals it reads, in the order it names them, some more than once.
    pub fn signals(&mut self) -> Vec<&mut String> {
        let mut names: Vec<&mut String> =
            self.trigger.iter_mut().flat_map(TriggerValue::signals).collect();
        if let Some(TradeValue::PartWayScaled(share)) = &mut self.trade {
            names.extend(share.scale.iter_mut().map(|factor| &mut factor.signal));
        }
        names.extend(
            self.target_scale
                .iter_mut()
                .flat_map(|moving| &mut moving.scale)
                .map(|factor| &mut factor.signal),
        );
        names.extend(
            self.vol_target
                .iter_mut()
                .chain(&mut self.variance_managed)
                .map(|moving| &mut moving.signal),
        );
        names
    }
}
