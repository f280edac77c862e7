//! Computes exp, ln, powers, normals and the normal law with the same bits on every machine.
//!
//! Polynomial coefficients come from `docs/derivations/fit_polynomials.py`.

mod elementary;
mod normal;
mod single;

pub use elementary::{exp, ln, ln_ratio, ln_ratio_near, pow, pow_int};
pub use normal::{normal_cdf, normal_pair};
pub use single::{expm1_small, neg_ln_unit, sin_cos_quarter};
