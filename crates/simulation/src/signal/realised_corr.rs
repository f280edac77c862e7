//! Tracks the correlation of two assets by the returns of a window.

use corridor_core::lanes::Row;

use super::ewma_corr::correlation;
use super::observation::Observation;
use super::window::Window;

/// Correlation about 0 over the last `window_steps` steps, `sum r_a r_b` over the root of `sum
/// r_a^2` times `sum r_b^2`; 0 where one of the sums of squares is 0.
#[derive(Clone, Debug, PartialEq)]
pub struct RealisedCorr {
    /// Indices of the two assets.
    pub assets: [usize; 2],
    /// Length of the window in steps; at least 1.
    pub window_steps: u32,
    /// Value until the window is full.
    pub start: f64,
}

impl RealisedCorr {
    /// Returns the number of rows: three sums, then a ring of the window's returns, the two of a
    /// step packed in one number.
    pub(super) fn memory(&self) -> usize {
        3 + self.window_steps as usize
    }

    #[inline(always)]
    pub(super) fn update<const L: usize>(
        &self,
        observation: &Observation<'_, L>,
        memory: &mut [Row<f64, L>],
        out: &mut Row<f64, L>,
    ) {
        let [a, b, c, ring @ ..] = memory else { return };
        let [first, second] = self.assets.map(|asset| &observation.log_returns[asset]);
        let window = Window { steps: self.window_steps };
        let oldest = &mut ring[window.slot(observation.t)];
        for l in 0..L {
            let (x, y) = (f64::from(first[l]), f64::from(second[l]));
            let (old_x, old_y) = unpack(oldest[l]);
            a[l] += x * x - old_x * old_x;
            b[l] += y * y - old_y * old_y;
            c[l] += x * y - old_x * old_y;
            oldest[l] = pack(first[l], second[l]);
        }
        if window.is_renewed(observation.t) {
            [*a, *b, *c] = [Row::splat(0.0); 3];
            for row in ring.iter() {
                for l in 0..L {
                    let (x, y) = unpack(row[l]);
                    a[l] += x * x;
                    b[l] += y * y;
                    c[l] += x * y;
                }
            }
        }
        if observation.t < self.window_steps {
            *out = Row::splat(self.start);
            return;
        }
        for l in 0..L {
            out[l] = correlation(at_least_0(a[l]), at_least_0(b[l]), c[l]);
        }
    }
}

/// Packs two returns into one number, which takes a third of the memory of their three products.
#[inline(always)]
fn pack(first: f32, second: f32) -> f64 {
    f64::from_bits(u64::from(first.to_bits()) << 32 | u64::from(second.to_bits()))
}

#[inline(always)]
fn unpack(pair: f64) -> (f64, f64) {
    let bits = pair.to_bits();
    (f64::from(f32::from_bits((bits >> 32) as u32)), f64::from(f32::from_bits(bits as u32)))
}

/// Returns a sum of squares, or 0 where rounding left it below 0.
#[inline(always)]
fn at_least_0(sum: f64) -> f64 {
    if sum < 0.0 { 0.0 } else { sum }
}
