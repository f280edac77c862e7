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
pub use quantile::{QuantileRanks, quantile_counted, quantile_exact, sparsity};
pub(crate) use tail::worst_tail;
pub use tail::{TailSource, cvar};

/// Probability of the worst tail, whose mean is the CVaR.
pub const TAIL_PROBABILITY: f64 = 0.05;

/// Risk that an interval misses the truth: 5 %.
pub(crate) const ALPHA: f64 = 1.0 - crate::estimate::CONFIDENCE;

/// A statistic of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stat {
    /// The headline: the mean, the probability of an event, or the certainty equivalent, which is a
    /// power mean.
    Mean,
    /// Standard deviation over paths, divisor n - 1.
    Deviation,
    /// Quantile of a probability in percent.
    Quantile(u8),
    /// Probability of a value below the metric's threshold.
    ProbabilityBelow,
    /// Mean of the worst 5 % of the paths.
    Cvar,
}

impl Stat {
    /// Returns the word in the column `stat`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Mean => "mean".to_owned(),
            Self::Deviation => "sd".to_owned(),
            Self::Quantile(percent) => format!("p{percent:02}"),
            Self::ProbabilityBelow => "prob_below".to_owned(),
            Self::Cvar => "cvar_05".to_owned(),
        }
    }
}
