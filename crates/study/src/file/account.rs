//! Mirrors `[account]`, its cash flows, and `[costs]` as written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape::PerAsset;

/// The investor's account: balance, target, fee and cash flows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountTable {
    /// Balance at the start, in currency.
    #[schemars(range(max = 1e15), extend("exclusiveMinimum" = 0.0))]
    pub initial: f64,
    /// Target weights by asset. They sum to 1; an asset left out has 0.
    pub target: BTreeMap<String, f64>,
    /// Assets whose weight is reported as growth exposure (default: the market's first).
    pub growth_assets: Option<Vec<String>>,
    /// Groups of assets whose weights may be watched together, `{ equity = ["us", "intl"] }`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("x-sweep" = false))]
    pub groups: BTreeMap<String, Vec<String>>,
    /// Whether the first purchase pays costs.
    #[serde(default)]
    pub initial_purchase: InitialPurchaseWord,
    /// Fee on the balance, in basis points a year.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 10_000.0))]
    pub annual_fee_bps: f64,
    /// Inflation a year, for indexed flows and goals and for real wealth: 0.02 = 2 %.
    #[serde(default)]
    #[schemars(range(min = -0.5, max = 10.0))]
    pub inflation_annual: f64,
    /// Return of cash a year, for Sharpe and Sortino ratios: 0.02 = 2 %.
    #[serde(default)]
    #[schemars(range(min = -0.5, max = 10.0))]
    pub risk_free_annual: f64,
    /// Balance to reach at every report horizon. The funded ratio, the shortfall and the
    /// probability of reaching it are reported.
    pub goal: Option<GoalTable>,
    /// Cash flows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub flow: Vec<FlowTable>,
}

/// A balance to reach.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GoalTable {
    /// Amount in currency, above 0.
    #[schemars(range(max = 1e15), extend("exclusiveMinimum" = 0.0))]
    pub amount: f64,
    /// Whether the amount is in money of the start and grows with `inflation_annual`.
    #[serde(default)]
    pub indexed: bool,
}

/// Whether the first purchase pays costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InitialPurchaseWord {
    /// The first purchase is free.
    #[default]
    Free,
    /// The first purchase pays costs and fees.
    Charged,
}

/// A stream of money: exactly one of `contribution` and `withdrawal`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlowTable {
    /// Money paid in.
    pub contribution: Option<Flow>,
    /// Money taken out.
    pub withdrawal: Option<Flow>,
}

/// Size, rhythm and span of a cash flow; exactly one of `amount_per_year` and
/// `initial_rate_annual`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flow {
    /// Currency a year. One flow is `amount_per_year * every_months / 12`.
    #[schemars(range(min = 0.0, max = 1e15))]
    pub amount_per_year: Option<f64>,
    /// Fraction of the initial balance a year.
    #[schemars(range(min = 0.0, max = 1e6))]
    pub initial_rate_annual: Option<f64>,
    /// Months between flows.
    #[serde(default = "twelve")]
    #[schemars(range(min = 1, max = 2400))]
    pub every_months: u32,
    /// Growth of the amount, once per whole year since `from_year`: 0.02 = 2 %.
    #[serde(default)]
    #[schemars(range(min = -0.99, max = 10.0))]
    pub growth_annual: f64,
    /// Whether the amount grows with `inflation_annual`.
    #[serde(default)]
    pub indexed: bool,
    /// Whether a flow falls at the start or at the end of its period.
    #[serde(default)]
    pub timing: TimingWord,
    /// Start of the first period, in years.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 200.0))]
    pub from_year: f64,
    /// End of the last period, in years (default: the horizon).
    #[schemars(range(min = 0.0, max = 200.0))]
    pub to_year: Option<f64>,
}

fn twelve() -> u32 {
    12
}

/// When in its period a flow falls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TimingWord {
    /// At the start of its period.
    #[default]
    Start,
    /// At the end of its period.
    End,
}

/// Costs of trading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CostsTable {
    /// Proportional cost of buying or selling, in basis points of the traded value; a number or a
    /// map by asset.
    pub one_way_bps: PerAsset,
    /// Fixed fee in currency for every asset traded.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1e12))]
    pub fixed_fee_per_order: f64,
    /// Multiplier of the proportional cost by regime; a regime left out has 1.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub spread_multiplier: BTreeMap<String, f64>,
    /// How a cost enters the trade.
    #[serde(default)]
    pub convention: ConventionWord,
    /// Whether contributions and withdrawals pay the proportional cost.
    #[serde(default = "yes")]
    pub charge_flows: bool,
}

fn yes() -> bool {
    true
}

/// How a cost enters the trade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConventionWord {
    /// The trade finances its own cost: the desired weights hold after the cost is paid.
    #[default]
    Exact,
    /// The trade is sized before its cost, which is then taken off the total.
    Pre,
}
