//! Builds the rows of `fact_test`.

use std::collections::BTreeMap;

use corridor_core::cancel::{Cancel, Cancelled};
use corridor_core::outcome::{CellId, PolicyId};
use corridor_tables::TestRow;
use corridor_tables::label::Stat;
use corridor_tables::metric::{DefaultMargin, MetricId};
use rayon::prelude::*;

use crate::cell::Estimates;
use crate::compare::Influence;
use crate::comparison::controlled_influence;
use crate::estimate::CONFIDENCE;
use crate::facts::{CellFacts, Facts, Setting};
use crate::fold::Folded;
use crate::input::AnalysisInput;
use crate::select::{
    Bootstrap, Distribution, Dominance, Performance, RESAMPLES, Resamples, choose, first_order,
    model_confidence_set, second_order, superior_predictive_ability,
};

/// Risk that the model confidence set misses the best policy; Hansen, Lunde and Nason (2011) use 10
/// % too.
const MCS_ALPHA: f64 = 0.1;

/// The policies and the resamples that the tests of all metrics of a run share.
pub(crate) struct Tests {
    /// Policies that are judged, by scenario and horizon: those that do not see the future.
    groups: BTreeMap<Setting, Vec<CellId>>,
    resamples: Resamples,
}

impl Tests {
    /// Draws the resamples of the sections of a run. The metric is one that all paths have, so that it
    /// has every section.
    pub(crate) fn of(input: &AnalysisInput, folded: &Folded, metric: MetricId) -> Self {
        let sections = folded.cells().values().next().map_or(0, |cell| cell.sections(metric).len());
        let mut groups: BTreeMap<Setting, Vec<CellId>> = BTreeMap::new();
        for id in folded.cells().keys().filter(|id| !input.look_ahead.contains(&id.policy_id)) {
            groups.entry((*id).into()).or_default().push(*id);
        }
        Self { groups, resamples: Resamples::draw(sections, RESAMPLES) }
    }

    /// Builds the rows of `fact_test` for some metrics: tests of all policies at once for the primary
    /// metric and every metric with a margin, and dominance over the benchmark for every metric with
    /// a direction.
    pub(crate) fn rows(
        &self,
        input: &AnalysisInput,
        facts: &Facts,
        folded: &Folded,
        estimates: &[(MetricId, Estimates)],
        cancel: Cancel<'_>,
    ) -> Result<Vec<Vec<TestRow>>, Cancelled> {
        let groups: Vec<(&Setting, &Vec<CellId>)> = self.groups.iter().collect();
        let of_metric = |(metric, estimates): &(MetricId, Estimates)| {
            let of_group = |&(&setting, cells): &(&Setting, &Vec<CellId>)| {
                let group = Group {
                    input,
                    folded,
                    metric: *metric,
                    estimates,
                    cells,
                    facts: facts.at(setting),
                    resamples: &self.resamples,
                    cancel,
                };
                group.rows()
            };
            let rows = groups.par_iter().map(of_group).collect::<Result<Vec<_>, Cancelled>>()?;
            Ok(rows.into_iter().flatten().collect())
        };
        estimates.par_iter().map(of_metric).collect()
    }
}

/// All policies that are judged on one metric, in one scenario at one horizon.
struct Group<'a> {
    input: &'a AnalysisInput,
    folded: &'a Folded,
    metric: MetricId,
    estimates: &'a Estimates,
    cells: &'a [CellId],
    facts: CellFacts,
    resamples: &'a Resamples,
    cancel: Cancel<'a>,
}

/// A policy, its headline and the contributions of the sections to it.
struct Rival {
    id: CellId,
    value: f64,
    influence: Influence,
}

impl Group<'_> {
    fn rows(&self) -> Result<Vec<TestRow>, Cancelled> {
        self.cancel.check()?;
        let metric = self.metric;
        let Some(higher) = metric.metric().higher_is_better else { return Ok(Vec::new()) };
        let mut rows = Vec::new();
        let is_judged = metric == self.input.comparison.primary
            || self.input.comparison.margin(metric).and_then(DefaultMargin::absolute).is_some();
        let rivals =
            if is_judged && !self.resamples.is_empty() { self.rivals() } else { Vec::new() };
        if rivals.len() > 1 {
            let sign = if higher { 1.0 } else { -1.0 };
            for (benchmark, members) in self.benchmarks(&rivals) {
                rows.extend(self.superior(benchmark, &members, sign)?);
                rows.extend(self.choice(benchmark, &members, sign));
            }
            rows.extend(self.confidence_set(&rivals, sign)?);
        }
        if metric.metric().source.has_distribution() {
            for &id in self.cells {
                self.cancel.check()?;
                rows.extend(self.dominance(id, higher));
            }
        }
        Ok(rows)
    }

    fn rivals(&self) -> Vec<Rival> {
        let metric = self.metric;
        let rival = |&id: &CellId| {
            let (cell, estimate) =
                (self.folded.cells().get(&id)?, &self.estimates.get(&id)?.headline);
            let influence = Influence::of(cell, metric, Stat::Mean, &self.facts, estimate, None);
            let influence =
                controlled_influence(self.input, id, cell, metric, estimate, influence)?;
            Some(Rival { id, value: estimate.value?, influence })
        };
        self.cells.iter().filter_map(rival).collect()
    }

    fn benchmark_of(&self, id: CellId) -> Option<PolicyId> {
        self.input
            .comparison
            .compare_with
            .get(id.policy_id.index())
            .copied()
            .filter(|&with| with != id.policy_id)
    }

    /// Lists each policy that others are compared with, and these others.
    fn benchmarks<'a>(&self, rivals: &'a [Rival]) -> Vec<(&'a Rival, Vec<&'a Rival>)> {
        let members = |benchmark: &Rival| {
            rivals
                .iter()
                .filter(|rival| self.benchmark_of(rival.id) == Some(benchmark.id.policy_id))
                .collect::<Vec<_>>()
        };
        rivals
            .iter()
            .map(|benchmark| (benchmark, members(benchmark)))
            .filter(|(_, members)| !members.is_empty())
            .collect()
    }

    fn superior(
        &self,
        benchmark: &Rival,
        members: &[&Rival],
        sign: f64,
    ) -> Result<Vec<TestRow>, Cancelled> {
        let differences: Vec<(f64, Influence)> = members
            .iter()
            .filter_map(|rival| {
                Some((rival.value - benchmark.value, rival.influence.minus(&benchmark.influence)?))
            })
            .collect();
        let advantages: Vec<Performance<'_>> = differences
            .iter()
            .map(|(value, influence)| Performance { value: *value, influence })
            .collect();
        // Policies that were tried elsewhere take a share of the risk in proportion to their
        // number.
        let share =
            (members.len() as f64 + self.input.comparison.further as f64) / members.len() as f64;
        let found = superior_predictive_ability(
            &Bootstrap::of_influences(&advantages, sign, self.resamples, self.cancel)?,
            (1.0 - CONFIDENCE) / share,
            self.cancel,
        )?;
        let adjusted = |p: f64| Some((self.resolved(p) * share).min(1.0));
        let blank = TestRow {
            benchmark_policy_id: Some(benchmark.id.policy_id.number()),
            ..self.blank(benchmark.id, members.len())
        };
        let spa = TestRow {
            test: "spa".into(),
            statistic: Some(found.statistic),
            p_value: adjusted(found.p_value),
            p_lower: adjusted(found.p_lower),
            p_upper: adjusted(found.p_upper),
            ..blank.clone()
        };
        let step = |(rival, (better, statistic)): (&&Rival, (&bool, &f64))| TestRow {
            test: "step_m".into(),
            statistic: Some(*statistic).filter(|statistic| statistic.is_finite()),
            policy_id: Some(rival.id.policy_id.number()),
            is_in_set: Some(*better),
            ..blank.clone()
        };
        Ok(std::iter::once(spa)
            .chain(members.iter().zip(found.better.iter().zip(&found.statistics)).map(step))
            .collect())
    }

    fn choice(&self, benchmark: &Rival, members: &[&Rival], sign: f64) -> Option<TestRow> {
        let differences: Vec<(f64, Influence)> = members
            .iter()
            .map(|rival| {
                Some((rival.value - benchmark.value, rival.influence.minus(&benchmark.influence)?))
            })
            .collect::<Option<_>>()?;
        let leads: Vec<Performance<'_>> = differences
            .iter()
            .map(|(value, influence)| Performance { value: *value, influence })
            .collect();
        let found = choose(&leads, sign)?;
        Some(TestRow {
            test: "choice".into(),
            policy_id: Some(members[found.policy].id.policy_id.number()),
            benchmark_policy_id: Some(benchmark.id.policy_id.number()),
            lead_chosen: Some(found.lead_chosen),
            lead_fresh: Some(found.lead_fresh),
            lead_fresh_std_error: Some(found.lead_fresh_error),
            optimism: Some(found.optimism),
            optimism_std_error: Some(found.optimism_error),
            resamples: None,
            ..self.blank(benchmark.id, members.len())
        })
    }

    fn confidence_set(&self, rivals: &[Rival], sign: f64) -> Result<Vec<TestRow>, Cancelled> {
        let members: Vec<Performance<'_>> = rivals
            .iter()
            .map(|rival| Performance { value: rival.value, influence: &rival.influence })
            .collect();
        let bootstrap = Bootstrap::of_influences(&members, sign, self.resamples, self.cancel)?;
        let order = model_confidence_set(&bootstrap, self.cancel)?;
        let row = |(rank, one): (i32, &crate::select::Eliminated)| {
            let id = rivals[one.policy].id;
            TestRow {
                test: "mcs".into(),
                policy_id: Some(id.policy_id.number()),
                statistic: Some(one.statistic).filter(|statistic| statistic.is_finite()),
                p_value: Some(self.resolved(one.p_value)),
                is_in_set: Some(one.p_value > MCS_ALPHA),
                elimination_rank: Some(rank),
                ..self.blank(id, rivals.len())
            }
        };
        let mut rows: Vec<TestRow> = (1..).zip(&order).map(row).collect();
        rows.sort_unstable_by_key(|row| row.policy_id);
        Ok(rows)
    }

    fn dominance(&self, id: CellId, higher: bool) -> Vec<TestRow> {
        let cells = || {
            let with = CellId { policy_id: self.benchmark_of(id)?, ..id };
            self.cells.binary_search(&with).ok()?;
            Some((with, self.folded.cells().get(&id)?, self.folded.cells().get(&with)?))
        };
        let Some((with, policy, benchmark)) = cells() else { return Vec::new() };
        let [a, b] = [policy, benchmark].map(|cell| Distribution {
            counts: cell.counts(self.metric),
            moments: cell.moments(self.metric),
        });
        let row = |test: &'static str, found: Dominance| TestRow {
            test: test.into(),
            policy_id: Some(id.policy_id.number()),
            benchmark_policy_id: Some(with.policy_id.number()),
            verdict: Some(found.verdict.name().into()),
            largest_violation: Some(found.violation),
            largest_violation_at: Some(found.at).filter(|_| found.violation > 0.0),
            largest_violation_opposite: Some(found.opposite),
            violation_bound: Some(found.bound),
            resamples: None,
            sections: None,
            n_paths: policy.counts(self.metric).total() as i64,
            ..self.blank(id, 1)
        };
        let first = first_order(a, b, higher).map(|found| row("dominance_first", found));
        let second = second_order(a, b, higher).map(|found| row("dominance_second", found));
        first.into_iter().chain(second).collect()
    }

    /// Raises a p-value to the smallest one that the resamples can resolve.
    fn resolved(&self, p: f64) -> f64 {
        p.max(1.0 / (self.resamples.len() as f64 + 1.0))
    }

    /// A row with the columns that all tests share.
    fn blank(&self, id: CellId, tested: usize) -> TestRow {
        TestRow {
            scenario_id: id.scenario_id.number(),
            horizon_months: id.horizon_months as i32,
            metric_id: self.metric.number(),
            policies_tested: tested as i32,
            policies_tried: (self.input.policies.len() as u64 + self.input.comparison.further)
                as i64,
            resamples: Some(self.resamples.len() as i32),
            sections: Some(self.resamples.sections() as i32),
            n_paths: self.folded.paths() as i64,
            ..TestRow::default()
        }
    }
}
