//! Estimates the certainty-equivalent growth rate of an investor with constant relative risk aversion.

use corridor_core::numerics::{exp, ln};

use crate::counts::Counts;
use crate::estimate::{Estimate, Method, Reason};
use crate::interval::t_critical;
use crate::moments::Moments;
use crate::precision;

use super::ALPHA;

/// Risk aversion and horizon of a certainty equivalent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CertaintyEquivalent {
    /// Relative risk aversion; above 1.
    pub gamma: f64,
    /// Horizon in years.
    pub years: f64,
}

impl CertaintyEquivalent {
    /// Basis points a year per unit of the logarithm of the mean of `U^(1-gamma)`; negative.
    #[must_use]
    pub fn bps_per_log(self) -> f64 {
        1e4 / ((1.0 - self.gamma) * self.years)
    }

    /// The sure growth rate, in basis points a year, as good as a mean of `U^(1-gamma)`.
    #[must_use]
    pub fn of_mean(self, mean: f64) -> f64 {
        self.bps_per_log() * ln(mean)
    }
}

/// The certainty equivalent from the moments of `u = U^(1-gamma)`: `1e4 ln(mean(u)) / ((1-gamma) years)`.
///
/// Its influence function is `bps_per_log (u / mean(u) - 1)`. Its precision is that of the mean of `u`; the counts of log
/// growth show how much the largest 1 % of `u` carry. A single path without a value is a ruined one and leaves nothing.
#[must_use]
pub fn certainty_equivalent(kind: CertaintyEquivalent, moments: &Moments, log_growth: &Counts) -> Estimate {
    let (n, method) = (moments.n, Method::SumsInfluence);
    if moments.n_null > 0 {
        return Estimate::missing(n, method, Reason::Ruin);
    }
    let Some(mean) = moments.mean() else {
        return Estimate::missing(n, method, Reason::NoValues);
    };
    let value = kind.of_mean(mean);
    let Some(variance) = moments.variance() else {
        return Estimate::without_error(value, n, method, Reason::OnePath).finite();
    };
    let std_error = kind.bps_per_log().abs() * (variance / n as f64).sqrt() / mean;
    let half = t_critical(ALPHA, n - 1) * std_error;
    let (precision, reason) = precision::of_mean(n, moments.skewness(), top_share(kind, log_growth));
    Estimate { value: Some(value), std_error: Some(std_error), ci_low: Some(value - half), ci_high: Some(value + half), n_paths: n, method, precision, reason }
        .finite()
}

/// Share of the sum of `u` that its largest 1 % carry, from the counts of log growth.
fn top_share(kind: CertaintyEquivalent, log_growth: &Counts) -> f64 {
    let Some(&(lowest, _)) = log_growth.entries().first() else { return 0.0 };
    let factor = (1.0 - kind.gamma) * kind.years;
    // Relative to the largest, so that nothing overflows.
    let least = crate::counts::middle(lowest);
    log_growth.top_share(|growth| exp(factor * (growth - least)))
}
