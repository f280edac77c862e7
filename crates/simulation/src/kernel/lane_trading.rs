//! Trades lane by lane with the reference's own functions, for rules that few studies use.

use corridor_core::lanes::ASSETS_MAX;
use corridor_core::numerics::reciprocal_near;

use super::prepared::Prepared;
use super::signals::LaneSignals;
use super::state::{InstanceState, NEVER, StepBuffers};
use super::step::StepAt;
use super::target::Target;
use crate::policy::Trigger;
use crate::policy::condition::CONDITIONS_MAX;
use crate::policy::desired::desired_weights;
use crate::policy::view::{PortfolioView, SignalView};
use crate::trade::execute;

/// Decides and trades in every lane that is alive and whose trigger may fire or whose order is
/// pending.
#[inline(always)]
pub(super) fn trade_lanes<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    target: &impl Target<A>,
    step: &StepAt<'_, L>,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    for l in 0..L {
        let alive = !FLOWS || state.ruined_at[l] == NEVER;
        let may_fire = buffers.order.fire[l] != 0 && step.t >= state.trade_allowed_from[l];
        if alive && (may_fire || state.pending_due[l] != 0) {
            let lane = LaneAt { t: step.t, l, signals: step.signals.of_lane(step.k, l) };
            trade_lane::<A, L, ALL, FLOWS>(instance, &target.of_lane(l), &lane, state, buffers);
        }
    }
}

/// One lane at one step.
#[derive(Clone, Copy)]
struct LaneAt<'a, const L: usize> {
    t: u32,
    l: usize,
    signals: LaneSignals<'a, L>,
}

#[inline(never)]
fn trade_lane<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    target: &[f64; A],
    lane: &LaneAt<'_, L>,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    let (n, LaneAt { t, l, .. }) = (instance.assets, *lane);
    let mut desired = [0.0; ASSETS_MAX];
    if state.pending_due[l] != 0 {
        if state.pending_due[l] != t {
            return;
        }
        state.pending_due[l] = 0;
        for i in 0..n {
            desired[i] = state.pending_weights[i][l];
        }
    } else {
        if decide(instance, &target[..n], lane, state, &mut desired[..n]).is_none() {
            return;
        }
        if instance.policy.execution_lag_steps > 0 {
            state.pending_due[l] = t + instance.policy.execution_lag_steps;
            for i in 0..n {
                state.pending_weights[i][l] = desired[i];
            }
            return;
        }
    }
    execute_lane::<A, L, ALL, FLOWS>(instance, lane, &desired[..n], state, buffers);
}

/// Asks the conditions of a lane that may trade, and writes its desired weights; `None` where it
/// does not trade.
fn decide<const A: usize, const L: usize>(
    instance: &Prepared<A>,
    target: &[f64],
    lane: &LaneAt<'_, L>,
    state: &mut InstanceState<A, L>,
    desired: &mut [f64],
) -> Option<()> {
    let (n, LaneAt { t, l, .. }) = (instance.assets, *lane);
    let signals = &lane.signals;
    let (mut widths, mut weights, mut holdings) =
        ([0.0; ASSETS_MAX], [0.0; ASSETS_MAX], [0.0; ASSETS_MAX]);
    for i in 0..n {
        holdings[i] = state.portfolio.holdings[i][l];
        weights[i] = holdings[i] * state.portfolio.inverse[l];
    }
    instance.policy.trigger.widths(|scale| signals.factor(scale), &mut widths[..n]);
    let portfolio = PortfolioView {
        t,
        target,
        holdings: &holdings[..n],
        wealth: state.portfolio.wealth[l],
        weights: &weights[..n],
    };
    if let Trigger::Joined(joined) = &instance.policy.trigger {
        with_memory(state, l, |memory| joined.fires(&portfolio, signals, memory))?;
    }
    desired_weights(&instance.policy, &portfolio, &widths[..n], signals, desired)
}

/// Lets `use_it` read and change the numbers that the conditions of a lane remember.
fn with_memory<const A: usize, const L: usize, R>(
    state: &mut InstanceState<A, L>,
    l: usize,
    use_it: impl FnOnce(&mut [f64]) -> R,
) -> R {
    let count = state.memory.len().min(CONDITIONS_MAX);
    let mut memory = [0.0; CONDITIONS_MAX];
    for (index, row) in state.memory.iter().enumerate().take(count) {
        memory[index] = row[l];
    }
    let result = use_it(&mut memory[..count]);
    for (row, memory) in state.memory.iter_mut().zip(memory) {
        row[l] = memory;
    }
    result
}

/// Trades one lane to the desired weights, if it can pay for that.
fn execute_lane<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    lane: &LaneAt<'_, L>,
    desired: &[f64],
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    let (n, LaneAt { t, l, .. }) = (instance.assets, *lane);
    let (before, inverse) = (state.portfolio.wealth[l], state.portfolio.inverse[l]);
    let multiplier = buffers.order.multiplier[l];
    let mut holdings: [f64; A] = std::array::from_fn(|i| state.portfolio.holdings[i][l]);
    let Some(done) = execute(&instance.costs, multiplier, desired, before, &mut holdings[..n])
    else {
        return;
    };
    for i in 0..n {
        state.portfolio.holdings[i][l] = holdings[i];
    }
    state.trade_allowed_from[l] = t + instance.policy.cooldown_steps;
    if !state.memory.is_empty() {
        with_memory(state, l, |memory| instance.policy.trigger.traded(t, &lane.signals, memory));
    }
    state.portfolio.turnover[l] += 0.5 * done.traded * inverse;
    state.portfolio.events[l] += if done.traded > 0.0 { 1.0 } else { 0.0 };
    state.portfolio.cost[l] += (before - done.wealth) * inverse;
    state.portfolio.wealth[l] = done.wealth;
    if ALL || FLOWS {
        state.portfolio.inverse[l] = reciprocal_near(done.wealth, inverse);
    }
}
