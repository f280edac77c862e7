//! Mirrors `[market]` as written: a preset, regimes, gbm or a resampled history.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dynamics::DynamicsTable;
use super::shape::{AssetValues, CorrelationValue, InitialValue};

/// The market: exactly one of `preset`, `regime_switching`, `gbm` and `bootstrap`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarketTable {
    /// Name of the market in the results (default: the preset, or the kind of market).
    pub label: Option<String>,
    /// Name of a shipped market, such as `gbm-null` or `stock-bond-flip`.
    pub preset: Option<String>,
    /// New names of the preset's assets, `{ old = "new" }`. Every other key uses the new names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rename: BTreeMap<String, String>,
    /// Values that replace those of the preset.
    pub r#override: Option<MarketOverride>,
    /// Adds the asset "cash", which has a return without risk.
    pub add_cash: Option<AddCash>,
    pub regime_switching: Option<RegimeSwitchingTable>,
    pub gbm: Option<GbmTable>,
    pub bootstrap: Option<BootstrapTable>,
}

/// A market that a filter assumes: `same_as_market`, or one of the kinds of `[market]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelTable {
    /// The market of the study, with these values in place of its own.
    pub same_as_market: Option<MarketOverride>,
    /// Name of a shipped market.
    pub preset: Option<String>,
    /// New names of the preset's assets.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rename: BTreeMap<String, String>,
    /// Values that replace those of the preset.
    pub r#override: Option<MarketOverride>,
    /// Adds the asset "cash", which has a return without risk.
    pub add_cash: Option<AddCash>,
    pub regime_switching: Option<RegimeSwitchingTable>,
    pub gbm: Option<GbmTable>,
}

/// An asset without risk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddCash {
    /// Effective annual rate: 0.03 = 3 % a year.
    #[schemars(range(min = -0.5, max = 2.0))]
    pub rate_annual: f64,
}

/// A market that moves between regimes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegimeSwitchingTable {
    /// Asset names.
    #[schemars(length(min = 1, max = 16), extend("x-sweep" = false))]
    pub assets: Vec<String>,
    /// Period of the chain: `transition` has the probabilities per this period.
    pub regimes_change: PeriodWord,
    /// Unit of `mean` and `vol`.
    pub moments_per: PeriodWord,
    /// Meaning of `mean`.
    pub mean_is: MeanIsWord,
    /// Meaning of `vol`.
    #[serde(default, skip_serializing_if = "VolIsWord::is_default")]
    pub vol_is: VolIsWord,
    /// Transition probabilities per period of the chain; rows are "from", columns are "to".
    pub transition: Vec<Vec<f64>>,
    /// Law of the first regime: "stationary", a regime's name, or a list of probabilities.
    #[serde(default)]
    pub initial: InitialValue,
    /// Law of the shocks.
    #[serde(default)]
    pub innovations: InnovationsValue,
    /// The regimes.
    #[schemars(length(min = 1, max = 32))]
    pub regime: Vec<RegimeTable>,
    /// A second, independent chain that owns the correlations.
    pub correlation_chain: Option<CorrelationChainTable>,
    /// Memory of the shocks, jumps and indicators.
    pub dynamics: Option<DynamicsTable>,
}

/// A regime of a market.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegimeTable {
    /// Name of the regime.
    #[schemars(extend("x-sweep" = false))]
    pub name: String,
    /// Mean return per asset, as `mean_is` says, per `moments_per`.
    pub mean: AssetValues,
    /// Standard deviation of the return per asset, as `vol_is` says, per `moments_per`.
    pub vol: AssetValues,
    /// Correlation of the log returns; left out beside a correlation chain.
    pub correlation: Option<CorrelationValue>,
}

/// The chain that owns the correlations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorrelationChainTable {
    /// Period of this chain.
    pub regimes_change: PeriodWord,
    /// Transition probabilities per period of this chain.
    pub transition: Vec<Vec<f64>>,
    /// Law of the first regime of this chain.
    #[serde(default)]
    pub initial: InitialValue,
    /// The regimes of this chain.
    #[schemars(length(min = 1, max = 32))]
    pub regime: Vec<CorrelationRegimeTable>,
}

/// A regime of the correlation chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorrelationRegimeTable {
    /// Name of the regime.
    #[schemars(extend("x-sweep" = false))]
    pub name: String,
    /// Correlation of the log returns in this regime.
    pub correlation: CorrelationValue,
}

/// A period of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PeriodWord {
    /// A trading day, of 252 a year.
    Day,
    /// A week, of 52 a year.
    Week,
    /// A month, of 12 a year.
    Month,
    /// A year.
    Year,
}

impl PeriodWord {
    /// Every period, the shortest first.
    pub(crate) const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    /// Periods in a year.
    pub(crate) const fn per_year(self) -> u32 {
        match self {
            Self::Day => 252,
            Self::Week => 52,
            Self::Month => 12,
            Self::Year => 1,
        }
    }

    /// The word used in study files.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

/// Meaning of a mean return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MeanIsWord {
    /// Mean of the log return.
    Log,
    /// Mean of the log return plus half its variance: the expected gross return is `exp(drift)`.
    Drift,
    /// The expected gross return is `1 + mean`.
    Arithmetic,
}

/// Meaning of a volatility.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VolIsWord {
    /// Standard deviation of the log return.
    #[default]
    Log,
    /// Standard deviation of the simple return, as fact sheets and histories of yearly returns give
    /// it.
    Arithmetic,
}

impl VolIsWord {
    /// Whether the word may be left out. It is then not written out either, so that the ids of
    /// studies do not change.
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Law of the shocks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InnovationsValue {
    /// Normal shocks.
    #[default]
    Gaussian,
    /// Multivariate Student-t shocks, scaled to unit variance.
    StudentT(StudentT),
}

/// A Student-t law.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StudentT {
    /// Degrees of freedom, above 2.
    #[schemars(extend("exclusiveMinimum" = 2.0))]
    pub df: f64,
}

/// Geometric Brownian motion, a market of one regime.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GbmTable {
    /// Asset names.
    #[schemars(length(min = 1, max = 16), extend("x-sweep" = false))]
    pub assets: Vec<String>,
    /// Unit of `mean` and `vol`.
    pub moments_per: PeriodWord,
    /// Meaning of `mean`.
    pub mean_is: MeanIsWord,
    /// Meaning of `vol`.
    #[serde(default, skip_serializing_if = "VolIsWord::is_default")]
    pub vol_is: VolIsWord,
    /// Mean return per asset, as `mean_is` says, per `moments_per`.
    pub mean: AssetValues,
    /// Standard deviation of the return per asset, as `vol_is` says, per `moments_per`.
    pub vol: AssetValues,
    /// Correlation of the log returns.
    pub correlation: Option<CorrelationValue>,
    /// Memory of the shocks, jumps and indicators; the only regime is called `gbm`.
    pub dynamics: Option<DynamicsTable>,
}

impl GbmTable {
    /// The market as a table of one regime, which is called `gbm`.
    pub(crate) fn as_regimes(&self) -> RegimeSwitchingTable {
        let regime = RegimeTable {
            name: "gbm".to_owned(),
            mean: self.mean.clone(),
            vol: self.vol.clone(),
            correlation: self.correlation.clone(),
        };
        RegimeSwitchingTable {
            assets: self.assets.clone(),
            regimes_change: self.moments_per,
            moments_per: self.moments_per,
            mean_is: self.mean_is,
            vol_is: self.vol_is,
            transition: vec![vec![1.0]],
            initial: InitialValue::default(),
            innovations: InnovationsValue::Gaussian,
            regime: vec![regime],
            correlation_chain: None,
            dynamics: self.dynamics.clone(),
        }
    }
}

/// A history of returns, resampled by the stationary block bootstrap with all assets of a date
/// together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BootstrapTable {
    /// CSV file of simple decimal returns with a `date` column, separated by commas, semicolons or
    /// tabs; its path is relative to the study.
    pub csv: String,
    /// Names of the columns to use, one for each asset.
    #[schemars(length(min = 1, max = 16), extend("x-sweep" = false))]
    pub assets: Vec<String>,
    /// First date, `1926-07` or `1926-07-31` (default: the first row).
    pub from: Option<String>,
    /// Last date (default: the last row).
    pub to: Option<String>,
    /// Mean length of a block in months.
    #[serde(default = "default_block")]
    #[schemars(range(max = 1200.0), extend("exclusiveMinimum" = 0.0))]
    pub mean_block_months: f64,
}

fn default_block() -> f64 {
    12.0
}

/// Values that replace those of a preset; a key left out changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarketOverride {
    /// Transition probabilities per period of the chain.
    pub transition: Option<Vec<Vec<f64>>>,
    /// Law of the first regime.
    pub initial: Option<InitialValue>,
    /// Law of the shocks.
    pub innovations: Option<InnovationsValue>,
    /// New values of regimes, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub regime: BTreeMap<String, RegimeOverride>,
    /// Means by asset, for a preset without regimes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mean: BTreeMap<String, f64>,
    /// Volatilities by asset, for a preset without regimes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub vol: BTreeMap<String, f64>,
    /// Correlation of the log returns, for a preset without regimes.
    pub correlation: Option<CorrelationValue>,
    /// New values of the correlation chain.
    pub correlation_chain: Option<ChainOverride>,
    /// Memory of the shocks, jumps and indicators; keys given here replace those of the preset.
    pub dynamics: Option<DynamicsTable>,
}

/// Values that replace those of a regime.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegimeOverride {
    /// Means by asset; an asset left out keeps its own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mean: BTreeMap<String, f64>,
    /// Volatilities by asset; an asset left out keeps its own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub vol: BTreeMap<String, f64>,
    /// Correlation of the log returns.
    pub correlation: Option<CorrelationValue>,
}

/// Values that replace those of a correlation chain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChainOverride {
    /// Transition probabilities per period of the chain.
    pub transition: Option<Vec<Vec<f64>>>,
    /// Law of the first regime of this chain.
    pub initial: Option<InitialValue>,
    /// Correlations by name of the chain's regime.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub correlation: BTreeMap<String, CorrelationValue>,
}
