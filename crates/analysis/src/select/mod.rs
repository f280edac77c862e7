//! Tests a whole field of policies at once: is any better than the benchmark, which are, which may
//! be the best, and how much of the lead of the best is that it was chosen?
//!
//! The first three bootstrap the means over sections, with the same resamples for every policy: the
//! sections of a run are independent, so single ones are drawn. What is bootstrapped is
//! performance, larger being better: the statistic itself, spread over sections by its influence,
//! so that they hold for certainty equivalents as for means.

mod confidence_set;
mod dominance;
mod optimism;
mod resample;
mod superior;

pub use confidence_set::{Eliminated, model_confidence_set};
pub use dominance::{Distribution, Dominance, DominanceVerdict, first_order, second_order};
pub use optimism::{Choice, choose};
pub use resample::{Bootstrap, Performance, RESAMPLES, Resamples};
pub use superior::{Superior, superior_predictive_ability};
