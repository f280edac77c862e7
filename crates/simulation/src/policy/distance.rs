//! Measures how far a portfolio is from its target, as one number.

use super::Scaled;

/// A distance of all weights together, and how large it may be.
#[derive(Clone, Debug, PartialEq)]
pub struct Distance {
    /// How it is measured.
    pub measure: Measure,
    /// What it may be, in the measure's unit.
    pub width: Scaled,
}

/// A seminorm of the deviations `d_i = w_i - w*_i`: deviations half as large are half as far.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// `|sum of d_i over these assets|`, a fraction of the portfolio.
    Group(Vec<usize>),
    /// `sum |d_i|`, a fraction of the portfolio: twice the one-way turnover of a trade to the
    /// target.
    L1,
    /// `sqrt(sum d_i^2)`, a fraction of the portfolio.
    L2,
    /// Ex-ante tracking error, `sqrt(sum_ij d_i d_j C_ij)` a year (Grinold and Kahn 1999).
    TrackingError(Covariance),
}

/// Annual covariance of the assets' log returns: row `i` of the lower triangle has the entries `j
/// <= i`.
#[derive(Clone, Debug, PartialEq)]
pub enum Covariance {
    /// The same at every step.
    Constant(Vec<f64>),
    /// To be estimated from the returns; compiled into signals before it is used.
    Ewma {
        /// Weight of the past per step.
        lambda: f64,
        /// What it starts from.
        start: Vec<f64>,
    },
    /// Signals, by index into [`crate::plan::Simulation::signals`].
    Signals(Vec<usize>),
}

impl Measure {
    /// The distance of weights `w` from `target`.
    pub fn of(&self, w: &[f64], target: &[f64], signal: impl Fn(usize) -> f64) -> f64 {
        let off = |i: usize| w[i] - target[i];
        match self {
            Self::Group(members) => members.iter().fold(0.0, |sum, &i| sum + off(i)).abs(),
            Self::L1 => (0..w.len()).fold(0.0, |sum, i| sum + off(i).abs()),
            Self::L2 => (0..w.len()).fold(0.0, |sum, i| sum + off(i) * off(i)).sqrt(),
            Self::TrackingError(covariance) => {
                let mut variance = 0.0;
                for i in 0..w.len() {
                    for j in 0..=i {
                        let share = if i == j { 1.0 } else { 2.0 };
                        variance += share
                            * off(i)
                            * off(j)
                            * covariance.entry(i * (i + 1) / 2 + j, &signal);
                    }
                }
                if variance > 0.0 { variance.sqrt() } else { 0.0 }
            }
        }
    }
}

impl Covariance {
    fn entry(&self, place: usize, signal: impl Fn(usize) -> f64) -> f64 {
        match self {
            Self::Constant(entries) | Self::Ewma { start: entries, .. } => entries[place],
            Self::Signals(signals) => signal(signals[place]),
        }
    }
}
