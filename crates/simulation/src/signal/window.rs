//! Keeps a running sum over a window of steps.

use corridor_core::lanes::Row;

/// Smallest number of steps from one renewal of a sum to the next.
const RENEWAL_STEPS: u32 = 64;

/// A window of the last `steps` steps. Its memory is the sum, then a ring of the values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub steps: u32,
}

impl Window {
    /// Returns the number of rows that a window of `steps` steps remembers.
    pub fn memory(steps: u32) -> usize {
        1 + steps as usize
    }

    /// Takes in the values of step `t`, from 1. The first row of memory becomes the sum of the
    /// window, where steps before the first count as 0.
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

    /// Tells whether the sum is computed anew at step `t`, so that rounding does not build up. It
    /// is rare because it reads the whole ring.
    #[inline(always)]
    pub fn is_renewed(self, t: u32) -> bool {
        t.is_multiple_of(self.steps.max(RENEWAL_STEPS))
    }

    /// Returns the index in the ring of the value of step `t`, from 1.
    #[inline(always)]
    pub fn slot(self, t: u32) -> usize {
        ((t - 1) % self.steps) as usize
    }
}
