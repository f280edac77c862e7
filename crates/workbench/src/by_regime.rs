//! Follows the first paths of a run by true regime: the weights, costs and growth of policies in
//! each regime, and how well signals detect it.
//!
//! The kernel shows every step of a block of paths. The totals of each path are kept, so every
//! number has an error from pairs and does not depend on threads.

use corridor_analysis::attribution::{
    ComparedPolicies, DetectionCounts, FollowedMarket, FollowedSignal, RegimeStep, RegimeTotals,
    SignalStep,
};
use corridor_analysis::control::Holder;
use corridor_core::lanes::LANES;
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::reference::{MarketPath, observed_signals};
use corridor_simulation::run::{ShippedBlocks, StepRows};
use corridor_simulation::signal::{ObservedSignal, Origin, Signal};
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
    let blocks = |group: &&MarketGroup| paths_of(plan, group).div_ceil(LANES as u64);
    let meter = work.phase(Phase::FollowingRegimes, groups.iter().map(blocks).sum());
    let mut markets = Vec::new();
    for group in groups {
        markets.push(follow_group(plan, group, &meter, work));
        work.check()?;
    }
    Ok(markets)
}

/// Number of paths of a market that are followed, which memory limits.
pub(crate) fn paths_of(plan: &RunPlan, group: &MarketGroup) -> u64 {
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
    let followed = paths_of(plan, group);
    let detectors = detectors(simulation);
    let engine = || ShippedBlocks::new(work.level, simulation, group.market.source128());
    let block = |engine: &mut Option<ShippedBlocks<'_>>, block: u64| {
        let Some(engine) = engine.as_mut().filter(|_| !work.is_cancelled()) else {
            return Vec::new();
        };
        let first = block * LANES as u64;
        let paths = LANES.min((followed - first) as usize);
        let totals = block_totals(group, engine, first, paths, &detectors);
        meter.advance(1);
        totals
    };
    let blocks: Vec<Vec<PathTotals>> =
        (0..followed.div_ceil(LANES as u64)).into_par_iter().map_init(engine, block).collect();
    let mut market = FollowedMarket {
        grid: simulation.grid,
        regimes: group.market.regimes().len(),
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

/// Follows some paths of one block under every policy.
fn block_totals(
    group: &MarketGroup,
    engine: &mut ShippedBlocks<'_>,
    first: u64,
    paths: usize,
    detectors: &[Detector],
) -> Vec<PathTotals> {
    let simulation = &group.simulation;
    let markets = market_paths(group, first, paths);
    let regimes = group.market.regimes().len();
    let mut followed: Vec<PathTotals> = markets
        .iter()
        .map(|market| PathTotals {
            policies: vec![vec![RegimeTotals::default(); regimes]; simulation.instances.len()],
            asset_growth: asset_growth(market, simulation.assets),
            detections: Vec::new(),
        })
        .collect();
    let mut held = vec![Held::default(); simulation.instances.len() * paths];
    engine.trace(first, |instance, step, rows| {
        let held = &mut held[instance * paths..][..paths];
        for (t, rows) in (step..).zip(rows) {
            for (lane, ((path, market), held)) in
                followed.iter_mut().zip(&markets).zip(&mut *held).enumerate()
            {
                // the start belongs to no regime
                let regime = (t as usize).checked_sub(1).and_then(|step| market.regime.get(step));
                let totals = &mut path.policies[instance];
                let totals = regime.and_then(|&regime| totals.get_mut(regime as usize));
                held.close(rows, lane, totals);
            }
        }
    });
    if !detectors.is_empty() {
        let blocks = markets.chunks(MarketPath::BLOCK as usize);
        let signals = blocks.flat_map(|markets| observed_signals(simulation, markets));
        for ((path, market), signals) in followed.iter_mut().zip(&markets).zip(signals) {
            let seen = SeenPath { market, signals: &signals };
            path.detections = detectors.iter().map(|detector| detector.count(&seen)).collect();
        }
    }
    followed
}

/// Reads the first `paths` market paths from number `first` on.
fn market_paths(group: &MarketGroup, first: u64, paths: usize) -> Vec<MarketPath> {
    let blocks = (first / MarketPath::BLOCK..).take(paths.div_ceil(MarketPath::BLOCK as usize));
    let steps = group.simulation.grid.steps;
    let read = |block| MarketPath::block_of_source(group.market.source16(), block, steps);
    let mut markets: Vec<MarketPath> = blocks.flat_map(read).collect();
    markets.truncate(paths);
    markets
}

/// Log growth of each asset over a path.
fn asset_growth(market: &MarketPath, assets: usize) -> Vec<f64> {
    let growth = |asset| market.log_return.iter().map(|row| f64::from(row[asset])).sum();
    (0..assets).map(growth).collect()
}

/// State of one policy on one path at the end of a step, which earns the next one.
#[derive(Clone, Copy)]
struct Held {
    unit: f64,
    growth_weight: f64,
    is_alive: bool,
}

impl Default for Held {
    fn default() -> Self {
        Self { unit: 1.0, growth_weight: 0.0, is_alive: true }
    }
}

impl Held {
    /// Closes a step: adds it to the totals of its regime, if there is one.
    fn close(&mut self, rows: &StepRows<LANES>, lane: usize, totals: Option<&mut RegimeTotals>) {
        let unit = rows.unit[lane];
        let is_alive = rows.wealth[lane] > 0.0;
        if let Some(totals) = totals.filter(|_| self.is_alive) {
            totals.add(RegimeStep {
                growth_weight: self.growth_weight,
                is_emptied: !is_alive,
                turnover: rows.turnover[lane],
                cost: rows.cost[lane],
                unit_before: self.unit,
                unit,
            });
        }
        *self = Self { unit, growth_weight: rows.growth_weight[lane], is_alive };
    }
}

/// Returns the scenario, policy and target of an instance.
pub(crate) fn holder(instance: &Instance) -> Holder<'_> {
    let Instance { scenario_id, policy_id, policy, .. } = instance;
    Holder { scenario_id: *scenario_id, policy_id: *policy_id, target: &policy.target }
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
