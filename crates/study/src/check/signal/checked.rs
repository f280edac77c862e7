//! Holds a signal that was checked, before and after it is observed.

use corridor_simulation::signal::{ObservedSignal, Signal};

use crate::file::signal::ObserveTable;

/// A signal in machine units, under the market of one corner.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CheckedSignal {
    pub signal: ObservedSignal,
    /// Assets it observes, joined by `/`.
    pub observed: String,
    /// How it is observed, in full.
    pub observe: ObserveTable,
    /// Long-run mean of its value, roughly, where it has one that is above 0: what the market
    /// implies.
    pub long_run: Option<f64>,
    /// Why a value may be 0 or negative, if it may.
    pub not_positive: Option<String>,
}

impl CheckedSignal {
    /// The least and the most it can tell.
    pub fn range(&self) -> (f64, f64) {
        const ANY: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);
        if self.signal.noise.is_some() {
            return ANY;
        }
        match &self.signal.signal {
            Signal::RegimeProbability(_) | Signal::Drawdown(_) => (0.0, 1.0),
            Signal::EwmaCorr(_) | Signal::RealisedCorr(_) => (-1.0, 1.0),
            Signal::Trend(trend) if trend.sign => (-1.0, 1.0),
            Signal::EwmaVol(_) | Signal::RealisedVol(_) => (0.0, f64::INFINITY),
            Signal::EwmaCov(_) | Signal::Trend(_) | Signal::Macro(_) => ANY,
        }
    }
}

/// A signal in machine units before `observe` makes it late, noisy or an oracle's.
pub(super) struct BareSignal {
    pub signal: Signal,
    /// Assets it observes, joined by `/`.
    pub observed: String,
    /// Long-run mean of its value, roughly, where the market implies one above 0.
    pub long_run: Option<f64>,
    /// Why a value may be 0 or negative, if it may.
    pub not_positive: Option<String>,
    /// Value at `t = 0`.
    pub start: f64,
    /// True value in each joint regime; `None` where the regimes do not determine it.
    pub truth: Option<Vec<f64>>,
}
