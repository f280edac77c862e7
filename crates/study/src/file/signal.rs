//! Mirrors `[signal.NAME]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an investor can see: exactly one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignalTable {
    /// Exponentially weighted volatility, annualised.
    pub ewma_vol: Option<EwmaVol>,
    /// Volatility of a window, annualised.
    pub realised_vol: Option<RealisedVol>,
    /// Volatility of the difference of two assets' returns, annualised.
    pub relative_vol: Option<RelativeVol>,
    /// Exponentially weighted correlation of two assets.
    pub ewma_corr: Option<EwmaCorr>,
    /// Exponentially weighted covariance of two assets, annualised.
    pub ewma_cov: Option<EwmaCov>,
    /// Correlation of two assets over a window.
    pub realised_corr: Option<RealisedCorr>,
    /// Move of an asset's log price over a window.
    pub trend: Option<Trend>,
    /// Distance of an asset's price below its peak.
    pub drawdown: Option<Drawdown>,
    /// Probability of a regime given the returns so far.
    pub regime_probability: Option<RegimeProbability>,
    /// An indicator of the market.
    pub r#macro: Option<Macro>,
    /// How well it is seen (default: as it is).
    pub observe: Option<ObserveValue>,
}

/// How well a signal is seen: a word, or a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum ObserveValue {
    /// What the value is made from.
    Word(ObserveWord),
    /// Anything else.
    Table(ObserveTable),
}

/// What a signal's value is made from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ObserveWord {
    /// The returns of the path, up to now.
    #[default]
    AsIs,
    /// The true value in the regime of the coming step: look-ahead, which nobody has.
    Oracle,
    /// The returns of another path: the same law, and nothing of this path.
    Placebo,
}

/// A signal seen late, noisily or by an oracle that errs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ObserveTable {
    /// What the value is made from (default: as it is; with `accuracy` the oracle).
    pub of: Option<ObserveWord>,
    /// Months the value is late.
    #[schemars(range(min = 0.0, max = 2400.0))]
    pub lag_months: Option<f64>,
    /// Standard deviation of independent normal noise added at every step, in the signal's unit; a
    /// signal that is above 0 is told as no less than a twentieth of its long-run mean.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub noise_sd: Option<f64>,
    /// Probability that an oracle tells the true regime; else it tells one of the others, each as
    /// likely.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub accuracy: Option<f64>,
    /// Number of the stream of chance: signals of one stream err together (default: 0).
    #[schemars(range(max = 1000))]
    pub stream: Option<u32>,
}

/// Exponentially weighted volatility; exactly one of `half_life_months` and `lambda_per_step`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EwmaVol {
    /// Observed asset.
    pub asset: String,
    /// Time after which a return counts half, in months.
    #[schemars(range(max = 2400.0), extend("exclusiveMinimum" = 0.0))]
    pub half_life_months: Option<f64>,
    /// Weight of the past per step.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0))]
    pub lambda_per_step: Option<f64>,
    /// Annualised value at the start (default: what the market implies).
    #[schemars(range(min = 0.0, max = 10.0))]
    pub start_annual: Option<f64>,
}

/// Volatility of a window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RealisedVol {
    /// Observed asset.
    pub asset: String,
    /// Length of the window in months.
    #[schemars(range(max = 2400.0), extend("exclusiveMinimum" = 0.0))]
    pub window_months: f64,
    /// Annualised value until the window is full (default: what the market implies).
    #[schemars(range(min = 0.0, max = 10.0))]
    pub start_annual: Option<f64>,
}

/// Volatility of a spread; exactly one of `half_life_months`, `lambda_per_step` and
/// `window_months`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RelativeVol {
    /// The two assets: the returns of the first less those of the second are observed.
    #[schemars(length(min = 2, max = 2))]
    pub assets: Vec<String>,
    /// Time after which a return counts half, in months.
    #[schemars(range(max = 2400.0), extend("exclusiveMinimum" = 0.0))]
    pub half_life_months: Option<f64>,
    /// Weight of the past per step.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0))]
    pub lambda_per_step: Option<f64>,
    /// Length of the window in months.
    #[schemars(range(max = 2400.0), extend("exclusiveMinimum" = 0.0))]
    pub window_months: Option<f64>,
    /// Annualised value at the start (default: what the market implies).
    #[schemars(range(min = 0.0, max = 10.0))]
    pub start_annual: Option<f64>,
}

/// Exponentially weighted correlation; exactly one of `half_life_months` and `lambda_per_step`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EwmaCorr {
    /// The two assets.
    #[schemars(length(min = 2, max = 2))]
    pub assets: Vec<String>,
    /// Time after which a return counts half, in months.
    #[schemars(range(max = 2400.0), extend("exclusiveMinimum" = 0.0))]
    pub half_life_months: Option<f64>,
    /// Weight of the past per step.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0))]
    pub lambda_per_step: Option<f64>,
    /// Annualised volatilities and correlation at the start (default: what the market implies).
    pub start: Option<PairStart>,
}

/// Where the moments of two assets start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PairStart {
    /// Annualised volatility of each.
    #[schemars(length(min = 2, max = 2))]
    pub vol_annual: Vec<f64>,
    /// Their correlation.
    #[schemars(range(min = -1.0, max = 1.0))]
    pub correlation: f64,
}

/// Exponentially weighted covariance; exactly one of `half_life_months` and `lambda_per_step`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EwmaCov {
    /// The two assets; the same twice for a variance.
    #[schemars(length(min = 2, max = 2))]
    pub assets: Vec<String>,
    /// Time after which a return counts half, in months.
    #[schemars(range(max = 2400.0), extend("exclusiveMinimum" = 0.0))]
    pub half_life_months: Option<f64>,
    /// Weight of the past per step.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0))]
    pub lambda_per_step: Option<f64>,
    /// Annualised value at the start (default: what the market implies).
    #[schemars(range(min = -100.0, max = 100.0))]
    pub start_annual: Option<f64>,
}

/// Correlation of a window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RealisedCorr {
    /// The two assets.
    #[schemars(length(min = 2, max = 2))]
    pub assets: Vec<String>,
    /// Length of the window in months.
    #[schemars(range(max = 2400.0), extend("exclusiveMinimum" = 0.0))]
    pub window_months: f64,
    /// Value until the window is full (default: what the market implies).
    #[schemars(range(min = -1.0, max = 1.0))]
    pub start: Option<f64>,
}

/// Move of a price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trend {
    /// Observed asset.
    pub asset: String,
    /// Asset whose move is taken off: the trend is then one of the relative price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
    /// Length of the window in months.
    #[schemars(range(max = 2400.0), extend("exclusiveMinimum" = 0.0))]
    pub window_months: f64,
    /// Whether the move itself is told, or its direction alone.
    #[serde(default)]
    pub tells: TellsWord,
}

/// What of a trend is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TellsWord {
    /// The log return of the window.
    #[default]
    Size,
    /// -1, 0 or 1.
    Sign,
}

/// Distance below the peak.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawdown {
    /// Observed asset.
    pub asset: String,
}

/// Filtered probability of a regime.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegimeProbability {
    /// Name of the regime; of a market with a correlation chain a regime of either chain, or a
    /// joint one, `storm/together`.
    pub regime: String,
    /// Observed assets (default: all that have risk in every regime).
    #[schemars(length(min = 1, max = 16))]
    pub assets: Option<Vec<String>>,
    /// Name of the `[model]` the filter believes in (default: the market itself).
    pub model: Option<String>,
}

/// An indicator of the market.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Macro {
    /// Its name under `dynamics.indicator`.
    pub indicator: String,
}

/// The kind a signal has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SignalKindTable<'a> {
    EwmaVol(&'a EwmaVol),
    RealisedVol(&'a RealisedVol),
    RelativeVol(&'a RelativeVol),
    EwmaCorr(&'a EwmaCorr),
    EwmaCov(&'a EwmaCov),
    RealisedCorr(&'a RealisedCorr),
    Trend(&'a Trend),
    Drawdown(&'a Drawdown),
    RegimeProbability(&'a RegimeProbability),
    Macro(&'a Macro),
}

impl SignalTable {
    /// The kinds given: one in a valid table.
    pub fn kinds(&self) -> Vec<SignalKindTable<'_>> {
        use SignalKindTable as Kind;
        let Self {
            ewma_vol,
            realised_vol,
            relative_vol,
            ewma_corr,
            ewma_cov,
            realised_corr,
            trend,
            drawdown,
            regime_probability,
            r#macro,
            observe: _,
        } = self;
        let kinds = [
            ewma_vol.as_ref().map(Kind::EwmaVol),
            realised_vol.as_ref().map(Kind::RealisedVol),
            relative_vol.as_ref().map(Kind::RelativeVol),
            ewma_corr.as_ref().map(Kind::EwmaCorr),
            ewma_cov.as_ref().map(Kind::EwmaCov),
            realised_corr.as_ref().map(Kind::RealisedCorr),
            trend.as_ref().map(Kind::Trend),
            drawdown.as_ref().map(Kind::Drawdown),
            regime_probability.as_ref().map(Kind::RegimeProbability),
            r#macro.as_ref().map(Kind::Macro),
        ];
        kinds.into_iter().flatten().collect()
    }

    /// How it is observed, in full.
    pub fn observed(&self) -> ObserveTable {
        let table = match &self.observe {
            None => ObserveTable::default(),
            Some(ObserveValue::Word(word)) => {
                ObserveTable { of: Some(*word), ..ObserveTable::default() }
            }
            Some(ObserveValue::Table(table)) => table.clone(),
        };
        let default =
            if table.accuracy.is_some() { ObserveWord::Oracle } else { ObserveWord::AsIs };
        ObserveTable { of: Some(table.of.unwrap_or(default)), ..table }
    }

    /// Half-life or window in months, where the signal has one.
    pub fn months(&self) -> Option<f64> {
        use SignalKindTable as Kind;
        self.kinds().first().and_then(|kind| match kind {
            Kind::EwmaVol(signal) => signal.half_life_months,
            Kind::RealisedVol(signal) => Some(signal.window_months),
            Kind::RelativeVol(signal) => signal.half_life_months.or(signal.window_months),
            Kind::EwmaCorr(signal) => signal.half_life_months,
            Kind::EwmaCov(signal) => signal.half_life_months,
            Kind::RealisedCorr(signal) => Some(signal.window_months),
            Kind::Trend(signal) => Some(signal.window_months),
            Kind::Drawdown(_) | Kind::RegimeProbability(_) | Kind::Macro(_) => None,
        })
    }
}
