//! Estimates means and ratios from one number, or one fraction, of each path.

use corridor_tables::label::{Method, Reason};

use crate::estimate::Estimate;
use crate::interval::t_critical;
use crate::moments::skewness;
use crate::precision;
use crate::statistic::ALPHA;

/// A numerator and a denominator found on one path, or on one stretch of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fraction {
    /// Numerator, in any unit.
    pub numerator: f64,
    /// Denominator; not negative.
    pub denominator: f64,
}

impl Fraction {
    /// Returns the quotient; `None` if the denominator is 0.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        (self.denominator > 0.0).then(|| self.numerator / self.denominator)
    }
}

/// Estimates the mean of one number per path, with Student's t interval; the value is missing
/// without a path, the error from a single replicate.
///
/// `replicate_paths` consecutive paths make one independent replicate: 2 where paths come in
/// antithetic pairs, else 1. The standard error is `sd / sqrt(r)` over the means of `r` replicates.
#[must_use]
pub fn mean(replicate_paths: usize, values: impl IntoIterator<Item = f64>) -> Estimate {
    let values: Vec<f64> = values.into_iter().collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let deviations: Vec<f64> = values
        .chunks(replicate_paths.max(1))
        .map(|paths| paths.iter().sum::<f64>() / paths.len() as f64)
        .map(|x| x - mean)
        .collect();
    let (n, paths) = (deviations.len(), values.len() as u64);
    if n == 0 {
        return Estimate::missing(0, Method::SumsT, Reason::NoValues);
    }
    let squares: f64 = deviations.iter().map(|d| d * d).sum();
    if n == 1 {
        return Estimate::without_error(mean, paths, Method::SumsT, Reason::OnePath);
    }
    let std_error = (squares / (n - 1) as f64 / n as f64).sqrt();
    let cubes: f64 = deviations.iter().map(|d| d * d * d).sum();
    let judgement = precision::of_mean(n as u64, skewness(n as u64, squares, cubes), 0.0);
    with_interval(mean, std_error, Replicates { count: n as u64, paths }, judgement, Method::SumsT)
}

/// Estimates the ratio of two means over paths, the sum of the numerators over that of the
/// denominators; the value is missing where the denominators add up to 0.
///
/// The standard error is that of the linearisation `mean(x - R y) / mean(y)` (Cochran 1977, chapter
/// 6). Replicates are those of [`mean`].
#[must_use]
pub fn ratio(replicate_paths: usize, fractions: impl IntoIterator<Item = Fraction>) -> Estimate {
    let fractions: Vec<Fraction> = fractions.into_iter().collect();
    let n = fractions.len() as f64;
    let (over, under) = fractions
        .iter()
        .fold((0.0, 0.0), |(x, y), path| (x + path.numerator, y + path.denominator));
    let (paths, method) = (fractions.len() as u64, Method::SumsInfluence);
    if under <= 0.0 {
        return Estimate::missing(paths, method, Reason::NoValues);
    }
    let value = over / under;
    let replicates =
        Replicates { count: fractions.len().div_ceil(replicate_paths.max(1)) as u64, paths };
    let residuals = fractions.into_iter().map(|path| path.numerator - value * path.denominator);
    let spread = mean(replicate_paths, residuals);
    match spread.std_error {
        Some(error) => with_interval(
            value,
            error * n / under,
            replicates,
            (spread.precision, spread.reason),
            method,
        ),
        None => Estimate::without_error(value, paths, method, Reason::OnePath),
    }
}

/// Numbers behind an estimate.
#[derive(Clone, Copy)]
struct Replicates {
    /// Independent replicates; above 1.
    count: u64,
    paths: u64,
}

fn with_interval(
    value: f64,
    std_error: f64,
    replicates: Replicates,
    (precision, reason): precision::Judgement,
    method: Method,
) -> Estimate {
    let half = t_critical(ALPHA, replicates.count - 1) * std_error;
    Estimate {
        value: Some(value),
        std_error: Some(std_error),
        ci_low: Some(value - half),
        ci_high: Some(value + half),
        n_paths: replicates.paths,
        method,
        precision,
        reason,
    }
}

#[cfg(test)]
mod tests {
    use corridor_tables::label::Precision;

    use super::*;

    #[test]
    fn a_ratio_of_constant_denominators_is_a_mean() {
        let numbers = [1.0, 2.0, 4.0, 7.0];
        let plain = mean(1, numbers);
        let over = |denominator: f64| numbers.map(|numerator| Fraction { numerator, denominator });
        let over_two = ratio(1, over(2.0));
        assert_eq!((plain.value, over_two.value), (Some(3.5), Some(1.75)));
        assert!(
            (plain.std_error.expect("four") - 2.0 * over_two.std_error.expect("four")).abs()
                < 1e-15
        );
        assert!(
            (plain.ci_high.expect("four") - 2.0 * over_two.ci_high.expect("four")).abs() < 1e-14
        );
        let none = ratio(1, over(0.0));
        assert_eq!((none.value, none.reason), (None, Some(Reason::NoValues)));
        assert_eq!(mean(1, []).value, None);
        // Two paths that are alike are one replicate.
        let twice = mean(2, numbers.into_iter().flat_map(|x| [x, x]));
        assert_eq!(
            (twice.value, twice.std_error, twice.ci_low, twice.n_paths),
            (plain.value, plain.std_error, plain.ci_low, 8)
        );
        let one = mean(1, [3.0]);
        assert_eq!((one.value, one.std_error, one.ci_low), (Some(3.0), None, None));
    }

    #[test]
    fn few_paths_and_skewed_ones_are_not_called_precise() {
        assert_eq!(mean(1, [1.0, 2.0]).precision, Precision::Insufficient);
        let even = (0..200).map(|i| f64::from(i % 7));
        assert_eq!(mean(1, even.clone()).precision, Precision::Precise);
        assert_eq!(mean(1, even.chain([1e6])).reason, Some(Reason::Skew));
    }

    #[test]
    fn a_fraction_without_a_denominator_has_no_value() {
        assert_eq!(Fraction { numerator: 1.0, denominator: 4.0 }.value(), Some(0.25));
        assert_eq!(Fraction::default().value(), None);
    }
}
