//! Says what a trade costs.

use crate::routing::Fees;

/// Trading costs, in machine units.
#[derive(Clone, Debug, PartialEq)]
pub struct CostModel {
    /// One-way proportional cost per asset, a fraction of the traded value in `[0, 1)`; buys and
    /// sells alike.
    pub one_way: Vec<f64>,
    /// Currency per asset with a non-zero trade.
    pub fixed_fee: f64,
    /// Multiplier of `one_way` by true regime of the market (in the market's regime order); empty =
    /// 1 everywhere.
    pub spread_multiplier: Vec<f64>,
    /// How a cost enters the trade.
    pub convention: CostConvention,
    /// Whether contributions and withdrawals pay the proportional cost.
    pub charge_flows: bool,
    /// Whether the first purchase at `t = 0` pays costs and fees.
    pub charge_initial_purchase: bool,
}

/// How a cost enters the trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CostConvention {
    /// Self-financing: wealth after the trade solves `V+ = V - F legs - sum_i c_i |g_i V+ - h_i|`.
    Exact,
    /// Trades are sized on wealth before cost; the cost is taken off the total.
    Pre,
}

impl CostModel {
    /// Multiplier of the proportional costs in `regime`.
    #[must_use]
    #[inline(always)]
    pub fn multiplier(&self, regime: u32) -> f64 {
        if self.spread_multiplier.is_empty() {
            1.0
        } else {
            self.spread_multiplier[regime as usize]
        }
    }

    /// Cost of moving one unit of currency into or out of the mix `weights`.
    #[must_use]
    #[inline(always)]
    pub fn of_mix(&self, multiplier: f64, weights: &[f64]) -> f64 {
        let mut cost = 0.0;
        for (c, w) in self.one_way.iter().zip(weights) {
            cost += c * multiplier * w;
        }
        cost
    }

    /// What flows pay: nothing where they are not charged.
    pub(crate) fn of_flows(&self, multiplier: f64) -> Fees<'_> {
        Fees {
            rates: &self.one_way,
            multiplier: if self.charge_flows { multiplier } else { 0.0 },
            convention: self.convention,
        }
    }
}
