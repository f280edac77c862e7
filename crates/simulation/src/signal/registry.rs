//! Lists every kind of signal with its name, unit and definition.

/// Kind of a signal, as study files and tables name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalKind {
    /// Name in study files.
    pub name: &'static str,
    /// Unit of the values.
    pub unit: &'static str,
    /// Whether every value is above 0, which a power of the signal needs.
    pub positive: bool,
    /// Definition in one line.
    pub definition: &'static str,
}

/// Every kind of signal, in the order of the reference tables.
pub const REGISTRY: [SignalKind; 10] = [
    EWMA_VOL,
    REALISED_VOL,
    RELATIVE_VOL,
    EWMA_CORR,
    EWMA_COV,
    REALISED_CORR,
    TREND,
    DRAWDOWN,
    REGIME_PROBABILITY,
    MACRO,
];

const VOLATILITY: &str = "annual volatility (0.16 = 16 %)";

pub(super) const EWMA_VOL: SignalKind = SignalKind {
    name: "ewma_vol",
    unit: VOLATILITY,
    positive: true,
    definition: "root of an exponentially weighted mean of squared log returns, annualised",
};
pub(super) const REALISED_VOL: SignalKind = SignalKind {
    name: "realised_vol",
    unit: VOLATILITY,
    positive: true,
    definition: "root of the mean squared log return of a window, annualised",
};
pub(super) const RELATIVE_VOL: SignalKind = SignalKind {
    name: "relative_vol",
    unit: VOLATILITY,
    positive: true,
    definition: "volatility of the difference of two assets' log returns, annualised",
};
pub(super) const EWMA_CORR: SignalKind = SignalKind {
    name: "ewma_corr",
    unit: "correlation",
    positive: false,
    definition: "correlation of two assets by exponentially weighted means of squares and products \
    of log returns",
};
pub(super) const EWMA_COV: SignalKind = SignalKind {
    name: "ewma_cov",
    unit: "annual covariance (0.0225 = the variance of 15 %)",
    positive: false,
    definition: "exponentially weighted mean of the products of two assets' log returns, \
    annualised",
};
pub(super) const REALISED_CORR: SignalKind = SignalKind {
    name: "realised_corr",
    unit: "correlation",
    positive: false,
    definition: "correlation of two assets over a window, about 0",
};
pub(super) const TREND: SignalKind = SignalKind {
    name: "trend",
    unit: "log return (0.1 = up 10.5 %), or -1, 0, 1",
    positive: false,
    definition: "log price less the log price a window ago, or the sign of that",
};
pub(super) const DRAWDOWN: SignalKind = SignalKind {
    name: "drawdown",
    unit: "fraction of the peak (0.2 = a fifth below it)",
    positive: false,
    definition: "1 - price / highest price so far",
};
pub(super) const REGIME_PROBABILITY: SignalKind = SignalKind {
    name: "regime_probability",
    unit: "probability",
    positive: false,
    definition: "probability of a regime given the returns so far, by Hamilton's filter",
};

pub(super) const MACRO: SignalKind = SignalKind {
    name: "macro",
    unit: "of the indicator",
    positive: false,
    definition: "an indicator of the market, driven by its regimes with a lead or lag, persistence \
    and noise",
};
