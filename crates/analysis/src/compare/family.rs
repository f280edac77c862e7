//! Adjusts the comparisons of one family for their number: intervals and p-values that hold for all
//! of them at once.
//!
//! A family is one statistic of one metric in one scenario at one horizon, of all policies against
//! their baselines: the policies that were tried to answer one question. Scenarios are different
//! questions; metrics other than the primary one give context.

use corridor_core::cancel::{Cancel, Cancelled};
use corridor_tables::label::{Adjustment, Precision, Verdict};
use corridor_tables::metric::DefaultMargin;

use crate::estimate::{CONFIDENCE, Estimate};

use super::difference::PairedDifference;
use super::holm;
use super::influence::Influence;
use super::max_t::{Normals, NullLaw};
use super::verdict::{Conclusion, Evidence, Margin, conclude};

/// A comparison of a family: a difference and, where known, the sections' contributions to its
/// error.
#[derive(Clone, Debug)]
pub struct Member {
    /// Difference policy - baseline.
    pub difference: PairedDifference,
    /// Contributions of the sections to the difference; `None` where they are not known.
    pub influence: Option<Influence>,
}

impl Member {
    /// The contributions, if they show how the difference moves with others.
    fn joint(&self) -> Option<&Influence> {
        self.influence.as_ref().filter(|influence| influence.squares() > 0.0)
    }
}

/// Settings by which a family is judged.
#[derive(Clone, Copy, Debug)]
pub struct FamilySpec<'a> {
    /// Margin of practical equivalence; `None` if there is none.
    pub margin: Option<DefaultMargin>,
    /// Direction of the metric; `None` if neither direction is better.
    pub higher_is_better: Option<bool>,
    /// Number of policies outside the family that were tried to answer the same question.
    pub further: u64,
    /// Draws from which the joint law is built.
    pub normals: &'a Normals,
    /// Stops the judgement of a large family.
    pub cancel: Cancel<'a>,
}

/// A difference, judged among the others of its family.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedComparison {
    /// Difference with its pointwise interval and p-value.
    pub difference: PairedDifference,
    /// Ends of the simultaneous 95 % interval, low and high: all intervals of the family hold at
    /// once with 95 %.
    pub simultaneous: Option<(f64, f64)>,
    /// p-value adjusted for the family.
    pub p_adjusted: Option<f64>,
    /// Method of the adjustment.
    pub adjustment: Adjustment,
    /// Verdict, or the reason why there is none.
    pub conclusion: Conclusion,
}

/// Judges the differences of a family.
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
        conclusion: judge(&member.difference, shared.risk, spec),
    };
    Ok(members.iter().zip(shared.p_adjusted).map(compared).collect())
}

/// Risk, p-values and method that the members of a family share.
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
        // A difference without spread is certain and has no t statistic.
        let has_spread =
            |member: &Member| member.difference.estimate.std_error.is_some_and(|error| error > 0.0);
        let (joint, alone): (Vec<usize>, Vec<usize>) = (0..members.len())
            .filter(|&place| has_spread(&members[place]))
            .partition(|&place| members[place].joint().is_some());
        let influences: Vec<&Influence> =
            joint.iter().filter_map(|&place| members[place].joint()).collect();
        // Members without a joint law count as tried elsewhere, with a Bonferroni share of the
        // risk.
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

fn judge(difference: &PairedDifference, alpha: f64, spec: FamilySpec<'_>) -> Conclusion {
    let estimate = &difference.estimate;
    let width = spec.margin.and_then(|margin| margin.at(difference.baseline_value));
    let margin = Margin { width, higher_is_better: spec.higher_is_better };
    let (Some(diff), Some((low, high))) = (estimate.value, difference.interval(alpha)) else {
        return Conclusion { verdict: None, n_paths_needed: None, reason: estimate.reason };
    };
    let Estimate { n_paths, precision, .. } = *estimate;
    let conclusion = conclude(Evidence { diff, low, high, n_paths, precision }, margin);
    if conclusion.verdict != Some(Verdict::NotResolved) {
        return conclusion;
    }
    // An error made by a few paths cannot predict how many paths are needed.
    let known = conclusion.n_paths_needed.filter(|_| estimate.precision < Precision::Insufficient);
    let for_skew = difference.n_paths_for_skew.filter(|&n| n > estimate.n_paths);
    Conclusion { n_paths_needed: known.max(for_skew), ..conclusion }
}
