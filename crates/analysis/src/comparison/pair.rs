//! Estimates the difference of one policy from its baseline, on one statistic of one metric.

use corridor_core::cancel::Cancel;
use corridor_core::outcome::{CellId, PolicyId};
use corridor_tables::label::{Method, Reason, Stat};
use corridor_tables::metric::{MetricId, Source, Worth};

use crate::cell::{Estimates, QuantileShape, tail_counts};
use crate::compare::{Arm, Influence, Member, Normals, PairedDifference, SectionArm};
use crate::control;
use crate::counts::Counts;
use crate::error::AnalysisError;
use crate::estimate::Estimate;
use crate::facts::CellFacts;
use crate::fold::{CellFold, Folded};
use crate::input::AnalysisInput;
use crate::moments::Moments;
use crate::paired::PairMoments;
use crate::precision;
use crate::statistic::{CertaintyEquivalent, implied_skewness};

/// Returns the standard error of a difference of headlines, from the sums over pairs of paths
/// alone.
pub(crate) fn paired_error(
    folded: &Folded,
    policy: CellId,
    with: PolicyId,
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

fn has_ruin(fold: &CellFold) -> bool {
    fold.moments(MetricId::RUIN_MONTH).n > 0
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
        let with = *input.comparison.compare_with.get(policy.policy_id.index())?;
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

/// The statistic under one policy, with the contributions of the sections to its error.
struct Side<'a> {
    estimate: &'a Estimate,
    influence: Option<Influence>,
    /// Error that interpolation within a bucket may have, in the metric's unit.
    blur: f64,
}

impl Side<'_> {
    fn is_controlled(&self) -> bool {
        self.estimate.method == Method::ControlVariate
    }

    fn arm(&self) -> SectionArm<'_> {
        SectionArm { estimate: self.estimate, influence: self.influence.as_ref(), blur: self.blur }
    }
}

impl MetricComparison<'_> {
    /// Estimates a difference. Means, probabilities and certainty equivalents use the sums over
    /// pairs of paths; other statistics, and pairs without such sums, use sections.
    pub(super) fn member<E>(&self, stat: Stat, pair: &Pair) -> Result<Member, AnalysisError<E>> {
        let [a, b] = [self.side(stat, pair.policy)?, self.side(stat, pair.baseline)?];
        let influence =
            a.influence.as_ref().zip(b.influence.as_ref()).and_then(|(a, b)| a.minus(b));
        let with = pair.baseline.policy_id;
        let kept = self.folded.pair(pair.policy, with, self.metric);
        let sums = kept.filter(|_| stat == Stat::Mean);
        let difference = match sums {
            Some(sums) => self.by_pairs(pair, &sums, &a, &b)?,
            None if matches!(stat, Stat::Quantile(_)) && self.is_equal(pair, kept)? => {
                PairedDifference::of_equals(a.estimate, b.estimate)
            }
            None if a.is_controlled() || b.is_controlled() => {
                PairedDifference::of_sections(a.arm(), b.arm()).by(Method::PairedControlVariate)
            }
            None if stat == Stat::Mean && influence.is_none() && a.estimate.value.is_some() => {
                return Err(AnalysisError::PairNotKept { policy: pair.policy.policy_id, with });
            }
            None => {
                let known = PairedDifference::of_sections(a.arm(), b.arm());
                if stat == Stat::ProbabilityBelow || self.metric.metric().source.is_event() {
                    known.of_shares(None, self.input.replicate_paths)
                } else {
                    known
                }
            }
        };
        let difference = match self.metric.metric().source {
            Source::CertaintyEquivalent { gamma, worth }
                if !a.is_controlled() && !b.is_controlled() =>
            {
                difference.with_tail(self.implied_skewness(gamma, worth, pair)?)
            }
            Source::CertaintyEquivalent { .. }
            | Source::Column(_)
            | Source::Event(_)
            | Source::Derived(_)
            | Source::Followed(_) => difference,
        };
        let exposed = self.metric.metric().is_unbounded_near_ruin() && stat == Stat::Mean;
        let ruined = |id: &CellId| self.folded.cells().get(id).is_some_and(has_ruin);
        let near_ruin = exposed && [pair.policy, pair.baseline].iter().any(ruined);
        let difference = difference.judged(precision::of_ruin(near_ruin));
        Ok(Member { difference, influence })
    }

    /// Estimates the difference of a headline from the sums over pairs of paths. Where paths are
    /// not independent, or a control was regressed out, only its error comes from sections.
    fn by_pairs<E>(
        &self,
        pair: &Pair,
        sums: &PairMoments,
        a: &Side<'_>,
        b: &Side<'_>,
    ) -> Result<PairedDifference, AnalysisError<E>> {
        let is_controlled = a.is_controlled() || b.is_controlled();
        let metric = self.metric.metric();
        let (policy, baseline) =
            (self.arm(pair.policy, a.estimate)?, self.arm(pair.baseline, b.estimate)?);
        if !is_controlled && self.input.replicate_paths <= 1 {
            return Ok(PairedDifference::of(metric, &self.facts, sums, policy, baseline));
        }
        let known = PairedDifference::of_sections(a.arm(), b.arm());
        let known = known.with_pairs(metric, sums, policy.moments, baseline.moments);
        let discordant = Some(sums.a_above_b + sums.b_above_a);
        Ok(match (is_controlled, metric.source.is_event()) {
            (true, _) => known.by(Method::PairedControlVariate),
            (false, true) => known.of_shares(discordant, self.input.replicate_paths),
            (false, false) => known,
        })
    }

    /// Tells whether policy and baseline have the same value on every path, but for rounding.
    fn is_equal<E>(
        &self,
        pair: &Pair,
        kept: Option<PairMoments>,
    ) -> Result<bool, AnalysisError<E>> {
        let moments = |id: CellId| -> Result<&Moments, AnalysisError<E>> {
            let fold = self.folded.cells().get(&id).ok_or(AnalysisError::UnknownCell(id))?;
            Ok(fold.moments(self.metric))
        };
        let (a, b) = (moments(pair.policy)?, moments(pair.baseline)?);
        Ok(kept.is_some_and(|sums| {
            let sums = sums.without_rounding(a.magnitude().max(b.magnitude()));
            sums.n == a.n && sums.n == b.n && sums.sum == 0.0 && sums.squares == 0.0
        }))
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

    fn side<E>(&self, stat: Stat, id: CellId) -> Result<Side<'_>, AnalysisError<E>> {
        let fold = self.folded.cells().get(&id).ok_or(AnalysisError::UnknownCell(id))?;
        let estimates = self.estimates.get(&id).ok_or(AnalysisError::UnknownCell(id))?;
        let estimate = estimates
            .summary()
            .find(|(found, _)| *found == stat)
            .ok_or(AnalysisError::UnknownCell(id))?
            .1;
        let QuantileShape { slope, blur } = estimates.shape(stat);
        let influence = Influence::of(fold, self.metric, stat, &self.facts, estimate, slope);
        let influence =
            controlled_influence(self.input, id, fold, self.metric, estimate, influence);
        Ok(Side { estimate, influence, blur })
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
