//! Takes the known part of the Monte Carlo error out of certainty equivalents: the distance of a
//! control, simulated on the same paths, from its mean, which is known exactly.
//!
//! The control is the power `exp(k sum_i w_i ln S_i)` with `k = 1 - gamma` of the target mix held
//! in geometric proportions. `S_i` is the growth of asset `i`. Kemna and Vorst (1990) use this
//! device for Asian options. Under regimes with Gaussian shocks, and under a bootstrap, its mean is
//! known in closed form. For an account that is kept near its target the control carries nearly all
//! of what makes `U^(1 - gamma)` heavy-tailed. Its weight is the slope of a regression over
//! sections (Lavenberg and Welch 1981).
//!
//! [`mixes`] lists the controls that a market's policies need, [`control_value`] evaluates one on a
//! path, and the sums over sections become the [`Control`]s of an analysis ([`Mix::controls`]).

mod mix;
mod regression;

pub use mix::{Control, GAMMAS, Holder, Mix, control_value, mixes};
pub(crate) use regression::find;
