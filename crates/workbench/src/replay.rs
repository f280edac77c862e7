//! Follows one path of a study under one policy, step by step, with the cause of each trade.

use corridor_core::outcome::{PolicyId, ScenarioId};
use corridor_report::{Thing, Unknown};
use corridor_simulation::plan::Instance;
use corridor_simulation::policy::{Policy, Trigger};
use corridor_simulation::reference::{MarketPath, simulate};
use corridor_simulation::trace::StepTrace;
use corridor_study::plan::{MarketGroup, Scenario};

use crate::error::Error;
use crate::session::Session;

/// One path under one policy in one scenario.
pub struct Replay<'a> {
    /// Scenario of the replay.
    pub scenario: &'a Scenario,
    /// Market of the scenario.
    pub group: &'a MarketGroup,
    /// Name of the policy that is followed.
    pub policy: &'a str,
    /// Signals that the policy reads, as indices into [`MarketGroup::signal_names`].
    pub signals: Vec<usize>,
    /// Whether the policy's target moves.
    pub moves: bool,
    /// Whether the policy's trigger may join several bands.
    pub joined: bool,
    /// Number of the path, from 0.
    pub path: u64,
    /// Every step of the path, from the start on.
    pub traces: Vec<StepTrace>,
    /// Report horizons in months, each with the outcomes of the path at it.
    pub outcomes: Vec<(u32, Vec<f64>)>,
}

impl Session {
    /// Follows path `path` in a scenario under a policy; `None` follows the baseline.
    ///
    /// # Errors
    /// [`Error::Unknown`] if the study lacks the policy or scenario.
    pub fn replay(
        &self,
        path: u64,
        policy: Option<&str>,
        scenario: ScenarioId,
    ) -> Result<Replay<'_>, Error> {
        let plan = self.plan();
        let found = plan.scenarios.get(scenario.index()).ok_or_else(|| {
            let known = (0..plan.scenarios.len()).map(|number| number.to_string());
            Unknown::new(Thing::Scenario, &scenario.to_string(), known)
        })?;
        let policy_id = match policy {
            Some(name) => self.policy_id(name)?,
            None => plan.comparison.baseline,
        };
        let group = &plan.groups[found.group];
        let simulation = &group.simulation;
        let wanted = |instance: &&Instance| {
            (instance.scenario_id, instance.policy_id) == (scenario, policy_id)
        };
        let market = MarketPath::of_source(group.market.source16(), path, simulation.grid.steps);
        let mut traces = Vec::with_capacity(simulation.grid.steps as usize + 1);
        let instance = simulation.instances.iter().find(wanted);
        let outcomes = instance
            .map(|one| simulate(simulation, one, &market, |trace| traces.push(trace.clone())))
            .unwrap_or_default();
        let months = simulation.horizons.iter().map(|&t| (simulation.grid.months(t) + 0.5) as u32);
        let rule = instance.map(|instance| &instance.policy);
        let mut signals: Vec<usize> = rule.map(Policy::signals).unwrap_or_default();
        signals.sort_unstable();
        signals.dedup();
        Ok(Replay {
            scenario: found,
            group,
            policy: plan.policies[policy_id.index()].policy.as_str(),
            signals,
            moves: rule.is_some_and(|rule| rule.moving.is_some()),
            joined: rule.is_some_and(|rule| matches!(rule.trigger, Trigger::Joined(_))),
            path,
            traces,
            outcomes: months.zip(outcomes.iter().map(|values| values.to_vec())).collect(),
        })
    }

    /// Returns the id of the policy with this name. The name of a swept policy includes its values.
    ///
    /// # Errors
    /// [`Error::Unknown`] where the study has no such policy.
    pub fn policy_id(&self, name: &str) -> Result<PolicyId, Error> {
        Ok(crate::pair::policy_id(&self.plan().policies, name)?)
    }
}
