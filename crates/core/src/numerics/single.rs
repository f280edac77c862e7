//! Computes the single-precision functions between random words and returns.
//!
//! Each is a polynomial on a stated domain and meaningless outside it.

/// Returns `-ln(u)` for `u` in `(0, 1]`, relative error below 2e-7.
#[must_use]
#[inline(always)]
pub fn neg_ln_unit(u: f32) -> f32 {
    const SQRT_HALF_BITS: u32 = 0x3F35_04F3;
    let bits = u.to_bits();
    let k = (bits.wrapping_sub(SQRT_HALF_BITS) as i32) >> 23;
    let t = f32::from_bits(bits.wrapping_sub((k << 23) as u32)) - 1.0;
    let mut p = LN[LN.len() - 1];
    let mut i = LN.len() - 1;
    while i > 0 {
        i -= 1;
        p = p * t + LN[i];
    }
    let z = t * t;
    let ln_m = t - (0.5 * z - z * t * p);
    -(k as f32 * std::f32::consts::LN_2 + ln_m)
}

/// Returns sine and cosine of an angle `|x| <= pi/4` in radians, absolute error below 1.2e-7.
#[must_use]
#[inline(always)]
pub fn sin_cos_quarter(x: f32) -> (f32, f32) {
    let z = x * x;
    let sin = x + x * z * (SIN[0] + z * (SIN[1] + z * SIN[2]));
    let cos = 1.0 - (0.5 * z - z * z * (COS[0] + z * (COS[1] + z * COS[2])));
    (sin, cos)
}

/// Returns `e^x - 1` for `|x| <= 1`, relative error below 2e-7. Generated log returns are truncated
/// to this domain.
#[must_use]
#[inline(always)]
pub fn expm1_small(x: f32) -> f32 {
    let mut p = EXPM1[EXPM1.len() - 1];
    let mut i = EXPM1.len() - 1;
    while i > 0 {
        i -= 1;
        p = p * x + EXPM1[i];
    }
    x + x * x * p
}

const LN: [f32; 9] = [
    0.333_333_3,
    -0.249_999_97,
    0.200_007_16,
    -0.166_678_03,
    0.142_490_58,
    -0.124_256_87,
    0.116_854_2,
    -0.114_797_34,
    0.069_716_12,
];
const SIN: [f32; 3] = [-0.166_666_64, 0.008_332_748, -0.000_195_878_9];
const COS: [f32; 3] = [0.041_666_664, -0.001_388_830_2, 0.000_024_547_942];
const EXPM1: [f32; 8] = [
    0.5,
    0.166_666_67,
    0.041_666_735,
    0.008_333_339,
    0.001_388_539_7,
    0.000_198_381_02,
    0.000_025_358_513,
    0.000_002_806_280_2,
];

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "libm is the independent check")]
mod tests {
    use super::*;

    #[test]
    fn expm1_holds_on_its_whole_domain() {
        for i in -100_000..=100_000 {
            let x = i as f32 / 100_000.0;
            let exact = f64::exp_m1(f64::from(x));
            assert!((f64::from(expm1_small(x)) - exact).abs() <= 2e-7 * exact.abs(), "{x}");
        }
    }

    #[test]
    fn sine_and_cosine_hold_on_the_quarter() {
        for i in -10_000..=10_000 {
            let x = i as f32 / 10_000.0 * std::f32::consts::FRAC_PI_4;
            let (sin, cos) = sin_cos_quarter(x);
            assert!((f64::from(sin) - f64::from(x).sin()).abs() < 1e-7, "{x}");
            assert!((f64::from(cos) - f64::from(x).cos()).abs() < 1.2e-7, "{x}");
        }
    }

    #[test]
    fn logarithm_holds_from_the_smallest_uniform_to_one() {
        let mut u = 2f32.powi(-32);
        while u < 1.0 {
            let exact = -f64::ln(f64::from(u));
            assert!((f64::from(neg_ln_unit(u)) - exact).abs() <= 2e-7 * exact.max(1e-3), "{u}");
            u *= 1.000_37;
        }
        assert_eq!(neg_ln_unit(1.0), 0.0);
    }
}
