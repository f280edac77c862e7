//! Holds a signal that was checked, before and after it is observed.

use corridor_simulation::signal::{ObservedSignal, Signal};

use crate::file::signal::ObserveTable;

/// A signal in machine units, under the market of one corner.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CheckedSignal {
    pub signal: ObservedSignal,
    /// Names of the assets that it observes, joined by `/`.
    pub observed: String,
    /// How the signal is observed, with defaults filled in.
    pub observe: ObserveTable,
    /// Approximate long-run mean of its value, if the market implies one above 0.
    pub long_run: Option<f64>,
    /// Reason why a value may be 0 or negative, if it may.
    pub not_positive: Option<String>,
}

impl CheckedSignal {
    /// Least and largest value that the signal can have.
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
    /// Names of the assets that it observes, joined by `/`.
    pub observed: String,
    /// Approximate long-run mean of its value, if the market implies one above 0.
    pub long_run: Option<f64>,
    /// Reason why a value may be 0 or negative, if it may.
    pub not_positive: Option<String>,
    /// Value at `t = 0`.
    pub start: f64,
    /// True value in each joint regime; `None` where the regimes do not determine it.
    pub truth: Option<Vec<f64>>,
}
