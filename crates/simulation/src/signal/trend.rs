//! Tracks the change of a log price over a window, alone or relative to another price.

use corridor_core::lanes::Row;

use super::observation::Observation;
use super::series::Series;
use super::window::Window;

/// Change of the log price since `window_steps` steps ago, or since `t = 0` while there were fewer;
/// or the sign of the change.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// Observed returns: of one asset, or of one less those of another.
    pub series: Series,
    /// Length of the window in steps; at least 1.
    pub window_steps: u32,
    /// Whether the value is only the direction: -1, 0 or 1.
    pub sign: bool,
}

impl Trend {
    /// Returns the number of rows: the log price, then a ring of the log prices of the window,
    /// which all begin at 0, the log price at `t = 0`.
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
        let Some((price, ring)) = memory.split_first_mut() else { return };
        let oldest = &mut ring[Window { steps: self.window_steps }.slot(observation.t)];
        let returns = self.series.of(observation.log_returns);
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
