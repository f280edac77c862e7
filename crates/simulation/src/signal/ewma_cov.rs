//! Tracks the covariance of two assets by an exponentially weighted mean of the products of their
//! returns.

use corridor_core::lanes::Row;

use super::Observation;
use super::ewma_vol::average;

/// `m c(t)`, where `c` is the exponentially weighted mean of `r_a r_b` and `m` the steps of a year;
/// of an asset with itself it is the variance.
#[derive(Clone, Debug, PartialEq)]
pub struct EwmaCov {
    /// The two assets, which may be the same.
    pub assets: [usize; 2],
    /// Weight of the past per step, in `[0, 1)`.
    pub lambda: f64,
    /// The covariance of one step's log returns at `t = 0`.
    pub start: f64,
}

impl EwmaCov {
    pub(super) const MEMORY: usize = 1;

    pub(super) fn restart<const L: usize>(&self, memory: &mut [Row<f64, L>]) {
        memory[0] = Row::splat(self.start);
    }

    #[inline(always)]
    pub(super) fn update<const L: usize>(
        &self,
        seen: &Observation<'_, L>,
        memory: &mut [Row<f64, L>],
        out: &mut Row<f64, L>,
    ) {
        let [covariance] = memory else { return };
        let (first, second) =
            (&seen.log_returns[self.assets[0]], &seen.log_returns[self.assets[1]]);
        let (lambda, per_year) = (self.lambda, seen.per_year);
        for l in 0..L {
            covariance[l] =
                average(lambda, covariance[l], f64::from(first[l]) * f64::from(second[l]));
            out[l] = covariance[l] * per_year;
        }
    }
}
