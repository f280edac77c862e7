//! Tests all policies of a study at once: whether any is better than the benchmark, which ones are,
//! which may be the best, and how much of the lead of the best comes from having been chosen.
//!
//! The tests bootstrap means over sections, with the same resamples for every policy. The sections
//! of a run are independent, so single ones are drawn: blocks of length 1. The bootstrapped number
//! is performance, larger being better: the statistic itself, split into the contributions of the
//! sections, so that the tests hold for certainty equivalents as well as for means.

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
