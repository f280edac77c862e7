//! Tracks the correlation of two assets by the returns of a window.

use corridor_core::lanes::Row;

use super::ewma_corr::correlation;
use super::{Observation, Window};

/// Sum of `r_a r_b` over the last `window_steps` steps by the root of the product of the sums of squares; the starting
/// value until the window is full, 0 where one of the sums is 0.
#[derive(Clone, Debug, PartialEq)]
pub struct RealisedCorr {
    /// The two assets.
    pub assets: [usize; 2],
    /// Length of the window in steps; at least 1.
    pub window_steps: u32,
    /// Value until the window is full.
    pub start: f64,
}

impl RealisedCorr {
    pub(super) fn memory(&self) -> usize {
        3 * Window::memory(self.window_steps)
    }

    #[inline(always)]
    pub(super) fn update<const L: usize>(&self, seen: &Observation<'_, L>, memory: &mut [Row<f64, L>], out: &mut Row<f64, L>) {
        let (first, second) = (&seen.log_returns[self.assets[0]], &seen.log_returns[self.assets[1]]);
        let mut squares = [Row::splat(0.0), Row::splat(0.0), Row::splat(0.0)];
        for l in 0..L {
            let (x, y) = (f64::from(first[l]), f64::from(second[l]));
            squares[0][l] = x * x;
            squares[1][l] = y * y;
            squares[2][l] = x * y;
        }
        let window = Window { steps: self.window_steps };
        for (sum, memory) in squares.iter_mut().zip(memory.chunks_exact_mut(Window::memory(self.window_steps))) {
            *sum = window.roll(seen.t, sum, memory);
        }
        if seen.t < self.window_steps {
            *out = Row::splat(self.start);
            return;
        }
        let [a, b, c] = &squares;
        for l in 0..L {
            out[l] = correlation(at_least_0(a[l]), at_least_0(b[l]), c[l]);
        }
    }
}

/// A sum of squares whose rounding may have left it below 0.
#[inline(always)]
fn at_least_0(sum: f64) -> f64 {
    if sum < 0.0 { 0.0 } else { sum }
}
