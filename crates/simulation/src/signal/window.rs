//! Keeps the sum of the last values of a window.

use corridor_core::lanes::Row;

/// Fewest steps from one renewal of a sum to the next.
const RENEWAL_STEPS: u32 = 64;

/// A window of so many steps; its memory is the sum, then a ring of the values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub steps: u32,
}

impl Window {
    /// Rows of memory a window needs.
    pub fn memory(steps: u32) -> usize {
        1 + steps as usize
    }

    /// Takes in the values of step `t` (from 1): the first row of memory is the sum of the window,
    /// missing values counted as 0.
    #[inline(always)]
    pub fn roll<const L: usize>(self, t: u32, values: &Row<f64, L>, memory: &mut [Row<f64, L>]) {
        let Some((sum, ring)) = memory.split_first_mut() else { return };
        let oldest = &mut ring[self.slot(t)];
        for l in 0..L {
            sum[l] += values[l] - oldest[l];
            oldest[l] = values[l];
        }
        if self.is_renewed(t) {
            *sum = Row::splat(0.0);
            for values in ring.iter() {
                for l in 0..L {
                    sum[l] += values[l];
                }
            }
        }
    }

    /// Whether the sum is taken anew at step `t`, so that rounding does not build up; rarely, as it
    /// reads the whole ring.
    #[inline(always)]
    pub fn is_renewed(self, t: u32) -> bool {
        t.is_multiple_of(self.steps.max(RENEWAL_STEPS))
    }

    /// Place in the ring of the value of step `t` (from 1).
    #[inline(always)]
    pub fn slot(self, t: u32) -> usize {
        ((t - 1) % self.steps) as usize
    }
}
