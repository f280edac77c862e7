//! Joins every kind of signal in one type.

use corridor_core::lanes::Row;

use super::drawdown::Drawdown;
use super::ewma_corr::EwmaCorr;
use super::ewma_cov::EwmaCov;
use super::ewma_vol::EwmaVol;
use super::macro_indicator::MacroIndicator;
use super::observation::Observation;
use super::realised_corr::RealisedCorr;
use super::realised_vol::RealisedVol;
use super::regime_probability::RegimeProbability;
use super::registry::{self, SignalKind};
use super::series::Series;
use super::trend::Trend;

/// A signal: a number that an investor works out from returns or indicators at every step.
#[derive(Clone, Debug, PartialEq)]
pub enum Signal {
    /// Volatility by an exponentially weighted mean.
    EwmaVol(EwmaVol),
    /// Volatility over a window.
    RealisedVol(RealisedVol),
    /// Correlation by exponentially weighted means.
    EwmaCorr(EwmaCorr),
    /// Covariance by an exponentially weighted mean.
    EwmaCov(EwmaCov),
    /// Correlation over a window.
    RealisedCorr(RealisedCorr),
    /// Change of a log price over a window.
    Trend(Trend),
    /// Distance of a price below its peak.
    Drawdown(Drawdown),
    /// Probability of a regime, filtered from returns.
    RegimeProbability(RegimeProbability),
    /// An indicator of the market.
    Macro(MacroIndicator),
}

impl Signal {
    /// Returns the kind of the signal.
    #[must_use]
    pub fn kind(&self) -> &'static SignalKind {
        match self {
            Self::EwmaVol(EwmaVol { series: Series::Spread(..), .. })
            | Self::RealisedVol(RealisedVol { series: Series::Spread(..), .. }) => {
                &registry::RELATIVE_VOL
            }
            Self::EwmaVol(_) => &registry::EWMA_VOL,
            Self::RealisedVol(_) => &registry::REALISED_VOL,
            Self::EwmaCorr(_) => &registry::EWMA_CORR,
            Self::EwmaCov(_) => &registry::EWMA_COV,
            Self::RealisedCorr(_) => &registry::REALISED_CORR,
            Self::Trend(_) => &registry::TREND,
            Self::Drawdown(_) => &registry::DRAWDOWN,
            Self::RegimeProbability(_) => &registry::REGIME_PROBABILITY,
            Self::Macro(_) => &registry::MACRO,
        }
    }

    /// Returns the number of rows that the signal remembers.
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

/// Memory of a signal on a block of paths. One lane is the reference's single path.
#[derive(Clone, Debug)]
pub struct SignalState<const L: usize> {
    rows: Vec<Row<f64, L>>,
}

impl<const L: usize> SignalState<L> {
    /// Makes the memory of `signal` at `t = 0`.
    #[must_use]
    pub fn new(signal: &Signal) -> Self {
        let mut state = Self { rows: vec![Row::splat(0.0); signal.memory()] };
        state.restart(signal);
        state
    }

    /// Goes back to `t = 0`.
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

    /// Takes in one step and writes the value of the signal after it, in each lane.
    #[inline(always)]
    pub fn update(
        &mut self,
        signal: &Signal,
        observation: &Observation<'_, L>,
        out: &mut Row<f64, L>,
    ) {
        match signal {
            Signal::EwmaVol(signal) => signal.update(observation, &mut self.rows, out),
            Signal::RealisedVol(signal) => signal.update(observation, &mut self.rows, out),
            Signal::EwmaCorr(signal) => signal.update(observation, &mut self.rows, out),
            Signal::EwmaCov(signal) => signal.update(observation, &mut self.rows, out),
            Signal::RealisedCorr(signal) => signal.update(observation, &mut self.rows, out),
            Signal::Trend(signal) => signal.update(observation, &mut self.rows, out),
            Signal::Drawdown(signal) => signal.update(observation, &mut self.rows, out),
            Signal::RegimeProbability(signal) => signal.update(observation, &mut self.rows, out),
            Signal::Macro(signal) => signal.update(observation, out),
        }
    }
}
