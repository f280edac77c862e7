//! Tracks volatility by an exponentially weighted mean of squared returns.

use corridor_core::lanes::Row;

use super::observation::Observation;
use super::series::Series;

/// Annual volatility `sqrt(v m)`, where `v(t) = lambda v(t-1) + (1 - lambda) r(t)^2` and `m` is the
/// number of steps in a year.
#[derive(Clone, Debug, PartialEq)]
pub struct EwmaVol {
    /// Observed returns.
    pub series: Series,
    /// Weight of the past per step, in `[0, 1)`.
    pub lambda: f64,
    /// Value of `v` at `t = 0`: variance of one step's log return.
    pub start_variance: f64,
}

impl EwmaVol {
    pub(super) const MEMORY: usize = 1;

    pub(super) fn restart<const L: usize>(&self, memory: &mut [Row<f64, L>]) {
        memory.fill(Row::splat(self.start_variance));
    }

    #[inline(always)]
    pub(super) fn update<const L: usize>(
        &self,
        observation: &Observation<'_, L>,
        memory: &mut [Row<f64, L>],
        out: &mut Row<f64, L>,
    ) {
        let [variance] = memory else { return };
        let returns = self.series.of(observation.log_returns);
        let (lambda, per_year) = (self.lambda, observation.per_year);
        for l in 0..L {
            variance[l] = average(lambda, variance[l], returns[l] * returns[l]);
            out[l] = (variance[l] * per_year).sqrt();
        }
    }
}

/// Moves an exponentially weighted mean on by one value.
#[inline(always)]
pub(super) fn average(lambda: f64, mean: f64, value: f64) -> f64 {
    lambda * mean + (1.0 - lambda) * value
}
