//! Defines the signals that an investor can see: values at step `t` that use returns up to `t` and
//! nothing later, except for oracles, which are labelled.
//!
//! Each kind of signal is one file and one row of the [`REGISTRY`]. A signal remembers rows of
//! lanes; the reference uses one lane and the kernel many, so both run the same code.

mod dispatch;
mod drawdown;
mod ewma_corr;
mod ewma_cov;
mod ewma_vol;
mod macro_indicator;
mod observation;
mod observe;
mod realised_corr;
mod realised_vol;
mod regime_probability;
mod registry;
mod series;
mod trend;
mod window;

pub use dispatch::{Signal, SignalState};
pub use drawdown::Drawdown;
pub use ewma_corr::EwmaCorr;
pub use ewma_cov::EwmaCov;
pub use ewma_vol::EwmaVol;
pub use macro_indicator::MacroIndicator;
pub use observation::Observation;
pub use observe::{Noise, ObservedSignal, ObservedState, Origin};
pub use realised_corr::RealisedCorr;
pub use realised_vol::RealisedVol;
pub use regime_probability::{FilterModel, RegimeProbability, StateLaw, Transition};
pub use registry::{REGISTRY, SignalKind};
pub use series::Series;
pub use trend::Trend;
