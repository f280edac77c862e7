//! Draws the shocks of a chunk: normals in counter order, and the mixing variable of a Student-t
//! law.

use corridor_core::lanes::Row;
use corridor_core::numerics::{ln, neg_ln_unit, normal_pair};
use corridor_core::random::{Paths, Stream, fill_words, words};

use crate::step_at::StepAt;

/// Largest `df` for which a chi-square is a sum over uniforms. Beyond it the sum takes more random
/// words than the rejection sampler.
const EVEN_DF_MAX: f64 = 32.0;
/// Attempts of the rejection sampler; each fails with probability below 5 %.
const ATTEMPTS: u32 = 16;

/// Fills `out` with the standard normals number `first .. first + out.len()` of each path.
///
/// Both numbers are multiples of 4. Normal `q` of a path is the shock of step `q / assets` and
/// asset `q % assets`; four normals share one random place. In antithetic pairs the second path has
/// the normals of the first with the opposite sign.
#[inline(always)]
pub(crate) fn fill_normals<const L: usize>(paths: Paths, first: u32, out: &mut [Row<f32, L>]) {
    let mut rows = [Row::<u32, L>::splat(0); 4];
    for (place, four) in (first / 4..).zip(out.chunks_mut(4)) {
        fill_words(paths, place, Stream::Innovations, &mut rows);
        let [a, b, c, d] = four else { continue };
        for l in 0..L {
            (a[l], b[l]) = normal_pair(rows[0][l], rows[1][l]);
            (c[l], d[l]) = normal_pair(rows[2][l], rows[3][l]);
        }
    }
    if paths.in_pairs {
        for row in out {
            for l in (1..L).step_by(2) {
                row[l] = -row[l];
            }
        }
    }
}

/// Writes the factors that turn the normals of a step into Student-t shocks of unit variance.
///
/// A factor is the square root of `(df - 2) / chi^2`, with a chi-square of `df` degrees of freedom.
#[inline(always)]
pub(crate) fn fill_mixing<const L: usize>(step: StepAt, df: f64, out: &mut Row<f32, L>) {
    if df % 2.0 == 0.0 && df <= EVEN_DF_MAX {
        even_chi_square(step, df as u32, out);
    } else {
        for l in 0..L {
            out[l] = any_chi_square(step, l, df) as f32;
        }
    }
    let freedom = (df - 2.0) as f32;
    for l in 0..L {
        out[l] = (freedom / out[l]).sqrt();
    }
}

/// Draws a chi-square of even `df`: the sum of `-2 ln u` over `df / 2` uniforms.
#[inline(always)]
fn even_chi_square<const L: usize>(step: StepAt, df: u32, out: &mut Row<f32, L>) {
    const UNIT: f32 = 1.0 / 2_147_483_648.0;
    let uniforms = df / 2;
    let places = uniforms.div_ceil(4);
    let mut rows = [Row::<u32, L>::splat(0); 4];
    *out = Row::splat(0.0);
    for j in 0..uniforms {
        if j % 4 == 0 {
            fill_words(step.paths, step.t * places + j / 4, Stream::Mixing, &mut rows);
        }
        let row = &rows[(j % 4) as usize];
        for l in 0..L {
            out[l] += 2.0 * neg_ln_unit(((row[l] >> 1) as i32 as f32 + 0.5) * UNIT);
        }
    }
}

/// Draws the chi-square of one lane for any `df > 2`, as twice a gamma of shape `df / 2` (Marsaglia
/// and Tsang 2000, section 2).
#[inline(always)]
fn any_chi_square(step: StepAt, lane: usize, df: f64) -> f64 {
    let d = df / 2.0 - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    let (seed, path) = (step.paths.seed, step.paths.address(lane));
    for attempt in 0..ATTEMPTS {
        let [w0, w1, w2, _] = words(seed, path, step.t * ATTEMPTS + attempt, Stream::Mixing);
        let x = f64::from(normal_pair(w0, w1).0);
        let root = 1.0 + c * x;
        let v = root * root * root;
        let u = (f64::from(w2) + 0.5) / 4_294_967_296.0;
        if v > 0.0 && ln(u) < 0.5 * x * x + d - d * v + d * ln(v) {
            return 2.0 * d * v;
        }
    }
    // Near the mean; reached after 16 rejections in a row, less than once in 1e20 draws.
    2.0 * d
}
