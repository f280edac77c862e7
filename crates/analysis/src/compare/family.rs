//! Puts the comparisons of one family together: intervals and p-values that hold for all of them at
//! once.
//!
//! A family is one statistic of one metric of one scenario and horizon, all policies against their
//! baselines: the policies tried to answer one question. Scenarios are different questions; metrics
//! other than the primary one give context.

use corridor_core::cancel::{Cancel, Cancelled};

use crate::estimate::{CONFIDENCE, Estimate, Precision};

use super::difference::PairedDifference;
use super::holm;
use super::influence::Influence;
use super::max_t::{Normals, NullLaw};
use super::verdict::{Conclusion, Evidence, Margin, Verdict, conclude};

/// A difference and what the sections contribute to its error, where that is known.
#[derive(Clone, Debug)]
pub struct Member {
    /// The difference.
    pub difference: PairedDifference,
    /// Its influence.
    pub influence: Option<Influence>,
}

impl Member {
    /// Its influence, where that says something of how it moves with others.
    fn joint(&self) -> Option<&Influence> {
        self.influence.as_ref().filter(|influence| influence.squares() > 0.0)
    }
}

/// What a family is judged by.
#[derive(Clone, Copy, Debug)]
pub struct FamilySpec<'a> {
    /// The margin of practical equivalence.
    pub margin: Margin,
    /// Policies tried to answer the same question that are not in the family.
    pub further: u64,
    /// Draws that the joint law is made from.
    pub normals: &'a Normals,
    /// Stops the judgement of a large family.
    pub cancel: Cancel<'a>,
}

/// How p-values were adjusted and intervals widened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adjustment {
    /// Max-t intervals and step-down p-values under the joint law (Romano and Wolf 2005).
    StepDown,
    /// Bonferroni intervals and Holm's p-values, whatever the dependence.
    Holm,
}

impl Adjustment {
    /// The word in `p_adjust_method`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StepDown => "step_down_max_t",
            Self::Holm => "holm",
        }
    }
}

/// A difference with what it takes to judge it among the others of its family.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedComparison {
    /// The difference by itself.
    pub difference: PairedDifference,
    /// Interval that holds together with those of all other comparisons of the family with 95 %.
    pub simultaneous: Option<(f64, f64)>,
    /// p-value adjusted for the family.
    pub p_adjusted: Option<f64>,
    /// How it was adjusted.
    pub adjustment: Adjustment,
    /// What it shows.
    pub conclusion: Conclusion,
}

/// FamilySpec the differences of a family.
///
/// # Errors
/// When the caller cancels.
pub fn compare_family(
    members: &[Member],
    spec: FamilySpec<'_>,
) -> Result<Vec<PairedComparison>, Cancelled> {
    let shared = Shared::of(members, spec)?;
    let compared = |(member, p): (&Member, f64)| PairedComparison {
        difference: member.difference,
        simultaneous: member.difference.interval(shared.risk),
        p_adjusted: member.difference.p_value.map(|_| p),
        adjustment: shared.adjustment,
        conclusion: judge(&member.difference, shared.risk, spec.margin),
    };
    Ok(members.iter().zip(shared.p_adjusted).map(compared).collect())
}

/// What the members of a family share.
struct Shared {
    risk: f64,
    p_adjusted: Vec<f64>,
    adjustment: Adjustment,
}

impl Shared {
    fn of(members: &[Member], spec: FamilySpec<'_>) -> Result<Self, Cancelled> {
        let p_values: Vec<f64> =
            members.iter().map(|member| member.difference.p_value.unwrap_or(1.0)).collect();
        let alpha = 1.0 - CONFIDENCE;
        // Differences without spread are certain: they cannot mislead, and have no t statistic.
        let has_spread =
            |member: &Member| member.difference.estimate.std_error.is_some_and(|error| error > 0.0);
        let (joint, alone): (Vec<usize>, Vec<usize>) = (0..members.len())
            .filter(|&place| has_spread(&members[place]))
            .partition(|&place| members[place].joint().is_some());
        let influences: Vec<&Influence> =
            joint.iter().filter_map(|&place| members[place].joint()).collect();
        // Those of which no joint law is known count as tried besides: each stands for itself.
        let further = spec.further + alone.len() as u64;
        let Some(law) = NullLaw::new(&influences, further, spec.normals, spec.cancel)? else {
            let further = spec.further as f64;
            let risk = alpha / (members.len().max(1) as f64 + further);
            return Ok(Self {
                risk,
                p_adjusted: holm::adjust(&p_values, further),
                adjustment: Adjustment::Holm,
            });
        };
        let count = (joint.len() + alone.len()) as f64 + spec.further as f64;
        let mut p_adjusted: Vec<f64> = p_values.clone();
        for place in alone {
            p_adjusted[place] = (p_values[place] * count).min(1.0);
        }
        let of_joint: Vec<f64> = joint.iter().map(|&place| p_values[place]).collect();
        for (place, p) in joint.into_iter().zip(law.step_down(&of_joint)) {
            p_adjusted[place] = p;
        }
        let risk = law.risk_of_each(alpha);
        Ok(Self { risk, p_adjusted, adjustment: Adjustment::StepDown })
    }
}

fn judge(difference: &PairedDifference, alpha: f64, margin: Margin) -> Conclusion {
    let estimate = &difference.estimate;
    let (Some(diff), Some((low, high))) = (estimate.value, difference.interval(alpha)) else {
        return Conclusion { verdict: None, n_paths_needed: None, reason: estimate.reason };
    };
    let Estimate { n_paths, precision, .. } = *estimate;
    let conclusion = conclude(Evidence { diff, low, high, n_paths, precision }, margin);
    if conclusion.verdict != Some(Verdict::NotResolved) {
        return conclusion;
    }
    // An error that a few paths make cannot say how many it would take.
    let known = conclusion.n_paths_needed.filter(|_| estimate.precision < Precision::Insufficient);
    let for_skew = difference.n_paths_for_skew.filter(|&n| n > estimate.n_paths);
    Conclusion { n_paths_needed: known.max(for_skew), ..conclusion }
}
