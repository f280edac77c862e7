//! Compares all policies of a run, family by family.

use std::collections::BTreeMap;

use corridor_core::cancel::{Cancel, Cancelled};
use corridor_core::outcome::{CellId, PolicyId};
use corridor_tables::label::{Reason, Stat};
use corridor_tables::metric::{DefaultMargin, MetricId};
use rayon::prelude::*;

use super::effect::{Effect, exposure_diff};
use super::pair::{MetricComparison, Pair};
use crate::cell::Estimates;
use crate::compare::{Conclusion, FamilySpec, Member, Normals, PairedComparison, compare_family};
use crate::error::AnalysisError;
use crate::facts::{CellFacts, Facts, Setting};
use crate::fold::Folded;
use crate::input::AnalysisInput;

/// A policy compared with its baseline, on one statistic of one metric.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Compared {
    pub(crate) policy: CellId,
    pub(crate) baseline: PolicyId,
    pub(crate) metric: MetricId,
    pub(crate) stat: Stat,
    pub(crate) comparison: PairedComparison,
    /// The difference as money at the horizon.
    pub(crate) effect: Option<Effect>,
    /// Mean growth weight of the policy minus that of the baseline.
    pub(crate) exposure_diff: Option<f64>,
}

/// The pairs of each scenario and horizon of a run, and the draws for the law of the largest of many
/// differences, which all comparisons share.
pub(crate) struct Families {
    groups: Vec<(CellFacts, Vec<Pair>)>,
    normals: Normals,
}

impl Families {
    /// Pairs the cells of a run with their baselines.
    pub(crate) fn of(input: &AnalysisInput, facts: &Facts, folded: &Folded) -> Self {
        let mut groups: BTreeMap<Setting, Vec<CellId>> = BTreeMap::new();
        for id in folded.cells().keys() {
            groups.entry((*id).into()).or_default().push(*id);
        }
        let groups: Vec<(CellFacts, Vec<Pair>)> = groups
            .into_iter()
            .map(|(setting, cells)| {
                let pairs =
                    cells.into_iter().filter_map(|policy| Pair::of(input, policy)).collect();
                (facts.at(setting), pairs)
            })
            .collect();
        let most = groups.iter().map(|(_, pairs)| pairs.len()).max().unwrap_or(0);
        Self { groups, normals: Normals::new(most) }
    }

    /// Lists the policies that are compared with the id of their baseline, by cell.
    pub(crate) fn baselines(&self) -> BTreeMap<CellId, PolicyId> {
        let pairs = self.groups.iter().flat_map(|(_, pairs)| pairs);
        pairs.map(|pair| (pair.policy, pair.baseline.policy_id)).collect()
    }

    /// Compares all policies on some metrics. The comparisons of each metric are sorted by scenario,
    /// horizon, statistic and policy; there are none on a metric that is not compared.
    pub(crate) fn compare<E: Send>(
        &self,
        input: &AnalysisInput,
        folded: &Folded,
        estimates: &[(MetricId, Estimates)],
        cancel: Cancel<'_>,
    ) -> Result<Vec<Vec<Compared>>, AnalysisError<E>> {
        let work = |(metric, estimates), facts: &CellFacts| MetricComparison {
            input,
            folded,
            estimates,
            normals: &self.normals,
            facts: *facts,
            metric,
            cancel,
        };
        let mut tasks = Vec::new();
        for (place, (metric, estimates)) in estimates.iter().enumerate() {
            if !metric.metric().is_compared() {
                continue;
            }
            for (facts, pairs) in &self.groups {
                let work = work((*metric, estimates), facts);
                tasks.extend(
                    work.statistics(pairs).into_iter().map(|stat| (place, stat, facts, pairs)),
                );
            }
        }
        let compared = tasks.into_par_iter().map(|(place, stat, facts, pairs)| {
            let (metric, estimates) = &estimates[place];
            Ok((place, work((*metric, estimates), facts).compare(stat, pairs)?))
        });
        let compared = compared.collect::<Result<Vec<_>, AnalysisError<E>>>()?;
        let mut by_metric: Vec<Vec<Compared>> = estimates.iter().map(|_| Vec::new()).collect();
        for (place, mut rows) in compared {
            by_metric[place].append(&mut rows);
        }
        Ok(by_metric)
    }
}

impl MetricComparison<'_> {
    /// Lists the statistics of the metric that `fact_summary` has.
    fn statistics(&self, pairs: &[Pair]) -> Vec<Stat> {
        let first = pairs.first().and_then(|pair| self.estimates.get(&pair.policy));
        first.map(|found| found.summary().map(|(stat, _)| stat).collect()).unwrap_or_default()
    }

    fn compare<E>(&self, stat: Stat, pairs: &[Pair]) -> Result<Vec<Compared>, AnalysisError<E>> {
        let member = |pair: &Pair| {
            self.cancel.check()?;
            self.member(stat, pair)
        };
        let members = pairs.iter().map(member).collect::<Result<Vec<_>, _>>()?;
        let (margin, higher_is_better) = self.margin(stat);
        let spec = FamilySpec {
            margin,
            higher_is_better,
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
            exposure_diff: exposure_diff(self.folded, pair.policy, pair.baseline.policy_id),
            comparison,
        };
        Ok(pairs.iter().zip(comparisons).map(compared).collect())
    }

    /// The margin of a statistic and its direction. A metric's margin applies to its level, not to its spread or to
    /// the probability of another event.
    fn margin(&self, stat: Stat) -> (Option<DefaultMargin>, Option<bool>) {
        let higher_is_better = self.metric.metric().higher_is_better;
        match stat {
            Stat::Mean | Stat::Quantile(_) | Stat::Cvar => {
                (self.input.comparison.margin(self.metric), higher_is_better)
            }
            Stat::Deviation => (None, None),
            Stat::ProbabilityBelow => (None, higher_is_better.map(|higher| !higher)),
        }
    }
}

/// Compares a policy that looks ahead: the difference is shown and not judged.
fn alone(member: &Member, spec: FamilySpec<'_>) -> Result<Option<PairedComparison>, Cancelled> {
    let conclusion =
        Conclusion { verdict: None, n_paths_needed: None, reason: Some(Reason::LookAhead) };
    let own = compare_family(std::slice::from_ref(member), spec)?.into_iter().next();
    Ok(own.map(|own| PairedComparison { conclusion, ..own }))
}
