//! Compares any two policies of a finished run on every metric, from the stored sums.

use std::collections::BTreeSet;

use corridor_core::outcome::PolicyId;
use corridor_report::comparison::{find_horizon, find_metric};
use corridor_report::text::pair::Pair;
use corridor_report::wording::{MEAN, scenario_name};
use corridor_report::{Thing, Unknown};
use corridor_study::Overrides;
use corridor_tables::metric::{MetricId, Source};
use corridor_tables::{CompareRow, DimPolicyRow, SummaryRow};

use crate::analyse::analyse;
use crate::control::controls;
use crate::error::Error;
use crate::followed;
use crate::monitor::Monitor;
use crate::settings::Settings;
use crate::stored_run::StoredRun;
use crate::work::{Work, in_pool};

/// A pair of policies to compare, with the horizon and metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairQuestion<'a> {
    /// Name of the policy to compare.
    pub policy: &'a str,
    /// Name of the policy to compare it with.
    pub against: &'a str,
    /// Report horizon in years; `None` for the end of each scenario.
    pub years: Option<f64>,
    /// Metric whose statistics are all compared; `None` compares the mean of every metric.
    pub metric: Option<&'a str>,
}

impl StoredRun {
    /// Compares two policies of the run, path by path.
    ///
    /// # Errors
    /// [`Error::Unknown`] if the run lacks the policy, metric or horizon, [`Error::SamePolicy`],
    /// [`Error::AnotherSimulation`] if its study would now be simulated otherwise,
    /// [`Error::Analysis`] if the run keeps no sums of the pair, [`Error::Cancelled`].
    pub fn compare(
        &self,
        question: &PairQuestion<'_>,
        settings: &Settings,
        monitor: &(dyn Monitor + Sync),
    ) -> Result<Pair, Error> {
        self.reader().require_state()?;
        let mut plan = self.plan(&Overrides::default())?;
        self.check_simulation(&plan)?; // what is followed must be simulated as the sums were
        let policy = policy_id(&plan.policies, question.policy)?;
        let against = policy_id(&plan.policies, question.against)?;
        if policy == against {
            return Err(Error::SamePolicy { policy: question.policy.to_owned() });
        }
        // everybody is a baseline but one
        plan.comparison.compare_with = (0..plan.policies.len() as u32).map(PolicyId).collect();
        plan.comparison.compare_with[policy.index()] = against;
        let work = Work::new(settings.level, monitor);
        let found = in_pool(settings.threads, || {
            let followed = followed::follow(&plan, &work, &mut ())?;
            let controls = controls(&plan, &work)?;
            analyse(&plan, &self.reader().parts(), followed, controls, &work)
        })?;
        let only = question
            .metric
            .map(|name| find_metric(&found.metrics, name).map(|metric| metric.metric_id))
            .transpose()?;
        let at = question.years.map(|years| find_horizon(&plan.horizons, years)).transpose()?;
        let (mut rows, mut relative) = (found.compare, found.summary);
        let end = |scenario: i32, rows: &[CompareRow]| {
            let of_scenario = rows.iter().filter(|row| row.scenario_id == scenario);
            of_scenario.map(|row| row.horizon_months).max()
        };
        let ends: Vec<Option<i32>> = (0..plan.scenarios.len() as i32)
            .map(|scenario| at.or_else(|| end(scenario, &rows)))
            .collect();
        rows.retain(|row| ends.get(row.scenario_id as usize) == Some(&Some(row.horizon_months)));
        let compared: BTreeSet<i32> = rows.iter().map(|row| row.metric_id).collect();
        relative.retain(|row| {
            is_mean_of(row, policy.number())
                && !compared.contains(&row.metric_id)
                && is_relative(row.metric_id)
        });
        let looks_ahead =
            [policy, against].into_iter().find(|&id| plan.policies[id.index()].look_ahead);
        let name = |id: PolicyId| plan.policies[id.index()].policy.clone();
        Ok(Pair {
            study: plan.name.clone(),
            run_id: plan.simulation_id.clone(),
            scenarios: plan.scenarios.iter().map(|one| one.row.scenario.clone()).collect(),
            labels: plan.scenarios.iter().map(|one| scenario_name(&one.row).to_owned()).collect(),
            followed_paths: plan.followed_paths,
            metrics: found.metrics,
            rows,
            relative,
            only,
            policy: name(policy),
            against: name(against),
            looks_ahead: looks_ahead.map(name),
        })
    }
}

/// Id of the policy of this name, swept values included.
pub(crate) fn policy_id(policies: &[DimPolicyRow], name: &str) -> Result<PolicyId, Unknown> {
    let found = policies
        .iter()
        .find(|row| row.policy == name)
        .map(|row| PolicyId::of_number(row.policy_id));
    let known = || policies.iter().map(|row| row.policy.as_str());
    found.ok_or_else(|| Unknown::new(Thing::Policy, name, known()))
}

fn is_mean_of(row: &SummaryRow, policy: i32) -> bool {
    row.stat == MEAN && row.policy_id == policy && row.value.is_some()
}

/// Returns whether a metric describes the difference from another policy.
fn is_relative(metric_id: i32) -> bool {
    let source = MetricId::of_number(metric_id).map(|id| id.metric().source);
    matches!(source, Some(Source::Followed(column)) if column.is_relative())
}
