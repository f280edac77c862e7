//! Lays an instance out for the kernel: arrays of the compiled asset count, and what may happen at
//! each step.

use corridor_core::lanes::Row;

use super::sight::ChunkSight;
use crate::cost::{CostConvention, CostModel};
use crate::plan::{Instance, Simulation};
use crate::policy::{Policy, TradeAssets, TradeRule, Trigger};

/// An instance in the kernel's layout; assets beyond the market's hold nothing and are never
/// watched.
#[derive(Clone, Debug)]
pub(crate) struct Prepared<const A: usize> {
    pub policy: Policy,
    pub costs: CostModel,
    pub account: crate::account::Account,
    pub growth_assets: Vec<usize>,
    pub assets: usize,
    pub per_year: f64,
    /// Last step.
    pub last: u32,
    /// What may happen at each step, from 0.
    pub steps: Vec<StepPlan>,
    pub target: [f64; A],
    pub one_way: [f64; A],
    pub half_width: [f64; A],
    /// Sum of the growth assets' target weights.
    pub growth_target: f64,
    /// Whether every asset is watched with the same base width, so that the largest deviation alone
    /// decides.
    pub one_width: bool,
    /// Whether there are flows or a fee.
    pub flows: bool,
    /// Whether trades need the reference's own functions on each lane.
    pub rare: bool,
    pub exact: bool,
}

/// Above this proportional cost a trade might not be affordable, which only the reference's own
/// functions ask.
const DEAREST: f64 = 0.25;

/// The highest proportional cost of any asset in any regime.
fn dearest(costs: &CostModel) -> f64 {
    let multiplier = costs.spread_multiplier.iter().fold(1.0, |most: f64, &m| most.max(m));
    costs.one_way.iter().fold(0.0, |most: f64, &c| most.max(c * multiplier))
}

/// What may happen at one step.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StepPlan {
    pub review: bool,
    /// A review, or a delayed order may come due.
    pub may_trade: bool,
    pub horizon: Option<u32>,
}

impl<const A: usize> Prepared<A> {
    pub fn new(sim: &Simulation, instance: &Instance) -> Self {
        let Instance { policy, costs, account, .. } = instance.clone();
        let band = match &policy.trigger {
            Trigger::Outside(corridor) => Some(corridor.half_width.as_slice()),
            Trigger::Never | Trigger::Always | Trigger::Joined(_) => None,
        };
        let rare = matches!(policy.trigger, Trigger::Joined(_))
            || matches!(policy.trade, TradeRule::PartWayScaled(_))
            || policy.trade_assets == TradeAssets::Breached
            || policy.min_trade_frac > 0.0
            || policy.max_turnover_frac < f64::INFINITY
            || policy.execution_lag_steps > 0
            || costs.fixed_fee > 0.0
            || dearest(&costs) > DEAREST;
        Self {
            growth_assets: sim.growth_assets.clone(),
            assets: sim.assets,
            per_year: f64::from(sim.grid.per_year()),
            last: sim.grid.steps,
            steps: step_plans(sim, &policy),
            target: padded(&policy.target, 0.0),
            one_way: padded(&costs.one_way, 0.0),
            half_width: padded(band.unwrap_or(&[]), f64::INFINITY),
            growth_target: sim.growth_assets.iter().fold(0.0, |sum, &i| sum + policy.target[i]),
            one_width: band.is_some_and(|b| b.iter().all(|w| *w == b[0] && *w < f64::INFINITY)),
            flows: !account.flows.is_empty() || account.fee_per_step > 0.0,
            rare,
            exact: costs.convention == CostConvention::Exact,
            policy,
            costs,
            account,
        }
    }
}

impl<const A: usize> Prepared<A> {
    /// Factors of the band's width at every step of a chunk; empty where it is fixed.
    pub fn width_factors<'a, const L: usize>(
        &self,
        sight: &ChunkSight<'a, L>,
    ) -> &'a [Row<f64, L>] {
        if matches!(self.policy.trigger, Trigger::Outside(_)) { sight.factors_at(0) } else { &[] }
    }
}

fn step_plans(sim: &Simulation, policy: &Policy) -> Vec<StepPlan> {
    let mut plans = vec![StepPlan::default(); sim.grid.steps as usize + 1];
    if policy.trigger != Trigger::Never {
        for (plan, review) in plans.iter_mut().zip(policy.review.dates(sim.grid)) {
            plan.review = review;
            plan.may_trade |= review;
        }
        let lag = policy.execution_lag_steps as usize;
        for t in 0..plans.len().saturating_sub(lag + 1) {
            plans[t + lag].may_trade |= plans[t].review;
        }
    }
    for (index, &t) in sim.horizons.iter().enumerate() {
        plans[t as usize].horizon = Some(index as u32);
    }
    plans
}

fn padded<const A: usize>(values: &[f64], rest: f64) -> [f64; A] {
    std::array::from_fn(|i| values.get(i).copied().unwrap_or(rest))
}
