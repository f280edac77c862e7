//! Mirrors `[[policy]]` as written.

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
    /// Name of the policy, to which a sweep appends its values.
    #[schemars(extend("x-sweep" = false))]
    pub name: String,
    /// Name of a rule of the catalogue, such as `threshold_absolute_5`, which gives the keys left
    /// out here.
    #[serde(rename = "use")]
    pub entry: Option<String>,
    /// Target weights (default: the account's).
    pub target: Option<BTreeMap<String, f64>>,
    /// Moves the target's share of growth assets: share = `vol_annual` / signal.
    pub vol_target: Option<VolTargetTable>,
    /// Moves the target's share of growth assets: share = (`vol_annual` / signal) squared.
    pub variance_managed: Option<VolTargetTable>,
    /// Moves the target's share of growth assets: the share in `target` times the product of all
    /// factors.
    pub target_scale: Option<TargetScaleTable>,
    /// Moves the target's share of growth assets by the calendar.
    pub glide_path: Option<GlidePathTable>,
    /// When the rule reviews the weights (default: at every step).
    pub review: Option<ReviewValue>,
    /// Condition of a trade at a review; required unless `use` gives it.
    pub trigger: Option<TriggerValue>,
    /// Destination of a trade (default: the target).
    pub trade: Option<TradeValue>,
    /// Assets that a trade includes (default: all).
    pub trade_assets: Option<TradeAssetsWord>,
    /// How contributions are invested and from which assets withdrawals are taken (default:
    /// contributions at the target weights, withdrawals in proportion to the holdings).
    pub cash_flows: Option<CashFlowsWord>,
    /// Months after a trade during which no trigger fires (default: 0).
    #[schemars(range(min = 0.0, max = 2400.0))]
    pub cooldown_months: Option<f64>,
    /// Least one-way turnover of a trade, as a fraction of wealth; smaller trades are skipped
    /// (default: 0).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_trade_frac: Option<f64>,
    /// Largest one-way turnover of a trade, as a fraction of wealth; larger trades are shortened to
    /// it (default: no cap).
    #[schemars(extend("exclusiveMinimum" = 0.0, "x-infinite" = true))]
    pub max_turnover_frac: Option<f64>,
    /// Steps between the decision and the trade (default: 0).
    #[schemars(range(max = 100_000))]
    pub execution_lag_steps: Option<u32>,
    /// Makes this static rule the twin of another policy. The share of growth assets, or the width
    /// of the band, is then searched for that gives both the same average exposure or turnover.
    #[schemars(extend("x-sweep" = false))]
    pub twin: Option<TwinTable>,
    /// Swept values that this policy has, in a study that is written out. They keep the series of a
    /// sweep known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), extend("x-sweep" = false))]
    pub swept: Vec<SweptTable>,
}

/// A share of growth assets in proportion to the inverse of a volatility. The other assets divide
/// the rest as in `target`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VolTargetTable {
    /// Name of a volatility signal.
    pub signal: String,
    /// Annual volatility of the portfolio to aim at, counting the growth assets alone.
    #[schemars(range(max = 10.0), extend("exclusiveMinimum" = 0.0))]
    pub vol_annual: f64,
    /// Least share of growth assets (default: 0).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_share: Option<f64>,
    /// Largest share of growth assets (default: 1).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub max_share: Option<f64>,
}

/// A share of growth assets that signals scale.
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

/// Shares of growth assets by year, with straight lines between them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GlidePathTable {
    /// Years, which begin with 0 and increase.
    #[schemars(length(min = 1, max = 64))]
    pub years: Vec<f64>,
    /// Share of growth assets in each of `years`; constant after the last.
    #[schemars(length(min = 1, max = 64))]
    pub growth_share: Vec<f64>,
}

/// Makes a policy the twin of another: both share a quantity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TwinTable {
    /// Name of the other policy.
    pub of: String,
    /// Quantity that is equal on average over paths of the first scenario.
    pub same: SameWord,
    /// Whether the number has been found, as in a study that is written out.
    #[serde(default)]
    pub settled: bool,
}

/// Quantity that twins share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SameWord {
    /// Mean weight of the growth assets; the twin has another target.
    Exposure,
    /// Turnover a year; the twin has another width of its band.
    Turnover,
}

/// A swept value of a policy that is written out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SweptTable {
    /// Name of the policy that was swept.
    pub of: String,
    /// Name of the axis that ties the sweep to others.
    pub axis: Option<String>,
    /// Words for the swept number with its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Dotted key of the sweep.
    pub key: String,
    /// Short key of the sweep, as in the name of the policy.
    pub name: String,
    /// The value that the policy has.
    pub value: SweptValue,
}

/// A swept value: a number, or anything else as text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum SweptValue {
    /// A number.
    Number(f64),
    /// Anything else, as names of policies have it.
    Text(String),
}

/// Destination of a trade.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TradeValue {
    /// To the target.
    #[default]
    ToTarget,
    /// This share of the way to the target, above 0 and up to 1.
    PartWay(f64),
    /// A share of the way to the target that signals scale.
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

/// Assets that a trade includes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TradeAssetsWord {
    /// All assets.
    #[default]
    All,
    /// The assets outside their band; the others absorb the difference.
    Breached,
}

/// How contributions are invested, and from which assets withdrawals are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CashFlowsWord {
    /// Contributions at the target weights, withdrawals in proportion to the holdings.
    #[default]
    TargetWeights,
    /// Both in proportion to the holdings.
    ProRata,
    /// Contributions buy the assets most below their target, withdrawals sell those most above it.
    MostOffTargetFirst,
}

impl PolicyTable {
    /// Names of the signals that the policy reads, in the order of use, some more than once.
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
