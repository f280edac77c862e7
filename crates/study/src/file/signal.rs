//! Mirrors `[signal.NAME]` as written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A signal that an investor can see: exactly one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignalTable {
    /// Exponentially weighted volatility of an asset, annualised.
    pub ewma_vol: Option<EwmaVol>,
    /// Volatility over a window, annualised.
    pub realised_vol: Option<RealisedVol>,
    /// Volatility of the difference of two assets' returns, annualised.
    pub relative_vol: Option<RelativeVol>,
    /// Exponentially weighted correlation of two assets.
    pub ewma_corr: Option<EwmaCorr>,
    /// Exponentially weighted covariance of two assets, annualised.
    pub ewma_cov: Option<EwmaCov>,
    /// Correlation of two assets over a window.
    pub realised_corr: Option<RealisedCorr>,
    /// Change of an asset's log price over a window.
    pub trend: Option<Trend>,
    /// Distance of an asset's price below its peak, as a fraction of the peak.
    pub drawdown: Option<Drawdown>,
    /// Probability of a regime, filtered from the returns so far.
    pub regime_probability: Option<RegimeProbability>,
    /// Value of an indicator of the market.
    pub r#macro: Option<Macro>,
    /// How well the signal is seen (default: at once and without noise).
    pub observe: Option<ObserveValue>,
}

/// How well a signal is seen: a word, or a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum ObserveValue {
    /// The source of the value.
    Word(ObserveWord),
    /// The source, a lag, noise and accuracy.
    Table(ObserveTable),
}

/// The source of a signal's value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ObserveWord {
    /// The returns of the path so far.
    #[default]
    AsIs,
    /// The true value in the regime of the coming step. This is look-ahead, which no investor has.
    Oracle,
    /// The returns of another path, which has the same law and tells nothing of this one.
    Placebo,
}

/// How a signal is seen: late, with noise, or by an oracle that may err.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ObserveTable {
    /// The source of the value (default: `as_is`, or `oracle` beside `accuracy`).
    pub of: Option<ObserveWord>,
    /// Months by which the value is late.
    #[schemars(range(min = 0.0, max = 2400.0))]
    pub lag_months: Option<f64>,
    /// Standard deviation of independent normal noise that is added at every step, in the signal's
    /// unit. A signal that is always above 0 is seen as at least a twentieth of its long-run mean.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub noise_sd: Option<f64>,
    /// Probability that an oracle names the true regime, of all those of the market. Otherwise it
    /// names one of the others, which are equally likely.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub accuracy: Option<f64>,
    /// Number of the random stream; signals of one stream err together (default: 0).
    #[schemars(range(max = 1000))]
    pub stream: Option<u32>,
}

/// Exponentially weighted volatility; exactly one of `half_life_months` and `lambda_per_step`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EwmaVol {
    /// Name of the observed asset.
    pub asset: String,
    /// Months after which a return has half of its weight.
    #[schemars(range(max = 2400.0), extend("exclusiveMinimum" = 0.0))]
    pub half_life_months: Option<f64>,
    /// Factor by which the weight of a return falls with each step.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0))]
    pub lambda_per_step: Option<f64>,
    /// Annualised value at the start (default: as the market implies).
    #[schemars(range(min = 0.0, max = 10.0))]
    pub start_annual: Option<f64>,
}

/// Volatility over a window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RealisedVol {
    /// Name of the observed asset.
    pub asset: String,
    /// Length of the window in months.
    #[schemars(range(max = 2400.0), extend("exclusiveMinimum" = 0.0))]
    pub window_months: f64,
    /// Annualised value until the window is full (default: as the market implies).
    #[schemars(range(min = 0.0, max = 10.0))]
    pub start_annual: Option<f64>,
}

/// Volatility of the difference of two assets' returns; exactly one of `half_life_months`,
/// `lambda_per_step` and `window_months`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RelativeVol {
    /// Names of the two assets. The returns of the first minus those of the second are observed.
    #[schemars(length(min = 2, max = 2))]
    pub assets: Vec<String>,
    /// Months after which a return has half of its weight.
    #[schemars(range(max = 2400.0), extend("exclusiveMinimum" = 0.0))]
    pub half_life_months: Option<f64>,
    /// Factor by which the weight of a return falls with each step.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0))]
    pub lambda_per_step: Option<f64>,
    /// Length of the window in months.
    #[schemars(range(max = 2400.0), extend("exclusiveMinimum" = 0.0))]
    pub window_months: Option<f64>,
    /// Annualised value at the start (default: as the market implies).
    #[schemars(range(min = 0.0, max = 10.0))]
    pub start_annual: Option<f64>,
}

/// Exponentially weighted correlation; exactly one of `half_life_months` and `lambda_per_step`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EwmaCorr {
    /// Names of the two assets.
    #[schemars(length(min = 2, max = 2))]
    pub assets: Vec<String>,
    /// Months after which a return has half of its weight.
    #[schemars(range(max = 2400.0), extend("exclusiveMinimum" = 0.0))]
    pub half_life_months: Option<f64>,
    /// Factor by which the weight of a return falls with each step.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0))]
    pub lambda_per_step: Option<f64>,
    /// Annualised volatilities and correlation at the start (default: as the market implies).
    pub start: Option<PairStart>,
}

/// Starting values of the moments of two assets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PairStart {
    /// Annualised volatility of each asset.
    #[schemars(length(min = 2, max = 2))]
    pub vol_annual: Vec<f64>,
    /// Correlation of the two assets.
    #[schemars(range(min = -1.0, max = 1.0))]
    pub correlation: f64,
}

/// Exponentially weighted covariance; exactly one of `half_life_months` and `lambda_per_step`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EwmaCov {
    /// Names of the two assets; one name twice gives a variance.
    #[schemars(length(min = 2, max = 2))]
    pub assets: Vec<String>,
    /// Months after which a return has half of its weight.
    #[schemars(range(max = 2400.0), extend("exclusiveMinimum" = 0.0))]
    pub half_life_months: Option<f64>,
    /// Factor by which the weight of a return falls with each step.
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 1.0))]
    pub lambda_per_step: Option<f64>,
    /// Annualised value at the start (default: as the market implies).
    #[schemars(range(min = -100.0, max = 100.0))]
    pub start_annual: Option<f64>,
}

/// Correlation of two assets over a window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RealisedCorr {
    /// Names of the two assets.
    #[schemars(length(min = 2, max = 2))]
    pub assets: Vec<String>,
    /// Length of the window in months.
    #[schemars(range(max = 2400.0), extend("exclusiveMinimum" = 0.0))]
    pub window_months: f64,
    /// Value until the window is full (default: as the market implies).
    #[schemars(range(min = -1.0, max = 1.0))]
    pub start: Option<f64>,
}

/// Change of a log price over a window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trend {
    /// Name of the observed asset.
    pub asset: String,
    /// Asset whose change is subtracted, which gives a trend of the relative price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
    /// Length of the window in months.
    #[schemars(range(max = 2400.0), extend("exclusiveMinimum" = 0.0))]
    pub window_months: f64,
    /// Whether the signal is the change itself or only its sign.
    #[serde(default)]
    pub tells: TellsWord,
}

/// Whether a trend signal is the size of a change or its sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TellsWord {
    /// Log return of the window.
    #[default]
    Size,
    /// Sign of the log return of the window: -1, 0 or 1.
    Sign,
}

/// Distance of a price below its peak.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawdown {
    /// Name of the observed asset.
    pub asset: String,
}

/// Filtered probability of a regime.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegimeProbability {
    /// Name of the regime. In a market with a correlation chain it is a regime of either chain, or
    /// a joint regime such as `storm/together`.
    pub regime: String,
    /// Names of the observed assets (default: all that have risk in every regime).
    #[schemars(length(min = 1, max = 16))]
    pub assets: Option<Vec<String>>,
    /// Name of the `[model]` that the filter assumes (default: the market itself).
    pub model: Option<String>,
}

/// Value of an indicator of the market.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Macro {
    /// Name of the indicator under `dynamics.indicator`.
    pub indicator: String,
}

/// The kind of a signal and its table.
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
    /// The kinds that the table gives; a valid table gives one.
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

    /// How the signal is observed, with defaults filled in.
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

    /// Half-life or window in months, if the signal has one.
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
