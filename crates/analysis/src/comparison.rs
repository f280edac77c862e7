//! Compares every policy with its baseline, in every scenario, at every horizon, on every statistic
//! of every metric.

use std::collections::BTreeMap;

use corridor_core::cancel::{Cancel, Cancelled};
use corridor_core::numerics::exp;
use corridor_core::outcome::CellId;
use corridor_tables::metric::{MetricId, Source, Worth};
use rayon::prelude::*;

use crate::cell::{Estimates, tail_counts};
use crate::compare::{
    Arm, Conclusion, FamilySpec, Influence, Margin, Member, Normals, PairedComparison,
    PairedDifference, SectionArm, compare_family,
};
use crate::control;
use crate::counts::Counts;
use crate::error::AnalysisError;
use crate::estimate::{Estimate, Method, Reason};
use crate::facts::{CellFacts, Facts, Setting};
use crate::fold::{CellFold, Folded};
use crate::input::AnalysisInput;
use crate::statistic::{CertaintyEquivalent, Stat, implied_skewness};

/// One policy against its baseline, on one statistic of one metric.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Compared {
    pub(crate) policy: CellId,
    pub(crate) baseline: u32,
    pub(crate) metric: MetricId,
    pub(crate) stat: Stat,
    pub(crate) comparison: PairedComparison,
    /// The difference as money at the horizon, and the ends of its interval.
    pub(crate) effect: Option<Effect>,
    /// Mean growth weight of the policy minus that of the baseline.
    pub(crate) exposure_diff: Option<f64>,
}

/// A difference as money at the horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Effect {
    pub(crate) value: f64,
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
}

/// All comparisons, sorted by scenario, horizon, metric, statistic and policy.
pub(crate) fn compare_all<E: Send>(
    input: &AnalysisInput,
    facts: &Facts,
    folded: &Folded,
    estimates: &Estimates,
    cancel: Cancel<'_>,
) -> Result<Vec<Compared>, AnalysisError<E>> {
    let mut groups: BTreeMap<Setting, Vec<CellId>> = BTreeMap::new();
    for id in folded.cells().keys() {
        groups.entry((*id).into()).or_default().push(*id);
    }
    let groups: Vec<(CellFacts, Vec<Pair>)> = groups
        .into_iter()
        .map(|(setting, cells)| {
            let pairs = cells.into_iter().filter_map(|policy| Pair::of(input, policy)).collect();
            (facts.at(setting), pairs)
        })
        .collect();
    let normals = Normals::new(groups.iter().map(|(_, pairs)| pairs.len()).max().unwrap_or(0));
    let metrics = || MetricId::all().filter(|id| id.metric().is_compared());
    let tasks: Vec<(&(CellFacts, Vec<Pair>), MetricId)> =
        groups.iter().flat_map(|group| metrics().map(move |metric| (group, metric))).collect();
    let compared = tasks.into_par_iter().map(|((facts, pairs), metric)| {
        let work =
            Work { input, folded, estimates, normals: &normals, facts: *facts, metric, cancel };
        work.statistics(pairs)
            .into_iter()
            .map(|stat| work.compare(stat, pairs))
            .collect::<Result<Vec<_>, _>>()
    });
    let compared: Vec<Vec<Vec<Compared>>> = compared.collect::<Result<_, _>>()?;
    Ok(compared.into_iter().flatten().flatten().collect())
}

/// The standard error of one difference on a metric's headline, from the sums of its pairs alone.
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

/// What the sections contribute to the error of an estimate, with its control taken out where it
/// is.
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

/// A difference that is shown and not judged.
fn alone(member: &Member, spec: FamilySpec<'_>) -> Result<Option<PairedComparison>, Cancelled> {
    let conclusion =
        Conclusion { verdict: None, n_paths_needed: None, reason: Some(Reason::LookAhead) };
    let own = compare_family(std::slice::from_ref(member), spec)?.into_iter().next();
    Ok(own.map(|own| PairedComparison { conclusion, ..own }))
}

/// A policy and its baseline, in one scenario and at one horizon.
#[derive(Clone, Copy)]
struct Pair {
    policy: CellId,
    baseline: CellId,
}

impl Pair {
    /// `None` for a baseline, which is not compared with itself.
    fn of(input: &AnalysisInput, policy: CellId) -> Option<Self> {
        let with = *input.comparison.compare_with.get(policy.policy_id as usize)?;
        (with != policy.policy_id)
            .then_some(Self { policy, baseline: CellId { policy_id: with, ..policy } })
    }
}

/// One metric of one scenario and horizon.
struct Work<'a> {
    input: &'a AnalysisInput,
    folded: &'a Folded,
    estimates: &'a Estimates,
    normals: &'a Normals,
    facts: CellFacts,
    metric: MetricId,
    cancel: Cancel<'a>,
}

impl Work<'_> {
    /// The statistics of the metric: those that `fact_summary` has.
    fn statistics(&self, pairs: &[Pair]) -> Vec<Stat> {
        let first = pairs.first().and_then(|pair| self.estimates.get(&pair.policy));
        first
            .map(|metrics| metrics[self.metric.index()].summary().map(|(stat, _)| stat).collect())
            .unwrap_or_default()
    }

    fn compare<E>(&self, stat: Stat, pairs: &[Pair]) -> Result<Vec<Compared>, AnalysisError<E>> {
        let member = |pair: &Pair| {
            self.cancel.check()?;
            self.member(stat, pair)
        };
        let members = pairs.iter().map(member).collect::<Result<Vec<_>, _>>()?;
        let spec = FamilySpec {
            margin: self.margin(stat),
            further: self.input.comparison.further,
            normals: self.normals,
            cancel: self.cancel,
        };
        let looks_ahead = |pair: &Pair| {
            [pair.policy, pair.baseline]
                .iter()
                .any(|cell| self.input.look_ahead.contains(&cell.policy_id))
        };
        let fair: Vec<Member> = pairs
            .iter()
            .zip(&members)
            .filter(|(pair, _)| !looks_ahead(pair))
            .map(|(_, member)| member.clone())
            .collect();
        let mut judged = compare_family(&fair, spec)?.into_iter();
        let mut comparisons = Vec::with_capacity(pairs.len());
        for (pair, member) in pairs.iter().zip(&members) {
            comparisons.extend(if looks_ahead(pair) {
                alone(member, spec)?
            } else {
                judged.next()
            });
        }
        let compared = |(pair, comparison): (&Pair, PairedComparison)| Compared {
            policy: pair.policy,
            baseline: pair.baseline.policy_id,
            metric: self.metric,
            stat,
            effect: self.effect(stat, pair, &comparison.difference),
            exposure_diff: self.exposure_diff(pair),
            comparison,
        };
        Ok(pairs.iter().zip(comparisons).map(compared).collect())
    }

    /// A margin is in the metric's unit and for its level: not for its spread, and not for a
    /// probability of another event.
    fn margin(&self, stat: Stat) -> Margin {
        let metric = self.metric.metric();
        let width = self.input.comparison.margin(self.metric);
        match stat {
            Stat::Mean | Stat::Quantile(_) | Stat::Cvar => {
                Margin { width, higher_is_better: metric.higher_is_better }
            }
            Stat::Deviation => Margin { width: None, higher_is_better: None },
            Stat::ProbabilityBelow => Margin {
                width: None,
                higher_is_better: metric.higher_is_better.map(|higher| !higher),
            },
        }
    }

    /// The difference of means, probabilities and certainty equivalents comes from the sums over
    /// the pairs of paths, all else, and pairs whose sums were not kept, from sections.
    fn member<E>(&self, stat: Stat, pair: &Pair) -> Result<Member, AnalysisError<E>> {
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

    /// The larger of the two sides'.
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

    /// What the difference is worth at the horizon. A growth rate `g` turns the initial balance
    /// into `initial exp(g years)`, flows left aside: the effect is the difference of the two. For
    /// terminal wealth and its certainty equivalent it is the difference itself; for other metrics,
    /// and for a spread or a probability, there is none.
    fn effect(&self, stat: Stat, pair: &Pair, difference: &PairedDifference) -> Option<Effect> {
        if matches!(stat, Stat::Deviation | Stat::ProbabilityBelow) {
            return None;
        }
        let estimate = &difference.estimate;
        let per_unit = match (self.metric.metric().source, self.metric) {
            (Source::CertaintyEquivalent { worth: Worth::Growth, .. }, _) => 1e-4,
            (Source::Column(_), MetricId::LOG_GROWTH) => 1.0,
            (Source::Column(_), MetricId::TERMINAL_WEALTH)
            | (Source::CertaintyEquivalent { worth: Worth::Wealth, .. }, _) => {
                return Some(Effect {
                    value: estimate.value?,
                    low: estimate.ci_low,
                    high: estimate.ci_high,
                });
            }
            (
                Source::Column(_) | Source::Event(_) | Source::Derived(_) | Source::Followed(_),
                _,
            ) => return None,
        };
        let initial = self.input.scenarios.get(pair.policy.scenario_id as usize)?.initial_balance;
        let baseline = difference.baseline_value?;
        let grown = |value: f64| initial * exp(value * per_unit * self.facts.years);
        let effect = |diff: f64| {
            Some(grown(baseline + diff) - grown(baseline)).filter(|effect| effect.is_finite())
        };
        let value = Some(grown(difference.policy_value?) - grown(baseline))
            .filter(|effect| effect.is_finite())?;
        Some(Effect {
            value,
            low: estimate.ci_low.and_then(effect),
            high: estimate.ci_high.and_then(effect),
        })
    }

    fn exposure_diff(&self, pair: &Pair) -> Option<f64> {
        let exposure =
            |id: &CellId| self.estimates.get(id)?[MetricId::GROWTH_WEIGHT.index()].headline.value;
        Some(exposure(&pair.policy)? - exposure(&pair.baseline)?)
    }
}
