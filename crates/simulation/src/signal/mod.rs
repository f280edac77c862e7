//! Says what an investor can see: values at step t that use returns up to t and nothing else.
//!
//! Each kind of signal is one file and one row of the [`REGISTRY`]. A signal remembers rows of lanes; one lane is the
//! reference's single path, so the reference and the kernel run the same code.

mod ewma_vol;
mod realised_vol;
mod series;
mod window;

use corridor_core::lanes::Row;

pub use ewma_vol::EwmaVol;
pub use realised_vol::RealisedVol;
pub use series::Series;
use window::Window;

/// A signal, in machine units.
#[derive(Clone, Debug, PartialEq)]
pub enum Signal {
    /// Exponentially weighted volatility.
    EwmaVol(EwmaVol),
    /// Volatility of a window.
    RealisedVol(RealisedVol),
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
pub const REGISTRY: [SignalKind; 2] = [
    SignalKind {
        name: "ewma_vol",
        unit: "annual volatility (0.16 = 16 %)",
        positive: true,
        definition: "root of an exponentially weighted mean of squared log returns, annualised",
    },
    SignalKind {
        name: "realised_vol",
        unit: "annual volatility (0.16 = 16 %)",
        positive: true,
        definition: "root of the mean squared log return of a window, annualised",
    },
];

/// What a signal sees of one step.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a, const L: usize> {
    /// The step, from 1.
    pub t: u32,
    /// Steps a year.
    pub per_year: f64,
    /// Log returns of step `t`, one row per asset.
    pub log_returns: &'a [Row<f32, L>],
}

impl Signal {
    /// The signal's row of the registry.
    #[must_use]
    pub fn kind(&self) -> &'static SignalKind {
        match self {
            Self::EwmaVol(_) => &REGISTRY[0],
            Self::RealisedVol(_) => &REGISTRY[1],
        }
    }

    /// Rows of memory the signal needs.
    fn memory(&self) -> usize {
        match self {
            Self::EwmaVol(_) => EwmaVol::MEMORY,
            Self::RealisedVol(signal) => signal.memory(),
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
            Signal::RealisedVol(_) => {}
        }
    }

    /// Takes in one step and writes the signal's values after it.
    #[inline(always)]
    pub fn update(&mut self, signal: &Signal, seen: &Observation<'_, L>, out: &mut Row<f64, L>) {
        match signal {
            Signal::EwmaVol(signal) => signal.update(seen, &mut self.rows, out),
            Signal::RealisedVol(signal) => signal.update(seen, &mut self.rows, out),
        }
    }
}
