//! Holds the interleaved accumulators of a vectorised sum.

use std::ops::Index;

/// Number of accumulators: a value belongs to that of its place modulo 8. Part of the numbers'
/// definition: another number moves last bits.
pub(crate) const LANES: usize = 8;

/// One number per lane.
///
/// The padding to 128 bytes keeps neighbours apart: the compiler otherwise joins halves of two into
/// one vector.
#[derive(Clone, Copy, Debug)]
#[repr(align(128))]
pub(crate) struct Lanes(pub(crate) [f64; LANES]);

impl Lanes {
    /// The same number in every lane.
    pub(crate) const fn splat(value: f64) -> Self {
        Self([value; LANES])
    }

    /// Computes every lane. One small loop per operation is what the compiler unrolls into
    /// registers: a single loop over lanes that updates several accumulators keeps them in memory.
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
