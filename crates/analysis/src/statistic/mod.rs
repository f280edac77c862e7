//! Estimates the statistics of one metric: value, standard error, interval and precision.

mod certainty;
mod deviation;
mod mean;
mod probability;
mod quantile;
mod tail;

pub use certainty::{
    CertaintyEquivalent, Terms, UtilityTail, certainty_equivalent, implied_skewness,
};
pub use deviation::deviation;
pub use mean::mean;
pub use probability::{probability, probability_below_zero};
pub use quantile::{QuantileRanks, quantile_counted, quantile_exact};
pub(crate) use tail::worst_tail;
pub use tail::{TailSource, cvar};

/// Probability of the worst tail, whose mean is the CVaR.
pub const TAIL_PROBABILITY: f64 = 0.05;

/// Risk that an interval misses the truth: 5 %.
pub(crate) const ALPHA: f64 = 1.0 - crate::estimate::CONFIDENCE;
