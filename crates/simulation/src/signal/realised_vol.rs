//! Tracks volatility by the mean of the squared returns of a window.

use corridor_core::lanes::Row;

use super::observation::Observation;
use super::series::Series;
use super::window::Window;

/// Annual volatility: root of the mean squared log return of the last `window_steps` steps, times
/// `sqrt(m)`; that of `start_variance` until the window is full.
#[derive(Clone, Debug, PartialEq)]
pub struct RealisedVol {
    /// Observed returns.
    pub series: Series,
    /// Length of the window in steps; at least 1.
    pub window_steps: u32,
    /// Variance of one step's log return until the window is full.
    pub start_variance: f64,
}

impl RealisedVol {
    pub(super) fn memory(&self) -> usize {
        Window::memory(self.window_steps)
    }

    #[inline(always)]
    pub(super) fn update<const L: usize>(
        &self,
        observation: &Observation<'_, L>,
        memory: &mut [Row<f64, L>],
        out: &mut Row<f64, L>,
    ) {
        let window = Window { steps: self.window_steps };
        let mut squares = self.series.of(observation.log_returns);
        for l in 0..L {
            squares[l] *= squares[l];
        }
        window.roll(observation.t, &squares, memory);
        let sum = &memory[0];
        let per_year = observation.per_year / f64::from(self.window_steps);
        if observation.t < self.window_steps {
            *out = Row::splat((self.start_variance * observation.per_year).sqrt());
            return;
        }
        for l in 0..L {
            let sum = if sum[l] < 0.0 { 0.0 } else { sum[l] };
            out[l] = (sum * per_year).sqrt();
        }
    }
}
