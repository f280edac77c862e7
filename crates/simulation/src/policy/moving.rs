//! Moves the target: scales the share of some assets by the calendar and by signals.

use super::scale::{ScaleFactor, clamp};

/// A target that moves: the scaled assets have `factor(t)` times their weight in
/// [`Policy::target`](super::Policy::target), the others share the rest in proportion to theirs.
///
/// `factor(t)` is `g * p`, limited to `[min_factor, max_factor]`, where `g` is the entry of
/// `by_step` at `t` and `p` the product of the scale factors at `t`. At `t = 0` the account is
/// invested at the policy's target.
#[derive(Clone, Debug, PartialEq)]
pub struct MovingTarget {
    /// Whether each asset is scaled; at least one is, and at least one is not.
    pub scaled: Vec<bool>,
    /// Scale factors of the share, which multiply.
    pub scale: Vec<ScaleFactor>,
    /// Factor of the share at each step from 0, a glide path; its last value holds from there on.
    /// Empty where the calendar does not move the target.
    pub by_step: Vec<f64>,
    /// Lower limit of the factor.
    pub min_factor: f64,
    /// Upper limit of the factor; at most `1 / share`.
    pub max_factor: f64,
    /// Sum of the scaled assets' weights in the policy's target, in `(0, 1)`.
    pub share: f64,
}

impl MovingTarget {
    /// Returns the factor at step `t` where the scale factors multiply to `product`.
    #[must_use]
    #[inline(always)]
    pub fn factor(&self, t: u32, product: f64) -> f64 {
        let by_step = self.by_step.get(t as usize).or(self.by_step.last()).copied().unwrap_or(1.0);
        clamp(by_step * product, self.min_factor, self.max_factor)
    }

    /// Returns the target weight of asset `i`, whose weight in the policy's target is `base`.
    #[must_use]
    #[inline(always)]
    pub fn weight(&self, i: usize, base: f64, factor: f64) -> f64 {
        base * if self.scaled[i] { factor } else { self.factor_of_rest(factor) }
    }

    /// Returns the factor of the assets that are not scaled, which keeps the sum of weights at 1.
    #[must_use]
    #[inline(always)]
    pub fn factor_of_rest(&self, factor: f64) -> f64 {
        (1.0 - self.share * factor) / (1.0 - self.share)
    }
}
