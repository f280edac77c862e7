//! Decides which lanes trade at a review, and hands them to the execution.

use corridor_core::lanes::{ASSETS_MAX, Row};
use corridor_core::numerics::reciprocal_near;

use super::execution::{BATCH, process};
use super::prepared::Prepared;
use super::state::{NEVER, State, Work, choose, masked};
use crate::policy::goal::{at_least_negligible, clamp, goal, widths};
use crate::policy::{Corridor, Trigger};
use crate::trade::execute;

/// A step at which the rule looks, or at which a delayed order may come due.
#[inline(always)]
pub(super) fn trade<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    t: u32,
    review: bool,
    factors: Option<&Row<f64, L>>,
    state: &mut State<A, L>,
    work: &mut Work<A, L>,
) {
    if let Some(factors) = factors {
        work.factor = *factors;
    }
    fire::<A, L, FLOWS>(instance, t, review, state, work);
    if instance.rare {
        if !ALL && !FLOWS {
            for l in 0..L {
                work.inverse_wealth[l] = 1.0 / work.wealth[l];
            }
        }
        trade_rare::<A, L, ALL, FLOWS>(instance, t, state, work);
        return;
    }
    if instance.policy.cooldown_steps > 1 {
        for l in 0..L {
            work.fire[l] &= u64::from(t >= state.trade_allowed_from[l]).wrapping_neg();
        }
    }
    let firing = list_firing(work);
    if firing > L / DENSE_SHARE {
        load_all(state, work);
        process::<A, L, ALL, FLOWS>(instance, &mut work.dense);
        store_all::<A, L, ALL, FLOWS>(instance, t, state, work);
    } else {
        for first in (0..firing).step_by(BATCH) {
            let end = firing.min(first + BATCH);
            load_batch(first, end, state, work);
            process::<A, BATCH, ALL, FLOWS>(instance, &mut work.batch);
            store_batch::<A, L, ALL, FLOWS>(instance, t, first, end, state, work);
        }
    }
}

/// Above one lane in so many, all lanes trade under masks; below, the firing lanes are gathered and trade alone. Both
/// give the same bits. Bands fire in a tenth of the lanes at a monthly look.
const DENSE_SHARE: usize = 3;

/// Lists the firing lanes in `work.firing` and returns their number.
#[inline(always)]
fn list_firing<const A: usize, const L: usize>(work: &mut Work<A, L>) -> usize {
    let mut count = 0;
    for first in (0..L).step_by(64) {
        // One bit per lane, then one turn per firing lane.
        let mut bits = 0u64;
        for (place, mask) in work.fire[first..L.min(first + 64)].iter().enumerate() {
            bits |= (mask & 1) << place;
        }
        while bits != 0 {
            work.firing[count % L] = (first as u32) + bits.trailing_zeros();
            bits &= bits - 1;
            count += 1;
        }
    }
    count
}

#[inline(always)]
fn load_all<const A: usize, const L: usize>(state: &State<A, L>, work: &mut Work<A, L>) {
    let rows = &mut work.dense;
    rows.holdings = state.holdings;
    rows.wealth = work.wealth;
    rows.inverse = work.inverse_wealth;
    rows.multiplier = work.multiplier;
    rows.factor = work.factor;
}

/// Gathers the firing lanes `first .. end` of the list; the rest of the batch repeats the first of them.
#[inline(always)]
fn load_batch<const A: usize, const L: usize>(first: usize, end: usize, state: &State<A, L>, work: &mut Work<A, L>) {
    let rows = &mut work.batch;
    for j in 0..BATCH {
        let place = if first + j < end { first + j } else { first };
        let l = work.firing[place] as usize % L;
        for i in 0..A {
            rows.holdings[i][j] = state.holdings[i][l];
        }
        rows.wealth[j] = work.wealth[l];
        rows.inverse[j] = work.inverse_wealth[l];
        rows.multiplier[j] = work.multiplier[l];
        rows.factor[j] = work.factor[l];
    }
}

/// Books the trades of all firing lanes under their masks.
#[inline(always)]
fn store_all<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    t: u32,
    state: &mut State<A, L>,
    work: &mut Work<A, L>,
) {
    let rows = &work.dense;
    // The masks are stored before they are used: where the compiler sees the comparison behind a mask, it splits the
    // loop body in two and reads constants through gathers (measured: three times slower).
    for l in 0..L {
        work.fire[l] &= u64::from(rows.after[l] > 0.0).wrapping_neg();
    }
    for l in 0..L {
        let mask = work.fire[l];
        for i in 0..A {
            state.holdings[i][l] = choose(mask, rows.holdings[i][l], state.holdings[i][l]);
        }
        state.turnover[l] += masked(mask, rows.turnover[l]);
        state.events[l] += masked(mask, rows.event[l]);
        let cost = masked(mask, rows.cost[l]);
        if FLOWS {
            work.cost_step[l] += cost;
        } else {
            state.cost_frac[l] += cost;
        }
        work.wealth[l] = choose(mask, rows.after[l], work.wealth[l]);
        if ALL {
            work.inverse_wealth[l] = choose(mask, rows.inverse_after[l], work.inverse_wealth[l]);
            work.growth_weight[l] = choose(mask, rows.growth_weight[l], work.growth_weight[l]);
        }
    }
    if instance.policy.cooldown_steps > 1 {
        let next = t + instance.policy.cooldown_steps;
        for l in 0..L {
            state.trade_allowed_from[l] = if work.fire[l] != 0 { next } else { state.trade_allowed_from[l] };
        }
    }
}

/// Books the trades of the firing lanes `first .. end` of the list.
#[inline(always)]
fn store_batch<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    t: u32,
    first: usize,
    end: usize,
    state: &mut State<A, L>,
    work: &mut Work<A, L>,
) {
    let rows = &work.batch;
    for j in 0..end - first {
        let l = work.firing[first + j] as usize % L;
        if rows.after[j] <= 0.0 {
            continue; // cannot be paid for
        }
        for i in 0..A {
            state.holdings[i][l] = rows.holdings[i][j];
        }
        state.turnover[l] += rows.turnover[j];
        state.events[l] += rows.event[j];
        if FLOWS {
            work.cost_step[l] += rows.cost[j];
        } else {
            state.cost_frac[l] += rows.cost[j];
        }
        work.wealth[l] = rows.after[j];
        if ALL {
            work.inverse_wealth[l] = rows.inverse_after[j];
            work.growth_weight[l] = rows.growth_weight[j];
        }
        state.trade_allowed_from[l] = t + instance.policy.cooldown_steps;
    }
}

/// Sets the mask of the lanes whose trigger fires.
#[inline(always)]
fn fire<const A: usize, const L: usize, const FLOWS: bool>(instance: &Prepared<A>, t: u32, review: bool, state: &State<A, L>, work: &mut Work<A, L>) {
    let ones = u64::from(review).wrapping_neg();
    match &instance.policy.trigger {
        Trigger::Never => work.fire = Row::splat(0),
        Trigger::Always => {
            for l in 0..L {
                work.fire[l] = ones & u64::from(work.distance[l] > at_least_negligible(0.0) * work.wealth[l]).wrapping_neg();
            }
        }
        Trigger::Outside(corridor) if instance.one_width => {
            let base = instance.half_width[0];
            for l in 0..L {
                let width = at_least_negligible(lane_width(corridor, base, work.factor[l]));
                work.fire[l] = ones & u64::from(work.distance[l] > width * work.wealth[l]).wrapping_neg();
            }
        }
        Trigger::Outside(corridor) => {
            work.fire = Row::splat(0);
            for i in 0..instance.assets {
                let (target, base) = (instance.target[i], instance.half_width[i]);
                for l in 0..L {
                    let distance = (state.holdings[i][l] - target * work.wealth[l]).abs();
                    let width = at_least_negligible(lane_width(corridor, base, work.factor[l])) * work.wealth[l];
                    work.fire[l] |= ones & u64::from(distance > width).wrapping_neg();
                }
            }
        }
    }
    if FLOWS {
        for l in 0..L {
            work.fire[l] &= u64::from(state.ruined_at[l] > t).wrapping_neg();
        }
    }
}

#[inline(always)]
pub(super) fn lane_width(corridor: &Corridor, base: f64, factor: f64) -> f64 {
    if corridor.scale.is_empty() { base } else { clamp(base * factor, corridor.min_width, corridor.max_width) }
}

/// Rules that few studies use, lane by lane with the reference's own functions.
#[inline(always)]
fn trade_rare<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    t: u32,
    state: &mut State<A, L>,
    work: &mut Work<A, L>,
) {
    for l in 0..L {
        let alive = !FLOWS || state.ruined_at[l] == NEVER;
        let may_fire = work.fire[l] != 0 && t >= state.trade_allowed_from[l];
        if alive && (may_fire || state.pending_due[l] != 0) {
            trade_lane::<A, L, ALL, FLOWS>(instance, t, l, state, work);
        }
    }
}

#[inline(never)]
fn trade_lane<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    t: u32,
    l: usize,
    state: &mut State<A, L>,
    work: &mut Work<A, L>,
) {
    let n = instance.assets;
    let (mut goals, mut width, mut w) = ([0.0; ASSETS_MAX], [0.0; ASSETS_MAX], [0.0; ASSETS_MAX]);
    if state.pending_due[l] != 0 {
        if state.pending_due[l] != t {
            return;
        }
        state.pending_due[l] = 0;
        for i in 0..n {
            goals[i] = state.pending_goal[i][l];
        }
    } else {
        for i in 0..n {
            w[i] = state.holdings[i][l] * work.inverse_wealth[l];
        }
        widths(&instance.policy.trigger, work.factor[l], &mut width[..n]);
        if goal(&instance.policy, &w[..n], &width[..n], &mut goals[..n]).is_none() {
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
    execute_lane::<A, L, ALL, FLOWS>(instance, t, l, &goals[..n], state, work);
}

fn execute_lane<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    t: u32,
    l: usize,
    goals: &[f64],
    state: &mut State<A, L>,
    work: &mut Work<A, L>,
) {
    let (n, before, inverse) = (instance.assets, work.wealth[l], work.inverse_wealth[l]);
    let mut holdings: [f64; A] = std::array::from_fn(|i| state.holdings[i][l]);
    let Some(done) = execute(&instance.costs, work.multiplier[l], goals, before, &mut holdings[..n]) else { return };
    for i in 0..n {
        state.holdings[i][l] = holdings[i];
    }
    state.trade_allowed_from[l] = t + instance.policy.cooldown_steps;
    state.turnover[l] += 0.5 * done.traded * inverse;
    state.events[l] += if done.traded > 0.0 { 1.0 } else { 0.0 };
    let cost = (before - done.wealth) * inverse;
    if FLOWS {
        work.cost_step[l] += cost;
    } else {
        state.cost_frac[l] += cost;
    }
    work.wealth[l] = done.wealth;
    if ALL {
        work.inverse_wealth[l] = reciprocal_near(done.wealth, inverse);
        work.growth_weight[l] = instance.growth_assets.iter().fold(0.0, |sum, &i| sum + goals[i]);
    }
}
