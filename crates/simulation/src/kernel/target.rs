//! Gives the target weights of a lane, whether all lanes share them or not.

use corridor_core::lanes::Row;

/// Target weights of one step: the same in every lane, or one row of lanes for each asset.
pub(super) trait Target<const A: usize> {
    /// Returns the target weights of lane `l`.
    fn of_lane(&self, l: usize) -> [f64; A];
}

impl<const A: usize> Target<A> for [f64; A] {
    #[inline(always)]
    fn of_lane(&self, _: usize) -> [f64; A] {
        *self
    }
}

impl<const A: usize, const L: usize> Target<A> for [Row<f64, L>; A] {
    #[inline(always)]
    fn of_lane(&self, l: usize) -> [f64; A] {
        let mut weights = [0.0; A];
        for i in 0..A {
            weights[i] = self[i][l];
        }
        weights
    }
}
