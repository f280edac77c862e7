//! Executes trades in rows of lanes: goal weights, wealth after the cost, and what is booked.
//!
//! The rows are either a whole block under its masks, or a batch of lanes gathered from it; the
//! arithmetic is the same.

use corridor_core::lanes::Row;
use corridor_core::numerics::reciprocal_near_or_far;

use super::prepared::Prepared;
use super::state::{Ledger, Order, choose, masked};
use crate::policy::{Destination, TradeRule, Trigger};
use crate::trade::{PASSES, execute};

/// Trades the lanes of `ledger` whose mask in `order` is set. `KNOWN`: the ledger's reciprocal of
/// wealth is up to date and must be kept so.
#[inline(always)]
pub(super) fn execute_rows<const A: usize, const W: usize, const KNOWN: bool>(
    instance: &Prepared<A>,
    ledger: &mut Ledger<A, W>,
    order: &mut Order<A, W>,
) {
    if instance.policy.trade == TradeRule::ToTarget {
        if instance.exact {
            solve_exact::<A, W, false>(instance, ledger, order);
            book::<A, W, KNOWN, false, true>(instance, ledger, order);
        } else {
            book::<A, W, KNOWN, false, false>(instance, ledger, order);
        }
        return;
    }
    if !KNOWN {
        for l in 0..W {
            ledger.inverse[l] = 1.0 / ledger.wealth[l];
        }
    }
    set_goals(instance, ledger, order);
    execute_goals::<A, W, KNOWN>(instance, ledger, order);
}

/// Trades the lanes whose mask is set to the goal weights of the order. The ledger's reciprocals of
/// wealth are up to date; `KNOWN`: they must be kept so.
#[inline(always)]
pub(super) fn execute_goals<const A: usize, const W: usize, const KNOWN: bool>(
    instance: &Prepared<A>,
    ledger: &mut Ledger<A, W>,
    order: &mut Order<A, W>,
) {
    if instance.exact {
        solve_exact::<A, W, true>(instance, ledger, order);
        book::<A, W, KNOWN, true, true>(instance, ledger, order);
    } else {
        book::<A, W, KNOWN, true, false>(instance, ledger, order);
    }
}

/// Moves the holdings to the goal and books what the trade did. `GOALS`: the goals are rows of the
/// order, else the target. `EXACT` trades are sized on wealth after the cost, which is known;
/// others on wealth before it.
#[inline(always)]
fn book<const A: usize, const W: usize, const KNOWN: bool, const GOALS: bool, const EXACT: bool>(
    instance: &Prepared<A>,
    ledger: &mut Ledger<A, W>,
    order: &Order<A, W>,
) {
    let (target, one_way) = (instance.target, instance.one_way);
    let mut far = false;
    for l in 0..W {
        let before = ledger.wealth[l];
        let inverse = if KNOWN || GOALS { ledger.inverse[l] } else { 1.0 / before };
        let mut after = order.after[l];
        let sized_on = if EXACT { after } else { before };
        let (mut traded, mut cost) = (0.0, 0.0);
        for i in 0..A {
            let goal = if GOALS { order.goal[i][l] } else { target[i] };
            let trade = (goal * sized_on - ledger.holdings[i][l]).abs();
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
            let goal = if GOALS { order.goal[i][l] } else { target[i] };
            ledger.holdings[i][l] = choose(mask, goal * after, ledger.holdings[i][l]);
        }
        ledger.turnover[l] += masked(mask, 0.5 * traded * inverse);
        ledger.events[l] += masked(mask, if traded > 0.0 { 1.0 } else { 0.0 });
        ledger.cost[l] += masked(mask, (before - after) * inverse);
        ledger.wealth[l] = choose(mask, after, before);
        if KNOWN {
            let (refined, near) = reciprocal_near_or_far(after, inverse);
            ledger.inverse[l] = choose(mask, if near { refined } else { inverse }, inverse);
            far |= !near;
        }
    }
    if far {
        mend_far_reciprocals(ledger);
    }
}

/// Trades that cost more than 1 % of wealth: the wealth before, still there, is no good guess of
/// the wealth after.
#[inline(never)]
fn mend_far_reciprocals<const A: usize, const W: usize>(ledger: &mut Ledger<A, W>) {
    for l in 0..W {
        if !reciprocal_near_or_far(ledger.wealth[l], ledger.inverse[l]).1 {
            ledger.inverse[l] = 1.0 / ledger.wealth[l];
        }
    }
}

/// Writes the goal weights of every rule but a trade to the target.
#[inline(always)]
fn set_goals<const A: usize, const W: usize>(
    instance: &Prepared<A>,
    ledger: &Ledger<A, W>,
    order: &mut Order<A, W>,
) {
    match &instance.policy.trade {
        TradeRule::ToTarget | TradeRule::PartWayScaled(_) => {} // the second trades lane by lane
        TradeRule::PartWay { fraction } => {
            for i in 0..A {
                let (target, fraction) = (instance.target[i], *fraction);
                for l in 0..W {
                    let w = ledger.holdings[i][l] * ledger.inverse[l];
                    order.goal[i][l] = w + fraction * (target - w);
                }
            }
        }
        TradeRule::Inward(destination) => set_inward_goals(instance, destination, ledger, order),
    }
}

#[inline(always)]
fn set_inward_goals<const A: usize, const W: usize>(
    instance: &Prepared<A>,
    destination: &Destination,
    ledger: &Ledger<A, W>,
    order: &mut Order<A, W>,
) {
    let Trigger::Outside(corridor) = &instance.policy.trigger else { return };
    let mut theta = Row::<f64, W>::splat(1.0);
    for i in 0..instance.assets {
        let (target, base) = (instance.target[i], instance.half_width[i]);
        for l in 0..W {
            let distance = (ledger.holdings[i][l] * ledger.inverse[l] - target).abs();
            let reach = destination.reach(i, corridor.scaled(base, order.factor[l]));
            let share = reach / distance;
            theta[l] = if distance > reach && share < theta[l] { share } else { theta[l] };
        }
    }
    for i in 0..A {
        let target = instance.target[i];
        for l in 0..W {
            let w = ledger.holdings[i][l] * ledger.inverse[l];
            order.goal[i][l] = target + theta[l] * (w - target);
        }
    }
}

/// The self-financing wealth after the trade: passes of Newton's method over all lanes until no
/// sign changes in any.
///
/// A lane that has converged stays where it is, so it gets the bits of the reference's own
/// iteration.
#[inline(always)]
fn solve_exact<const A: usize, const W: usize, const GOALS: bool>(
    instance: &Prepared<A>,
    ledger: &Ledger<A, W>,
    order: &mut Order<A, W>,
) {
    order.after = ledger.wealth;
    for _ in 0..PASSES {
        match newton_pass::<A, W, GOALS>(instance, ledger, order) {
            Pass::Settled => return,
            Pass::Moved => {}
            Pass::Far => return solve_lanes::<A, W, GOALS>(instance, ledger, order),
        }
    }
}

enum Pass {
    /// No sign changed.
    Settled,
    /// A sign changed in some lane.
    Moved,
    /// Costs in some lane are too high for the fast reciprocal.
    Far,
}

/// One pass from `order.after`, in place.
#[inline(always)]
fn newton_pass<const A: usize, const W: usize, const GOALS: bool>(
    instance: &Prepared<A>,
    ledger: &Ledger<A, W>,
    order: &mut Order<A, W>,
) -> Pass {
    const SIGN: u64 = 1 << 63;
    let (target, one_way) = (instance.target, instance.one_way);
    let (mut changed, mut far) = (0u64, false);
    for l in 0..W {
        let from = order.after[l];
        let (mut numerator, mut denominator) = (ledger.wealth[l], 1.0);
        let mut signs = [0u64; A];
        for i in 0..A {
            let goal = if GOALS { order.goal[i][l] } else { target[i] };
            let rate = one_way[i] * order.multiplier[l];
            let holding = ledger.holdings[i][l];
            let trade = goal * from - holding;
            let signed = rate.copysign(trade);
            numerator += signed * holding;
            denominator += signed * goal;
            signs[i] = trade.to_bits();
        }
        let (inverse, near) = reciprocal_near_or_far(denominator, 1.0);
        let after = numerator * inverse;
        order.after[l] = after;
        far |= !near;
        for i in 0..A {
            let goal = if GOALS { order.goal[i][l] } else { target[i] };
            changed |= signs[i] ^ (goal * after - ledger.holdings[i][l]).to_bits();
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

/// The reference's own iteration, lane by lane.
#[inline(never)]
fn solve_lanes<const A: usize, const W: usize, const GOALS: bool>(
    instance: &Prepared<A>,
    ledger: &Ledger<A, W>,
    order: &mut Order<A, W>,
) {
    let n = instance.assets;
    for l in 0..W {
        let mut holdings: [f64; A] = std::array::from_fn(|i| ledger.holdings[i][l]);
        let goals: [f64; A] =
            std::array::from_fn(|i| if GOALS { order.goal[i][l] } else { instance.target[i] });
        let done = execute(
            &instance.costs,
            order.multiplier[l],
            &goals[..n],
            ledger.wealth[l],
            &mut holdings[..n],
        );
        order.after[l] = done.map_or(0.0, |done| done.wealth);
    }
}
