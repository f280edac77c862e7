//! Finds twins: static rules with the average exposure or turnover of another policy.
//!
//! Candidates of the twin run with the policy on the first paths of the first scenario: first over
//! the whole range, then around the crossing. The twin is interpolated between two candidates. It
//! is written as a change of the study, so every later step sees an ordinary study.

use corridor_core::outcome::{OutcomePart, PathColumn, PolicyId, ScenarioId};
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::policy::Trigger;
use corridor_simulation::run::{Group, PathRange};
use corridor_study::plan::{MarketGroup, RunPlan, Same, Twin};

use crate::error::Error;
use crate::monitor::Phase;
use crate::simulate::map_parts;
use crate::work::Work;

/// Number of paths of a trial.
const PATHS: u64 = 8_192;
/// Number of candidates of a trial.
const CANDIDATES: usize = 9;
/// Number of trials; each narrows the range to one gap between candidates.
const TRIALS: usize = 2;

/// Number of paths times rules that are simulated to find one twin.
pub(crate) const VISITS: u64 = PATHS * (TRIALS * (CANDIDATES + 1)) as u64;

/// Finds every twin of a plan; returns the changes of the study that state them.
///
/// # Errors
/// [`Error::NoTwin`] if no candidate reaches the value of the policy, [`Error::Cancelled`].
pub(crate) fn settle(plan: &RunPlan, work: &Work<'_>) -> Result<Vec<String>, Error> {
    let mut changes = Vec::new();
    let meter = work.phase(Phase::FindingTwins, plan.twins.len() as u64);
    for twin in &plan.twins {
        let Some(group) = plan.groups.first() else { break };
        let value = find(plan, group, *twin, work)?;
        changes.push(match twin.same {
            Same::Exposure => {
                let instance = instance(group, twin.policy);
                let weights = instance
                    .map(|one| with_share(one, &group.simulation, value).policy.target)
                    .unwrap_or_default();
                let named: Vec<String> = group
                    .assets
                    .iter()
                    .zip(weights)
                    .map(|(asset, weight)| format!("{asset:?} = {weight:?}"))
                    .collect();
                format!("policy.{}.target={{ {} }}", twin.place, named.join(", "))
            }
            Same::Turnover => format!("policy.{}.trigger.outside.absolute={value:?}", twin.place),
        });
        changes.push(format!("policy.{}.twin.settled=true", twin.place));
        meter.advance(1);
    }
    Ok(changes)
}

fn instance(group: &MarketGroup, policy: PolicyId) -> Option<&Instance> {
    group.simulation.instances.iter().find(|one| one.policy_id == policy)
}

fn find(plan: &RunPlan, group: &MarketGroup, twin: Twin, work: &Work<'_>) -> Result<f64, Error> {
    let (mut low, mut high) = match twin.same {
        Same::Exposure => (0.001, 0.999),
        Same::Turnover => (0.001, 0.5),
    };
    if twin.same == Same::Exposure && group.simulation.growth_assets.len() == group.assets.len() {
        // with growth assets alone the exposure is always 1
        return Err(no_twin(plan, twin, 1.0, &[1.0]));
    }
    let mut value = low;
    for _ in 0..TRIALS {
        let candidates: Vec<f64> = (0..CANDIDATES)
            .map(|k| low + (high - low) * k as f64 / (CANDIDATES - 1) as f64)
            .collect();
        let (wanted, reached) = trial(group, twin, &candidates, work)?;
        let crossing =
            (1..CANDIDATES).find(|&k| (reached[k - 1] - wanted) * (reached[k] - wanted) <= 0.0);
        let Some(k) = crossing else { return Err(no_twin(plan, twin, wanted, &reached)) };
        (low, high) = (candidates[k - 1], candidates[k]);
        let gap = reached[k] - reached[k - 1];
        value = if gap == 0.0 { low } else { low + (high - low) * (wanted - reached[k - 1]) / gap };
    }
    Ok(value)
}

fn no_twin(plan: &RunPlan, twin: Twin, wanted: f64, reached: &[f64]) -> Error {
    let name = |id: PolicyId| {
        plan.policies.get(id.index()).map(|row| row.policy.clone()).unwrap_or_default()
    };
    Error::NoTwin {
        twin: name(twin.policy),
        of: name(twin.of),
        what: match twin.same {
            Same::Exposure => "growth exposure",
            Same::Turnover => "yearly turnover",
        },
        wanted,
        from: reached.iter().copied().fold(f64::INFINITY, f64::min),
        to: reached.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    }
}

/// Returns the mean exposure or turnover of the policy and of each candidate of its twin.
fn trial(
    group: &MarketGroup,
    twin: Twin,
    candidates: &[f64],
    work: &Work<'_>,
) -> Result<(f64, Vec<f64>), Error> {
    let column = match twin.same {
        Same::Exposure => PathColumn::GrowthWeightMeanFrac,
        Same::Turnover => PathColumn::TurnoverOneWayAnnual,
    };
    let simulation = &group.simulation;
    let with = |one: &Instance, value: f64| match twin.same {
        Same::Exposure => with_share(one, simulation, value),
        Same::Turnover => with_width(one, value),
    };
    let mut instances: Vec<Instance> = instance(group, twin.of).cloned().into_iter().collect();
    instances.extend(
        instance(group, twin.policy)
            .into_iter()
            .flat_map(|own| candidates.iter().map(|&value| with(own, value))),
    );
    for (id, one) in instances.iter_mut().enumerate() {
        (one.scenario_id, one.policy_id) = (ScenarioId(0), PolicyId(id as u32));
    }
    let trial = Simulation {
        horizons: vec![simulation.grid.steps],
        ..simulation.with_instances(instances)
    };
    let means = means(group, &trial, column, work)?;
    Ok((means[0], means[1..].to_vec()))
}

/// Returns the instance with the share `share` of its target in growth assets. Proportions within
/// growth assets and within the others stay.
fn with_share(instance: &Instance, simulation: &Simulation, share: f64) -> Instance {
    let mut out = instance.clone();
    let growth = |i: usize| simulation.growth_assets.contains(&i);
    let own: f64 = out
        .policy
        .target
        .iter()
        .enumerate()
        .filter(|(i, _)| growth(*i))
        .map(|(_, weight)| weight)
        .sum();
    let others = out.policy.target.len() - simulation.growth_assets.len();
    for (i, weight) in out.policy.target.iter_mut().enumerate() {
        *weight = match (growth(i), own > 0.0, own < 1.0) {
            (true, true, _) => *weight * share / own,
            (true, false, _) => share / simulation.growth_assets.len() as f64,
            (false, _, true) => *weight * (1.0 - share) / (1.0 - own),
            (false, _, false) => (1.0 - share) / others as f64,
        };
    }
    out
}

/// Returns the instance with half-width `width` for every asset it watches.
fn with_width(instance: &Instance, width: f64) -> Instance {
    let mut out = instance.clone();
    if let Trigger::Outside(corridor) = &mut out.policy.trigger {
        corridor
            .half_width
            .iter_mut()
            .filter(|known| known.is_finite())
            .for_each(|known| *known = width);
    }
    out
}

/// Returns the mean of a column over the paths of a trial, by instance.
fn means(
    group: &MarketGroup,
    simulation: &Simulation,
    column: PathColumn,
    work: &Work<'_>,
) -> Result<Vec<f64>, Error> {
    let range = PathRange { paths: PATHS, paths_per_part: PATHS / 16, finished: Vec::new() };
    let groups = [Group { source: group.market.source128(), simulation }];
    let sums = |part: OutcomePart| -> Vec<f64> {
        part.cells.iter().map(|cell| cell.columns[column as usize].iter().sum()).collect()
    };
    let (parts, _) = map_parts(&groups, &range, work, &|_| (), sums)?;
    let mut means = vec![0.0; simulation.instances.len()];
    for sums in parts {
        for (mean, sum) in means.iter_mut().zip(sums) {
            *mean += sum / PATHS as f64;
        }
    }
    Ok(means)
}
