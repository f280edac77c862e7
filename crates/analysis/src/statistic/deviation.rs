//! Estimates a standard deviation.

use corridor_core::numerics::exp;
use corridor_tables::label::{Method, Reason};

use crate::estimate::Estimate;
use crate::interval::t_critical;
use crate::moments::Moments;
use crate::precision;

use super::ALPHA;

/// Estimates the standard deviation over paths, with divisor `n - 1`.
///
/// With the kurtosis `k`, its influence function `((x - mean)^2 - sd^2) / (2 sd)` gives `se = 0.5
/// sd sqrt((k - 1) / n)`. The interval is symmetric in the logarithm. The precision is that of the
/// mean of `(x - mean)^2`; its skewness is taken as that of a lognormal variable with the same
/// coefficient of variation `c = sqrt(k - 1)`, which is `c^3 + 3 c`.
#[must_use]
pub fn deviation(moments: &Moments) -> Estimate {
    let n = moments.n;
    let Some(variance) = moments.variance() else {
        let reason = if n == 0 { Reason::NoValues } else { Reason::OnePath };
        return Estimate::missing(n, Method::SumsInfluence, reason);
    };
    let value = variance.sqrt();
    let variation = (moments.kurtosis() - 1.0).max(0.0).sqrt();
    let relative = 0.5 * variation / (n as f64).sqrt();
    let factor = exp(t_critical(ALPHA, n - 1) * relative);
    let (precision, reason) =
        precision::of_mean(n, variation * variation * variation + 3.0 * variation, 0.0);
    Estimate {
        value: Some(value),
        std_error: Some(value * relative),
        ci_low: Some(value / factor),
        ci_high: Some(value * factor),
        n_paths: n,
        method: Method::SumsInfluence,
        precision,
        reason,
    }
    .finite()
}
