//! Lists everything that a rule may see when it decides: its own portfolio, and observed signals.
//!
//! Neither holds a path, random numbers or the true regime, so a rule cannot look ahead.

use super::band::outside;

/// Weights and holdings of a portfolio at a review. Lists have one entry per asset.
#[derive(Clone, Copy, Debug)]
pub struct PortfolioView<'a> {
    /// Step of the review.
    pub t: u32,
    /// Target weights of the step.
    pub target: &'a [f64],
    /// Value held in each asset, in currency.
    pub holdings: &'a [f64],
    /// Sum of the holdings, in currency.
    pub wealth: f64,
    /// Weights of the holdings.
    pub weights: &'a [f64],
}

impl PortfolioView<'_> {
    /// Tells whether the weight of some asset `i` is further from its target than `width(i)`.
    pub fn any_outside(&self, width: impl Fn(usize) -> f64) -> bool {
        (0..self.holdings.len())
            .any(|i| outside(self.holdings[i], self.target[i], self.wealth, width(i)))
    }

    /// Returns the distance of asset `i`'s weight from its target.
    #[must_use]
    pub fn deviation(&self, i: usize) -> f64 {
        (self.weights[i] - self.target[i]).abs()
    }

    /// Finds the asset whose weight is furthest outside its band, in half-widths; the last one if
    /// several are, `None` without assets.
    pub fn furthest(&self, width: impl Fn(usize) -> f64) -> Option<usize> {
        let excess = |i: usize| self.deviation(i) / width(i);
        (0..self.weights.len()).max_by(|&a, &b| excess(a).total_cmp(&excess(b)))
    }
}

/// Signals and scale factors as a rule sees them at one step.
pub trait SignalView {
    /// Returns the value of the signal with this index.
    fn signal(&self, signal: usize) -> f64;
    /// Returns the product of the scale factors with this index in
    /// [`Policy::scales`](super::Policy::scales).
    fn factor(&self, scale: usize) -> f64;
}
