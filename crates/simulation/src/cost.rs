//! Defines the cost of a trade and of a cash flow.

/// Proportional and fixed trading costs of an account.
#[derive(Clone, Debug, PartialEq)]
pub struct CostModel {
    /// One-way proportional cost of each asset as a fraction of the traded value, in `[0, 1)`; the
    /// same for buys and sells.
    pub one_way: Vec<f64>,
    /// Fixed fee for each asset with a non-zero trade, in currency.
    pub fixed_fee: f64,
    /// Multiplier of `one_way` in each true regime of the market, in the market's order; empty
    /// where it is 1 in all regimes.
    pub spread_multiplier: Vec<f64>,
    /// Wealth on which trades are sized: before or after the cost.
    pub convention: CostConvention,
    /// Whether contributions and withdrawals pay the proportional cost.
    pub charge_flows: bool,
    /// Whether the first purchase at `t = 0` pays proportional costs and fixed fees.
    pub charge_initial_purchase: bool,
}

/// Wealth on which a trade is sized: after its own cost, or before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CostConvention {
    /// Sizes trades on the wealth after the cost, so that they finance themselves: `V+` solves
    /// `V+ = V - F legs - sum_i c_i |g_i V+ - h_i|`.
    Exact,
    /// Sizes trades on the wealth before the cost and takes the cost off the total.
    Pre,
}

impl CostModel {
    /// Returns the multiplier of the proportional costs in true regime `regime`.
    #[must_use]
    #[inline(always)]
    pub fn multiplier(&self, regime: u32) -> f64 {
        if self.spread_multiplier.is_empty() {
            1.0
        } else {
            self.spread_multiplier[regime as usize]
        }
    }

    /// Returns the cost of moving one unit of currency into or out of assets in the proportions
    /// `weights`: `sum_i multiplier c_i weights_i`.
    #[must_use]
    #[inline(always)]
    pub fn of_mix(&self, multiplier: f64, weights: &[f64]) -> f64 {
        let mut cost = 0.0;
        for (c, w) in self.one_way.iter().zip(weights) {
            cost += c * multiplier * w;
        }
        cost
    }

    /// Returns the proportional costs of cash flows, which are 0 where flows are not charged.
    pub(crate) fn of_flows(&self, multiplier: f64) -> FlowCosts<'_> {
        FlowCosts {
            one_way: &self.one_way,
            multiplier: if self.charge_flows { multiplier } else { 0.0 },
            convention: self.convention,
        }
    }
}

/// Proportional costs of a cash flow that is routed asset by asset.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FlowCosts<'a> {
    /// One-way cost of each asset, a fraction of the traded value.
    pub one_way: &'a [f64],
    pub multiplier: f64,
    pub convention: CostConvention,
}

impl FlowCosts<'_> {
    /// Returns the one-way cost of asset `i` in the regime of the step.
    pub fn rate(&self, i: usize) -> f64 {
        self.one_way[i] * self.multiplier
    }
}

impl CostConvention {
    /// Returns the value of the assets that `amount` of currency buys at the cost rate `rate`.
    #[inline(always)]
    pub(crate) fn bought(self, amount: f64, rate: f64) -> f64 {
        match self {
            Self::Exact => amount / (1.0 + rate),
            Self::Pre => amount - amount * rate,
        }
    }

    /// Returns the value of the assets to sell so that `amount` of currency is left after the cost
    /// rate `rate`.
    #[inline(always)]
    pub(crate) fn sold(self, amount: f64, rate: f64) -> f64 {
        match self {
            Self::Exact => amount / (1.0 - rate),
            Self::Pre => amount + amount * rate,
        }
    }

    /// Returns the currency that selling assets of value `value` raises at the cost rate `rate`:
    /// the inverse of [`Self::sold`].
    pub(crate) fn raised(self, value: f64, rate: f64) -> f64 {
        match self {
            Self::Exact => value * (1.0 - rate),
            Self::Pre => value / (1.0 + rate),
        }
    }
}
