//! Tracks volatility by the mean of the squared returns of a window.

use corridor_core::lanes::Row;

use super::{Observation, Series, Window};

/// Root of the mean squared log return of the last `window_steps` steps, annualised; `v(0)` until
/// the window is full.
#[derive(Clone, Debug, PartialEq)]
pub struct RealisedVol {
    /// Observed returns.
    pub series: Series,
    /// Length of the window in steps; at least 1.
    pub window_steps: u32,
    /// `v(0)`: variance of one step's log return.
    pub start_variance: f64,
}

impl RealisedVol {
    pub(super) fn memory(&self) -> usize {
        Window::memory(self.window_steps)
    }

    #[inline(always)]
    pub(super) fn update<const L: usize>(
        &self,
        seen: &Observation<'_, L>,
        memory: &mut [Row<f64, L>],
        out: &mut Row<f64, L>,
    ) {
        let window = Window { steps: self.window_steps };
        let mut squares = self.series.of(seen.log_returns);
        for l in 0..L {
            squares[l] *= squares[l];
        }
        window.roll(seen.t, &squares, memory);
        let sum = &memory[0];
        let per_year = seen.per_year / f64::from(self.window_steps);
        if seen.t < self.window_steps {
            *out = Row::splat((self.start_variance * seen.per_year).sqrt());
            return;
        }
        for l in 0..L {
            let sum = if sum[l] < 0.0 { 0.0 } else { sum[l] };
            out[l] = (sum * per_year).sqrt();
        }
    }
}
