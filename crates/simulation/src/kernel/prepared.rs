//! Lays an instance out for the kernel: arrays with the compiled number of assets, and a plan of
//! every step.

use corridor_core::lanes::Row;

use super::signals::ChunkSignals;
use crate::cost::{CostConvention, CostModel};
use crate::plan::{Instance, Simulation};
use crate::policy::{Policy, TradeAssets, TradeRule, Trigger};

/// An instance in the layout of the kernel. Slots beyond the market's assets hold nothing and are
/// never watched.
#[derive(Clone, Debug)]
pub(crate) struct Prepared<const A: usize> {
    pub policy: Policy,
    pub costs: CostModel,
    pub account: crate::account::Account,
    pub growth_assets: Vec<usize>,
    /// Number of assets of the market, at most `A`.
    pub assets: usize,
    /// Number of steps in a year.
    pub per_year: f64,
    /// Last step of a path.
    pub last: u32,
    /// Plan of each step, from 0.
    pub steps: Vec<StepPlan>,
    pub target: [f64; A],
    pub one_way: [f64; A],
    pub half_width: [f64; A],
    /// Sum of the growth assets' target weights.
    pub growth_target: f64,
    /// Whether every asset is watched with the same base half-width, so that the largest deviation
    /// decides alone.
    pub one_width: bool,
    /// Whether there are cash flows or a fee.
    pub flows: bool,
    /// Whether trades need the reference's own functions, lane by lane.
    pub lane_by_lane: bool,
    /// Whether trades are sized on the wealth after their cost.
    pub exact: bool,
}

/// Proportional cost above which a trade might cost more than there is, which only the reference's
/// own functions check.
const COST_RATE_MAX: f64 = 0.25;

/// Returns the highest proportional cost of any asset in any regime.
fn highest_cost_rate(costs: &CostModel) -> f64 {
    let multiplier = costs.spread_multiplier.iter().fold(1.0, |most: f64, &m| most.max(m));
    costs.one_way.iter().fold(0.0, |most: f64, &c| most.max(c * multiplier))
}

/// Plan of one step: a review, a trade, a report.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StepPlan {
    pub review: bool,
    /// Whether it is a review date, or a delayed order may come due.
    pub may_trade: bool,
    /// Whether a report horizon ends at this step.
    pub is_horizon: bool,
}

impl<const A: usize> Prepared<A> {
    pub fn new(sim: &Simulation, instance: &Instance) -> Self {
        let Instance { policy, costs, account, .. } = instance.clone();
        let band = match &policy.trigger {
            Trigger::Outside(corridor) => Some(corridor.half_width.as_slice()),
            Trigger::Never | Trigger::Always | Trigger::Joined(_) => None,
        };
        let lane_by_lane = matches!(policy.trigger, Trigger::Joined(_))
            || matches!(policy.trade, TradeRule::PartWayScaled(_))
            || policy.trade_assets == TradeAssets::Breached
            || policy.min_trade_frac > 0.0
            || policy.max_turnover_frac < f64::INFINITY
            || policy.execution_lag_steps > 0
            || costs.fixed_fee > 0.0
            || highest_cost_rate(&costs) > COST_RATE_MAX;
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
            lane_by_lane,
            exact: costs.convention == CostConvention::Exact,
            policy,
            costs,
            account,
        }
    }

    /// Returns the factor of the band's half-width at every step of a chunk; empty for a fixed
    /// band.
    pub fn width_factors<'a, const L: usize>(
        &self,
        signals: &ChunkSignals<'a, L>,
    ) -> &'a [Row<f64, L>] {
        if matches!(self.policy.trigger, Trigger::Outside(_)) { signals.factors_of(0) } else { &[] }
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
    for &t in &sim.horizons {
        plans[t as usize].is_horizon = true;
    }
    plans
}

fn padded<const A: usize>(values: &[f64], rest: f64) -> [f64; A] {
    std::array::from_fn(|i| values.get(i).copied().unwrap_or(rest))
}
