//! Tells in which lanes a trigger fires.

use corridor_core::lanes::Row;

use super::prepared::Prepared;
use super::state::{State, Work};
use crate::policy::goal::{at_least_negligible, clamp};
use crate::policy::{Corridor, Trigger};

/// Sets the mask of the lanes whose trigger fires.
#[inline(always)]
pub(super) fn fire<const A: usize, const L: usize>(instance: &Prepared<A>, factors: Option<&Row<f64, L>>, state: &State<A, L>, work: &mut Work<A, L>) {
    match (&instance.policy.trigger, factors) {
        (Trigger::Never, _) => work.order.fire = Row::splat(0),
        (Trigger::Always, _) => beyond(at_least_negligible(0.0), state, work),
        (Trigger::Outside(_), None) if instance.one_width => beyond(at_least_negligible(instance.half_width[0]), state, work),
        (Trigger::Outside(_), None) => beyond_each(instance, state, work),
        (Trigger::Outside(corridor), Some(factors)) if instance.one_width => beyond_scaled(instance.half_width[0], corridor, factors, state, work),
        (Trigger::Outside(corridor), Some(factors)) => beyond_each_scaled(instance, corridor, factors, state, work),
    }
}

/// Some asset is further than `width` from its target; all are watched.
#[inline(always)]
fn beyond<const A: usize, const L: usize>(width: f64, state: &State<A, L>, work: &mut Work<A, L>) {
    for l in 0..L {
        work.order.fire[l] = u64::from(work.distance[l] > width * state.ledger.wealth[l]).wrapping_neg();
    }
}

/// The same with a width of each asset.
#[inline(always)]
fn beyond_each<const A: usize, const L: usize>(instance: &Prepared<A>, state: &State<A, L>, work: &mut Work<A, L>) {
    work.order.fire = Row::splat(0);
    for i in 0..instance.assets {
        let (target, width) = (instance.target[i], at_least_negligible(instance.half_width[i]));
        for l in 0..L {
            let distance = (state.ledger.holdings[i][l] - target * state.ledger.wealth[l]).abs();
            work.order.fire[l] |= u64::from(distance > width * state.ledger.wealth[l]).wrapping_neg();
        }
    }
}

/// One width for all assets, times a factor of each lane.
#[inline(always)]
fn beyond_scaled<const A: usize, const L: usize>(base: f64, corridor: &Corridor, factors: &Row<f64, L>, state: &State<A, L>, work: &mut Work<A, L>) {
    let (low, high) = (corridor.min_width, corridor.max_width);
    for l in 0..L {
        let width = at_least_negligible(clamp(base * factors[l], low, high));
        work.order.fire[l] = u64::from(work.distance[l] > width * state.ledger.wealth[l]).wrapping_neg();
    }
}

/// A width of each watched asset, times a factor of each lane.
#[inline(always)]
fn beyond_each_scaled<const A: usize, const L: usize>(
    instance: &Prepared<A>,
    corridor: &Corridor,
    factors: &Row<f64, L>,
    state: &State<A, L>,
    work: &mut Work<A, L>,
) {
    work.order.fire = Row::splat(0);
    let (low, high) = (corridor.min_width, corridor.max_width);
    for i in (0..instance.assets).filter(|&i| instance.half_width[i] < f64::INFINITY) {
        let (target, base) = (instance.target[i], instance.half_width[i]);
        for l in 0..L {
            let distance = (state.ledger.holdings[i][l] - target * state.ledger.wealth[l]).abs();
            let width = at_least_negligible(clamp(base * factors[l], low, high));
            work.order.fire[l] |= u64::from(distance > width * state.ledger.wealth[l]).wrapping_neg();
        }
    }
}

/// The half-width of an asset in one lane.
#[inline(always)]
pub(super) fn lane_width(corridor: &Corridor, base: f64, factor: f64) -> f64 {
    if corridor.scale.is_empty() || base == f64::INFINITY { base } else { clamp(base * factor, corridor.min_width, corridor.max_width) }
}
