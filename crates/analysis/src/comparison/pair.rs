//! Estimates the difference of one policy from its baseline, on one statistic of one metric.

use corridor_core::cancel::Cancel;
use corridor_core::outcome::CellId;
use corridor_tables::metric::{MetricId, Source, Worth};

use crate::cell::{Estimates, tail_counts};
use crate::compare::{Arm, Influence, Member, Normals, PairedDifference, SectionArm};
use crate::control;
use crate::counts::Counts;
use crate::error::AnalysisError;
use crate::estimate::{Estimate, Method, Reason};
use crate::facts::CellFacts;
use crate::fold::{CellFold, Folded};
use crate::input::AnalysisInput;
use crate::statistic::{CertaintyEquivalent, Stat, implied_skewness};

/// Returns the standard error of a difference of headlines, from the sums over pairs of paths alone.
pub(crate) fn paired_error(
    folded: &Folded,
    policy: CellId,
    with: u32,
    metric: MetricId,
    facts: &CellFacts,
) -> Option<f64> {
    let sums = folded.pair(policy, with, metric)?;
    let missing = Estimate::missing(0, Method::PairedT, Reason::NoValues);
    let counts = Counts::default();
    let arm = |id: CellId| {
        Some(Arm {
            moments: folded.cells().get(&id)?.moments(metric),
            counts: &counts,
            estimate: &missing,
        })
    };
    let (a, b) = (arm(policy)?, arm(CellId { policy_id: with, ..policy })?);
    PairedDifference::of(metric.metric(), facts, &sums, a, b).estimate.std_error
}

/// Regresses the control out of the contributions of the sections if it was regressed out of the
/// estimate; otherwise returns them unchanged.
pub(crate) fn controlled_influence(
    input: &AnalysisInput,
    id: CellId,
    fold: &CellFold,
    metric: MetricId,
    estimate: &Estimate,
    influence: Option<Influence>,
) -> Option<Influence> {
    match control::find(&input.controls, id, metric)
        .filter(|_| estimate.method == Method::ControlVariate)
    {
        Some(control) => Some(control.take_out(fold, metric, &influence?)?.influence),
        None => influence,
    }
}

/// A policy and its baseline, in one scenario and at one horizon.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    pub(super) policy: CellId,
    pub(super) baseline: CellId,
}

impl Pair {
    /// Returns `None` for a baseline, which is not compared with itself.
    pub(super) fn of(input: &AnalysisInput, policy: CellId) -> Option<Self> {
        let with = *input.comparison.compare_with.get(policy.policy_id as usize)?;
        (with != policy.policy_id)
            .then_some(Self { policy, baseline: CellId { policy_id: with, ..policy } })
    }
}

/// One metric in one scenario at one horizon.
pub(super) struct MetricComparison<'a> {
    pub(super) input: &'a AnalysisInput,
    pub(super) folded: &'a Folded,
    pub(super) estimates: &'a Estimates,
    pub(super) normals: &'a Normals,
    pub(super) facts: CellFacts,
    pub(super) metric: MetricId,
    pub(super) cancel: Cancel<'a>,
}

impl MetricComparison<'_> {
    /// Estimates a difference. Means, probabilities and certainty equivalents use the sums over pairs
    /// of paths; other statistics, and pairs without such sums, use sections.
    pub(super) fn member<E>(&self, stat: Stat, pair: &Pair) -> Result<Member, AnalysisError<E>> {
        let (policy, with) = (pair.policy.policy_id, pair.baseline.policy_id);
        let (a, b) = (self.side(stat, pair.policy)?, self.side(stat, pair.baseline)?);
        let influence = a.1.as_ref().zip(b.1.as_ref()).and_then(|(a, b)| a.minus(b));
        let sums = self.folded.pair(pair.policy, with, self.metric).filter(|_| stat == Stat::Mean);
        let by_sections = || {
            PairedDifference::of_sections(
                SectionArm { estimate: a.0, influence: a.1.as_ref() },
                SectionArm { estimate: b.0, influence: b.1.as_ref() },
            )
        };
        let is_controlled =
            [a.0, b.0].iter().any(|estimate| estimate.method == Method::ControlVariate);
        let metric = self.metric.metric();
        let difference = match sums {
            Some(sums) if is_controlled || self.input.replicate_paths > 1 => {
                let (policy, baseline) =
                    (self.arm(pair.policy, a.0)?, self.arm(pair.baseline, b.0)?);
                let known =
                    by_sections().with_pairs(metric, &sums, policy.moments, baseline.moments);
                match (is_controlled, metric.source.is_event()) {
                    (true, _) => known.by(Method::PairedControlVariate),
                    (false, true) => known.of_shares(
                        Some(sums.a_above_b + sums.b_above_a),
                        self.input.replicate_paths,
                    ),
                    (false, false) => known,
                }
            }
            Some(sums) => PairedDifference::of(
                metric,
                &self.facts,
                &sums,
                self.arm(pair.policy, a.0)?,
                self.arm(pair.baseline, b.0)?,
            ),
            None if is_controlled => by_sections().by(Method::PairedControlVariate),
            None if stat == Stat::Mean && influence.is_none() && a.0.value.is_some() => {
                return Err(AnalysisError::PairNotKept { policy, with });
            }
            None if stat == Stat::ProbabilityBelow || metric.source.is_event() => {
                by_sections().of_shares(None, self.input.replicate_paths)
            }
            None => by_sections(),
        };
        let difference = match metric.source {
            Source::CertaintyEquivalent { gamma, worth } if !is_controlled => {
                difference.with_tail(self.implied_skewness(gamma, worth, pair)?)
            }
            _ => difference,
        };
        Ok(Member { difference, influence })
    }

    /// Returns the larger implied skewness of utility of policy and baseline.
    fn implied_skewness<E>(
        &self,
        gamma: u8,
        worth: Worth,
        pair: &Pair,
    ) -> Result<f64, AnalysisError<E>> {
        let kind = CertaintyEquivalent::of(gamma, worth, &self.facts);
        let of = |id: CellId| -> Result<f64, AnalysisError<E>> {
            let fold = self.folded.cells().get(&id).ok_or(AnalysisError::UnknownCell(id))?;
            Ok(implied_skewness(kind, tail_counts(fold, self.metric)))
        };
        Ok(f64::max(of(pair.policy)?, of(pair.baseline)?))
    }

    fn side<E>(
        &self,
        stat: Stat,
        id: CellId,
    ) -> Result<(&Estimate, Option<Influence>), AnalysisError<E>> {
        let fold = self.folded.cells().get(&id).ok_or(AnalysisError::UnknownCell(id))?;
        let estimates =
            &self.estimates.get(&id).ok_or(AnalysisError::UnknownCell(id))?[self.metric.index()];
        let estimate = estimates
            .summary()
            .find(|(found, _)| *found == stat)
            .ok_or(AnalysisError::UnknownCell(id))?
            .1;
        let influence = Influence::of(fold, self.metric, stat, &self.facts, estimate);
        Ok((estimate, controlled_influence(self.input, id, fold, self.metric, estimate, influence)))
    }

    fn arm<'a, E>(
        &'a self,
        id: CellId,
        estimate: &'a Estimate,
    ) -> Result<Arm<'a>, AnalysisError<E>> {
        let fold = self.folded.cells().get(&id).ok_or(AnalysisError::UnknownCell(id))?;
        Ok(Arm {
            moments: fold.moments(self.metric),
            counts: tail_counts(fold, self.metric),
            estimate,
        })
    }
}
