//! Computes logarithms near 1, reciprocals near a guess and inverse roots without a division.
//!
//! On some machines a division of eight lanes takes as long as thirty other operations, and the
//! kernel needs three divisions a step (`benches/METHODOLOGY.md` says how its speed is measured).

use super::elementary::{ln, polynomial};

/// Largest `|q - 1|` for which [`ln_near_one`] uses its polynomial.
const LN_NEAR: f64 = 0.15;
/// Largest relative error of a guess that [`reciprocal_near`] refines instead of dividing.
const GUESS_NEAR: f64 = 0.01;
/// Bits from which half the bits of a number are subtracted, as a guess of its inverse square root
/// (Lomont 2003).
const ROOT_GUESS: u64 = 0x5FE6_EB50_C7B5_37A9;

/// Returns `ln(q)`: with an absolute error below 3e-16 for `|q - 1| <= 0.15`, by [`ln`] elsewhere.
#[must_use]
#[inline(always)]
pub fn ln_near_one(q: f64) -> f64 {
    let (value, near) = ln_near_one_or_far(q);
    if near { value } else { ln(q) }
}

/// Returns `ln(q)` and true for `|q - 1| <= 0.15`; elsewhere a meaningless number and false.
///
/// This is the fast half of [`ln_near_one`]. Loops over lanes compute it in every lane and repair
/// the rare lanes whose flag is false.
#[must_use]
#[inline(always)]
pub fn ln_near_one_or_far(q: f64) -> (f64, bool) {
    let d = q - 1.0;
    let squared = d * d;
    let g = polynomial(d, squared, &LN);
    (d - squared * (0.5 - d * g), d.abs() <= LN_NEAR)
}

/// Returns `1 / x`, relative error below 3e-16: refines a guess that is within 1 %, divides
/// otherwise.
#[must_use]
#[inline(always)]
pub fn reciprocal_near(x: f64, guess: f64) -> f64 {
    let (value, near) = reciprocal_near_or_far(x, guess);
    if near { value } else { 1.0 / x }
}

/// Returns `1 / x` and true if the guess is within 1 %; otherwise a meaningless number and false.
///
/// This is the fast half of [`reciprocal_near`]: two cubic steps `y (1 + e + e^2)` with
/// `e = 1 - x y`. A relative error of 1e-2 becomes 1e-6, then 1e-18.
#[must_use]
#[inline(always)]
pub fn reciprocal_near_or_far(x: f64, guess: f64) -> (f64, bool) {
    let e = 1.0 - x * guess;
    let better = guess + guess * (e + e * e);
    let rest = 1.0 - x * better;
    (better + better * (rest + rest * rest), e.abs() <= GUESS_NEAR)
}

/// Returns `1 / sqrt(x)` for normal `x > 0`, relative error below 5e-16; finite at 0.
///
/// Half the exponent gives a guess to 3.5 % (Lomont 2003). Four steps of Newton bring the error to
/// 2e-3, 5e-6, 4e-11 and the rounding.
#[must_use]
#[inline(always)]
pub fn inverse_sqrt(x: f64) -> f64 {
    let half = 0.5 * x;
    let mut y = f64::from_bits(ROOT_GUESS.wrapping_sub(x.to_bits() >> 1));
    let mut step = 0;
    while step < 4 {
        y *= 1.5 - half * y * y;
        step += 1;
    }
    y
}

const LN: [f64; 11] = [
    0.333_333_333_333_333_3,
    -0.250_000_000_004_672_8,
    0.200_000_000_004_363_3,
    -0.166_666_662_517_141_97,
    0.142_857_138_982_507_7,
    -0.125_001_030_155_183_1,
    0.111_112_073_002_308_07,
    -0.099_895_882_271_433_14,
    0.090_811_876_749_926_19,
    -0.087_909_712_404_510_18,
    0.081_195_621_600_089_48,
];

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "libm is the independent check")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn logarithm_agrees_with_libm_on_both_sides_of_the_limit(q in 0.5..2.0f64) {
            prop_assert!(
                (ln_near_one(q) - f64::ln(q)).abs() <= 3e-16_f64.max(2e-15 * f64::ln(q).abs()),
                "{q}",
            );
        }
        #[test]
        fn reciprocal_agrees_with_division(x in 1e-6..1e9f64, error in -0.3..0.3f64) {
            let exact = 1.0 / x;
            prop_assert!(
                (reciprocal_near(x, exact * (1.0 + error)) - exact).abs() <= 3e-16 * exact
            );
        }
        #[test]
        fn reciprocal_is_refined_all_the_way_to_the_limit(
            x in 1e-6..1e9f64,
            error in -0.0099..0.0099f64,
        ) {
            let exact = 1.0 / x;
            prop_assert!(
                (reciprocal_near(x, exact * (1.0 + error)) - exact).abs() <= 3e-16 * exact
            );
        }
    }

    proptest! {
        #[test]
        fn inverse_root_agrees_with_the_root(e in -150.0..150.0f64, m in 1.0..10.0f64) {
            let x = m * 10f64.powi(e as i32);
            let exact = 1.0 / x.sqrt();
            prop_assert!(
                (inverse_sqrt(x) - exact).abs() <= 5e-16 * exact,
                "{x}: {} {exact}",
                inverse_sqrt(x),
            );
        }
    }

    #[test]
    fn the_inverse_root_of_nothing_is_finite() {
        assert!(inverse_sqrt(0.0).is_finite());
    }

    #[test]
    fn one_is_exact() {
        assert_eq!(ln_near_one(1.0), 0.0);
        assert_eq!(reciprocal_near(4.0, 0.25), 0.25);
        assert_eq!(reciprocal_near(4.0, 1.0), 0.25);
    }
}
