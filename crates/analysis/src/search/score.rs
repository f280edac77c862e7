//! Scores many policies against one baseline on one metric, part by part.
//!
//! Two sums are kept for each candidate, so that thousands of them need little memory: the sums of
//! its own values, and those of its differences from the baseline on the same paths.

use std::collections::BTreeMap;

use corridor_core::level::Level;
use corridor_core::outcome::{OutcomePart, PathColumn, PolicyId};
use corridor_tables::metric::{MetricId, Source};

use crate::compare::{Arm, PairedDifference};
use crate::counts::Counts;
use crate::estimate::Estimate;
use crate::facts::CellFacts;
use crate::moments::Moments;
use crate::paired::PairMoments;
use crate::path_value::values_of;
use crate::statistic::{CertaintyEquivalent, certainty_equivalent, mean};

/// Metric, horizon and baseline of a search.
#[derive(Clone, Copy, Debug)]
pub struct Score {
    /// Metric that candidates are ranked by.
    pub metric: MetricId,
    /// Facts of the scenario at the horizon.
    pub facts: CellFacts,
    /// Id of the policy that every candidate is paired with.
    pub baseline: PolicyId,
    /// Instruction set; the bits do not depend on it.
    pub level: Level,
}

/// Sums of one policy over some paths.
#[derive(Clone, Copy, Debug)]
pub struct ScoreSums {
    own: Moments,
    pair: PairMoments,
    /// Sum over paths of the mean weight of the growth assets.
    exposure: f64,
    paths: f64,
}

/// Sums of all candidates so far, by policy.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    sums: BTreeMap<PolicyId, ScoreSums>,
}

/// A candidate and its score on some paths.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// Id of the candidate.
    pub policy: PolicyId,
    /// The metric under the candidate.
    pub value: Estimate,
    /// Its difference from the baseline on the same paths.
    pub difference: Estimate,
    /// Mean weight of the growth assets less that under the baseline, a fraction of wealth.
    pub exposure: Option<f64>,
}

impl Score {
    /// Sums every policy of a part over its paths; empty if the part lacks the baseline.
    #[must_use]
    pub fn part(&self, part: &OutcomePart) -> Vec<(PolicyId, ScoreSums)> {
        let source = self.metric.metric().source;
        let values = |cell| values_of(source, cell, &self.facts, self.level);
        let Some(baseline) =
            part.cells.iter().find(|cell| cell.id.policy_id == self.baseline).map(values)
        else {
            return Vec::new();
        };
        let sums = part.cells.iter().map(|cell| {
            let own = values(cell);
            let moments = Moments::of(&own, self.level);
            let may_be_null = moments.n_null > 0 || baseline.iter().any(|value| !value.is_finite());
            let exposure = cell.columns[PathColumn::GrowthWeightMeanFrac as usize].iter().sum();
            let pair = PairMoments::of(&own, &baseline, may_be_null, self.level);
            (
                cell.id.policy_id,
                ScoreSums { own: moments, pair, exposure, paths: part.paths as f64 },
            )
        });
        sums.collect()
    }

    /// Returns the policies that have a value, the best first; equal ones by id.
    #[must_use]
    pub fn ranking(&self, scores: &Scores) -> Vec<PolicyId> {
        let sign = if self.metric.metric().higher_is_better == Some(false) { 1.0 } else { -1.0 };
        let mut ranked: Vec<(f64, PolicyId)> = scores
            .sums
            .keys()
            .filter(|policy| **policy != self.baseline)
            .filter_map(|&policy| Some((sign * self.value(scores, policy)?.value?, policy)))
            .collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        ranked.into_iter().map(|(_, policy)| policy).collect()
    }

    /// Scores all candidates, the best first; those without a value or a difference are left out.
    #[must_use]
    pub fn ranked(&self, scores: &Scores) -> Vec<Scored> {
        let scored = |policy: PolicyId| {
            let difference = self.difference(scores, policy)?.estimate;
            Some(Scored {
                policy,
                value: self.value(scores, policy)?,
                difference,
                exposure: self.exposure_difference(scores, policy),
            })
        };
        self.ranking(scores).into_iter().filter_map(scored).collect()
    }

    /// Estimates the metric under one policy; `None` if it has no sums.
    #[must_use]
    pub fn value(&self, scores: &Scores, policy: PolicyId) -> Option<Estimate> {
        Some(self.estimate(&scores.sums.get(&policy)?.own))
    }

    /// Returns the mean weight of the growth assets under a policy less that under the baseline, a
    /// fraction of wealth.
    #[must_use]
    pub fn exposure_difference(&self, scores: &Scores, policy: PolicyId) -> Option<f64> {
        let mean = |policy| scores.sums.get(&policy).map(|sums| sums.exposure / sums.paths);
        Some(mean(policy)? - mean(self.baseline)?)
    }

    /// Estimates the difference policy - baseline from paired paths; `None` if either has no sums.
    #[must_use]
    pub fn difference(&self, scores: &Scores, policy: PolicyId) -> Option<PairedDifference> {
        let (sums, baseline) = (scores.sums.get(&policy)?, scores.sums.get(&self.baseline)?);
        let estimates = [self.estimate(&sums.own), self.estimate(&baseline.own)];
        let none = Counts::default();
        let arm = |moments, estimate| Arm { moments, counts: &none, estimate };
        Some(PairedDifference::of(
            self.metric.metric(),
            &self.facts,
            &sums.pair,
            arm(&sums.own, &estimates[0]),
            arm(&baseline.own, &estimates[1]),
        ))
    }

    fn estimate(&self, moments: &Moments) -> Estimate {
        match self.metric.metric().source {
            Source::CertaintyEquivalent { gamma, worth } => certainty_equivalent(
                CertaintyEquivalent::of(gamma, worth, &self.facts),
                moments,
                &Counts::default(),
            ),
            Source::Column(_) | Source::Event(_) | Source::Derived(_) | Source::Followed(_) => {
                mean(moments, &Counts::default())
            }
        }
    }
}

impl Scores {
    /// Adds the sums of the next part.
    pub fn add(&mut self, part: &[(PolicyId, ScoreSums)]) {
        for (policy, sums) in part {
            let known = self.sums.entry(*policy).or_insert(ScoreSums {
                own: Moments::EMPTY,
                pair: PairMoments::default(),
                exposure: 0.0,
                paths: 0.0,
            });
            known.own.merge(&sums.own);
            known.pair.merge(&sums.pair);
            known.exposure += sums.exposure;
            known.paths += sums.paths;
        }
    }

    /// Drops all policies but these.
    pub fn retain(&mut self, keep: &[PolicyId]) {
        self.sums.retain(|policy, _| keep.contains(policy));
    }
}
