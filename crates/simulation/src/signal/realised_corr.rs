//! Tracks the correlation of two assets by the returns of a window.

use corridor_core::lanes::Row;

use super::ewma_corr::correlation;
use super::{Observation, Series, Window};

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
        let [first, second] = self.assets.map(|asset| Series::Asset(asset).of(seen.log_returns));
        let mut products = [Row::splat(0.0), Row::splat(0.0), Row::splat(0.0)];
        for l in 0..L {
            products[0][l] = first[l] * first[l];
            products[1][l] = second[l] * second[l];
            products[2][l] = first[l] * second[l];
        }
        let window = Window { steps: self.window_steps };
        let rows = Window::memory(self.window_steps);
        for (products, memory) in products.iter().zip(memory.chunks_exact_mut(rows)) {
            window.roll(seen.t, products, memory);
        }
        if seen.t < self.window_steps {
            *out = Row::splat(self.start);
            return;
        }
        let [a, b, c] = [&memory[0], &memory[rows], &memory[2 * rows]];
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
