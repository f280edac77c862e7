//! Computes critical values, p-values and intervals from the normal, t and binomial laws.
//!
//! The library statrs calls the platform's libm, whose last bits differ between machines. Its
//! results are rounded to 36 bits of mantissa (11 digits) before they are used, so that intervals
//! have the same bits everywhere.

use corridor_core::numerics::ln;
use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Normal, StudentsT};
use statrs::function::erf;

/// Degrees of freedom from which expansions about the normal law replace Student's t law; their
/// error is below 1e-9.
const NORMAL_FROM: u64 = 200;

/// Paths from which binomial quantiles come from their Cornish-Fisher expansion; its error is below
/// one rank.
const EXPANSION_FROM: u64 = 1000;

/// Returns the two-sided critical value `c` of Student's t law: `P(|T| > c) = alpha`.
#[must_use]
pub fn t_critical(alpha: f64, degrees: u64) -> f64 {
    if degrees < NORMAL_FROM {
        let law = StudentsT::new(0.0, 1.0, degrees.max(1) as f64);
        return settled(law.map_or(f64::NAN, |law| law.inverse_cdf(1.0 - alpha / 2.0)));
    }
    let (z, v) = (normal_critical(alpha), degrees as f64);
    let square = z * z;
    // Abramowitz and Stegun (1964), 26.7.5.
    let g1 = (square + 1.0) * z / 4.0;
    let g2 = ((5.0 * square + 16.0) * square + 3.0) * z / 96.0;
    let g3 = (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) * z / 384.0;
    z + (g1 + (g2 + g3 / v) / v) / v
}

/// Returns the two-sided critical value `c` of the normal law: `P(|Z| > c) = alpha`.
#[must_use]
pub fn normal_critical(alpha: f64) -> f64 {
    settled(Normal::standard().inverse_cdf(1.0 - alpha / 2.0))
}

/// Returns the two-sided p-value of a t statistic.
#[must_use]
pub fn t_p_value(statistic: f64, degrees: u64) -> f64 {
    let t = statistic.abs();
    if degrees < NORMAL_FROM {
        let law = StudentsT::new(0.0, 1.0, degrees.max(1) as f64);
        return settled(law.map_or(f64::NAN, |law| (2.0 * law.cdf(-t)).min(1.0)));
    }
    let v = degrees as f64;
    // Wallace (1959): the t statistic on the scale of the normal law.
    let z = (8.0 * v + 1.0) / (8.0 * v + 3.0) * (v * ln(1.0 + t * t / v)).sqrt();
    normal_p_value(z)
}

/// Returns the two-sided p-value of a standard normal statistic.
#[must_use]
pub fn normal_p_value(statistic: f64) -> f64 {
    settled(erf::erfc(statistic.abs() * std::f64::consts::FRAC_1_SQRT_2))
}

/// Returns the two-sided p-value of `successes` among `n` trials of probability 1/2: twice the
/// smaller tail.
#[must_use]
pub fn sign_test_p_value(successes: u64, n: u64) -> f64 {
    let smaller = successes.min(n - successes.min(n));
    if n > EXPANSION_FROM {
        // The score statistic with continuity correction.
        let z = ((n as f64 - 2.0 * smaller as f64).abs() - 1.0).max(0.0) / (n as f64).sqrt();
        return normal_p_value(z);
    }
    let law = Binomial::new(0.5, n);
    settled(law.map_or(f64::NAN, |law| (2.0 * law.cdf(smaller)).min(1.0)))
}

/// Returns Wilson's score interval (1927) of a probability from `successes` among `n > 0` trials:
/// its lower and upper end.
#[must_use]
pub fn wilson(successes: u64, n: u64, alpha: f64) -> (f64, f64) {
    let (k, n, z) = (successes as f64, n as f64, normal_critical(alpha));
    let p = k / n;
    let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    // At the ends the formula is exact but rounding is not.
    let low = if successes == 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if k == n { 1.0 } else { (centre + half).min(1.0) };
    (low, high)
}

/// Returns the ranks, from 0, of the order statistics that enclose the quantile of probability `p`
/// among `n` values with confidence `1 - alpha` or more; `None` where the sample has no such rank.
#[must_use]
pub fn quantile_ranks(n: u64, p: f64, alpha: f64) -> (Option<u64>, Option<u64>) {
    // The quantile lies above the order statistic of rank r, counted from 0, when more than r
    // values lie below it. So the risk of a lower end at r is P(B <= r), and that of an upper end
    // is 1 - P(B <= r - 1), where B is binomial with n trials of probability p.
    let below = largest_with_cdf_at_most(n, p, alpha / 2.0);
    let above = largest_with_cdf_at_most(n, 1.0 - p, alpha / 2.0);
    (below, above.map(|rank| n - 1 - rank))
}

/// Returns the largest `r` with `P(B <= r) <= tail`, where `B` is binomial with `n` trials of
/// probability `p`; `None` if even `r = 0` has more.
fn largest_with_cdf_at_most(n: u64, p: f64, tail: f64) -> Option<u64> {
    let (count, z) = (n as f64, -normal_critical(2.0 * tail));
    let sd = (count * p * (1.0 - p)).sqrt();
    let quantile = count * p + z * sd + (z * z - 1.0) * (1.0 - 2.0 * p) / 6.0;
    if n >= EXPANSION_FROM && count * p.min(1.0 - p) > 9.0 {
        // P(B <= r) is close to that of a continuous law at r + 1/2.
        return Some((quantile - 0.5).floor() as u64);
    }
    let law = Binomial::new(p, n).ok()?;
    let mut rank = (quantile.max(0.0) as u64).min(n - 1);
    while rank < n && law.cdf(rank) <= tail {
        rank += 1;
    }
    loop {
        if law.cdf(rank) <= tail {
            return Some(rank);
        }
        rank = rank.checked_sub(1)?;
    }
}

/// Rounds to 36 bits of mantissa.
fn settled(x: f64) -> f64 {
    const DROPPED: u64 = 1 << 16;
    if x.is_finite() { f64::from_bits((x.to_bits() + DROPPED / 2) & !(DROPPED - 1)) } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: f64, expected: f64) {
        assert!((value - expected).abs() <= 1e-7 * expected.abs(), "{value} is not {expected}");
    }

    #[test]
    fn critical_values_match_tables() {
        check(normal_critical(0.05), 1.959_963_984_5);
        check(t_critical(0.05, 1), 12.706_204_736);
        check(t_critical(0.05, 10), 2.228_138_852);
        check(t_critical(0.05, 199), 1.971_956_544);
        check(t_critical(0.05, 200), 1.971_896_224);
        check(t_critical(0.001, 500), 3.310_091_183);
        check(t_critical(0.05, 1_000_000), 1.959_966_356_8);
    }

    #[test]
    fn the_t_law_and_its_expansion_join() {
        for alpha in [0.05, 0.01, 0.05 / 50.0] {
            let exact =
                StudentsT::new(0.0, 1.0, 400.0).expect("valid").inverse_cdf(1.0 - alpha / 2.0);
            assert!((t_critical(alpha, 400) - exact).abs() < 1e-8, "{alpha}");
        }
        for t in [0.1, 1.0, 3.0, 6.0] {
            let exact = 2.0 * StudentsT::new(0.0, 1.0, 400.0).expect("valid").cdf(-t);
            assert!(
                (t_p_value(t, 400) / exact - 1.0).abs() < 1e-3,
                "{t}: {} {exact}",
                t_p_value(t, 400)
            );
        }
    }

    #[test]
    fn p_values_match_tables() {
        check(normal_p_value(1.959_963_984_5), 0.05);
        check(normal_p_value(-6.0), 1.973_175_290_07e-9);
        check(t_p_value(2.228_138_852, 10), 0.05);
        check(sign_test_p_value(1, 10), 22.0 / 1024.0);
        assert_eq!(sign_test_p_value(5, 10), 1.0);
        assert_eq!(sign_test_p_value(0, 0), 1.0);
        // 2 P(B(1002, 1/2) <= 460), by exact rational arithmetic
        assert!((sign_test_p_value(460, 1002) / 0.010_465_090 - 1.0).abs() < 0.01);
    }

    #[test]
    fn wilson_matches_the_textbook() {
        let (low, high) = wilson(10, 100, 0.05);
        check(low, 0.055_229_137);
        check(high, 0.174_365_662);
        assert_eq!(wilson(0, 50, 0.05).0, 0.0);
        assert_eq!(wilson(50, 50, 0.05).1, 1.0);
        check(wilson(0, 50, 0.05).1, 0.071_347_602);
    }

    #[test]
    fn median_ranks_match_the_binomial_law() {
        // With n = 20, ranks 6 and 15, counted from 1, cover the median with 95.86 %.
        assert_eq!(quantile_ranks(20, 0.5, 0.05), (Some(5), Some(14)));
        assert_eq!(quantile_ranks(5, 0.5, 0.05), (None, None));
        assert_eq!(quantile_ranks(100, 0.01, 0.05).0, None);
    }

    #[test]
    fn expansion_ranks_have_the_stated_confidence() {
        for n in [1000_u64, 1500, 1900] {
            for p in [0.05, 0.25, 0.5, 0.9] {
                let (low, high) = quantile_ranks(n, p, 0.05);
                let (low, high) = (low.expect("inside"), high.expect("inside"));
                let law = Binomial::new(p, n).expect("valid");
                let coverage = law.cdf(high) - law.cdf(low);
                assert!(
                    (0.945..0.96).contains(&coverage),
                    "n {n} p {p}: {low}..{high} covers {coverage}"
                );
            }
        }
    }
}
