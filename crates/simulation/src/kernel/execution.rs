//! Executes trades in rows of lanes: desired weights, wealth after the cost, and sums of trades.
//!
//! The rows are either a whole block under its masks, or a batch of lanes gathered from it; the
//! arithmetic is the same.

use corridor_core::lanes::Row;
use corridor_core::numerics::reciprocal_near_or_far;

use super::prepared::Prepared;
use super::state::{OrderRows, PortfolioRows, choose, masked};
use crate::policy::{Destination, TradeRule, Trigger};
use crate::trade::{PASSES, execute};

/// Trades the lanes of `portfolio` whose mask in `order` is set. `KNOWN`: the reciprocals of wealth
/// are up to date and stay so.
#[inline(always)]
pub(super) fn execute_rows<const A: usize, const W: usize, const KNOWN: bool>(
    instance: &Prepared<A>,
    portfolio: &mut PortfolioRows<A, W>,
    order: &mut OrderRows<A, W>,
) {
    if instance.policy.trade == TradeRule::ToTarget {
        if instance.exact {
            solve_exact::<A, W, false>(instance, portfolio, order);
            settle::<A, W, KNOWN, false, true>(instance, portfolio, order);
        } else {
            settle::<A, W, KNOWN, false, false>(instance, portfolio, order);
        }
        return;
    }
    if !KNOWN {
        for l in 0..W {
            portfolio.inverse[l] = 1.0 / portfolio.wealth[l];
        }
    }
    set_desired(instance, portfolio, order);
    execute_desired::<A, W, KNOWN>(instance, portfolio, order);
}

/// Trades the lanes whose mask is set to the desired weights of the order. The reciprocals of
/// wealth are up to date; `KNOWN`: they stay so.
#[inline(always)]
pub(super) fn execute_desired<const A: usize, const W: usize, const KNOWN: bool>(
    instance: &Prepared<A>,
    portfolio: &mut PortfolioRows<A, W>,
    order: &mut OrderRows<A, W>,
) {
    if instance.exact {
        solve_exact::<A, W, true>(instance, portfolio, order);
        settle::<A, W, KNOWN, true, true>(instance, portfolio, order);
    } else {
        settle::<A, W, KNOWN, true, false>(instance, portfolio, order);
    }
}

/// Moves the holdings to the desired weights and adds the trade to the sums. `DESIRED`: the desired
/// weights are those of the order, else the target. `EXACT`: the trade is sized on the wealth after
/// its cost, which is known already, else on the wealth before it.
#[inline(always)]
fn settle<
    const A: usize,
    const W: usize,
    const KNOWN: bool,
    const DESIRED: bool,
    const EXACT: bool,
>(
    instance: &Prepared<A>,
    portfolio: &mut PortfolioRows<A, W>,
    order: &OrderRows<A, W>,
) {
    let (target, one_way) = (instance.target, instance.one_way);
    let mut far = false;
    for l in 0..W {
        let before = portfolio.wealth[l];
        let inverse = if KNOWN || DESIRED { portfolio.inverse[l] } else { 1.0 / before };
        let mut after = order.after[l];
        let sized_on = if EXACT { after } else { before };
        let (mut traded, mut cost) = (0.0, 0.0);
        for i in 0..A {
            let desired = if DESIRED { order.desired[i][l] } else { target[i] };
            let trade = (desired * sized_on - portfolio.holdings[i][l]).abs();
            traded += trade;
            if !EXACT {
                cost += one_way[i] * order.multiplier[l] * trade;
            }
        }
        if !EXACT {
            after = before - cost;
        }
        let mask = order.fire[l];
        for i in 0..A {
            let desired = if DESIRED { order.desired[i][l] } else { target[i] };
            portfolio.holdings[i][l] = choose(mask, desired * after, portfolio.holdings[i][l]);
        }
        portfolio.turnover[l] += masked(mask, 0.5 * traded * inverse);
        portfolio.events[l] += masked(mask, if traded > 0.0 { 1.0 } else { 0.0 });
        portfolio.cost[l] += masked(mask, (before - after) * inverse);
        portfolio.wealth[l] = choose(mask, after, before);
        if KNOWN {
            let (refined, near) = reciprocal_near_or_far(after, inverse);
            portfolio.inverse[l] = choose(mask, if near { refined } else { inverse }, inverse);
            far |= !near;
        }
    }
    if far {
        mend_far_reciprocals(portfolio);
    }
}

/// Divides in the lanes where a trade cost more than 1 % of wealth, too much to refine the
/// reciprocal of the wealth before it.
#[inline(never)]
fn mend_far_reciprocals<const A: usize, const W: usize>(portfolio: &mut PortfolioRows<A, W>) {
    for l in 0..W {
        if !reciprocal_near_or_far(portfolio.wealth[l], portfolio.inverse[l]).1 {
            portfolio.inverse[l] = 1.0 / portfolio.wealth[l];
        }
    }
}

/// Writes the desired weights of every trade rule but a trade to the target.
#[inline(always)]
fn set_desired<const A: usize, const W: usize>(
    instance: &Prepared<A>,
    portfolio: &PortfolioRows<A, W>,
    order: &mut OrderRows<A, W>,
) {
    match &instance.policy.trade {
        TradeRule::ToTarget => {}
        TradeRule::PartWayScaled(_) => {} // trades lane by lane
        TradeRule::PartWay { fraction } => {
            for i in 0..A {
                let (target, fraction) = (instance.target[i], *fraction);
                for l in 0..W {
                    let w = portfolio.holdings[i][l] * portfolio.inverse[l];
                    order.desired[i][l] = w + fraction * (target - w);
                }
            }
        }
        TradeRule::Inward(destination) => set_inward(instance, destination, portfolio, order),
    }
}

#[inline(always)]
fn set_inward<const A: usize, const W: usize>(
    instance: &Prepared<A>,
    destination: &Destination,
    portfolio: &PortfolioRows<A, W>,
    order: &mut OrderRows<A, W>,
) {
    let Trigger::Outside(corridor) = &instance.policy.trigger else { return };
    let mut theta = Row::<f64, W>::splat(1.0);
    for i in 0..instance.assets {
        let (target, base) = (instance.target[i], instance.half_width[i]);
        for l in 0..W {
            let distance = (portfolio.holdings[i][l] * portfolio.inverse[l] - target).abs();
            let reach = destination.reach(i, corridor.scaled(base, order.factor[l]));
            let share = reach / distance;
            theta[l] = if distance > reach && share < theta[l] { share } else { theta[l] };
        }
    }
    for i in 0..A {
        let target = instance.target[i];
        for l in 0..W {
            let w = portfolio.holdings[i][l] * portfolio.inverse[l];
            order.desired[i][l] = target + theta[l] * (w - target);
        }
    }
}

/// Solves for the self-financing wealth after the trade: passes of Newton's method over all lanes
/// until no sign changes in any.
///
/// A lane that has converged keeps its value in later passes, so it has the bits of the reference's
/// own iteration.
#[inline(always)]
fn solve_exact<const A: usize, const W: usize, const DESIRED: bool>(
    instance: &Prepared<A>,
    portfolio: &PortfolioRows<A, W>,
    order: &mut OrderRows<A, W>,
) {
    order.after = portfolio.wealth;
    for _ in 0..PASSES {
        match newton_pass::<A, W, DESIRED>(instance, portfolio, order) {
            Pass::Settled => return,
            Pass::Moved => {}
            Pass::Far => return solve_lanes::<A, W, DESIRED>(instance, portfolio, order),
        }
    }
}

/// Result of one pass of Newton's method.
enum Pass {
    /// No sign changed.
    Settled,
    /// A sign changed in some lane.
    Moved,
    /// Costs in some lane are too high for the fast reciprocal.
    Far,
}

/// Makes one pass of Newton's method from `order.after`, in place.
#[inline(always)]
fn newton_pass<const A: usize, const W: usize, const DESIRED: bool>(
    instance: &Prepared<A>,
    portfolio: &PortfolioRows<A, W>,
    order: &mut OrderRows<A, W>,
) -> Pass {
    const SIGN: u64 = 1 << 63;
    let (target, one_way) = (instance.target, instance.one_way);
    let (mut changed, mut far) = (0u64, false);
    for l in 0..W {
        let from = order.after[l];
        let (mut numerator, mut denominator) = (portfolio.wealth[l], 1.0);
        let mut signs = [0u64; A];
        for i in 0..A {
            let desired = if DESIRED { order.desired[i][l] } else { target[i] };
            let rate = one_way[i] * order.multiplier[l];
            let holding = portfolio.holdings[i][l];
            let trade = desired * from - holding;
            let signed = rate.copysign(trade);
            numerator += signed * holding;
            denominator += signed * desired;
            signs[i] = trade.to_bits();
        }
        let (inverse, near) = reciprocal_near_or_far(denominator, 1.0);
        let after = numerator * inverse;
        order.after[l] = after;
        far |= !near;
        for i in 0..A {
            let desired = if DESIRED { order.desired[i][l] } else { target[i] };
            changed |= signs[i] ^ (desired * after - portfolio.holdings[i][l]).to_bits();
        }
    }
    if far {
        Pass::Far
    } else if changed & SIGN != 0 {
        Pass::Moved
    } else {
        Pass::Settled
    }
}

/// Solves lane by lane with the reference's own iteration.
#[inline(never)]
fn solve_lanes<const A: usize, const W: usize, const DESIRED: bool>(
    instance: &Prepared<A>,
    portfolio: &PortfolioRows<A, W>,
    order: &mut OrderRows<A, W>,
) {
    let n = instance.assets;
    for l in 0..W {
        let mut holdings: [f64; A] = std::array::from_fn(|i| portfolio.holdings[i][l]);
        let desired: [f64; A] =
            std::array::from_fn(|i| if DESIRED { order.desired[i][l] } else { instance.target[i] });
        let done = execute(
            &instance.costs,
            order.multiplier[l],
            &desired[..n],
            portfolio.wealth[l],
            &mut holdings[..n],
        );
        order.after[l] = done.map_or(0.0, |done| done.wealth);
    }
}
