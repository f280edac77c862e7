//! Says what an investor can see: values at step t that use returns up to t and nothing else,
//! unless they say so.
//!
//! Each kind of signal is one file and one row of the [`REGISTRY`]. A signal remembers rows of
//! lanes; one lane is the reference's single path, so the reference and the kernel run the same
//! code.

mod drawdown;
mod ewma_corr;
mod ewma_cov;
mod ewma_vol;
mod macro_indicator;
mod observe;
mod realised_corr;
mod realised_vol;
mod regime_probability;
mod series;
mod trend;
mod window;

use corridor_core::lanes::Row;

pub use drawdown::Drawdown;
pub use ewma_corr::EwmaCorr;
pub use ewma_cov::EwmaCov;
pub use ewma_vol::EwmaVol;
pub use macro_indicator::MacroIndicator;
pub use observe::{Noise, ObservedSignal, ObservedState, Origin};
pub use realised_corr::RealisedCorr;
pub use realised_vol::RealisedVol;
pub use regime_probability::{FilterModel, RegimeProbability, StateLaw, Transition};
pub use series::Series;
pub use trend::Trend;
use window::Window;

/// A signal, in machine units.
#[derive(Clone, Debug, PartialEq)]
pub enum Signal {
    /// Exponentially weighted volatility.
    EwmaVol(EwmaVol),
    /// Volatility of a window.
    RealisedVol(RealisedVol),
    /// Exponentially weighted correlation.
    EwmaCorr(EwmaCorr),
    /// Exponentially weighted covariance.
    EwmaCov(EwmaCov),
    /// Correlation of a window.
    RealisedCorr(RealisedCorr),
    /// Move of a price over a window.
    Trend(Trend),
    /// Distance of a price below its peak.
    Drawdown(Drawdown),
    /// Filtered probability of a regime.
    RegimeProbability(RegimeProbability),
    /// An indicator of the market.
    Macro(MacroIndicator),
}

/// A row of the registry of signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalKind {
    /// Name in study files.
    pub name: &'static str,
    /// Unit of its values.
    pub unit: &'static str,
    /// Whether every value is above 0, as a power of it needs.
    pub positive: bool,
    /// What it is, in one line.
    pub definition: &'static str,
}

/// Every kind of signal, by name.
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

const EWMA_VOL: SignalKind = SignalKind {
    name: "ewma_vol",
    unit: VOLATILITY,
    positive: true,
    definition: "root of an exponentially weighted mean of squared log returns, annualised",
};
const REALISED_VOL: SignalKind = SignalKind {
    name: "realised_vol",
    unit: VOLATILITY,
    positive: true,
    definition: "root of the mean squared log return of a window, annualised",
};
const RELATIVE_VOL: SignalKind = SignalKind {
    name: "relative_vol",
    unit: VOLATILITY,
    positive: true,
    definition: "volatility of the difference of two assets' log returns, annualised",
};
const EWMA_CORR: SignalKind = SignalKind {
    name: "ewma_corr",
    unit: "correlation",
    positive: false,
    definition: "correlation of two assets by exponentially weighted means of squares and products \
    of log returns",
};
const EWMA_COV: SignalKind = SignalKind {
    name: "ewma_cov",
    unit: "annual covariance (0.0225 = the variance of 15 %)",
    positive: false,
    definition: "exponentially weighted mean of the products of two assets' log returns, \
    annualised",
};
const REALISED_CORR: SignalKind = SignalKind {
    name: "realised_corr",
    unit: "correlation",
    positive: false,
    definition: "correlation of two assets over a window, about 0",
};
const TREND: SignalKind = SignalKind {
    name: "trend",
    unit: "log return (0.1 = up 10.5 %), or -1, 0, 1",
    positive: false,
    definition: "log price less the log price a window ago, or the sign of that",
};
const DRAWDOWN: SignalKind = SignalKind {
    name: "drawdown",
    unit: "fraction of the peak (0.2 = a fifth below it)",
    positive: false,
    definition: "1 - price / highest price so far",
};
const REGIME_PROBABILITY: SignalKind = SignalKind {
    name: "regime_probability",
    unit: "probability",
    positive: false,
    definition: "probability of a regime given the returns so far, by Hamilton's filter",
};

const MACRO: SignalKind = SignalKind {
    name: "macro",
    unit: "of the indicator",
    positive: false,
    definition: "an indicator of the market, driven by its regimes with a lead or lag, persistence \
    and noise",
};

/// What a signal sees of one step.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a, const L: usize> {
    /// The step, from 1.
    pub t: u32,
    /// Steps a year.
    pub per_year: f64,
    /// The first of the paths.
    pub first_path: u64,
    /// Log returns of step `t`, one row per asset.
    pub log_returns: &'a [Row<f32, L>],
    /// The same of other paths, for placebos; empty where there are none.
    pub placebo_returns: &'a [Row<f32, L>],
    /// Indicators of the market at step `t`; empty where it has none.
    pub indicators: &'a [Row<f32, L>],
    /// The same of other paths, for placebos; empty where there are none.
    pub placebo_indicators: &'a [Row<f32, L>],
    /// True regime of step `t + 1`, for oracles alone; of step `t` at the last one.
    pub coming_regime: &'a Row<u32, L>,
}

impl Signal {
    /// The signal's row of the registry.
    #[must_use]
    pub fn kind(&self) -> &'static SignalKind {
        match self {
            Self::EwmaVol(EwmaVol { series: Series::Spread(..), .. })
            | Self::RealisedVol(RealisedVol { series: Series::Spread(..), .. }) => &RELATIVE_VOL,
            Self::EwmaVol(_) => &EWMA_VOL,
            Self::RealisedVol(_) => &REALISED_VOL,
            Self::EwmaCorr(_) => &EWMA_CORR,
            Self::EwmaCov(_) => &EWMA_COV,
            Self::RealisedCorr(_) => &REALISED_CORR,
            Self::Trend(_) => &TREND,
            Self::Drawdown(_) => &DRAWDOWN,
            Self::RegimeProbability(_) => &REGIME_PROBABILITY,
            Self::Macro(_) => &MACRO,
        }
    }

    /// Rows of memory the signal needs.
    fn memory(&self) -> usize {
        match self {
            Self::EwmaVol(_) => EwmaVol::MEMORY,
            Self::RealisedVol(signal) => signal.memory(),
            Self::EwmaCorr(_) => EwmaCorr::MEMORY,
            Self::EwmaCov(_) => EwmaCov::MEMORY,
            Self::RealisedCorr(signal) => signal.memory(),
            Self::Trend(signal) => signal.memory(),
            Self::Drawdown(_) => Drawdown::MEMORY,
            Self::RegimeProbability(signal) => signal.memory(),
            Self::Macro(_) => 0,
        }
    }
}

/// What a signal remembers of a block of paths.
#[derive(Clone, Debug)]
pub struct SignalState<const L: usize> {
    rows: Vec<Row<f64, L>>,
}

impl<const L: usize> SignalState<L> {
    /// Memory for `signal`.
    #[must_use]
    pub fn new(signal: &Signal) -> Self {
        let mut state = Self { rows: vec![Row::splat(0.0); signal.memory()] };
        state.restart(signal);
        state
    }

    /// Back to `t = 0`.
    pub fn restart(&mut self, signal: &Signal) {
        self.rows.fill(Row::splat(0.0));
        match signal {
            Signal::EwmaVol(signal) => signal.restart(&mut self.rows),
            Signal::EwmaCorr(signal) => signal.restart(&mut self.rows),
            Signal::EwmaCov(signal) => signal.restart(&mut self.rows),
            Signal::RegimeProbability(signal) => signal.restart(&mut self.rows),
            Signal::RealisedVol(_)
            | Signal::RealisedCorr(_)
            | Signal::Trend(_)
            | Signal::Drawdown(_)
            | Signal::Macro(_) => {}
        }
    }

    /// Takes in one step and writes the signal's values after it.
    #[inline(always)]
    pub fn update(&mut self, signal: &Signal, seen: &Observation<'_, L>, out: &mut Row<f64, L>) {
        match signal {
            Signal::EwmaVol(signal) => signal.update(seen, &mut self.rows, out),
            Signal::RealisedVol(signal) => signal.update(seen, &mut self.rows, out),
            Signal::EwmaCorr(signal) => signal.update(seen, &mut self.rows, out),
            Signal::EwmaCov(signal) => signal.update(seen, &mut self.rows, out),
            Signal::RealisedCorr(signal) => signal.update(seen, &mut self.rows, out),
            Signal::Trend(signal) => signal.update(seen, &mut self.rows, out),
            Signal::Drawdown(signal) => signal.update(seen, &mut self.rows, out),
            Signal::RegimeProbability(signal) => signal.update(seen, &mut self.rows, out),
            Signal::Macro(signal) => signal.update(seen, out),
        }
    }
}
