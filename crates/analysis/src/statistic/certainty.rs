//! Estimates the certainty equivalent of an investor with constant relative risk aversion, as a
//! growth rate or as a balance.

use corridor_core::numerics::{exp, ln, pow_int};
use corridor_tables::label::{Method, Reason};
use corridor_tables::metric::Worth;

use super::ALPHA;
use crate::counts::Counts;
use crate::estimate::Estimate;
use crate::facts::CellFacts;
use crate::interval::t_critical;
use crate::moments::Moments;
use crate::precision;

/// The certain outcome that an investor of constant relative risk aversion finds as good as a
/// random one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CertaintyEquivalent {
    /// Relative risk aversion; above 1.
    pub gamma: f64,
    /// Unit that it is expressed in.
    pub terms: Terms,
}

/// Unit of a certainty equivalent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Terms {
    /// A certain growth rate in basis points a year, from the unit value.
    Growth {
        /// Horizon in years.
        years: f64,
    },
    /// A certain balance, from balances in units of the initial one.
    Wealth {
        /// Initial balance, in currency.
        initial: f64,
    },
}

impl CertaintyEquivalent {
    /// Returns the certainty equivalent of a metric, given the facts of a cell.
    #[must_use]
    pub fn of(gamma: u8, worth: Worth, facts: &CellFacts) -> Self {
        let terms = match worth {
            Worth::Growth => Terms::Growth { years: facts.years },
            Worth::Wealth => Terms::Wealth { initial: facts.initial_balance },
        };
        Self { gamma: f64::from(gamma), terms }
    }

    /// Returns its value, given the mean of `x^(1-gamma)`.
    #[must_use]
    pub fn of_mean(self, mean: f64) -> f64 {
        match self.terms {
            Terms::Growth { .. } => self.per_log(mean) * ln(mean),
            Terms::Wealth { initial } => initial * exp(ln(mean) / (1.0 - self.gamma)),
        }
    }

    /// Returns the derivative of the value in the logarithm of the mean; negative.
    #[must_use]
    pub fn per_log(self, mean: f64) -> f64 {
        match self.terms {
            Terms::Growth { years } => 1e4 / ((1.0 - self.gamma) * years),
            Terms::Wealth { .. } => self.of_mean(mean) / (1.0 - self.gamma),
        }
    }

    /// Returns the value at one mean less that at another, without loss of digits where they are
    /// close.
    #[must_use]
    pub fn difference(self, mean_a: f64, mean_b: f64) -> f64 {
        match self.terms {
            Terms::Growth { .. } => self.per_log(mean_a) * ln(mean_a / mean_b),
            Terms::Wealth { .. } => self.of_mean(mean_a) - self.of_mean(mean_b),
        }
    }
}

/// Estimates the certainty equivalent from the moments of `u = x^(1 - gamma)`.
///
/// With the mean `m` of `u` it is `1e4 ln m / (years (1 - gamma))` basis points a year as growth,
/// and `initial m^p` with `p = 1 / (1 - gamma)` as wealth. Its influence function is `per_log (u /
/// m - 1)`. The precision is that of the mean of `u`; `counts` are those of log growth or of
/// wealth, and show the weight of the largest 1 % of `u` and its skewness beyond the sample. One
/// ruined path, which has no value, leaves no certainty equivalent.
#[must_use]
pub fn certainty_equivalent(
    kind: CertaintyEquivalent,
    moments: &Moments,
    counts: &Counts,
) -> Estimate {
    let (n, method) = (moments.n, Method::SumsInfluence);
    if moments.n_null > 0 {
        return Estimate::missing(n, method, Reason::Ruin);
    }
    let Some(mean) = moments.mean() else {
        return Estimate::missing(n, method, Reason::NoValues);
    };
    let value = kind.of_mean(mean);
    let Some(variance) = moments.variance() else {
        return Estimate::without_error(value, n, method, Reason::OnePath).finite();
    };
    let std_error = kind.per_log(mean).abs() * (variance / n as f64).sqrt() / mean;
    let half = t_critical(ALPHA, n - 1) * std_error;
    let tail = UtilityTail::of(kind, counts);
    let (precision, reason) = precision::worst([
        precision::of_mean(n, moments.skewness(), tail.top_share),
        precision::of_implied(n, tail.skewness),
    ]);
    Estimate {
        value: Some(value),
        std_error: Some(std_error),
        ci_low: Some(value - half),
        ci_high: Some(value + half),
        n_paths: n,
        method,
        precision,
        reason,
    }
    .finite()
}

/// The weight of the tail of `u = x^(1 - gamma)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UtilityTail {
    /// Share of the largest 1 % of `u` in its sum.
    pub top_share: f64,
    /// Skewness beyond the sample, by [`implied_skewness`].
    pub skewness: f64,
}

impl UtilityTail {
    /// Reads the tail off the counts of log growth or wealth.
    #[must_use]
    pub fn of(kind: CertaintyEquivalent, counts: &Counts) -> Self {
        Self { top_share: top_share(kind, counts), skewness: implied_skewness(kind, counts) }
    }
}

/// Share of the largest 1 % of `u` in its sum, from the counts of log growth or wealth.
fn top_share(kind: CertaintyEquivalent, counts: &Counts) -> f64 {
    let Some(&(lowest, _)) = counts.entries().first() else { return 0.0 };
    let power = 1.0 - kind.gamma;
    // Relative to the largest `u`, so that nothing overflows.
    let least = counts.grid().middle(lowest);
    match kind.terms {
        Terms::Growth { years } => counts.top_share(|growth| exp(power * years * (growth - least))),
        Terms::Wealth { .. } => counts.top_share(|wealth| exp(power * ln(wealth / least))),
    }
}

/// Standard deviation of the logarithm of `u` below which the implied skewness is set to 0: it
/// would be about three times as much, too little to matter.
const SPREAD_LEAST: f64 = 0.01;

/// Returns the skewness of `u = x^(1 - gamma)` that the first four cumulants of its logarithm
/// imply.
///
/// With the cumulants `c1` to `c4` of `(1 - gamma) ln x`, the moments are `E[u^j] = exp K_j`, where
/// `K_j = j c1 + j^2 c2 / 2 + j^3 c3 / 6 + j^4 c4 / 24`. The skewness of the sample is too small
/// where no path is in the tail, whereas these cumulants are known well from a few thousand paths.
/// The result is at least the skewness of the lognormal law of the same spread, infinite where the
/// series fails, and 0 without counts.
#[must_use]
pub fn implied_skewness(kind: CertaintyEquivalent, counts: &Counts) -> f64 {
    let power = 1.0 - kind.gamma;
    let logarithm = |bucket: i32| match kind.terms {
        Terms::Growth { years } => power * years * counts.grid().middle(bucket),
        Terms::Wealth { .. } => power * ln(counts.grid().middle(bucket)),
    };
    let points: Vec<(f64, f64)> =
        counts.entries().iter().map(|&(bucket, count)| (logarithm(bucket), count as f64)).collect();
    let total: f64 = points.iter().map(|(_, count)| count).sum();
    let mean = points.iter().map(|(x, count)| x * count).sum::<f64>() / total;
    let central = |power: u32| {
        points.iter().map(|(x, count)| pow_int(x - mean, power) * count).sum::<f64>() / total
    };
    let (c2, c3) = (central(2), central(3));
    let c4 = central(4) - 3.0 * c2 * c2;
    if points.is_empty() || c2 < SPREAD_LEAST * SPREAD_LEAST {
        return 0.0;
    }
    let [whole, lognormal] = [(c3, c4), (0.0, 0.0)]
        .map(|(c3, c4)| skewness_of_power(|j| j * j * (0.5 * c2 + j * (c3 / 6.0 + j * c4 / 24.0))));
    let skewness = whole.abs().max(lognormal);
    if whole.is_finite() { skewness } else { f64::INFINITY }
}

/// Skewness of `exp(y)` from the cumulant generating function of `y`; the mean of `y` does not
/// matter.
fn skewness_of_power(cumulants: impl Fn(f64) -> f64) -> f64 {
    let one = cumulants(1.0);
    // Moments over powers of the mean.
    let (second, third) = (exp(cumulants(2.0) - 2.0 * one), exp(cumulants(3.0) - 3.0 * one));
    let variance = second - 1.0;
    (third - 3.0 * second + 2.0) / (variance * variance.sqrt())
}

#[cfg(test)]
mod tests {
    use corridor_core::level::Level;
    use corridor_tables::label::Precision;
    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};
    use rand_distr::StandardNormal;

    use super::*;

    const GROWTH: CertaintyEquivalent =
        CertaintyEquivalent { gamma: 3.0, terms: Terms::Growth { years: 25.0 } };

    /// Ten thousand paths of a Gaussian growth rate over 25 years, so spread that `ln u` has this
    /// standard deviation.
    fn gaussian(seed: u64, sd: f64) -> Vec<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        (0..10_000).map(|_| 0.05 + 0.02 * sd * rng.sample::<f64, _>(StandardNormal)).collect()
    }

    /// The skewness of `u` is then that of the lognormal law.
    fn lognormal(sd: f64) -> f64 {
        let w = exp(sd * sd);
        (w + 2.0) * (w - 1.0).sqrt()
    }

    /// Seed 31.
    #[test]
    fn the_implied_skewness_is_that_of_the_whole_law() {
        let growth = gaussian(31, 1.0);
        let wealth: Vec<f64> = growth.iter().map(|g| exp(25.0 * g)).collect();
        let of_wealth = CertaintyEquivalent { terms: Terms::Wealth { initial: 1.0 }, ..GROWTH };
        for implied in [
            implied_skewness(GROWTH, &Counts::of(&growth)),
            implied_skewness(of_wealth, &Counts::of(&wealth)),
        ] {
            assert!(
                (implied / lognormal(1.0) - 1.0).abs() < 0.2,
                "{implied} is not about {}",
                lognormal(1.0)
            );
        }
    }

    /// Seeds from 0x1000. This skewness needs 27,000 paths, and many samples of 10,000 do not show
    /// it.
    #[test]
    fn a_tail_that_the_sample_missed_still_lowers_the_precision() {
        let paths = 10_000;
        assert!(precision::SKEW_INDICATIVE * lognormal(1.3) * lognormal(1.3) > 27_000.0);
        let (mut by_sample, mut by_both) = (0, 0);
        for seed in 0..100 {
            let growth = gaussian(0x1000 + seed, 1.3);
            let moments = Moments::of(
                &growth.iter().map(|g| exp(-50.0 * g)).collect::<Vec<f64>>(),
                Level::best(),
            );
            let counts = Counts::of(&growth);
            let of_sample =
                precision::of_mean(paths, moments.skewness(), top_share(GROWTH, &counts));
            by_sample += u32::from(of_sample.0 == Precision::Precise);
            by_both += u32::from(
                certainty_equivalent(GROWTH, &moments, &counts).precision == Precision::Precise,
            );
        }
        assert!(
            by_sample >= 30 && by_both <= 1,
            "precise by the sample {by_sample} times of 100, by both {by_both} times"
        );
    }

    #[test]
    fn no_skewness_is_implied_without_spread_and_infinite_skewness_where_the_series_fails() {
        assert_eq!(implied_skewness(GROWTH, &Counts::default()), 0.0);
        assert_eq!(implied_skewness(GROWTH, &Counts::of(&[0.05; 100])), 0.0);
        let far: Vec<f64> = (0..100).map(|k| f64::from(k) * 0.1).collect();
        assert_eq!(implied_skewness(GROWTH, &Counts::of(&far)), f64::INFINITY);
    }
}
