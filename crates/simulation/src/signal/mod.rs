//! Says what an investor can see: values at step t that use returns up to t and nothing else.

mod ewma_vol;
mod realised_vol;

use corridor_core::lanes::Row;

/// A signal, in machine units.
#[derive(Clone, Debug, PartialEq)]
pub enum Signal {
    /// `v(t) = lambda v(t-1) + (1 - lambda) r(t)^2`, reported as `sqrt(v m)`.
    EwmaVol {
        /// Observed asset.
        asset: usize,
        /// Weight of the past per step, in `[0, 1)`.
        lambda: f64,
        /// `v(0)`: variance of one step's log return.
        start_variance: f64,
    },
    /// Root of the mean squared log return of the last `window_steps` steps, annualised; `v(0)` until the window is full.
    RealisedVol {
        /// Observed asset.
        asset: usize,
        /// Length of the window in steps; at least 1.
        window_steps: u32,
        /// `v(0)`: variance of one step's log return.
        start_variance: f64,
    },
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

impl Signal {
    /// The signal's row of the registry.
    #[must_use]
    pub fn kind(&self) -> &'static SignalKind {
        match self {
            Self::EwmaVol { .. } => &REGISTRY[0],
            Self::RealisedVol { .. } => &REGISTRY[1],
        }
    }

    /// Rows of memory the signal needs.
    fn memory_rows(&self) -> usize {
        match self {
            Self::EwmaVol { .. } => 1,
            Self::RealisedVol { window_steps, .. } => 1 + *window_steps as usize,
        }
    }
}

/// What a signal remembers of a block of paths. One lane is the reference's single path.
#[derive(Clone, Debug)]
pub struct SignalState<const L: usize> {
    // `EwmaVol`: the variance. `RealisedVol`: the sum of the window, then the ring of squared returns.
    rows: Vec<Row<f64, L>>,
}

impl<const L: usize> SignalState<L> {
    /// Memory for `signal`.
    #[must_use]
    pub fn new(signal: &Signal) -> Self {
        let mut state = Self { rows: vec![Row::splat(0.0); signal.memory_rows()] };
        state.restart(signal);
        state
    }

    /// Back to `t = 0`.
    pub fn restart(&mut self, signal: &Signal) {
        self.rows.fill(Row::splat(0.0));
        if let Signal::EwmaVol { start_variance, .. } = signal {
            self.rows[0] = Row::splat(*start_variance);
        }
    }

    /// Takes in the log returns of step `t` (one row per asset) and writes the signal's values at `t`.
    #[inline(always)]
    pub fn update(&mut self, signal: &Signal, per_year: f64, t: u32, log_returns: &[Row<f32, L>], out: &mut Row<f64, L>) {
        match *signal {
            Signal::EwmaVol { asset, lambda, .. } => {
                let (variance, returns) = (&mut self.rows[0], &log_returns[asset]);
                for l in 0..L {
                    variance[l] = ewma_vol::update(lambda, variance[l], returns[l]);
                    out[l] = (variance[l] * per_year).sqrt();
                }
            }
            Signal::RealisedVol { asset, window_steps, start_variance } => {
                self.roll(t, window_steps, &log_returns[asset]);
                let sum = &self.rows[0];
                for l in 0..L {
                    let variance = if t < window_steps { start_variance } else { sum[l] / f64::from(window_steps) };
                    let variance = if variance < 0.0 { 0.0 } else { variance };
                    out[l] = (variance * per_year).sqrt();
                }
            }
        }
    }

    #[inline(always)]
    fn roll(&mut self, t: u32, window: u32, returns: &Row<f32, L>) {
        let Some((sum, ring)) = self.rows.split_first_mut() else { return };
        let oldest = &mut ring[realised_vol::slot(t, window)];
        for l in 0..L {
            let r = f64::from(returns[l]);
            sum[l] += r * r - oldest[l];
            oldest[l] = r * r;
        }
        if realised_vol::rebuilds(t, window) {
            *sum = Row::splat(0.0);
            for squares in ring.iter() {
                for l in 0..L {
                    sum[l] += squares[l];
                }
            }
        }
    }
}
