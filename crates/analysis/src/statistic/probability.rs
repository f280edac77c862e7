//! Estimates the probability of an event from how often it was seen.

use crate::counts::Counts;
use crate::estimate::{Estimate, Method, Reason};
use crate::interval::wilson;
use crate::precision;

use super::ALPHA;

/// A probability, with Wilson's interval: it holds, and is not a point, where the event was never
/// seen.
#[must_use]
pub fn probability(occurrences: u64, n: u64) -> Estimate {
    if n == 0 {
        return Estimate::missing(n, Method::SumsWilson, Reason::NoValues);
    }
    let p = occurrences as f64 / n as f64;
    let (low, high) = wilson(occurrences, n, ALPHA);
    let (precision, reason) = precision::of_event(occurrences, n);
    Estimate {
        value: Some(p),
        std_error: Some((p * (1.0 - p) / n as f64).sqrt()),
        ci_low: Some(low),
        ci_high: Some(high),
        n_paths: n,
        method: Method::SumsWilson,
        precision,
        reason,
    }
}

/// The probability of a value below -1e-12: exact, because zero is an edge of the counts' grid.
#[must_use]
pub fn probability_below_zero(counts: &Counts) -> Estimate {
    probability(counts.below(0), counts.total())
}
