//! Judges whether there are enough paths for an interval to be trusted.
//!
//! The t interval of a mean misses by about `0.085 |skew| / sqrt(n)` on each side (first Edgeworth
//! term at 1.96). At `n = 28 skew^2`, an extension of Cochran's rule, that is 1.6 points of each
//! 2.5 % tail; at four times as many paths 0.8. So:
//!
//! | | skew | share of the largest 1 % of paths in the sum | paths |
//! |---|---|---|---|
//! | insufficient | `n < 28 skew^2` | over 1/2 | under 30 |
//! | indicative | `n < 112 skew^2` | over 1/4 | under 100 |
//!
//! The share is there because a sample from a heavy tail shows too little of its own skew: without
//! a path in the tail it looks well-behaved, and its mean is wrong.
//!
//! More is known of certainty equivalents, because the logarithm behind them has hardly a tail. The
//! skewness that its cumulants imply ([`crate::statistic::implied_skewness`]) is compared with the
//! limit of `precise`: [`IMPLIED_OF_SIDE`] of it for a level, [`IMPLIED_OF_DIFFERENCE`] times as
//! much for a difference. These factors were measured on ten million paths of two markets, cut into
//! runs of 3,000 to 200,000 paths. Where the skewness of the sample alone decides, one run in four
//! to twenty is called precise too early, and the intervals of these runs cover the truth in half
//! to nine tenths of the cases.

use corridor_tables::label::{Precision, Reason};

/// Paths per squared skewness below which a mean is `insufficient`.
pub const SKEW_INSUFFICIENT: f64 = 28.0;
/// Paths per squared skewness below which a mean is `indicative`.
pub const SKEW_INDICATIVE: f64 = 112.0;
/// Share of the largest 1 % of values in a sum above which its mean is `insufficient`.
pub const SHARE_INSUFFICIENT: f64 = 0.5;
/// Share of the largest 1 % of values in a sum above which its mean is `indicative`.
pub const SHARE_INDICATIVE: f64 = 0.25;
/// Paths below which every statistic is `insufficient`.
pub const PATHS_INSUFFICIENT: u64 = 30;
/// Paths below which every statistic is `indicative`.
pub const PATHS_INDICATIVE: u64 = 100;
/// Occurrences of an event, or of its opposite, below which a probability or quantile is
/// `indicative`.
pub const OCCURRENCES_INDICATIVE: u64 = 10;

/// Share of paths without a value from which a mean is `indicative`.
pub const PARTIAL: f64 = 0.01;

/// Share of the skewness implied for a certainty equivalent that counts. Intervals cover as often
/// as they claim from half of it on.
pub const IMPLIED_OF_SIDE: f64 = 0.7;
/// Multiple of the implied skewness that counts for a difference of certainty equivalents: it was
/// up to six times as skewed as the policies.
pub const IMPLIED_OF_DIFFERENCE: f64 = 4.0;
/// Share of the implied skewness up to which a difference counts as less skewed than the policies:
/// they have their tail in common.
pub const TAIL_IN_COMMON: f64 = 0.5;

/// A precision and, unless it is `Precise`, its reason.
pub type Judgement = (Precision, Option<Reason>);

/// The judgement of what nothing speaks against.
pub const PRECISE: Judgement = (Precision::Precise, None);

/// Judges by the number of paths alone.
#[must_use]
pub const fn of_count(n: u64) -> Judgement {
    if n < PATHS_INSUFFICIENT {
        (Precision::Insufficient, Some(Reason::FewPaths))
    } else if n < PATHS_INDICATIVE {
        (Precision::Indicative, Some(Reason::FewPaths))
    } else {
        (Precision::Precise, None)
    }
}

/// Judges the mean of `n` values. `top_share` is the share of the largest 1 % of the values in
/// their sum.
#[must_use]
pub fn of_mean(n: u64, skewness: f64, top_share: f64) -> Judgement {
    let (paths, squared) = (n as f64, skewness * skewness);
    let by_skew = grade(
        paths < SKEW_INSUFFICIENT * squared || squared.is_nan(),
        paths < SKEW_INDICATIVE * squared,
        Reason::Skew,
    );
    worst([of_count(n), of_tail(top_share), by_skew])
}

/// Judges a certainty equivalent from `n` paths by the skewness implied for its utilities, whether
/// or not the sample has a path in their tail; an implied skewness of 0 says nothing.
#[must_use]
pub fn of_implied(n: u64, implied: f64) -> Judgement {
    of_skewness_that_counts(n, IMPLIED_OF_SIDE * implied)
}

/// Judges a difference of certainty equivalents, whose sample has this skewness, by the larger
/// skewness implied for the two policies.
#[must_use]
pub fn of_implied_difference(n: u64, skewness: f64, implied: f64) -> Judgement {
    let is_in_common = skewness.abs() <= TAIL_IN_COMMON * implied;
    of_skewness_that_counts(
        n,
        implied * if is_in_common { IMPLIED_OF_SIDE } else { IMPLIED_OF_DIFFERENCE },
    )
}

fn of_skewness_that_counts(n: u64, skewness: f64) -> Judgement {
    grade(
        false,
        (n as f64) < SKEW_INDICATIVE * skewness * skewness || skewness.is_nan(),
        Reason::Skew,
    )
}

/// Judges a sum by the share of the largest 1 % of its terms.
#[must_use]
pub fn of_tail(top_share: f64) -> Judgement {
    grade(
        top_share > SHARE_INSUFFICIENT || top_share.is_nan(),
        top_share > SHARE_INDICATIVE,
        Reason::HeavyTail,
    )
}

/// Judges a mean of `n` values by the number of paths without a value, which it leaves out.
#[must_use]
pub fn of_rest(n: u64, n_null: u64) -> Judgement {
    grade(false, n_null as f64 > PARTIAL * (n + n_null) as f64, Reason::Partial)
}

/// Judges a quantile that is interpolated within a bucket by whether that may be wrong by more than
/// its standard error.
#[must_use]
pub fn of_buckets(is_coarse: bool) -> Judgement {
    grade(false, is_coarse, Reason::Coarse)
}

/// Judges a statistic that paths close to ruin may move without bound, where paths are ruined: a
/// sample without such a path does not look skewed.
#[must_use]
pub fn of_ruin(is_exposed: bool) -> Judgement {
    grade(false, is_exposed, Reason::Skew)
}

/// Judges a probability by the number of occurrences among `n` paths.
#[must_use]
pub fn of_event(occurrences: u64, n: u64) -> Judgement {
    let rarer = occurrences.min(n - occurrences.min(n));
    worst([of_count(n), grade(false, rarer < OCCURRENCES_INDICATIVE, Reason::RareEvent)])
}

/// Returns the worst of several judgements, the first of equally bad ones.
#[must_use]
pub fn worst<const N: usize>(judgements: [Judgement; N]) -> Judgement {
    let mut worst = (Precision::Precise, None);
    for judgement in judgements {
        if judgement.0 > worst.0 {
            worst = judgement;
        }
    }
    worst
}

fn grade(insufficient: bool, indicative: bool, reason: Reason) -> Judgement {
    if insufficient {
        (Precision::Insufficient, Some(reason))
    } else if indicative {
        (Precision::Indicative, Some(reason))
    } else {
        (Precision::Precise, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_met_at_its_threshold() {
        let precise = (Precision::Precise, None);
        assert_eq!(of_mean(112, 1.0, 0.25), precise);
        assert_eq!(of_mean(111, 1.0, 0.0), (Precision::Indicative, Some(Reason::Skew)));
        assert_eq!(of_mean(1111, 6.5, 0.0), (Precision::Insufficient, Some(Reason::Skew)));
        assert_eq!(of_mean(1_000_000, 0.0, 0.26), (Precision::Indicative, Some(Reason::HeavyTail)));
        assert_eq!(
            of_mean(1_000_000, 0.0, 0.51),
            (Precision::Insufficient, Some(Reason::HeavyTail))
        );
        assert_eq!(of_mean(1_000_000, f64::NAN, 0.0).0, Precision::Insufficient);
        assert_eq!(of_mean(29, 0.0, 0.0), (Precision::Insufficient, Some(Reason::FewPaths)));
        assert_eq!(of_event(9, 1000), (Precision::Indicative, Some(Reason::RareEvent)));
        assert_eq!(of_event(991, 1000), (Precision::Indicative, Some(Reason::RareEvent)));
        assert_eq!(of_event(10, 1000), precise);
        let indicative = (Precision::Indicative, Some(Reason::Skew));
        assert_eq!((of_implied(55, 1.0), of_implied(54, 1.0)), (precise, indicative));
        assert_eq!(
            (of_implied(100, 0.0), of_implied(u64::MAX, f64::INFINITY)),
            (precise, indicative)
        );
        assert_eq!(
            (of_implied_difference(55, 0.5, 1.0), of_implied_difference(1791, 0.51, 1.0)),
            (precise, indicative)
        );
        assert_eq!(of_implied_difference(1792, -0.51, 1.0), precise);
    }
}
