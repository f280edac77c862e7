//! Estimates the difference of two policies from the sums over their pairs of paths.
//!
//! Two separate estimates do not give a difference: its error depends on how the two policies move
//! together, and on common random numbers it is far smaller than that of independent samples.

use corridor_tables::label::{Method, Precision, Reason};
use corridor_tables::metric::{Metric, Source};

use super::influence::Influence;
use crate::counts::Counts;
use crate::estimate::Estimate;
use crate::facts::CellFacts;
use crate::interval::{normal_critical, sign_test_p_value, t_critical, t_p_value};
use crate::moments::{Moments, ROUNDING};
use crate::paired::PairMoments;
use crate::precision::{self, Judgement};
use crate::statistic::{ALPHA, CertaintyEquivalent};

/// One policy of a comparison, whose error comes from pairs of paths.
#[derive(Clone, Copy, Debug)]
pub struct Arm<'a> {
    /// Sums of the metric.
    pub moments: &'a Moments,
    /// Counts from which the weight of its tail is read: the metric's own, or those of log growth
    /// or wealth for a certainty equivalent.
    pub counts: &'a Counts,
    /// The statistic under this policy, as in `fact_summary`.
    pub estimate: &'a Estimate,
}

/// One policy of a comparison, whose error comes from sections.
#[derive(Clone, Copy, Debug)]
pub struct SectionArm<'a> {
    /// The statistic under this policy, as in `fact_summary`.
    pub estimate: &'a Estimate,
    /// Contributions of the sections to its error; `None` where they are not known.
    pub influence: Option<&'a Influence>,
    /// Error that interpolation within a bucket may have, in the metric's unit.
    pub blur: f64,
}

/// The difference policy - baseline of one statistic, from paths that were simulated under both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedDifference {
    /// The difference with its pointwise 95 % interval, in the metric's unit.
    pub estimate: Estimate,
    /// The statistic under the policy.
    pub policy_value: Option<f64>,
    /// The statistic under the baseline.
    pub baseline_value: Option<f64>,
    /// Two-sided p-value of the hypothesis that policy and baseline are equal.
    pub p_value: Option<f64>,
    /// Share of paths on which the policy is better, ties counting half; `None` for a metric
    /// without a direction.
    pub share_better: Option<f64>,
    /// Correlation of policy and baseline over paths; `None` if one of them does not vary.
    pub correlation: Option<f64>,
    /// Whether policy and baseline are equal on every path.
    pub is_identical: bool,
    /// Number of paths from which the rule on skewness is met; `None` if it is met.
    pub n_paths_for_skew: Option<u64>,
    /// Skewness of the contributions of single paths.
    skewness: f64,
    spread: Spread,
}

/// Centre, error and law of an interval of any confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spread {
    centre: f64,
    std_error: f64,
    law: Law,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Law {
    StudentT { degrees: u64 },
    Normal,
}

/// Two policies and the sums over their pairs of paths.
#[derive(Clone, Copy)]
struct Pairing<'a> {
    pair: &'a PairMoments,
    policy: Arm<'a>,
    baseline: Arm<'a>,
}

/// A difference with its error, as the kind of metric determines it.
struct Found {
    value: f64,
    spread: Spread,
    method: Method,
    judgement: Judgement,
}

impl PairedDifference {
    /// Estimates the difference of means, probabilities or certainty equivalents, whichever the
    /// metric is about.
    ///
    /// With `d_i` the difference on path `i` of `n`: means have `se = sd(d) / sqrt(n)` and
    /// Student's t law; probabilities the adjusted Wald interval of Bonett and Price (2012);
    /// certainty equivalents the paired influence function `c_A u_A - c_B u_B` with `c = per_log /
    /// mean(u)`.
    #[must_use]
    pub fn of(
        metric: &Metric,
        facts: &CellFacts,
        pair: &PairMoments,
        policy: Arm<'_>,
        baseline: Arm<'_>,
    ) -> Self {
        let magnitude = policy.moments.magnitude().max(baseline.moments.magnitude());
        let pair = &pair.without_rounding(magnitude);
        let pairing = Pairing { pair, policy, baseline };
        let difference = match metric.source {
            Source::Column(_) | Source::Derived(_) | Source::Followed(_) => of_means(pairing),
            Source::Event(_) => of_probabilities(pairing),
            Source::CertaintyEquivalent { gamma, worth } => {
                of_certainty_equivalents(CertaintyEquivalent::of(gamma, worth, facts), pairing)
            }
        };
        Self { share_better: share_better(metric, pair), ..difference }
    }

    /// Estimates the difference of any statistic, with the error from the sections' contributions
    /// to policy and baseline; without these it has no error. Student's t law with one degree of
    /// freedom less than there are sections.
    #[must_use]
    pub fn of_sections(policy: SectionArm<'_>, baseline: SectionArm<'_>) -> Self {
        let (a, b) = (policy.estimate, baseline.estimate);
        let (n, method) = (a.n_paths.min(b.n_paths), Method::PairedSections);
        let values = Self {
            policy_value: a.value,
            baseline_value: b.value,
            ..Self::without_pairs(Estimate::missing(n, method, Reason::NoValues))
        };
        let Some(value) = a.value.zip(b.value).map(|(a, b)| a - b) else {
            let reason =
                a.reason.filter(|_| a.value.is_none()).or(b.reason).unwrap_or(Reason::NoValues);
            return Self { estimate: Estimate::missing(n, method, reason), ..values };
        };
        let influences = policy.influence.zip(baseline.influence);
        let known = influences
            .and_then(|(a, b)| a.minus(b))
            .and_then(|influence| Some((influence.std_error()?, influence)));
        let Some((std_error, influence)) = known else {
            return Self { estimate: of_jumps(value, n, a, b), ..values };
        };
        // Two policies that are equal but for rounding are equal.
        let least = ROUNDING * a.value.unwrap_or(0.0).abs().max(b.value.unwrap_or(0.0).abs());
        let std_error = if std_error > least { std_error } else { 0.0 };
        let value = if value.abs() > least || std_error > 0.0 { value } else { 0.0 };
        let blur = policy.blur.max(baseline.blur);
        let coarse = precision::of_buckets(blur > std_error && std_error > 0.0);
        let std_error = if std_error > 0.0 {
            let squares = std_error * std_error;
            (squares + policy.blur * policy.blur + baseline.blur * baseline.blur).sqrt()
        } else {
            0.0
        };
        let sections = influence.len() as u64;
        let spread =
            Spread { centre: value, std_error, law: Law::StudentT { degrees: sections - 1 } };
        let is_identical = std_error == 0.0 && value == 0.0;
        let of_sections = precision::of_mean(sections, influence.skewness(), 0.0);
        let judgement = precision::worst([
            (a.precision, a.reason),
            (b.precision, b.reason),
            of_sections,
            coarse,
        ]);
        let (precision, reason) = if is_identical { precision::of_count(n) } else { judgement };
        let (low, high) = spread.interval(ALPHA);
        let estimate = Estimate {
            value: Some(value),
            std_error: Some(std_error),
            ci_low: Some(low),
            ci_high: Some(high),
            n_paths: n,
            method,
            precision,
            reason,
        };
        Self {
            estimate: estimate.finite(),
            p_value: Some(spread.p_value(value)),
            correlation: influences.and_then(|(a, b)| a.correlation(b)),
            is_identical,
            // A section averages its paths, so its skewness is smaller by the root of their number.
            skewness: influence.skewness() * (n as f64 / sections as f64).sqrt(),
            spread,
            ..values
        }
    }

    /// Returns the difference of a statistic under two policies with the same value on every path.
    #[must_use]
    pub fn of_equals(policy: &Estimate, baseline: &Estimate) -> Self {
        let n = policy.n_paths.min(baseline.n_paths);
        Self {
            policy_value: policy.value,
            baseline_value: baseline.value,
            p_value: Some(1.0),
            is_identical: true,
            ..Self::without_pairs(Estimate::certain(0.0, n, Method::PairedSections))
        }
    }

    /// Judges the precision again for certainty equivalents: `implied` is the larger skewness of
    /// utility of policy and baseline ([`crate::statistic::implied_skewness`]).
    #[must_use]
    pub fn with_tail(self, implied: f64) -> Self {
        if self.is_identical || self.estimate.std_error.is_none() {
            return self;
        }
        let of_sample = (self.estimate.precision, self.estimate.reason);
        let of_tail =
            precision::of_implied_difference(self.estimate.n_paths, self.skewness, implied);
        let (precision, reason) = precision::worst([of_sample, of_tail]);
        Self { estimate: Estimate { precision, reason, ..self.estimate }, ..self }
    }

    /// Bounds the error of a difference of probabilities from below: by the error that one
    /// discordant path each way would leave. `discordant` is the number of paths on which policy
    /// and baseline differ, if known; a few only make the difference indicative.
    #[must_use]
    pub fn of_shares(self, discordant: Option<u64>, replicate_paths: usize) -> Self {
        let Some(error) = self.estimate.std_error else { return self };
        let least = (2.0 * replicate_paths as f64).sqrt() / (self.estimate.n_paths as f64 + 2.0);
        let is_rare = error < least
            || discordant.is_some_and(|paths| paths < precision::OCCURRENCES_INDICATIVE);
        let std_error = error.max(least);
        let spread = Spread { std_error, ..self.spread };
        let (low, high) = spread.interval(ALPHA);
        let judgement = (self.estimate.precision, self.estimate.reason);
        let rare = if is_rare {
            (Precision::Indicative, Some(Reason::RareEvent))
        } else {
            (Precision::Precise, None)
        };
        let (precision, reason) = precision::worst([judgement, rare]);
        let estimate = Estimate {
            std_error: Some(std_error),
            ci_low: Some(low),
            ci_high: Some(high),
            precision,
            reason,
            ..self.estimate
        };
        Self {
            estimate,
            p_value: self.estimate.value.map(|value| spread.p_value(value)),
            spread,
            ..self
        }
    }

    /// Returns the difference with the worse of its own precision and a further judgement; one
    /// without a standard error, or between policies that are equal on every path, stays.
    #[must_use]
    pub fn judged(self, judgement: Judgement) -> Self {
        if self.is_identical || self.estimate.std_error.is_none() {
            return self;
        }
        Self { estimate: self.estimate.judged([judgement]), ..self }
    }

    /// Sets the method of the estimate.
    #[must_use]
    pub fn by(self, method: Method) -> Self {
        Self { estimate: Estimate { method, ..self.estimate }, ..self }
    }

    /// Adds the numbers that need single pairs of paths: share of paths on which the policy is
    /// better, and correlation.
    #[must_use]
    pub fn with_pairs(
        self,
        metric: &Metric,
        pair: &PairMoments,
        policy: &Moments,
        baseline: &Moments,
    ) -> Self {
        let pair = &pair.without_rounding(policy.magnitude().max(baseline.magnitude()));
        Self {
            share_better: share_better(metric, pair),
            correlation: correlation(pair, policy, baseline),
            ..self
        }
    }

    /// A difference without any number that needs pairs.
    fn without_pairs(estimate: Estimate) -> Self {
        Self {
            estimate,
            policy_value: None,
            baseline_value: None,
            p_value: None,
            share_better: None,
            correlation: None,
            is_identical: false,
            n_paths_for_skew: None,
            skewness: 0.0,
            spread: Spread { centre: 0.0, std_error: 0.0, law: Law::Normal },
        }
    }

    /// Returns the interval that misses the difference with probability `alpha`; `None` without a
    /// standard error.
    #[must_use]
    pub fn interval(&self, alpha: f64) -> Option<(f64, f64)> {
        self.estimate.std_error?;
        Some(self.spread.interval(alpha))
    }

    fn missing(pairing: Pairing<'_>, method: Method, reason: Reason) -> Self {
        let missing = Self::without_pairs(Estimate::missing(pairing.pair.n, method, reason));
        Self {
            policy_value: pairing.policy.estimate.value,
            baseline_value: pairing.baseline.estimate.value,
            ..missing
        }
    }

    fn known(pairing: Pairing<'_>, found: Found) -> Self {
        let Pairing { pair, policy, baseline } = pairing;
        let Found { value, spread, method, judgement } = found;
        let is_identical = pair.a_above_b == 0 && pair.b_above_a == 0;
        // Where policy and baseline never differ, the spread of their own values does not matter.
        let is_certain = is_identical && spread.std_error == 0.0;
        let (precision, reason) = if is_certain { precision::of_count(pair.n) } else { judgement };
        let (low, high) = spread.interval(ALPHA);
        let estimate = Estimate {
            value: Some(value),
            std_error: Some(spread.std_error),
            ci_low: Some(low),
            ci_high: Some(high),
            n_paths: pair.n,
            method,
            precision,
            reason,
        };
        Self {
            estimate: estimate.finite(),
            policy_value: policy.estimate.value,
            baseline_value: baseline.estimate.value,
            p_value: Some(spread.p_value(value)),
            share_better: None,
            correlation: correlation(pair, policy.moments, baseline.moments),
            is_identical,
            n_paths_for_skew: (reason == Some(Reason::Skew)).then(|| paths_for_skew(pair)),
            skewness: pair.skewness(),
            spread,
        }
    }
}

impl Spread {
    fn interval(&self, alpha: f64) -> (f64, f64) {
        let critical = match self.law {
            Law::StudentT { degrees } => t_critical(alpha, degrees),
            Law::Normal => normal_critical(alpha),
        };
        let half = critical * self.std_error;
        (self.centre - half, self.centre + half)
    }

    /// Without any spread a difference is certain: its p-value is 0 or 1.
    fn p_value(&self, value: f64) -> f64 {
        match self.law {
            Law::StudentT { degrees } if self.std_error > 0.0 => {
                t_p_value(value / self.std_error, degrees)
            }
            Law::StudentT { .. } | Law::Normal => f64::from(u8::from(value == 0.0)),
        }
    }
}

/// Difference of two statistics if one of them moves in jumps: it has no standard error, and its
/// interval reaches from the lower end of one to the upper end of the other.
///
/// Where both are normal its half-width is `z (sd_a + sd_b)`, at least that of the difference. Where
/// both stand on a lattice each misses on one side only, so that the two miss in 5 % together.
fn of_jumps(value: f64, n: u64, a: &Estimate, b: &Estimate) -> Estimate {
    let method = Method::PairedSections;
    let minus = |a: Option<f64>, b: Option<f64>| a.zip(b).map(|(a, b)| a - b);
    let (ci_low, ci_high) = (minus(a.ci_low, b.ci_high), minus(a.ci_high, b.ci_low));
    if ci_low.is_none() || ci_high.is_none() {
        return Estimate::without_error(value, n, method, Reason::Discrete);
    }
    let (precision, reason) = precision::worst([
        (Precision::Indicative, Some(Reason::Discrete)),
        (a.precision, a.reason),
        (b.precision, b.reason),
    ]);
    let value = Some(value);
    Estimate { value, std_error: None, ci_low, ci_high, n_paths: n, method, precision, reason }
        .finite()
}

fn of_means(pairing: Pairing<'_>) -> PairedDifference {
    let Pairing { pair, policy, baseline } = pairing;
    let method = Method::PairedT;
    let (Some(value), Some(variance)) = (pair.mean(), pair.variance()) else {
        return PairedDifference::missing(pairing, method, too_few(pair.n));
    };
    let std_error = (variance / pair.n as f64).sqrt();
    let spread = Spread { centre: value, std_error, law: Law::StudentT { degrees: pair.n - 1 } };
    let top_share = policy.counts.top_share(|x| x).max(baseline.counts.top_share(|x| x));
    let left_out = policy.moments.n_null.max(baseline.moments.n_null);
    let judgement = precision::worst([
        precision::of_mean(pair.n, pair.skewness(), top_share),
        precision::of_rest(pair.n, left_out),
    ]);
    PairedDifference::known(pairing, Found { value, spread, method, judgement })
}

/// Difference of paired probabilities, from the paths on which the event happens under one policy
/// only. The interval is the adjusted Wald interval of Bonett and Price (2012): one path is added
/// to each of the two counts, so that it is not a point where the policies never differ.
fn of_probabilities(pairing: Pairing<'_>) -> PairedDifference {
    let pair = pairing.pair;
    let (n, method) = (pair.n, Method::PairedBonettPrice);
    if n == 0 {
        return PairedDifference::missing(pairing, method, Reason::NoValues);
    }
    let (above, below, count) = (pair.a_above_b as f64, pair.b_above_a as f64, n as f64);
    let (p, q) = ((above + 1.0) / (count + 2.0), (below + 1.0) / (count + 2.0));
    let centre = p - q;
    let std_error = ((p + q - centre * centre) / (count + 2.0)).sqrt();
    let spread = Spread { centre, std_error, law: Law::Normal };
    let discordant = pair.a_above_b + pair.b_above_a;
    let rare = if discordant < precision::OCCURRENCES_INDICATIVE {
        (Precision::Indicative, Some(Reason::RareEvent))
    } else {
        (Precision::Precise, None)
    };
    let judgement = precision::worst([precision::of_count(n), rare]);
    let value = (above - below) / count;
    let known = PairedDifference::known(pairing, Found { value, spread, method, judgement });
    PairedDifference { p_value: Some(sign_test_p_value(pair.a_above_b, discordant)), ..known }
}

/// Difference of certainty equivalents, with the influence function `c_A u_A - c_B u_B`, where `c =
/// per_log / mean(u)`.
fn of_certainty_equivalents(kind: CertaintyEquivalent, pairing: Pairing<'_>) -> PairedDifference {
    let Pairing { pair, policy, baseline } = pairing;
    let (n, method) = (pair.n, Method::PairedInfluence);
    let (a, b) = (policy.moments, baseline.moments);
    if a.n_null > 0 || b.n_null > 0 {
        return PairedDifference::missing(pairing, method, Reason::Ruin);
    }
    let (Some(mean_a), Some(mean_b)) = (a.mean(), b.mean()) else {
        return PairedDifference::missing(pairing, method, Reason::NoValues);
    };
    if n < 2 {
        return PairedDifference::missing(pairing, method, too_few(n));
    }
    // Sum of squares of the influence, arranged so that nothing cancels where the two are nearly
    // equal: with u_A - u_B = d and r^2 = per_log_A / per_log_B, which is 1 for growth rates, it is
    // per_log_A per_log_B times S_d / (m_A m_B) + (r m_B - m_A / r) (r S_A / m_A - S_B / (r m_B)) /
    // (m_A m_B).
    let (slope_a, slope_b) = (kind.per_log(mean_a), kind.per_log(mean_b));
    let r = (slope_a / slope_b).sqrt();
    let skewed = (r * mean_b - mean_a / r) * (r * (a.squares / mean_a) - b.squares / mean_b / r);
    let squares = ((pair.squares + skewed) / (mean_a * mean_b)).max(0.0);
    let count = n as f64;
    // Where the two are equal but for rounding, so are their means.
    let is_one = pair.sum == 0.0 && pair.squares == 0.0;
    let [value, std_error] = if is_one {
        [0.0, 0.0]
    } else {
        let error = (slope_a * slope_b).sqrt() * (squares / (count - 1.0) / count).sqrt();
        [kind.difference(mean_a, mean_b), error]
    };
    let spread = Spread { centre: value, std_error, law: Law::StudentT { degrees: n - 1 } };
    let judgement = precision::worst([
        tail_of(policy.estimate),
        tail_of(baseline.estimate),
        precision::of_mean(n, pair.skewness(), 0.0),
    ]);
    PairedDifference::known(pairing, Found { value, spread, method, judgement })
}

/// Judges one policy by the weight of its tail only: the skewness that matters is that of the
/// difference.
fn tail_of(estimate: &Estimate) -> Judgement {
    if estimate.reason == Some(Reason::HeavyTail) {
        (estimate.precision, estimate.reason)
    } else {
        (Precision::Precise, None)
    }
}

fn too_few(n: u64) -> Reason {
    if n == 0 { Reason::NoValues } else { Reason::OnePath }
}

fn paths_for_skew(pair: &PairMoments) -> u64 {
    let skewness = pair.skewness();
    (precision::SKEW_INSUFFICIENT * skewness * skewness).ceil() as u64
}

/// Correlation from the three sums of squares: `2 cov = var(a) + var(b) - var(a - b)`.
fn correlation(pair: &PairMoments, a: &Moments, b: &Moments) -> Option<f64> {
    let scale = (a.squares * b.squares).sqrt();
    let is_whole = a.n == pair.n && b.n == pair.n && scale > 0.0 && scale.is_finite();
    is_whole.then(|| (0.5 * (a.squares + b.squares - pair.squares) / scale).clamp(-1.0, 1.0))
}

fn share_better(metric: &Metric, pair: &PairMoments) -> Option<f64> {
    let higher = metric.higher_is_better? != metric.source.is_reversed();
    let better = if higher { pair.a_above_b } else { pair.b_above_a };
    let ties = pair.n - pair.a_above_b - pair.b_above_a;
    (pair.n > 0).then(|| (better as f64 + 0.5 * ties as f64) / pair.n as f64)
}
