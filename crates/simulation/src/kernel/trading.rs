//! Decides which lanes trade at a review, where to, and what it costs them.

use corridor_core::lanes::{ASSETS_MAX, Row};

use super::prepared::Prepared;
use super::state::{NEVER, State, Work};
use crate::policy::goal::{clamp, goal, widths};
use crate::policy::{Corridor, Destination, TradeRule, Trigger};
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
        trade_rare::<A, L, ALL, FLOWS>(instance, t, state, work);
        return;
    }
    if instance.policy.cooldown_steps > 1 {
        for l in 0..L {
            work.fire[l] &= u64::from(t >= state.trade_allowed_from[l]).wrapping_neg();
        }
    }
    if work.fire.iter().fold(0, |any, mask| any | mask) == 0 {
        return;
    }
    if !instance.trades_to_target() {
        set_goals(instance, state, work);
    }
    match (instance.trades_to_target(), instance.exact, instance.costs.spread_multiplier.is_empty()) {
        (true, true, true) => execute_all::<A, L, ALL, FLOWS, true, true, true>(instance, t, state, work),
        (true, true, false) => execute_all::<A, L, ALL, FLOWS, true, true, false>(instance, t, state, work),
        (true, false, true) => execute_all::<A, L, ALL, FLOWS, true, false, true>(instance, t, state, work),
        (true, false, false) => execute_all::<A, L, ALL, FLOWS, true, false, false>(instance, t, state, work),
        (false, true, true) => execute_all::<A, L, ALL, FLOWS, false, true, true>(instance, t, state, work),
        (false, true, false) => execute_all::<A, L, ALL, FLOWS, false, true, false>(instance, t, state, work),
        (false, false, true) => execute_all::<A, L, ALL, FLOWS, false, false, true>(instance, t, state, work),
        (false, false, false) => execute_all::<A, L, ALL, FLOWS, false, false, false>(instance, t, state, work),
    }
}

/// Sets the mask of the lanes whose trigger fires.
#[inline(always)]
fn fire<const A: usize, const L: usize, const FLOWS: bool>(instance: &Prepared<A>, t: u32, review: bool, state: &State<A, L>, work: &mut Work<A, L>) {
    let ones = u64::from(review).wrapping_neg();
    match &instance.policy.trigger {
        Trigger::Never => work.fire = Row::splat(0),
        Trigger::Always => work.fire = Row::splat(ones),
        Trigger::Outside(corridor) if instance.one_width => {
            for l in 0..L {
                let width = lane_width(corridor, instance.half_width[0], work.factor[l]);
                work.fire[l] = ones & u64::from(work.deviation[l] > width).wrapping_neg();
            }
        }
        Trigger::Outside(corridor) => {
            work.fire = Row::splat(0);
            for i in 0..instance.assets {
                for l in 0..L {
                    let distance = (state.holdings[i][l] * work.inverse_wealth[l] - instance.target[i]).abs();
                    let width = lane_width(corridor, instance.half_width[i], work.factor[l]);
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
fn lane_width(corridor: &Corridor, base: f64, factor: f64) -> f64 {
    if corridor.scale.is_empty() { base } else { clamp(base * factor, corridor.min_width, corridor.max_width) }
}

/// Writes the goal weights of rules whose goal depends on the weights.
#[inline(always)]
fn set_goals<const A: usize, const L: usize>(instance: &Prepared<A>, state: &State<A, L>, work: &mut Work<A, L>) {
    match &instance.policy.trade {
        TradeRule::ToTarget => {}
        TradeRule::PartWay { fraction } => {
            for i in 0..A {
                for l in 0..L {
                    let w = state.holdings[i][l] * work.inverse_wealth[l];
                    work.goal[i][l] = w + fraction * (instance.target[i] - w);
                }
            }
        }
        TradeRule::Inward(destination) => set_inward_goals(instance, destination, state, work),
    }
}

#[inline(always)]
fn set_inward_goals<const A: usize, const L: usize>(instance: &Prepared<A>, destination: &Destination, state: &State<A, L>, work: &mut Work<A, L>) {
    let Trigger::Outside(corridor) = &instance.policy.trigger else { return };
    work.after = Row::splat(1.0); // theta
    for i in 0..instance.assets {
        for l in 0..L {
            let distance = (state.holdings[i][l] * work.inverse_wealth[l] - instance.target[i]).abs();
            let reach = destination.reach(i, lane_width(corridor, instance.half_width[i], work.factor[l]));
            let theta = reach / distance;
            work.after[l] = if distance > reach && theta < work.after[l] { theta } else { work.after[l] };
        }
    }
    for i in 0..A {
        for l in 0..L {
            let w = state.holdings[i][l] * work.inverse_wealth[l];
            work.goal[i][l] = instance.target[i] + work.after[l] * (w - instance.target[i]);
        }
    }
}

/// Executes the trades of all firing lanes under their masks.
#[inline(always)]
fn execute_all<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool, const TARGET: bool, const EXACT: bool, const PLAIN: bool>(
    instance: &Prepared<A>,
    t: u32,
    state: &mut State<A, L>,
    work: &mut Work<A, L>,
) {
    if EXACT {
        solve_exact::<A, L, TARGET, PLAIN>(instance, state, work);
    } else {
        solve_pre::<A, L, TARGET, PLAIN>(instance, state, work);
    }
    for l in 0..L {
        let (before, after) = (work.wealth[l], work.after[l]);
        let trades = work.fire[l] != 0 && after > 0.0;
        let mask = u64::from(trades).wrapping_neg();
        let sized_on = if EXACT { after } else { before };
        let mut traded = 0.0;
        for i in 0..A {
            let goal = if TARGET { instance.target[i] } else { work.goal[i][l] };
            let holding = state.holdings[i][l];
            traded += (goal * sized_on - holding).abs();
            state.holdings[i][l] = choose(mask, goal * after, holding);
        }
        let inverse = work.inverse_wealth[l];
        state.turnover[l] += masked(mask, 0.5 * traded * inverse);
        state.events[l] += masked(mask, if traded > 0.0 { 1.0 } else { 0.0 });
        let cost = masked(mask, (before - after) * inverse);
        if FLOWS {
            work.cost_step[l] += cost;
        } else {
            state.cost_frac[l] += cost;
        }
        work.wealth[l] = choose(mask, after, before);
        if ALL && TARGET {
            work.growth_weight[l] = choose(mask, instance.growth_target, work.growth_weight[l]);
        }
        work.fire[l] = mask;
    }
    after_trade::<A, L, ALL, TARGET>(instance, t, state, work);
}

/// What follows a trade beside the holdings: the cooldown, and the exposure of goals that differ between lanes.
#[inline(always)]
fn after_trade<const A: usize, const L: usize, const ALL: bool, const TARGET: bool>(instance: &Prepared<A>, t: u32, state: &mut State<A, L>, work: &mut Work<A, L>) {
    if instance.policy.cooldown_steps > 1 {
        for l in 0..L {
            let next = t + instance.policy.cooldown_steps;
            state.trade_allowed_from[l] = if work.fire[l] != 0 { next } else { state.trade_allowed_from[l] };
        }
    }
    if ALL && !TARGET {
        work.after = Row::splat(0.0);
        for &i in &instance.growth_assets {
            for l in 0..L {
                work.after[l] += work.goal[i][l];
            }
        }
        for l in 0..L {
            work.growth_weight[l] = choose(work.fire[l], work.after[l], work.growth_weight[l]);
        }
    }
}

/// Wealth after the trade where trades are sized on wealth before the cost.
#[inline(always)]
fn solve_pre<const A: usize, const L: usize, const TARGET: bool, const PLAIN: bool>(instance: &Prepared<A>, state: &State<A, L>, work: &mut Work<A, L>) {
    for l in 0..L {
        let mut cost = 0.0;
        for i in 0..A {
            let goal = if TARGET { instance.target[i] } else { work.goal[i][l] };
            let rate = if PLAIN { instance.one_way[i] } else { instance.one_way[i] * work.multiplier[l] };
            cost += rate * (goal * work.wealth[l] - state.holdings[i][l]).abs();
        }
        work.after[l] = work.wealth[l] - cost;
    }
}

/// The self-financing wealth after the trade: one Newton pass for all lanes, more for the lanes where a sign changed.
#[inline(always)]
fn solve_exact<const A: usize, const L: usize, const TARGET: bool, const PLAIN: bool>(instance: &Prepared<A>, state: &State<A, L>, work: &mut Work<A, L>) {
    let mut changed = 0u64;
    for l in 0..L {
        let before = work.wealth[l];
        let (mut numerator, mut denominator) = (before, 1.0);
        let mut trade_bits = [0u64; A];
        for i in 0..A {
            let goal = if TARGET { instance.target[i] } else { work.goal[i][l] };
            let rate = if PLAIN { instance.one_way[i] } else { instance.one_way[i] * work.multiplier[l] };
            let holding = state.holdings[i][l];
            let trade = goal * before - holding;
            let signed = rate.copysign(trade);
            numerator += signed * holding;
            denominator += signed * goal;
            trade_bits[i] = trade.to_bits();
        }
        let after = numerator / denominator;
        work.after[l] = after;
        let mut flips = 0;
        for i in 0..A {
            let goal = if TARGET { instance.target[i] } else { work.goal[i][l] };
            flips |= trade_bits[i] ^ (goal * after - state.holdings[i][l]).to_bits();
        }
        changed |= flips & work.fire[l];
    }
    if changed >> 63 != 0 {
        for l in (0..L).filter(|&l| work.fire[l] != 0) {
            work.after[l] = solve_lane(instance, state, work, l);
        }
    }
}

/// The reference's own iteration for one lane.
#[inline(never)]
fn solve_lane<const A: usize, const L: usize>(instance: &Prepared<A>, state: &State<A, L>, work: &Work<A, L>, l: usize) -> f64 {
    let mut holdings: [f64; A] = std::array::from_fn(|i| state.holdings[i][l]);
    let goals: [f64; A] = std::array::from_fn(|i| if instance.trades_to_target() { instance.target[i] } else { work.goal[i][l] });
    let n = instance.assets;
    execute(&instance.costs, work.multiplier[l], &goals[..n], work.wealth[l], &mut holdings[..n]).map_or(0.0, |done| done.wealth)
}

/// Rules that few studies use, lane by lane with the reference's own functions.
#[inline(always)]
fn trade_rare<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(instance: &Prepared<A>, t: u32, state: &mut State<A, L>, work: &mut Work<A, L>) {
    for l in 0..L {
        let alive = !FLOWS || state.ruined_at[l] == NEVER;
        let may_fire = work.fire[l] != 0 && t >= state.trade_allowed_from[l];
        if alive && (may_fire || state.pending_due[l] != 0) {
            trade_lane::<A, L, ALL, FLOWS>(instance, t, l, state, work);
        }
    }
}

#[inline(never)]
fn trade_lane<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(instance: &Prepared<A>, t: u32, l: usize, state: &mut State<A, L>, work: &mut Work<A, L>) {
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
        work.growth_weight[l] = instance.growth_assets.iter().fold(0.0, |sum, &i| sum + goals[i]);
    }
}

#[inline(always)]
fn choose(mask: u64, yes: f64, no: f64) -> f64 {
    f64::from_bits((yes.to_bits() & mask) | (no.to_bits() & !mask))
}

#[inline(always)]
fn masked(mask: u64, value: f64) -> f64 {
    f64::from_bits(value.to_bits() & mask)
}
