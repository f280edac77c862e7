//! Tracks how far a price has moved over a window, by itself or against another.

use corridor_core::lanes::Row;

use super::{Observation, Series, Window};

/// Log price less the log price `window_steps` steps ago, or less that of `t = 0` while there are
/// fewer; or its sign.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// Observed returns: of an asset, or of one less those of another.
    pub series: Series,
    /// Length of the window in steps; at least 1.
    pub window_steps: u32,
    /// Whether only the direction is told: -1, 0 or 1.
    pub sign: bool,
}

impl Trend {
    /// The log price, then a ring of the log prices of the window, which begin at 0 as that of `t =
    /// 0` is.
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
        let Some((price, ring)) = memory.split_first_mut() else { return };
        let oldest = &mut ring[Window { steps: self.window_steps }.slot(seen.t)];
        let returns = self.series.of(seen.log_returns);
        for l in 0..L {
            price[l] += returns[l];
            out[l] = price[l] - oldest[l];
            oldest[l] = price[l];
        }
        if self.sign {
            for l in 0..L {
                out[l] = f64::from(i32::from(out[l] > 0.0) - i32::from(out[l] < 0.0));
            }
        }
    }
}
