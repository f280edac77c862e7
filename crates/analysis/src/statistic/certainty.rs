//! Estimates the certainty-equivalent growth rate of an investor with constant relative risk aversion.

use corridor_core::numerics::{exp, ln};

use crate::counts::Counts;
use crate::estimate::{Estimate, Method, Reason};
use crate::facts::CellFacts;
use crate::interval::t_critical;
use crate::metric::Worth;
use crate::moments::Moments;
use crate::precision;

use super::ALPHA;

/// What is as good as a random outcome to an investor of constant relative risk aversion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CertaintyEquivalent {
    /// Relative risk aversion; above 1.
    pub gamma: f64,
    /// In which terms.
    pub terms: Terms,
}

/// What a certainty equivalent is expressed in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Terms {
    /// A sure growth rate in basis points a year, from the unit value.
    Growth {
        /// Horizon in years.
        years: f64,
    },
    /// A sure balance, from balances in units of the initial one.
    Wealth {
        /// The initial balance, in currency.
        initial: f64,
    },
}

impl CertaintyEquivalent {
    /// That of a metric, given the facts of a cell.
    #[must_use]
    pub fn of(gamma: u8, worth: Worth, facts: &CellFacts) -> Self {
        let terms = match worth {
            Worth::Growth => Terms::Growth { years: facts.years },
            Worth::Wealth => Terms::Wealth { initial: facts.initial_balance },
        };
        Self { gamma: f64::from(gamma), terms }
    }

    /// The certainty equivalent, given the mean of `x^(1-gamma)`.
    #[must_use]
    pub fn of_mean(self, mean: f64) -> f64 {
        match self.terms {
            Terms::Growth { .. } => self.per_log(mean) * ln(mean),
            Terms::Wealth { initial } => initial * exp(ln(mean) / (1.0 - self.gamma)),
        }
    }

    /// What it grows by with the logarithm of the mean; negative.
    #[must_use]
    pub fn per_log(self, mean: f64) -> f64 {
        match self.terms {
            Terms::Growth { years } => 1e4 / ((1.0 - self.gamma) * years),
            Terms::Wealth { .. } => self.of_mean(mean) / (1.0 - self.gamma),
        }
    }

    /// That of one mean less that of another, without loss of digits where they are close.
    #[must_use]
    pub fn difference(self, mean_a: f64, mean_b: f64) -> f64 {
        match self.terms {
            Terms::Growth { .. } => self.per_log(mean_a) * ln(mean_a / mean_b),
            Terms::Wealth { .. } => self.of_mean(mean_a) - self.of_mean(mean_b),
        }
    }
}

/// The certainty equivalent from the moments of `u = x^(1-gamma)`: as growth `1e4 ln(mean(u)) / ((1-gamma) years)`, as
/// wealth `mean(u)^(1/(1-gamma))`.
///
/// Its influence function is `per_log (u / mean(u) - 1)`. Its precision is that of the mean of `u`; the counts of log growth,
/// or of wealth, show how much the largest 1 % of `u` carry. A single path without a value is a ruined one and leaves nothing.
#[must_use]
pub fn certainty_equivalent(kind: CertaintyEquivalent, moments: &Moments, counts: &Counts) -> Estimate {
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
    let std_error = kind.per_log(mean).abs() * (variance / n as f64).sqrt() / mean;
    let half = t_critical(ALPHA, n - 1) * std_error;
    let (precision, reason) = precision::of_mean(n, moments.skewness(), top_share(kind, counts));
    Estimate { value: Some(value), std_error: Some(std_error), ci_low: Some(value - half), ci_high: Some(value + half), n_paths: n, method, precision, reason }
        .finite()
}

/// Share of the sum of `u` that its largest 1 % carry, from the counts of log growth or wealth.
#[must_use]
pub fn top_share(kind: CertaintyEquivalent, counts: &Counts) -> f64 {
    let Some(&(lowest, _)) = counts.entries().first() else { return 0.0 };
    let power = 1.0 - kind.gamma;
    // Relative to the largest, so that nothing overflows.
    let least = crate::counts::middle(lowest);
    match kind.terms {
        Terms::Growth { years } => counts.top_share(|growth| exp(power * years * (growth - least))),
        Terms::Wealth { .. } => counts.top_share(|wealth| exp(power * ln(wealth / least))),
    }
}
