//! Moves the target: what share of the portfolio some assets have, by signals and by the calendar.

use super::ScaleFactor;
use super::goal::clamp;

/// A target whose scaled assets have `factor(t)` times their weight in
/// [`Policy::target`](super::Policy::target); the others share what is left in proportion to
/// theirs.
///
/// `factor(t) = clamp(by_step(t) * product of scale factors at t, min_factor, max_factor)`; at `t =
/// 0` the account is invested at the policy's target.
#[derive(Clone, Debug, PartialEq)]
pub struct MovingTarget {
    /// Whether each asset is scaled; some are, some are not.
    pub scaled: Vec<bool>,
    /// Factors of the share, functions of signals.
    pub scale: Vec<ScaleFactor>,
    /// Factor of the share at each step from 0, a glide path; the last one holds from there on.
    pub by_step: Vec<f64>,
    /// Lower clamp of the factor.
    pub min_factor: f64,
    /// Upper clamp of the factor; at most `1 / share`.
    pub max_factor: f64,
    /// Sum of the scaled assets' target weights.
    pub share: f64,
}

impl MovingTarget {
    /// The factor at step `t` when the scale factors multiply to `product`.
    #[must_use]
    #[inline(always)]
    pub fn factor(&self, t: u32, product: f64) -> f64 {
        let by_step = self.by_step.get(t as usize).or(self.by_step.last()).copied().unwrap_or(1.0);
        clamp(by_step * product, self.min_factor, self.max_factor)
    }

    /// Target weight of asset `i`, whose base weight is `base`.
    #[must_use]
    #[inline(always)]
    pub fn weight(&self, i: usize, base: f64, factor: f64) -> f64 {
        base * if self.scaled[i] { factor } else { self.factor_of_rest(factor) }
    }

    /// What the weights of the other assets are multiplied by.
    #[must_use]
    #[inline(always)]
    pub fn factor_of_rest(&self, factor: f64) -> f64 {
        (1.0 - self.share * factor) / (1.0 - self.share)
    }
}
