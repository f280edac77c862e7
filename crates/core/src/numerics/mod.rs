//! Computes exp, ln, powers, normals, the normal law and Cholesky factors with the same bits on
//! every machine.
//!
//! Polynomial coefficients come from `docs/derivations/fit_polynomials.py`.

mod cholesky;
mod elementary;
mod near;
mod normal;
mod single;

pub use cholesky::{Subtraction, cholesky, invert_lower};
pub use elementary::{exp, exp_bounded, ln, pow, pow_int};
pub use near::{
    inverse_sqrt, ln_near_one, ln_near_one_or_far, reciprocal_near, reciprocal_near_or_far,
};
pub use normal::{normal_cdf, normal_pair};
pub use single::{expm1_small, neg_ln_unit, sin_cos_quarter};
