//! Executes trades in rows of lanes: goal weights, wealth after the cost, and what is booked.
//!
//! The rows are either a whole block, or a batch of lanes gathered from it; the arithmetic is the same.

use corridor_core::lanes::Row;
use corridor_core::numerics::{reciprocal_near, reciprocal_near_or_far};

use super::prepared::Prepared;
use super::trading::lane_width;
use crate::policy::{Destination, TradeRule, Trigger};
use crate::trade::execute;

/// Lanes of a gathered batch.
pub(super) const BATCH: usize = 16;

/// Trades in the making, one per lane.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(crate) struct TradeRows<const A: usize, const W: usize> {
    /// Before the trade, then after it.
    pub holdings: [Row<f64, W>; A],
    pub goal: [Row<f64, W>; A],
    pub wealth: Row<f64, W>,
    pub inverse: Row<f64, W>,
    pub multiplier: Row<f64, W>,
    pub factor: Row<f64, W>,
    /// Wealth after the trade; not above 0 where it cannot be paid for.
    pub after: Row<f64, W>,
    pub inverse_after: Row<f64, W>,
    pub turnover: Row<f64, W>,
    pub event: Row<f64, W>,
    pub cost: Row<f64, W>,
    pub growth_weight: Row<f64, W>,
}

impl<const A: usize, const W: usize> TradeRows<A, W> {
    pub fn new() -> Self {
        let zero = Row::splat(0.0);
        Self {
            holdings: [zero; A],
            goal: [zero; A],
            wealth: zero,
            inverse: zero,
            multiplier: zero,
            factor: zero,
            after: zero,
            inverse_after: zero,
            turnover: zero,
            event: zero,
            cost: zero,
            growth_weight: zero,
        }
    }
}

/// Trades every lane of `rows`.
#[inline(always)]
pub(super) fn process<const A: usize, const W: usize, const ALL: bool, const FLOWS: bool>(instance: &Prepared<A>, rows: &mut TradeRows<A, W>) {
    if !ALL && !FLOWS {
        for l in 0..W {
            rows.inverse[l] = 1.0 / rows.wealth[l]; // with all columns every step has needed it already
        }
    }
    set_goals(instance, rows);
    if instance.exact {
        solve_exact(instance, rows);
        book::<A, W, ALL, true>(rows);
    } else {
        solve_pre(instance, rows);
        book::<A, W, ALL, false>(rows);
    }
    if ALL {
        weigh_growth_goals(instance, rows);
    }
}

/// Moves the holdings to the goal and says what the trade did. `EXACT` trades are sized on wealth after the cost.
#[inline(always)]
fn book<const A: usize, const W: usize, const ALL: bool, const EXACT: bool>(rows: &mut TradeRows<A, W>) {
    let mut far = false;
    for l in 0..W {
        let (before, after, inverse) = (rows.wealth[l], rows.after[l], rows.inverse[l]);
        let sized_on = if EXACT { after } else { before };
        let mut traded = 0.0;
        for i in 0..A {
            let goal = rows.goal[i][l];
            traded += (goal * sized_on - rows.holdings[i][l]).abs();
            rows.holdings[i][l] = goal * after;
        }
        rows.turnover[l] = 0.5 * traded * inverse;
        rows.event[l] = if traded > 0.0 { 1.0 } else { 0.0 };
        rows.cost[l] = (before - after) * inverse;
        if ALL {
            let (refined, near) = reciprocal_near_or_far(after, inverse);
            rows.inverse_after[l] = refined;
            far |= !near;
        }
    }
    if far {
        mend_far_reciprocals(rows);
    }
}

/// Trades that cost more than 1 % of wealth: the wealth before is no good guess of the wealth after.
#[inline(never)]
fn mend_far_reciprocals<const A: usize, const W: usize>(rows: &mut TradeRows<A, W>) {
    for l in 0..W {
        rows.inverse_after[l] = reciprocal_near(rows.after[l], rows.inverse[l]);
    }
}

/// The growth assets' weight after the trade.
#[inline(always)]
fn weigh_growth_goals<const A: usize, const W: usize>(instance: &Prepared<A>, rows: &mut TradeRows<A, W>) {
    rows.growth_weight = Row::splat(0.0);
    for &i in &instance.growth_assets {
        for l in 0..W {
            rows.growth_weight[l] += rows.goal[i][l];
        }
    }
}

/// Writes the goal weights.
#[inline(always)]
fn set_goals<const A: usize, const W: usize>(instance: &Prepared<A>, rows: &mut TradeRows<A, W>) {
    match &instance.policy.trade {
        TradeRule::ToTarget => rows.goal = std::array::from_fn(|i| Row::splat(instance.target[i])),
        TradeRule::PartWay { fraction } => {
            for i in 0..A {
                let (target, fraction) = (instance.target[i], *fraction);
                for l in 0..W {
                    let w = rows.holdings[i][l] * rows.inverse[l];
                    rows.goal[i][l] = w + fraction * (target - w);
                }
            }
        }
        TradeRule::Inward(destination) => set_inward_goals(instance, destination, rows),
    }
}

#[inline(always)]
fn set_inward_goals<const A: usize, const W: usize>(instance: &Prepared<A>, destination: &Destination, rows: &mut TradeRows<A, W>) {
    let Trigger::Outside(corridor) = &instance.policy.trigger else { return };
    let mut theta = Row::<f64, W>::splat(1.0);
    for i in 0..instance.assets {
        let (target, base) = (instance.target[i], instance.half_width[i]);
        for l in 0..W {
            let distance = (rows.holdings[i][l] * rows.inverse[l] - target).abs();
            let reach = destination.reach(i, lane_width(corridor, base, rows.factor[l]));
            let share = reach / distance;
            theta[l] = if distance > reach && share < theta[l] { share } else { theta[l] };
        }
    }
    for i in 0..A {
        let target = instance.target[i];
        for l in 0..W {
            let w = rows.holdings[i][l] * rows.inverse[l];
            rows.goal[i][l] = target + theta[l] * (w - target);
        }
    }
}

/// Wealth after the trade where trades are sized on wealth before the cost.
#[inline(always)]
fn solve_pre<const A: usize, const W: usize>(instance: &Prepared<A>, rows: &mut TradeRows<A, W>) {
    let one_way = instance.one_way;
    for l in 0..W {
        let mut cost = 0.0;
        for i in 0..A {
            let goal = rows.goal[i][l];
            let rate = one_way[i] * rows.multiplier[l];
            cost += rate * (goal * rows.wealth[l] - rows.holdings[i][l]).abs();
        }
        rows.after[l] = rows.wealth[l] - cost;
    }
}

/// The self-financing wealth after the trade: one Newton pass for all lanes, the whole iteration where a sign changed.
#[inline(always)]
fn solve_exact<const A: usize, const W: usize>(instance: &Prepared<A>, rows: &mut TradeRows<A, W>) {
    const SIGN: u64 = 1 << 63;
    let one_way = instance.one_way;
    let mut changed = 0u64;
    for l in 0..W {
        let before = rows.wealth[l];
        let (mut numerator, mut denominator) = (before, 1.0);
        let mut signs = [0u64; A];
        for i in 0..A {
            let goal = rows.goal[i][l];
            let rate = one_way[i] * rows.multiplier[l];
            let holding = rows.holdings[i][l];
            let trade = goal * before - holding;
            let signed = rate.copysign(trade);
            numerator += signed * holding;
            denominator += signed * goal;
            signs[i] = trade.to_bits();
        }
        let (inverse, near) = reciprocal_near_or_far(denominator, 1.0);
        let after = numerator * inverse;
        rows.after[l] = after;
        changed |= if near { 0 } else { SIGN };
        for i in 0..A {
            let goal = rows.goal[i][l];
            changed |= signs[i] ^ (goal * after - rows.holdings[i][l]).to_bits();
        }
    }
    if changed & SIGN != 0 {
        solve_lanes(instance, rows);
    }
}

/// The reference's own iteration, for all lanes of rows in which one needs it.
#[inline(never)]
fn solve_lanes<const A: usize, const W: usize>(instance: &Prepared<A>, rows: &mut TradeRows<A, W>) {
    let n = instance.assets;
    for l in 0..W {
        let mut holdings: [f64; A] = std::array::from_fn(|i| rows.holdings[i][l]);
        let goals: [f64; A] = std::array::from_fn(|i| rows.goal[i][l]);
        let done = execute(&instance.costs, rows.multiplier[l], &goals[..n], rows.wealth[l], &mut holdings[..n]);
        rows.after[l] = done.map_or(0.0, |done| done.wealth);
    }
}
