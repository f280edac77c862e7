//! Scores many policies against one baseline on one metric, part by part, and says which are the
//! best so far.
//!
//! It keeps two sums for each candidate, so that thousands of them cost little memory: those of its
//! own values, and those of the differences from the baseline on the same paths.

use std::collections::BTreeMap;

use corridor_core::level::Level;
use corridor_core::outcome::{OutcomePart, PathColumn};
use corridor_tables::metric::{MetricId, Source};

use crate::compare::{Arm, PairedDifference};
use crate::counts::Counts;
use crate::estimate::Estimate;
use crate::facts::CellFacts;
use crate::moments::Moments;
use crate::paired::PairMoments;
use crate::path_value::values_of;
use crate::statistic::{CertaintyEquivalent, certainty_equivalent, mean};

/// What is scored.
#[derive(Clone, Copy, Debug)]
pub struct Score {
    /// The metric.
    pub metric: MetricId,
    /// What values depend on besides their paths.
    pub facts: CellFacts,
    /// Policy every candidate is paired with.
    pub baseline: u32,
    /// Instruction set; the bits do not depend on it.
    pub level: Level,
}

/// Sums of one policy.
#[derive(Clone, Copy, Debug)]
pub struct ScoreSums {
    own: Moments,
    pair: PairMoments,
    /// Of the mean weight of growth assets, over paths.
    exposure: f64,
    paths: f64,
}

/// Scores so far, by policy.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    sums: BTreeMap<u32, ScoreSums>,
}

impl Score {
    /// Sums of every policy of a part that holds the baseline too; empty without it.
    #[must_use]
    pub fn part(&self, part: &OutcomePart) -> Vec<(u32, ScoreSums)> {
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

    /// The policies of `scores` with a value, the best first; ties by number.
    #[must_use]
    pub fn ranking(&self, scores: &Scores) -> Vec<u32> {
        let sign = if self.metric.metric().higher_is_better == Some(false) { 1.0 } else { -1.0 };
        let mut ranked: Vec<(f64, u32)> = scores
            .sums
            .keys()
            .filter(|policy| **policy != self.baseline)
            .filter_map(|&policy| Some((sign * self.value(scores, policy)?.value?, policy)))
            .collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        ranked.into_iter().map(|(_, policy)| policy).collect()
    }

    /// The metric under one policy.
    #[must_use]
    pub fn value(&self, scores: &Scores, policy: u32) -> Option<Estimate> {
        Some(self.estimate(&scores.sums.get(&policy)?.own))
    }

    /// Mean weight of growth assets under one policy, less the same under the baseline.
    #[must_use]
    pub fn exposure_difference(&self, scores: &Scores, policy: u32) -> Option<f64> {
        let mean = |policy| scores.sums.get(&policy).map(|sums| sums.exposure / sums.paths);
        Some(mean(policy)? - mean(self.baseline)?)
    }

    /// The difference of one policy from the baseline, from pairs.
    #[must_use]
    pub fn difference(&self, scores: &Scores, policy: u32) -> Option<PairedDifference> {
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
    /// Adds the sums of a part, which come after those there are.
    pub fn add(&mut self, part: &[(u32, ScoreSums)]) {
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

    /// Leaves out all policies but these.
    pub fn retain(&mut self, keep: &[u32]) {
        self.sums.retain(|policy, _| keep.contains(policy));
    }
}

/// One round of successive halving (Jamieson and Talwalkar 2016): so many candidates on so many
/// paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// Candidates that run.
    pub candidates: usize,
    /// Paths that each has run on after it.
    pub paths: u64,
}

/// The rounds that lead from all candidates on few paths to the finalists on all.
///
/// Each round keeps the share `keep` of the candidates and gives them `1 / keep` times the paths;
/// path numbers are rounded up to `unit`. The last round runs on all `paths`.
#[must_use]
pub fn rounds(
    candidates: usize,
    finalists: usize,
    keep: f64,
    first_paths: u64,
    paths: u64,
    unit: u64,
) -> Vec<Round> {
    let mut counts = vec![candidates];
    while let Some(&last) = counts.last()
        && last > finalists
        && keep < 1.0
    {
        let next = ((last as f64 * keep).ceil() as usize).max(finalists).min(last - 1);
        counts.push(next);
    }
    let last = counts.len() - 1;
    let mut rounds: Vec<Round> = Vec::new();
    for (place, &candidates) in counts.iter().enumerate() {
        let mut share = 1.0;
        for _ in place..last {
            share *= keep;
        }
        let wanted = if place == last {
            paths
        } else {
            ((paths as f64 * share) as u64).max(first_paths).min(paths)
        };
        let rounded = if wanted >= paths { paths } else { wanted.div_ceil(unit) * unit };
        rounds.push(Round { candidates, paths: rounded.min(paths) });
    }
    // where few paths are asked for, early rounds would run on as many as later ones: the later
    // ones decide
    let mut kept: Vec<Round> = Vec::new();
    for round in rounds {
        match kept.last() {
            Some(before) if before.paths >= round.paths => {}
            Some(_) | None => kept.push(round),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_lead_from_all_candidates_to_all_paths() {
        let found = rounds(1000, 8, 0.25, 1024, 100_000, 1024);
        let pairs: Vec<(usize, u64)> =
            found.iter().map(|round| (round.candidates, round.paths)).collect();
        assert_eq!(pairs, [(1000, 1024), (250, 2048), (63, 7168), (16, 25_600), (8, 100_000)]);
        assert_eq!(rounds(5, 8, 0.25, 1024, 4096, 1024), [Round { candidates: 5, paths: 4096 }]);
        assert_eq!(
            rounds(1000, 8, 1.0, 1024, 4096, 1024),
            [Round { candidates: 1000, paths: 4096 }]
        );
        assert_eq!(rounds(100, 1, 0.5, 4096, 4096, 1024), [Round { candidates: 100, paths: 4096 }]);
    }
}
