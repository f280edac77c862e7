//! Trades the firing lanes of a review: all lanes under masks, or the firing lanes in batches.

use std::ops::Range;

use corridor_core::lanes::Row;

use super::execution::execute_rows;
use super::lane_trading::trade_lanes;
use super::prepared::Prepared;
use super::state::{BATCH, InstanceState, OrderRows, PortfolioRows, StepBuffers};
use super::step::StepAt;
use crate::policy::{TradeRule, Trigger};

/// Trades at a review date, or at a step at which a delayed order may come due.
#[inline(always)]
pub(super) fn trade<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    step: &StepAt<'_, L>,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    mask_fire::<A, L, FLOWS>(step, state, buffers);
    if let Some(factors) = step.width_factors
        && matches!(instance.policy.trade, TradeRule::Inward(_))
    {
        buffers.order.factor = *factors;
    }
    if instance.lane_by_lane {
        if !ALL && !FLOWS {
            for l in 0..L {
                state.portfolio.inverse[l] = 1.0 / state.portfolio.wealth[l];
            }
        }
        trade_lanes::<A, L, ALL, FLOWS>(instance, &instance.target, step, state, buffers);
        return;
    }
    let cooldown = instance.policy.cooldown_steps > 1;
    if cooldown {
        for l in 0..L {
            let allowed = step.t >= state.trade_allowed_from[l];
            buffers.order.fire[l] &= u64::from(allowed).wrapping_neg();
        }
    }
    let all_fire = !FLOWS && !cooldown && instance.policy.trigger == Trigger::Always;
    let firing = if all_fire { L } else { count_firing(&buffers.order.fire) };
    if firing > L / DENSE_SHARE {
        execute_block::<A, L, ALL, FLOWS>(instance, state, buffers);
    } else {
        list_firing(buffers);
        for first in (0..firing).step_by(BATCH) {
            let lanes = first..firing.min(first + BATCH);
            execute_batch::<A, L, ALL, FLOWS>(instance, lanes, state, buffers);
        }
    }
    if cooldown {
        let next = step.t + instance.policy.cooldown_steps;
        for l in 0..L {
            state.trade_allowed_from[l] =
                if buffers.order.fire[l] != 0 { next } else { state.trade_allowed_from[l] };
        }
    }
}

/// Clears the mask of lanes that may not fire: all lanes except at a review date, then the ruined
/// ones.
#[inline(always)]
pub(super) fn mask_fire<const A: usize, const L: usize, const FLOWS: bool>(
    step: &StepAt<'_, L>,
    state: &InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    if !step.plan.review {
        buffers.order.fire = Row::splat(0);
    }
    if FLOWS {
        for l in 0..L {
            let alive = state.ruined_at[l] > f64::from(step.t);
            buffers.order.fire[l] &= u64::from(alive).wrapping_neg();
        }
    }
}

/// If more than one lane in `DENSE_SHARE` fires, all lanes trade under masks; else the firing lanes
/// are gathered and trade alone. Both give the same bits. At a monthly review a band fires in about
/// a tenth of the lanes.
const DENSE_SHARE: usize = 3;

#[inline(always)]
fn count_firing<const L: usize>(fire: &Row<u64, L>) -> usize {
    let mut count = 0;
    for l in 0..L {
        count += fire[l] & 1;
    }
    count as usize
}

/// Lists the firing lanes in `buffers.firing`, in order.
#[inline(always)]
fn list_firing<const A: usize, const L: usize>(buffers: &mut StepBuffers<A, L>) {
    let mut count = 0;
    for first in (0..L).step_by(64) {
        // One bit for each lane, then one pass for each firing lane.
        let mut bits = 0u64;
        for (bit, mask) in buffers.order.fire[first..L.min(first + 64)].iter().enumerate() {
            bits |= (mask & 1) << bit;
        }
        while bits != 0 {
            buffers.firing[count % L] = (first as u32) + bits.trailing_zeros();
            bits &= bits - 1;
            count += 1;
        }
    }
}

/// Trades all lanes under their masks.
#[inline(always)]
fn execute_block<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    if ALL || FLOWS {
        execute_rows::<A, L, true>(instance, &mut state.portfolio, &mut buffers.order);
    } else {
        execute_rows::<A, L, false>(instance, &mut state.portfolio, &mut buffers.order);
    }
}

/// Gathers some entries of the list of firing lanes, at most [`BATCH`], and trades them.
#[inline(always)]
fn execute_batch<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    listed: Range<usize>,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    // A batch that is not full repeats its first lane, whose copies are not scattered back.
    let mut lanes = [0; BATCH];
    for j in 0..BATCH {
        let entry = listed.start + j;
        lanes[j] = buffers.firing[if entry < listed.end { entry } else { listed.start }] as usize;
    }
    let known = ALL || FLOWS; // constant, so branches on it cost nothing
    gather_portfolio(&state.portfolio, &lanes, known, &mut buffers.batch);
    gather_order(instance, &buffers.order, &lanes, &mut buffers.batch_order);
    if known {
        execute_rows::<A, BATCH, true>(instance, &mut buffers.batch, &mut buffers.batch_order);
    } else {
        execute_rows::<A, BATCH, false>(instance, &mut buffers.batch, &mut buffers.batch_order);
    }
    scatter(&buffers.batch, &lanes[..listed.len()], known, &mut state.portfolio);
}

/// Copies the given lanes of a portfolio into a batch, with its sums of trades at 0. `known`: with
/// the reciprocals of wealth.
#[inline(always)]
fn gather_portfolio<const A: usize, const L: usize>(
    from: &PortfolioRows<A, L>,
    lanes: &[usize; BATCH],
    known: bool,
    to: &mut PortfolioRows<A, BATCH>,
) {
    for i in 0..A {
        gather_row(&from.holdings[i], lanes, &mut to.holdings[i]);
    }
    gather_row(&from.wealth, lanes, &mut to.wealth);
    if known {
        gather_row(&from.inverse, lanes, &mut to.inverse);
    }
    for sum in [&mut to.turnover, &mut to.events, &mut to.cost] {
        *sum = Row::splat(0.0);
    }
}

/// Copies the given lanes of an order into a batch in which every lane trades.
#[inline(always)]
fn gather_order<const A: usize, const L: usize>(
    instance: &Prepared<A>,
    from: &OrderRows<A, L>,
    lanes: &[usize; BATCH],
    to: &mut OrderRows<A, BATCH>,
) {
    // Only the rows that the instance uses: each costs as much as the arithmetic on two.
    if instance.costs.spread_multiplier.is_empty() {
        to.multiplier = Row::splat(1.0);
    } else {
        gather_row(&from.multiplier, lanes, &mut to.multiplier);
    }
    if matches!(instance.policy.trade, TradeRule::Inward(_)) {
        gather_row(&from.factor, lanes, &mut to.factor);
    }
    to.fire = Row::splat(u64::MAX);
}

#[inline(always)]
fn gather_row<const L: usize>(
    from: &Row<f64, L>,
    lanes: &[usize; BATCH],
    to: &mut Row<f64, BATCH>,
) {
    for j in 0..BATCH {
        to[j] = from[lanes[j] % L];
    }
}

/// Copies a batch back into its lanes and adds its sums of trades.
#[inline(always)]
fn scatter<const A: usize, const L: usize>(
    from: &PortfolioRows<A, BATCH>,
    lanes: &[usize],
    known: bool,
    to: &mut PortfolioRows<A, L>,
) {
    for (j, &lane) in lanes.iter().enumerate() {
        let l = lane % L;
        for i in 0..A {
            to.holdings[i][l] = from.holdings[i][j];
        }
        to.wealth[l] = from.wealth[j];
        if known {
            to.inverse[l] = from.inverse[j];
        }
        to.turnover[l] += from.turnover[j];
        to.events[l] += from.events[j];
        to.cost[l] += from.cost[j];
    }
}
