//! Estimates the probability of an event from its number of occurrences.

use corridor_tables::label::{Method, Reason};

use crate::counts::Counts;
use crate::estimate::Estimate;
use crate::interval::wilson;
use crate::precision;

use super::ALPHA;

/// Estimates a probability from `occurrences` among `n` paths, with Wilson's interval, which is not
/// a point even without an occurrence. `se = sqrt(p (1 - p) / n)`.
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

/// Estimates the probability of a value below -1e-12. It is exact, because -1e-12 is an edge of the
/// grid of the counts.
#[must_use]
pub fn probability_below_zero(counts: &Counts) -> Estimate {
    probability(counts.below(0), counts.total())
}
