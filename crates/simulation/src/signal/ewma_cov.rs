//! Tracks the covariance of two assets by an exponentially weighted mean of the products of their
//! returns.

use corridor_core::lanes::Row;

use super::ewma_vol::average;
use super::observation::Observation;

/// Annual covariance `m c(t)`, where `c` is the exponentially weighted mean of `r_a r_b` and `m`
/// the number of steps in a year; a variance where both assets are the same.
#[derive(Clone, Debug, PartialEq)]
pub struct EwmaCov {
    /// Indices of the two assets, which may be the same.
    pub assets: [usize; 2],
    /// Weight of the past per step, in `[0, 1)`.
    pub lambda: f64,
    /// Value of `c` at `t = 0`: covariance of one step's log returns.
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
        observation: &Observation<'_, L>,
        memory: &mut [Row<f64, L>],
        out: &mut Row<f64, L>,
    ) {
        let [covariance] = memory else { return };
        let (first, second) =
            (&observation.log_returns[self.assets[0]], &observation.log_returns[self.assets[1]]);
        let (lambda, per_year) = (self.lambda, observation.per_year);
        for l in 0..L {
            covariance[l] =
                average(lambda, covariance[l], f64::from(first[l]) * f64::from(second[l]));
            out[l] = covariance[l] * per_year;
        }
    }
}
