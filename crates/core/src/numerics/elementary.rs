//! Computes exp, ln and powers in double precision from IEEE operations alone.

// 32 leading bits, so that k * LN2_HIGH is exact for |k| < 2^20.
const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
const LOG2_E: f64 = std::f64::consts::LOG2_E;
// 1.5 * 2^52: adding it leaves the nearest integer in the low bits.
const ROUND_TO_INT: f64 = 6_755_399_441_055_744.0;
const TWO_54: f64 = 18_014_398_509_481_984.0;
const SQRT_HALF_BITS: u64 = 0x3FE6_A09E_667F_3BCD;

/// Returns `e^x`, with a relative error below 1e-15; 0 below -745 and infinite above 709.8.
#[must_use]
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    // Beyond these limits the result is 0 or infinite whatever the value. NaN passes through the
    // comparisons unchanged.
    let x = if x < -746.0 { -746.0 } else { x };
    let x = if x > 710.0 { 710.0 } else { x };
    let shifted = x * LOG2_E + ROUND_TO_INT;
    let k = shifted - ROUND_TO_INT;
    let r = (x - k * LN2_HIGH) - k * LN2_LOW;
    let value = exp_near_0(r);
    // Two factors, so that neither overflows or is denormal unless the product is.
    let half = (k * 0.5 + ROUND_TO_INT) - ROUND_TO_INT;
    value * two_to(half) * two_to(k - half)
}

/// Returns `e^x` for `-700 <= x <= 700`, with the bits of [`exp`] in two thirds of its operations.
/// Outside this range the result is meaningless.
#[must_use]
#[inline(always)]
pub fn exp_bounded(x: f64) -> f64 {
    let shifted = x * LOG2_E + ROUND_TO_INT;
    let k = shifted - ROUND_TO_INT;
    let r = (x - k * LN2_HIGH) - k * LN2_LOW;
    let value = exp_near_0(r);
    // The low bits of `shifted` are k. Neither the power of two nor the product leaves the normal
    // range.
    value * f64::from_bits((shifted.to_bits() << 52).wrapping_add(1.0f64.to_bits()))
}

/// Returns the natural logarithm of `x`, with a relative error below 1e-15; -infinity at 0 and NaN
/// below.
///
/// It has no branches, so that loops over lanes vectorise.
#[must_use]
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    let subnormal = x < f64::MIN_POSITIVE;
    let scaled = if subnormal { x * TWO_54 } else { x };
    let bits = scaled.to_bits();
    let k = bits.wrapping_sub(SQRT_HALF_BITS) as i64 >> 52;
    let m = f64::from_bits(bits.wrapping_sub((k << 52) as u64));
    // The integer enters the low bits of 1.5 * 2^52: every instruction set can convert like this on
    // lanes.
    let k = f64::from_bits(ROUND_TO_INT.to_bits().wrapping_add(k as u64)) - ROUND_TO_INT;
    let k = if subnormal { k - 54.0 } else { k };
    // k ln 2 in two parts. The small part is added to the small logarithm first.
    let value = k * LN2_HIGH + (atanh_series((m - 1.0) / (m + 1.0)) + k * LN2_LOW);
    let value = if x == 0.0 { f64::NEG_INFINITY } else { value };
    let value = if x < 0.0 { f64::NAN } else { value };
    if x < f64::INFINITY { value } else { x }
}

/// Returns `base^exponent` for `base > 0`.
///
/// Exponents 0 and 1 are exact, -1 and 1/2 correctly rounded, and -1/2 is a square root. Others are
/// `exp(e ln b)` with [`exp`] and [`ln`].
#[must_use]
#[inline(always)]
pub fn pow(base: f64, exponent: f64) -> f64 {
    if exponent == 0.0 {
        1.0
    } else if exponent == 1.0 {
        base
    } else if exponent == -1.0 {
        1.0 / base
    } else if exponent == 0.5 {
        base.sqrt()
    } else if exponent == -0.5 {
        (1.0 / base).sqrt()
    } else {
        exp(exponent * ln(base))
    }
}

/// Returns `base^exponent` by repeated squaring.
#[must_use]
pub fn pow_int(base: f64, exponent: u32) -> f64 {
    let (mut value, mut square, mut left) = (1.0, base, exponent);
    while left > 0 {
        if left & 1 == 1 {
            value *= square;
        }
        square *= square;
        left >>= 1;
    }
    value
}

/// Returns `2 atanh(s)` for `|s| <= 3 - 2 sqrt(2)`: with `s = (m - 1) / (m + 1)` this is `ln m` for
/// `m` between `1 / sqrt(2)` and `sqrt(2)`.
#[inline(always)]
fn atanh_series(s: f64) -> f64 {
    let z = s * s;
    let twice = s + s;
    twice + twice * (z * horner(z, &ATANH))
}

/// Returns `e^r` for `|r| <= ln(2) / 2`.
#[inline(always)]
fn exp_near_0(r: f64) -> f64 {
    let squared = r * r;
    1.0 + (r + squared * polynomial(r, squared, &EXP))
}

#[inline(always)]
fn two_to(k: f64) -> f64 {
    // k is a whole number in the range of exponents. Its bias enters through the rounding constant
    // too.
    f64::from_bits(((k + 1023.0 + ROUND_TO_INT).to_bits() & 0x7FF) << 52)
}

/// Evaluates a polynomial with an odd number of coefficients, lowest power first.
///
/// Even and odd powers are summed apart, so that two chains of half the length run side by side.
#[inline(always)]
pub(super) fn polynomial<const N: usize>(x: f64, squared: f64, coefficients: &[f64; N]) -> f64 {
    let (mut even, mut odd) = (coefficients[N - 1], coefficients[N - 2]);
    let mut i = N - 2;
    while i > 1 {
        i -= 2;
        even = even * squared + coefficients[i + 1];
        odd = odd * squared + coefficients[i];
    }
    coefficients[0] + x * odd + squared * even
}

#[inline(always)]
fn horner<const N: usize>(x: f64, coefficients: &[f64; N]) -> f64 {
    let mut sum = coefficients[N - 1];
    let mut i = N - 1;
    while i > 0 {
        i -= 1;
        sum = sum * x + coefficients[i];
    }
    sum
}

const EXP: [f64; 11] = [
    0.5,
    0.166_666_666_666_666_7,
    0.041_666_666_666_666_67,
    0.008_333_333_333_326_083,
    0.001_388_888_888_888_371_1,
    0.000_198_412_698_750_022_8,
    0.000_024_801_587_325_677_46,
    2.755_725_517_000_089e-6,
    2.755_727_347_871_858e-7,
    2.510_531_272_962_21e-8,
    2.091_475_532_589_32e-9,
];

const ATANH: [f64; 7] = [
    0.333_333_333_333_333_5,
    0.199_999_999_999_494_45,
    0.142_857_143_131_269_2,
    0.111_111_055_446_897_48,
    0.090_914_462_162_684_36,
    0.076_658_058_610_275_04,
    0.073_089_035_767_086_62,
];

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "libm is the independent check")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(ours: f64, theirs: f64, tolerance: f64) -> bool {
        ours == theirs || (ours - theirs).abs() <= tolerance * theirs.abs()
    }

    proptest! {
        #[test]
        fn exp_agrees_with_libm(x in -700.0..700.0) {
            prop_assert!(close(exp(x), f64::exp(x), 1e-15), "{} {}", exp(x), f64::exp(x));
        }
        #[test]
        fn bounded_exp_has_the_bits_of_exp(x in -700.0..700.0) {
            prop_assert_eq!(exp_bounded(x).to_bits(), exp(x).to_bits());
        }
        #[test]
        fn ln_agrees_with_libm(e in -300.0..300.0, m in 1.0..10.0) {
            let x = m * 10f64.powi(e as i32);
            prop_assert!((ln(x) - f64::ln(x)).abs() <= 2e-15 * f64::ln(x).abs().max(0.5));
        }
        #[test]
        fn pow_agrees_with_libm(b in 0.01..100.0, e in -3.0..3.0) {
            prop_assert!(close(pow(b, e), f64::powf(b, e), 2e-14));
        }
    }

    #[test]
    fn the_edges_are_what_ieee_says() {
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(-1e4), 0.0);
        for x in [-700.0, -0.0, 0.0, 700.0] {
            assert_eq!(exp_bounded(x).to_bits(), exp(x).to_bits());
        }
        assert_eq!(exp(1e4), f64::INFINITY);
        assert!(exp(f64::NAN).is_nan());
        assert!(exp(-745.0) > 0.0);
        assert_eq!(ln(1.0), 0.0);
        assert_eq!(ln(0.0), f64::NEG_INFINITY);
        assert!(ln(-1.0).is_nan() && ln(f64::NAN).is_nan());
        assert_eq!(ln(f64::INFINITY), f64::INFINITY);
        assert!(close(ln(5e-324), f64::ln(5e-324), 1e-15));
    }

    #[test]
    fn special_exponents_are_exact() {
        for base in [0.3, 1.7, 25.0] {
            assert_eq!(pow(base, 0.0), 1.0);
            assert_eq!(pow(base, 1.0), base);
            assert_eq!(pow(base, -1.0), 1.0 / base);
            assert_eq!(pow(base, 0.5), base.sqrt());
        }
        assert_eq!(pow_int(1.5, 4), 1.5 * 1.5 * 1.5 * 1.5);
        assert_eq!(pow_int(7.0, 0), 1.0);
    }
}
