//! Holds the interleaved accumulators of a vectorised sum.

use std::ops::Index;

/// Number of accumulators: the value of path `i` goes to accumulator `i` modulo 8. Another number
/// would move the last bits of results.
pub(crate) const LANES: usize = 8;

/// One number per lane.
///
/// The padding to 128 bytes keeps two of them apart; without it the compiler joins halves of both
/// into one vector.
#[derive(Clone, Copy, Debug)]
#[repr(align(128))]
pub(crate) struct Lanes(pub(crate) [f64; LANES]);

impl Lanes {
    /// Fills every lane with one number.
    pub(crate) const fn splat(value: f64) -> Self {
        Self([value; LANES])
    }

    /// Computes every lane. The compiler unrolls one small loop per operation into registers; a
    /// single loop over lanes that updates several accumulators would keep them in memory.
    #[inline(always)]
    pub(crate) fn of(value: impl Fn(usize) -> f64) -> Self {
        let mut row = [0.0; LANES];
        for (lane, place) in row.iter_mut().enumerate() {
            *place = value(lane);
        }
        Self(row)
    }

    /// Adds the lanes from the first to the last.
    pub(crate) fn sum(&self) -> f64 {
        let mut sum = 0.0;
        for lane in self.0 {
            sum += lane;
        }
        sum
    }
}

impl Index<usize> for Lanes {
    type Output = f64;

    #[inline(always)]
    fn index(&self, lane: usize) -> &f64 {
        &self.0[lane]
    }
}
