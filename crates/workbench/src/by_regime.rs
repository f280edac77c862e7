//! Follows the first paths of a run by true regime: the weights, costs and growth of policies in
//! each regime, and how well signals detect it.
//!
//! The reference loop runs path by path. The totals of each path are kept, so every number has an
//! error from pairs and does not depend on threads.

use corridor_analysis::attribution::{
    ComparedPolicies, DetectionCounts, FollowedMarket, FollowedSignal, RegimeStep, RegimeTotals,
    SignalStep,
};
use corridor_analysis::control::Holder;
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::reference::{MarketPath, observed_signals, simulate_with_signals};
use corridor_simulation::signal::{ObservedSignal, Origin, Signal};
use corridor_simulation::trace::StepTrace;
use corridor_study::plan::{MarketGroup, RunPlan};
use rayon::prelude::*;

use crate::error::Error;
use crate::monitor::{Meter, Phase};
use crate::work::Work;

/// Most numbers kept in memory; with many policies and regimes fewer paths are followed.
const NUMBERS_MAX: u64 = 8 << 20;

/// A signal that estimates the probability of some regimes.
struct Detector {
    /// Index among the market's signals.
    signal: usize,
    /// Ids of the regimes that the signal should detect.
    members: Vec<u32>,
}

/// Totals of one path by policy, asset and detector.
#[derive(Default)]
struct PathTotals {
    /// Totals by `[policy][regime]`.
    policies: Vec<Vec<RegimeTotals>>,
    /// Log growth over the whole path, by asset.
    asset_growth: Vec<f64>,
    /// Counts of alarms by detector.
    detections: Vec<DetectionCounts>,
}

/// A path of a market with the signals observed on it.
struct SeenPath<'a> {
    market: &'a MarketPath,
    /// Observed values by `[step][signal]`.
    signals: &'a [Vec<f64>],
}

/// Returns the policies that the attribution compares, and their baselines.
pub(crate) fn compared_policies(plan: &RunPlan) -> ComparedPolicies<'_> {
    ComparedPolicies {
        policies: &plan.policies,
        axes: &plan.policy_axis,
        compare_with: &plan.comparison.compare_with,
        baseline: plan.comparison.baseline,
        replicate_paths: plan.replicate_paths,
    }
}

/// Follows the first `regime_paths` paths of every market with regimes.
///
/// # Errors
/// [`Error::Cancelled`].
pub(crate) fn follow<'p>(
    plan: &'p RunPlan,
    work: &Work<'_>,
) -> Result<Vec<FollowedMarket<'p>>, Error> {
    let groups: Vec<&MarketGroup> = plan
        .groups
        .iter()
        .filter(|group| plan.regime_paths > 0 && !group.market.regimes().is_empty())
        .collect();
    let blocks = |group: &&MarketGroup| paths_of(plan, group).div_ceil(MarketPath::BLOCK);
    let meter = work.phase(Phase::FollowingRegimes, groups.iter().map(blocks).sum());
    let mut markets = Vec::new();
    for group in groups {
        markets.push(follow_group(plan, group, &meter, work));
        work.check()?;
    }
    Ok(markets)
}

/// Number of paths of a market that are followed, which memory limits.
fn paths_of(plan: &RunPlan, group: &MarketGroup) -> u64 {
    let numbers = (group.simulation.instances.len() * group.market.regimes().len() * 5) as u64;
    plan.regime_paths.min(plan.paths).min((NUMBERS_MAX / numbers.max(1)).max(1))
}

fn follow_group<'a>(
    plan: &RunPlan,
    group: &'a MarketGroup,
    meter: &Meter<'_>,
    work: &Work<'_>,
) -> FollowedMarket<'a> {
    let simulation = &group.simulation;
    let regimes = group.market.regimes();
    let followed = paths_of(plan, group);
    let detectors = detectors(simulation);
    let block = |block: u64| {
        if work.is_cancelled() {
            return Vec::new();
        }
        let source = group.market.source16();
        let mut markets = MarketPath::block_of_source(source, block, simulation.grid.steps);
        markets.truncate((followed - block * MarketPath::BLOCK) as usize);
        let signals = observed_signals(simulation, &markets);
        let paths = markets.iter().zip(&signals);
        let totals = paths
            .map(|(market, signals)| SeenPath { market, signals })
            .map(|path| path_totals(simulation, regimes.len(), &detectors, &path, work))
            .collect::<Vec<PathTotals>>();
        meter.advance(1);
        totals
    };
    let blocks: Vec<Vec<PathTotals>> =
        (0..followed.div_ceil(MarketPath::BLOCK)).into_par_iter().map(block).collect();
    let mut market = FollowedMarket {
        grid: simulation.grid,
        regimes: regimes.len(),
        scenario_ids: &group.scenario_ids,
        policies: simulation.instances.iter().map(holder).collect(),
        totals: Vec::new(),
        asset_growth: Vec::new(),
        signals: detectors.iter().map(|detector| detector.named(group)).collect(),
        detections: Vec::new(),
    };
    for path in blocks.into_iter().flatten() {
        market.totals.push(path.policies);
        market.asset_growth.push(path.asset_growth);
        market.detections.push(path.detections);
    }
    market
}

/// Returns the scenario, policy and target of an instance.
pub(crate) fn holder(instance: &Instance) -> Holder<'_> {
    let Instance { scenario_id, policy_id, policy, .. } = instance;
    Holder { scenario_id: *scenario_id, policy_id: *policy_id, target: &policy.target }
}

fn path_totals(
    simulation: &Simulation,
    regimes: usize,
    detectors: &[Detector],
    path: &SeenPath<'_>,
    work: &Work<'_>,
) -> PathTotals {
    let policies = simulation.instances.iter().take_while(|_| !work.is_cancelled());
    let growth = |asset| path.market.log_return.iter().map(|row| f64::from(row[asset])).sum();
    PathTotals {
        policies: policies.map(|one| regime_totals(simulation, one, path, regimes)).collect(),
        asset_growth: (0..simulation.assets).map(growth).collect(),
        detections: detectors.iter().map(|detector| detector.count(path)).collect(),
    }
}

fn regime_totals(
    simulation: &Simulation,
    instance: &Instance,
    path: &SeenPath<'_>,
    regimes: usize,
) -> Vec<RegimeTotals> {
    let mut totals = vec![RegimeTotals::default(); regimes];
    let growth_weight = |trace: &StepTrace| {
        simulation.growth_assets.iter().filter_map(|&asset| trace.weights.get(asset)).sum::<f64>()
    };
    let (mut unit_before, mut held, mut alive) = (1.0, 0.0, true);
    simulate_with_signals(simulation, instance, path.market, path.signals, |trace| {
        let regime = trace.regime.and_then(|regime| totals.get_mut(regime as usize));
        if let Some(totals) = regime.filter(|_| alive) {
            let StepTrace { turnover, cost_frac: cost, unit, .. } = *trace;
            let is_emptied = trace.wealth <= 0.0;
            let step =
                RegimeStep { growth_weight: held, is_emptied, turnover, cost, unit_before, unit };
            totals.add(step);
        }
        alive = trace.wealth > 0.0;
        (unit_before, held) = (trace.unit, growth_weight(trace));
    });
    totals
}

/// Returns the signals that estimate regime probabilities, with the market's regimes they detect.
fn detectors(simulation: &Simulation) -> Vec<Detector> {
    let detector = |(signal, observed): (usize, &ObservedSignal)| {
        let Signal::RegimeProbability(filter) = &observed.signal else { return None };
        let members = match &observed.origin {
            Origin::Oracle { by_regime, .. } => (0..)
                .zip(by_regime)
                .filter(|(_, value)| **value > 0.5)
                .map(|(regime, _)| regime)
                .collect(),
            Origin::Path | Origin::Placebo => {
                filter.members.iter().map(|&regime| regime as u32).collect()
            }
        };
        Some(Detector { signal, members })
    };
    simulation.signals.iter().enumerate().filter_map(detector).collect()
}

impl Detector {
    /// Counts alarms on a path. The signal of step `t` is compared with the regime of step `t + 1`,
    /// because a decision at `t` takes effect there.
    fn count(&self, path: &SeenPath<'_>) -> DetectionCounts {
        let coming = path.market.regime.iter().skip(1);
        DetectionCounts::of(path.signals.iter().zip(coming).map(|(seen, coming)| SignalStep {
            is_alarm: seen.get(self.signal).is_some_and(|value| *value > 0.5),
            is_inside: self.members.contains(coming),
        }))
    }

    fn named<'a>(&self, group: &'a MarketGroup) -> FollowedSignal<'a> {
        let regimes = group.market.regimes();
        let name = |&regime: &u32| regimes.get(regime as usize).map_or("", String::as_str);
        FollowedSignal {
            name: group.signal_names.get(self.signal).map_or("", String::as_str),
            regimes: self.members.iter().map(name).collect(),
        }
    }
}
