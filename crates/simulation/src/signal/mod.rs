//! Says what an investor can see: values at step t that use returns up to t and nothing else.

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
