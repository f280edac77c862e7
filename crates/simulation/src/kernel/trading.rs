//! Takes the firing lanes of a review, and hands them to the execution.

use corridor_core::lanes::{ASSETS_MAX, Row};
use corridor_core::numerics::reciprocal_near;

use super::Target;
use super::execution::execute_rows;
use super::prepared::Prepared;
use super::sight::{ChunkSight, LaneSight};
use super::state::{BATCH, Ledger, NEVER, Order, State, Work};
use crate::policy::condition::CONDITIONS_MAX;
use crate::policy::desired::desired_weights;
use crate::policy::view::{PortfolioView, SignalView};
use crate::policy::{TradeRule, Trigger};
use crate::trade::execute;

/// A step at which the rule looks, or at which a delayed order may come due.
#[inline(always)]
pub(super) fn trade<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    (t, review): (u32, bool),
    factors: Option<&Row<f64, L>>,
    seen: (&ChunkSight<'_, L>, usize),
    state: &mut State<A, L>,
    work: &mut Work<A, L>,
) {
    mask_fire::<A, L, FLOWS>(t, review, state, work);
    if let Some(factors) = factors.filter(|_| matches!(instance.policy.trade, TradeRule::Inward(_)))
    {
        work.order.factor = *factors;
    }
    if instance.rare {
        if !ALL && !FLOWS {
            for l in 0..L {
                state.ledger.inverse[l] = 1.0 / state.ledger.wealth[l];
            }
        }
        trade_rare::<A, L, ALL, FLOWS>(instance, &instance.target, t, seen, state, work);
        return;
    }
    let cooldown = instance.policy.cooldown_steps > 1;
    if cooldown {
        for l in 0..L {
            work.order.fire[l] &= u64::from(t >= state.trade_allowed_from[l]).wrapping_neg();
        }
    }
    let all_fire = !FLOWS && !cooldown && instance.policy.trigger == Trigger::Always;
    let firing = if all_fire { L } else { count_firing(&work.order.fire) };
    if firing > L / DENSE_SHARE {
        execute_block::<A, L, ALL, FLOWS>(instance, state, work);
    } else {
        list_firing(work);
        for first in (0..firing).step_by(BATCH) {
            execute_batch::<A, L, ALL, FLOWS>(
                instance,
                first,
                firing.min(first + BATCH),
                state,
                work,
            );
        }
    }
    if cooldown {
        let next = t + instance.policy.cooldown_steps;
        for l in 0..L {
            state.trade_allowed_from[l] =
                if work.order.fire[l] != 0 { next } else { state.trade_allowed_from[l] };
        }
    }
}

/// Takes the lanes of which nothing may fire out of the mask.
#[inline(always)]
pub(super) fn mask_fire<const A: usize, const L: usize, const FLOWS: bool>(
    t: u32,
    review: bool,
    state: &State<A, L>,
    work: &mut Work<A, L>,
) {
    if !review {
        work.order.fire = Row::splat(0);
    }
    if FLOWS {
        for l in 0..L {
            work.order.fire[l] &= u64::from(state.ruined_at[l] > f64::from(t)).wrapping_neg();
        }
    }
}

/// Above one lane in so many, all lanes trade under masks; below, the firing lanes are gathered and
/// trade alone. Both give the same bits. Bands fire in a tenth of the lanes at a monthly look.
const DENSE_SHARE: usize = 3;

#[inline(always)]
fn count_firing<const L: usize>(fire: &Row<u64, L>) -> usize {
    let mut count = 0;
    for l in 0..L {
        count += fire[l] & 1;
    }
    count as usize
}

/// Lists the firing lanes in `work.firing`.
#[inline(always)]
fn list_firing<const A: usize, const L: usize>(work: &mut Work<A, L>) {
    let mut count = 0;
    for first in (0..L).step_by(64) {
        // One bit per lane, then one turn per firing lane.
        let mut bits = 0u64;
        for (place, mask) in work.order.fire[first..L.min(first + 64)].iter().enumerate() {
            bits |= (mask & 1) << place;
        }
        while bits != 0 {
            work.firing[count % L] = (first as u32) + bits.trailing_zeros();
            bits &= bits - 1;
            count += 1;
        }
    }
}

/// Trades all lanes under their masks.
#[inline(always)]
fn execute_block<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    state: &mut State<A, L>,
    work: &mut Work<A, L>,
) {
    if ALL || FLOWS {
        execute_rows::<A, L, true>(instance, &mut state.ledger, &mut work.order);
    } else {
        execute_rows::<A, L, false>(instance, &mut state.ledger, &mut work.order);
    }
}

/// Trades the firing lanes `first .. end` of the list.
#[inline(always)]
fn execute_batch<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    first: usize,
    end: usize,
    state: &mut State<A, L>,
    work: &mut Work<A, L>,
) {
    // A batch that is not full repeats its first lane, and forgets what it did to it.
    let mut lanes = [0; BATCH];
    for j in 0..BATCH {
        lanes[j] = work.firing[if first + j < end { first + j } else { first }] as usize;
    }
    let known = ALL || FLOWS; // a constant, so the branches on it are none
    gather(
        instance,
        &lanes,
        known,
        (&state.ledger, &work.order),
        &mut work.batch,
        &mut work.batch_order,
    );
    if known {
        execute_rows::<A, BATCH, true>(instance, &mut work.batch, &mut work.batch_order);
    } else {
        execute_rows::<A, BATCH, false>(instance, &mut work.batch, &mut work.batch_order);
    }
    scatter(&work.batch, &lanes[..end - first], known, &mut state.ledger);
}

/// Fills a batch with the given lanes; what trading takes starts at 0 there. `known`: with the
/// reciprocals of wealth.
#[inline(always)]
fn gather<const A: usize, const L: usize>(
    instance: &Prepared<A>,
    lanes: &[usize; BATCH],
    known: bool,
    (from, order): (&Ledger<A, L>, &Order<A, L>),
    to: &mut Ledger<A, BATCH>,
    to_order: &mut Order<A, BATCH>,
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
    // Only what the instance uses: each row costs as much as the arithmetic on two.
    if instance.costs.spread_multiplier.is_empty() {
        to_order.multiplier = Row::splat(1.0);
    } else {
        gather_row(&order.multiplier, lanes, &mut to_order.multiplier);
    }
    if matches!(instance.policy.trade, TradeRule::Inward(_)) {
        gather_row(&order.factor, lanes, &mut to_order.factor);
    }
    to_order.fire = Row::splat(u64::MAX);
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

#[inline(always)]
fn scatter<const A: usize, const L: usize>(
    from: &Ledger<A, BATCH>,
    lanes: &[usize],
    known: bool,
    to: &mut Ledger<A, L>,
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

/// Rules that few studies use, lane by lane with the reference's own functions.
#[inline(always)]
pub(super) fn trade_rare<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    target: &impl Target<A>,
    t: u32,
    (sight, k): (&ChunkSight<'_, L>, usize),
    state: &mut State<A, L>,
    work: &mut Work<A, L>,
) {
    for l in 0..L {
        let alive = !FLOWS || state.ruined_at[l] == NEVER;
        let may_fire = work.order.fire[l] != 0 && t >= state.trade_allowed_from[l];
        if alive && (may_fire || state.pending_due[l] != 0) {
            trade_lane::<A, L, ALL, FLOWS>(
                instance,
                &target.of_lane(l),
                (t, l),
                &sight.of_lane(k, l),
                state,
                work,
            );
        }
    }
}

#[inline(never)]
fn trade_lane<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    target: &[f64; A],
    (t, l): (u32, usize),
    sight: &LaneSight<'_, L>,
    state: &mut State<A, L>,
    work: &mut Work<A, L>,
) {
    let n = instance.assets;
    let mut goals = [0.0; ASSETS_MAX];
    if state.pending_due[l] != 0 {
        if state.pending_due[l] != t {
            return;
        }
        state.pending_due[l] = 0;
        for i in 0..n {
            goals[i] = state.pending_goal[i][l];
        }
    } else {
        if decide(instance, &target[..n], (t, l), sight, state, &mut goals[..n]).is_none() {
            return;
        }
        if instance.policy.execution_lag_steps > 0 {
            state.pending_due[l] = t + instance.policy.execution_lag_steps;
            for i in 0..n {
                state.pending_goal[i][l] = goals[i];
            }
            return;
        }
    }
    execute_lane::<A, L, ALL, FLOWS>(instance, t, l, &goals[..n], sight, state, work);
}

/// Asks the conditions of a lane that nothing else keeps from trading, and writes its goal; `None`
/// where it does not trade.
fn decide<const A: usize, const L: usize>(
    instance: &Prepared<A>,
    target: &[f64],
    (t, l): (u32, usize),
    sight: &LaneSight<'_, L>,
    state: &mut State<A, L>,
    goals: &mut [f64],
) -> Option<()> {
    let n = instance.assets;
    let (mut width, mut w, mut holdings) =
        ([0.0; ASSETS_MAX], [0.0; ASSETS_MAX], [0.0; ASSETS_MAX]);
    for i in 0..n {
        holdings[i] = state.ledger.holdings[i][l];
        w[i] = holdings[i] * state.ledger.inverse[l];
    }
    instance.policy.trigger.widths(|scale| sight.factor(scale), &mut width[..n]);
    let portfolio = PortfolioView {
        t,
        target,
        holdings: &holdings[..n],
        wealth: state.ledger.wealth[l],
        weights: &w[..n],
    };
    if let Trigger::Joined(joined) = &instance.policy.trigger {
        with_memory(state, l, |memory| joined.fires(&portfolio, sight, memory))?;
    }
    desired_weights(&instance.policy, &portfolio, &width[..n], sight, goals)
}

/// Lets `use_it` read and change what the conditions of a lane remember.
fn with_memory<const A: usize, const L: usize, R>(
    state: &mut State<A, L>,
    l: usize,
    use_it: impl FnOnce(&mut [f64]) -> R,
) -> R {
    let count = state.memory.len().min(CONDITIONS_MAX);
    let mut memory = [0.0; CONDITIONS_MAX];
    for (place, row) in state.memory.iter().enumerate().take(count) {
        memory[place] = row[l];
    }
    let result = use_it(&mut memory[..count]);
    for (row, memory) in state.memory.iter_mut().zip(memory) {
        row[l] = memory;
    }
    result
}

fn execute_lane<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    t: u32,
    l: usize,
    goals: &[f64],
    sight: &LaneSight<'_, L>,
    state: &mut State<A, L>,
    work: &mut Work<A, L>,
) {
    let (n, before, inverse) = (instance.assets, state.ledger.wealth[l], state.ledger.inverse[l]);
    let mut holdings: [f64; A] = std::array::from_fn(|i| state.ledger.holdings[i][l]);
    let Some(done) =
        execute(&instance.costs, work.order.multiplier[l], goals, before, &mut holdings[..n])
    else {
        return;
    };
    for i in 0..n {
        state.ledger.holdings[i][l] = holdings[i];
    }
    state.trade_allowed_from[l] = t + instance.policy.cooldown_steps;
    if !state.memory.is_empty() {
        with_memory(state, l, |memory| instance.policy.trigger.traded(t, sight, memory));
    }
    state.ledger.turnover[l] += 0.5 * done.traded * inverse;
    state.ledger.events[l] += if done.traded > 0.0 { 1.0 } else { 0.0 };
    state.ledger.cost[l] += (before - done.wealth) * inverse;
    state.ledger.wealth[l] = done.wealth;
    if ALL || FLOWS {
        state.ledger.inverse[l] = reciprocal_near(done.wealth, inverse);
    }
}
