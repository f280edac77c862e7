//! Gives the verdict on a difference: better, worse, equivalent, or not resolved yet.
//!
//! The simultaneous interval is compared with the margin of practical equivalence. If it lies
//! wholly beyond the margin, the policy is better or worse; wholly within it, equivalent; otherwise
//! not resolved. With more paths the interval shrinks to a point, so one of the first three is
//! reached and stays. A verdict therefore needs a margin and never rests on a p-value: with enough
//! paths any difference is significant.

use corridor_tables::label::{Precision, Reason, Verdict};

/// A margin of practical equivalence and the direction of the metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margin {
    /// Margin in the metric's unit, not negative; `None` if none is declared.
    pub width: Option<f64>,
    /// Direction of the metric; `None` if neither direction is better.
    pub higher_is_better: Option<bool>,
}

/// A verdict, the number of paths it would take to reach one, or the reason why there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conclusion {
    /// Verdict; `None` without a margin, a direction or an interval.
    pub verdict: Option<Verdict>,
    /// Number of paths that would make the interval narrow enough if the estimated difference is
    /// the true one; `None` if it is narrow enough, or the estimate lies on the margin.
    pub n_paths_needed: Option<u64>,
    /// Reason for a missing verdict.
    pub reason: Option<Reason>,
}

/// A difference and the interval that its verdict rests on, in the metric's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// The estimated difference.
    pub diff: f64,
    /// Lower end of its simultaneous interval.
    pub low: f64,
    /// Upper end of its simultaneous interval.
    pub high: f64,
    /// Paths behind the difference.
    pub n_paths: u64,
    /// Whether the interval can be trusted; an insufficient one resolves nothing.
    pub precision: Precision,
}

/// Concludes from the interval of a difference and the margin of practical equivalence.
#[must_use]
pub fn conclude(evidence: Evidence, margin: Margin) -> Conclusion {
    let Evidence { diff, low, high, n_paths, precision } = evidence;
    let none = |reason| Conclusion { verdict: None, n_paths_needed: None, reason: Some(reason) };
    let Some(width) = margin.width else {
        return none(Reason::NoMargin);
    };
    let resolved =
        |verdict| Conclusion { verdict: Some(verdict), n_paths_needed: None, reason: None };
    if precision < Precision::Insufficient {
        if low >= -width && high <= width {
            return resolved(Verdict::Equivalent);
        }
        if low > width || high < -width {
            return match margin.higher_is_better {
                Some(higher) => {
                    resolved(if (low > width) == higher { Verdict::Better } else { Verdict::Worse })
                }
                None => none(Reason::NoDirection),
            };
        }
    }
    let half = 0.5 * (high - low);
    Conclusion {
        verdict: Some(Verdict::NotResolved),
        n_paths_needed: paths_needed(diff, half, width, n_paths),
        reason: None,
    }
}

/// Number of paths at which the half-width, which shrinks with the root of `n`, equals the distance
/// between the estimate and the margin.
fn paths_needed(diff: f64, half: f64, width: f64, n_paths: u64) -> Option<u64> {
    let ratio = half / (diff.abs() - width).abs();
    let needed = (n_paths as f64 * ratio * ratio).ceil();
    // From 2^53 on a float does not hold every whole number.
    let is_sensible = needed > n_paths as f64 && needed < 9_007_199_254_740_992.0;
    is_sensible.then_some(needed as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARGIN: Margin = Margin { width: Some(5.0), higher_is_better: Some(true) };

    fn check(interval: (f64, f64), margin: Margin, expected: Option<Verdict>) -> Conclusion {
        let (low, high) = interval;
        let diff = 0.5 * (low + high);
        let evidence = Evidence { diff, low, high, n_paths: 1000, precision: Precision::Precise };
        let conclusion = conclude(evidence, margin);
        assert_eq!(conclusion.verdict, expected, "{interval:?}");
        conclusion
    }

    #[test]
    fn the_interval_and_the_margin_decide() {
        check((5.1, 9.0), MARGIN, Some(Verdict::Better));
        check((-9.0, -5.1), MARGIN, Some(Verdict::Worse));
        check((-5.0, 5.0), MARGIN, Some(Verdict::Equivalent));
        // Significantly above zero, yet negligible.
        check((0.1, 0.3), MARGIN, Some(Verdict::Equivalent));
        // Significantly above zero, but perhaps negligible.
        check((1.0, 9.0), MARGIN, Some(Verdict::NotResolved));
        check((-20.0, 20.0), MARGIN, Some(Verdict::NotResolved));
    }

    #[test]
    fn less_is_better_where_the_metric_says_so() {
        let cost = Margin { higher_is_better: Some(false), ..MARGIN };
        check((5.1, 9.0), cost, Some(Verdict::Worse));
        check((-9.0, -5.1), cost, Some(Verdict::Better));
    }

    #[test]
    fn no_margin_and_no_direction_mean_no_verdict() {
        let conclusion = check((5.1, 9.0), Margin { width: None, ..MARGIN }, None);
        assert_eq!(conclusion.reason, Some(Reason::NoMargin));
        let neutral = Margin { higher_is_better: None, ..MARGIN };
        assert_eq!(check((5.1, 9.0), neutral, None).reason, Some(Reason::NoDirection));
        check((-1.0, 1.0), neutral, Some(Verdict::Equivalent));
    }

    #[test]
    fn an_error_that_cannot_be_trusted_resolves_nothing() {
        let evidence = Evidence {
            diff: 7.0,
            low: 6.0,
            high: 8.0,
            n_paths: 1000,
            precision: Precision::Insufficient,
        };
        let conclusion = conclude(evidence, MARGIN);
        assert_eq!(conclusion.verdict, Some(Verdict::NotResolved));
    }

    #[test]
    fn the_paths_needed_bring_the_end_of_the_interval_to_the_margin() {
        // The half-width must fall from 4 to 2, which takes four times the paths.
        assert_eq!(
            check((3.0, 11.0), MARGIN, Some(Verdict::NotResolved)).n_paths_needed,
            Some(4000)
        );
        assert_eq!(check((-1.0, 11.0), MARGIN, Some(Verdict::NotResolved)).n_paths_needed, None);
    }
}
