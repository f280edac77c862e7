//! Compares whole distributions: whether one policy is better at every quantile (first-order
//! stochastic dominance) or for everybody who dislikes risk (second order).
//!
//! Both are read off the counts of two policies on the shared grid. A sample shows some violation
//! almost always, so the largest violation is reported with the bound that chance alone seldom
//! exceeds. The bound treats the two samples as independent; on common random numbers they are
//! closer, so the bound is conservative.

use crate::counts::Counts;
use crate::moments::Moments;

/// Quantile of Kolmogorov's law at 95 % (Smirnov 1948).
const SMIRNOV_95: f64 = 1.358;

/// Standard errors that the partial sums of a random walk exceed on one side with 2.5 %, so on
/// either side with 5 %. By the reflection principle `P(max W > c) = 2 P(Z > c)`.
const REFLECTION_95: f64 = 2.241;

/// A comparison of two distributions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dominance {
    /// Which distribution dominates, if any.
    pub verdict: DominanceVerdict,
    /// Largest violation of "the policy dominates the benchmark": a probability at first order, in
    /// the metric's unit at second order.
    pub violation: f64,
    /// Value of the metric at which the largest violation occurs.
    pub at: f64,
    /// Largest violation of "the benchmark dominates the policy".
    pub opposite: f64,
    /// Bound that a violation by chance alone does not exceed, with 95 %.
    pub bound: f64,
}

/// A verdict of dominance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DominanceVerdict {
    /// The policy dominates: only the opposite is violated beyond chance.
    Dominates,
    /// The benchmark dominates.
    Dominated,
    /// Each of the two is better somewhere, beyond chance.
    Neither,
    /// No violation is beyond chance.
    NotResolved,
}

impl DominanceVerdict {
    /// Returns the words in the column `verdict`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dominates => "dominates",
            Self::Dominated => "dominated",
            Self::Neither => "neither",
            Self::NotResolved => "not resolved",
        }
    }
}

/// The distribution of a metric under one policy.
#[derive(Clone, Copy, Debug)]
pub struct Distribution<'a> {
    /// Counts of its values.
    pub counts: &'a Counts,
    /// Sums of its values.
    pub moments: &'a Moments,
}

/// Tests first-order dominance: the policy's distribution function lies nowhere above the
/// benchmark's, or nowhere below it if less of the metric is better. `None` without values. The
/// bound is that of Smirnov's two-sample test, `1.358 sqrt(1 / n + 1 / m)`.
#[must_use]
pub fn first_order(
    policy: Distribution<'_>,
    benchmark: Distribution<'_>,
    higher_is_better: bool,
) -> Option<Dominance> {
    let (n, m) = (policy.counts.total() as f64, benchmark.counts.total() as f64);
    if n == 0.0 || m == 0.0 {
        return None;
    }
    let sign = if higher_is_better { 1.0 } else { -1.0 };
    let mut worst = Worst::default();
    for (place, at_policy, at_benchmark) in cumulated(policy.counts, benchmark.counts) {
        worst.see(sign * (at_policy / n - at_benchmark / m), policy.counts.grid().high_edge(place));
    }
    Some(worst.judge(SMIRNOV_95 * (1.0 / n + 1.0 / m).sqrt()))
}

/// Tests second-order dominance: the integral of the policy's distribution function up to any value
/// lies nowhere above that of the benchmark. If less of the metric is better, both distributions
/// are mirrored. Values are taken at the middle of their bucket. `None` below two values. The bound
/// is 2.241 standard errors of the difference of the means.
#[must_use]
pub fn second_order(
    policy: Distribution<'_>,
    benchmark: Distribution<'_>,
    higher_is_better: bool,
) -> Option<Dominance> {
    let (n, m) = (policy.counts.total() as f64, benchmark.counts.total() as f64);
    let error = (policy.moments.variance()? / n + benchmark.moments.variance()? / m).sqrt();
    let mut steps: Vec<(f64, f64, f64)> = Vec::new();
    let (mut before_policy, mut before_benchmark) = (0.0, 0.0);
    for (place, at_policy, at_benchmark) in cumulated(policy.counts, benchmark.counts) {
        let middle = policy.counts.grid().middle(place);
        let value = if higher_is_better { middle } else { -middle };
        steps.push((value, (at_policy - before_policy) / n, (at_benchmark - before_benchmark) / m));
        (before_policy, before_benchmark) = (at_policy, at_benchmark);
    }
    steps.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut worst = Worst::default();
    let (mut slope, mut area, mut last) = (0.0, 0.0, steps.first()?.0);
    for (value, of_policy, of_benchmark) in steps {
        area += slope * (value - last);
        slope += of_policy - of_benchmark;
        last = value;
        worst.see(area, if higher_is_better { value } else { -value });
    }
    Some(worst.judge(REFLECTION_95 * error))
}

/// The largest violations of either direction so far.
#[derive(Clone, Copy, Debug, Default)]
struct Worst {
    above: f64,
    at: f64,
    below: f64,
}

impl Worst {
    fn see(&mut self, excess: f64, at: f64) {
        if excess > self.above {
            (self.above, self.at) = (excess, at);
        }
        self.below = self.below.max(-excess);
    }

    fn judge(self, bound: f64) -> Dominance {
        let verdict = match (self.above > bound, self.below > bound) {
            (false, true) => DominanceVerdict::Dominates,
            (true, false) => DominanceVerdict::Dominated,
            (true, true) => DominanceVerdict::Neither,
            (false, false) => DominanceVerdict::NotResolved,
        };
        Dominance { verdict, violation: self.above, at: self.at, opposite: self.below, bound }
    }
}

/// Lists the buckets of two samples, in order, with the number of values of each up to the bucket.
fn cumulated(a: &Counts, b: &Counts) -> impl Iterator<Item = (i32, f64, f64)> {
    let mut buckets: Vec<(i32, u64, u64)> =
        a.entries().iter().map(|&(place, count)| (place, count, 0)).collect();
    buckets.extend(b.entries().iter().map(|&(place, count)| (place, 0, count)));
    buckets.sort_unstable();
    let (mut of_a, mut of_b) = (0_u64, 0_u64);
    let sums: Vec<(i32, f64, f64)> = buckets
        .chunk_by(|x, y| x.0 == y.0)
        .map(|same| {
            for &(_, count_a, count_b) in same {
                of_a += count_a;
                of_b += count_b;
            }
            (same[0].0, of_a as f64, of_b as f64)
        })
        .collect();
    sums.into_iter()
}

#[cfg(test)]
mod tests {
    use corridor_core::level::Level;

    use super::*;

    fn both(a: &[f64], b: &[f64], higher: bool) -> (Dominance, Dominance) {
        let counts = [Counts::of(a), Counts::of(b)];
        let moments = [a, b].map(|values| Moments::of(values, Level::best()));
        let [a, b] = [0, 1].map(|k| Distribution { counts: &counts[k], moments: &moments[k] });
        let found = (first_order(a, b, higher), second_order(a, b, higher));
        (found.0.expect("values"), found.1.expect("values"))
    }

    fn spread(centre: f64, width: f64) -> Vec<f64> {
        (0..10_000).map(|i| centre + width * (f64::from(i) / 10_000.0 - 0.5)).collect()
    }

    #[test]
    fn a_shift_dominates_in_both_orders_and_direction_turns_it() {
        let (a, b) = (spread(5.0, 2.0), spread(4.5, 2.0));
        let (first, second) = both(&a, &b, true);
        assert_eq!(
            (first.verdict, second.verdict),
            (DominanceVerdict::Dominates, DominanceVerdict::Dominates)
        );
        assert!((first.opposite - 0.25).abs() < 0.02 && first.violation == 0.0, "{first:?}");
        assert!((second.opposite - 0.5).abs() < 0.01, "{second:?}");
        let (first, second) = both(&a, &b, false);
        assert_eq!(
            (first.verdict, second.verdict),
            (DominanceVerdict::Dominated, DominanceVerdict::Dominated)
        );
    }

    #[test]
    fn less_spread_about_one_mean_dominates_in_the_second_order_only() {
        let (first, second) = both(&spread(5.0, 1.0), &spread(5.0, 3.0), true);
        assert_eq!(
            (first.verdict, second.verdict),
            (DominanceVerdict::Neither, DominanceVerdict::Dominates)
        );
        let (_, mirrored) = both(&spread(5.0, 1.0), &spread(5.0, 3.0), false);
        assert_eq!(mirrored.verdict, DominanceVerdict::Dominates);
    }

    #[test]
    fn equal_distributions_are_not_resolved() {
        let (first, second) = both(&spread(5.0, 1.0), &spread(5.0, 1.0), true);
        assert_eq!(
            (first.verdict, second.verdict),
            (DominanceVerdict::NotResolved, DominanceVerdict::NotResolved)
        );
        assert_eq!((first.violation, second.violation), (0.0, 0.0));
    }
}
