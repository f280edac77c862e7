//! Estimates a mean.

use corridor_tables::label::{Method, Reason};

use crate::counts::Counts;
use crate::estimate::Estimate;
use crate::interval::t_critical;
use crate::moments::Moments;
use crate::precision;

use super::ALPHA;

/// Estimates the mean over the paths that have a value, with Student's t interval: `se = sd /
/// sqrt(n)`. The weight of the tail is read from the counts.
#[must_use]
pub fn mean(moments: &Moments, counts: &Counts) -> Estimate {
    let n = moments.n;
    let Some(value) = moments.mean() else {
        return Estimate::missing(n, Method::SumsT, Reason::NoValues);
    };
    let Some(variance) = moments.variance() else {
        return Estimate::without_error(value, n, Method::SumsT, Reason::OnePath);
    };
    let std_error = (variance / n as f64).sqrt();
    let half = t_critical(ALPHA, n - 1) * std_error;
    let (precision, reason) = precision::of_mean(n, moments.skewness(), counts.top_share(|x| x));
    Estimate {
        value: Some(value),
        std_error: Some(std_error),
        ci_low: Some(value - half),
        ci_high: Some(value + half),
        n_paths: n,
        method: Method::SumsT,
        precision,
        reason,
    }
    .finite()
}
