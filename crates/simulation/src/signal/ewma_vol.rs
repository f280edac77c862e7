//! Tracks volatility by an exponentially weighted mean of squared returns.

/// `v(t) = lambda v(t-1) + (1 - lambda) r(t)^2`.
#[must_use]
#[inline(always)]
pub(super) fn update(lambda: f64, variance: f64, log_return: f32) -> f64 {
    let r = f64::from(log_return);
    lambda * variance + (1.0 - lambda) * (r * r)
}
