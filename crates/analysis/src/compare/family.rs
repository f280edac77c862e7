//! Puts the comparisons of one family together: intervals and p-values that hold for all of them at once.
//!
//! A family is one metric of one scenario and horizon, all policies against their baselines: the policies tried to
//! answer one question. Scenarios are different questions; metrics other than the primary one give context.

use crate::estimate::CONFIDENCE;

use super::difference::PairedDifference;
use super::holm;
use super::verdict::{Conclusion, Margin, Verdict, conclude};

/// A difference with what it takes to judge it among the others of its family.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedComparison {
    /// The difference by itself.
    pub difference: PairedDifference,
    /// Interval that holds together with those of all other comparisons of the family with 95 % (Bonferroni).
    pub simultaneous: Option<(f64, f64)>,
    /// p-value adjusted for the family, see [`holm`](super::adjust).
    pub p_adjusted: Option<f64>,
    /// What it shows.
    pub conclusion: Conclusion,
}

/// Judges the differences of a family.
#[must_use]
pub fn compare_family(differences: &[PairedDifference], margin: Margin) -> Vec<PairedComparison> {
    let alpha = (1.0 - CONFIDENCE) / differences.len().max(1) as f64;
    let p_values: Vec<f64> = differences.iter().map(|difference| difference.p_value.unwrap_or(1.0)).collect();
    let adjusted = holm::adjust(&p_values);
    let compared = |(difference, p): (&PairedDifference, f64)| PairedComparison {
        difference: *difference,
        simultaneous: difference.interval(alpha),
        p_adjusted: difference.p_value.map(|_| p),
        conclusion: judge(difference, alpha, margin),
    };
    differences.iter().zip(adjusted).map(compared).collect()
}

fn judge(difference: &PairedDifference, alpha: f64, margin: Margin) -> Conclusion {
    let estimate = &difference.estimate;
    let (Some(value), Some(interval)) = (estimate.value, difference.interval(alpha)) else {
        return Conclusion { verdict: None, n_paths_needed: None, reason: estimate.reason };
    };
    let conclusion = conclude(value, interval, estimate.n_paths, estimate.precision, margin);
    if conclusion.verdict != Some(Verdict::NotResolved) {
        return conclusion;
    }
    let for_skew = difference.n_paths_for_skew.filter(|&n| n > estimate.n_paths);
    Conclusion { n_paths_needed: conclusion.n_paths_needed.max(for_skew), ..conclusion }
}
