//! Defines the signals that an investor can see: values at step `t` that use returns up to `t` and
//! nothing later, except for oracles, which are labelled.
//!
//! Each kind of signal is one file and one row of the [`REGISTRY`]. A signal remembers rows of
//! lanes; the reference uses one lane and the kernel many, so both run the same code.
//!
//! To add a signal:
//!
//! 1. Write `<name>.rs`: its parameters, in units of the machine; `memory`, the number of rows that
//!    it remembers; and `update`, which takes in step `t`, from 1, and writes the value after it.
//!    Rows begin at 0; a signal whose memory begins elsewhere has a `restart`, too.
//! 2. Describe its kind in `registry.rs`, at the end of [`REGISTRY`].
//! 3. Add a variant to [`Signal`]. The compiler then asks for the rest of `dispatch.rs`, for the
//!    range of its values in `study/src/check/signal/checked.rs` and for
//!    `tests/it/python_twin.rs`.
//! 4. Add its table to `SignalTable` in `study/src/file/signal.rs`, with a `SignalKindTable` of
//!    its own. The compiler then asks for its check.
//! 5. Run the tests. They ask for an example in `tests/it/registered/mod.rs`, for a draw in
//!    `tests/it/random_studies/mod.rs`, for its formula in `tests/it/python/twin.py` and for a use
//!    in `study/tests/good/every-signal.toml`. Its chapter is docs/model/03.

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
