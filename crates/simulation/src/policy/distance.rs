//! Measures the distance of a whole portfolio from its target as one number.

use super::scale::Scaled;

/// Largest distance from the target that a rule tolerates, in one measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Distance {
    /// Measure of the distance.
    pub measure: Measure,
    /// Largest tolerated distance, in the measure's unit.
    pub width: Scaled,
}

/// Measure of the deviations `d_i = w_i - w*_i`. All are seminorms: deviations half as large are
/// half as far.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// Deviation of a group of assets, `|sum of d_i over the group|`, a fraction of the portfolio.
    Group(Vec<usize>),
    /// Sum of deviations, `sum |d_i|`, a fraction of the portfolio: twice the one-way turnover of a
    /// trade to the target.
    L1,
    /// Root of squared deviations, `sqrt(sum d_i^2)`, a fraction of the portfolio.
    L2,
    /// Ex-ante tracking error, `sqrt(sum_ij d_i d_j C_ij)` a year (Grinold and Kahn 1999).
    TrackingError(Covariance),
}

/// Annual covariance `C` of the assets' log returns. Row `i` of its lower triangle has the entries
/// `j <= i`.
#[derive(Clone, Debug, PartialEq)]
pub enum Covariance {
    /// Covariance that is constant over time: the lower triangle.
    Constant(Vec<f64>),
    /// Covariance estimated from returns with exponential weights; becomes [`Self::Signals`] before
    /// it is used.
    Ewma {
        /// Weight of the past per step, in `[0, 1)`.
        lambda: f64,
        /// Lower triangle at `t = 0`.
        start: Vec<f64>,
    },
    /// Covariance that signals report: for each entry of the lower triangle an index into
    /// [`crate::plan::Simulation::signals`].
    Signals(Vec<usize>),
}

impl Measure {
    /// Returns the distance of the weights `w` from `target`; `signal` gives the value of a signal
    /// by its index.
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
    fn entry(&self, index: usize, signal: impl Fn(usize) -> f64) -> f64 {
        match self {
            Self::Constant(entries) | Self::Ewma { start: entries, .. } => entries[index],
            Self::Signals(signals) => signal(signals[index]),
        }
    }
}
