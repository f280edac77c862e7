//! Tracks the distance of an asset's price below its peak.

use corridor_core::lanes::Row;
use corridor_core::numerics::exp_bounded;

use super::observation::Observation;
use super::series::Series;

/// Drawdown `1 - price / peak`, where the peak includes `t = 0`: 0 at a peak, 0.2 a fifth below it.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawdown {
    /// Index of the observed asset.
    pub asset: usize,
}

impl Drawdown {
    /// Number of rows: the log price and its peak.
    pub(super) const MEMORY: usize = 2;

    #[inline(always)]
    pub(super) fn update<const L: usize>(
        &self,
        observation: &Observation<'_, L>,
        memory: &mut [Row<f64, L>],
        out: &mut Row<f64, L>,
    ) {
        let [price, peak] = memory else { return };
        let returns = Series::Asset(self.asset).of(observation.log_returns);
        for l in 0..L {
            price[l] += returns[l];
            peak[l] = if price[l] > peak[l] { price[l] } else { peak[l] };
            let below = price[l] - peak[l];
            out[l] = 1.0 - exp_bounded(if below < -700.0 { -700.0 } else { below });
        }
    }
}
