//! Defines a simulation: one path, one policy, one plain loop.
//!
//! The lane kernel equals this loop bit for bit. Read [`simulate`] first; the loop below it follows
//! the order of a step in chapter 1 of MODEL.md.

use crate::account::FlowTiming;
use crate::plan::{Instance, Simulation};
use crate::policy::product;
use crate::policy::view::{PortfolioView, SignalView};
use crate::portfolio::Portfolio;
use crate::running_sums::{OutcomeValues, RunningSums};
use crate::trace::StepTrace;
use crate::trade::execute;
use crate::trader::{StepSignals, Trader};

pub use crate::market_path::MarketPath;
pub use crate::path_signals::observed_signals;

/// Simulates one policy on one path; returns the outcomes at every report horizon and hands each
/// step to `observe`, the start included.
///
/// The order of one step: growth, fee, flows that end the period, report, flows that start the
/// next, signals, review, trigger, trade, cost, record. A decision at `t` earns from `t + 1` on;
/// nothing is traded at the last step, or after ruin.
pub fn simulate(
    sim: &Simulation,
    instance: &Instance,
    path: &MarketPath,
    observe: impl FnMut(&StepTrace),
) -> Vec<OutcomeValues> {
    let signals = observed_signals(sim, std::slice::from_ref(path)).pop().unwrap_or_default();
    simulate_with_signals(sim, instance, path, &signals, observe)
}

/// Simulates one policy on one path like [`simulate`], given the observed signals,
/// `[step][signal]`, so that many policies on one path can share them.
pub fn simulate_with_signals(
    sim: &Simulation,
    instance: &Instance,
    path: &MarketPath,
    signals: &[Vec<f64>],
    mut observe: impl FnMut(&StepTrace),
) -> Vec<OutcomeValues> {
    follow(sim, instance, path, signals, &mut observe)
}

/// Runs the loop over steps. Not generic, so that it is compiled once, with this crate.
fn follow(
    sim: &Simulation,
    instance: &Instance,
    path: &MarketPath,
    signals: &[Vec<f64>],
    observe: &mut dyn FnMut(&StepTrace),
) -> Vec<OutcomeValues> {
    let (policy, costs, last) = (&instance.policy, &instance.costs, sim.grid.steps);
    let initial = instance.account.initial;
    let scales = policy.scales();
    let mut portfolio = Portfolio::open(instance);
    let mut sums = RunningSums::start(sim, instance, &portfolio);
    let mut trader = Trader::new(policy, sim.grid);
    let mut widths = vec![f64::INFINITY; sim.assets];
    let (mut target, mut next_target) = (policy.target.clone(), policy.target.clone());
    let mut outcomes = Vec::with_capacity(sim.horizons.len());
    let mut trace = StepTrace::at_start(&policy.target, initial, &portfolio);
    observe(&trace);

    for t in 1..=last {
        let step = t as usize - 1;
        let observed = StepSignals { values: &signals[step], scales: &scales };
        let multiplier = costs.multiplier(path.regime[step]);
        let alive = portfolio.ruined_at.is_none();
        trace.open(t, path.regime[step]);

        // Growth, fee, and flows that end the period.
        portfolio.grow(&path.gross[step], instance.account.fee_per_step);
        policy.target_at(t, product(policy.target_scale(), observed.values), &mut next_target);
        portfolio.apply_flows(instance, &target, t, FlowTiming::PeriodEnd, multiplier);
        // Report, then flows that start the next period.
        if t < last && sim.horizons.contains(&t) {
            outcomes.push(sums.outcome_if_ended_at(t, sim, instance, &next_target, &portfolio));
        }
        if t < last {
            portfolio.apply_flows(instance, &target, t, FlowTiming::PeriodStart, multiplier);
        }
        // Flows used the target of the step before; from here on that of this step holds.
        target.copy_from_slice(&next_target);
        if portfolio.ruined_at.is_none() {
            sums.weigh(&target, &portfolio);
            policy.trigger.widths(|scale| observed.factor(scale), &mut widths);
            trace.weigh(&target, &sums.weights);
        }
        // Review, trigger, trade, cost.
        if t < last && portfolio.ruined_at.is_none() {
            let view = PortfolioView {
                t,
                target: &target,
                holdings: &portfolio.holdings,
                wealth: portfolio.wealth,
                weights: &sums.weights,
            };
            let order = trader.order(&view, &observed, &widths);
            let before = portfolio.wealth;
            if let Some(order) = order
                && let Some(done) =
                    execute(costs, multiplier, &order.weights, before, &mut portfolio.holdings)
            {
                trader.traded(t, &observed);
                let cost = before - done.wealth;
                portfolio.spend(cost, cost * sums.inverse_wealth);
                portfolio.wealth = done.wealth;
                trace.trade(done.traded, sums.inverse_wealth, order.cause, order.weights);
                sums.trade(&done);
            }
        }
        // Record, once at the step of ruin and never after it.
        if alive {
            sums.record(t, sim, &portfolio, t == last);
        }
        trace.close(&signals[step], &widths, initial, &portfolio);
        observe(&trace);
    }
    outcomes.push(sums.outcome(last, sim, instance, &portfolio));
    outcomes
}
