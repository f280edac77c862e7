//! Opens a step: growth, the fee, and the distances from the target before trading.

use corridor_core::lanes::Row;

use super::Target;
use super::prepared::Prepared;
use super::state::{State, Work};

/// The holdings of one lane earn the step's gross returns; returns their total.
#[inline(always)]
pub(super) fn grow_lane<const A: usize, const L: usize>(
    state: &mut State<A, L>,
    gross: &[Row<f64, L>; A],
    l: usize,
) -> f64 {
    let mut wealth = state.ledger.holdings[0][l] * gross[0][l];
    state.ledger.holdings[0][l] = wealth;
    for i in 1..A {
        let holding = state.ledger.holdings[i][l] * gross[i][l];
        state.ledger.holdings[i][l] = holding;
        wealth += holding;
    }
    wealth
}

/// The largest distance of a holding of one lane from its target, in currency.
#[inline(always)]
pub(super) fn distance_lane<const A: usize, const L: usize>(
    target: &[f64; A],
    state: &State<A, L>,
    wealth: f64,
    l: usize,
) -> f64 {
    let mut distance = (state.ledger.holdings[0][l] - target[0] * wealth).abs();
    for i in 1..A {
        let off = (state.ledger.holdings[i][l] - target[i] * wealth).abs();
        distance = if off > distance { off } else { distance };
    }
    distance
}

/// Adds one deviation of the weights to the sums of a lane.
#[inline(always)]
pub(super) fn deviate_lane<const A: usize, const L: usize>(
    state: &mut State<A, L>,
    deviation: f64,
    l: usize,
) {
    state.deviation_squares[l] += deviation * deviation;
    state.deviation_max[l] =
        if deviation > state.deviation_max[l] { deviation } else { state.deviation_max[l] };
}

/// Holdings earn the step's gross returns.
#[inline(always)]
pub(super) fn grow<const A: usize, const L: usize>(
    state: &mut State<A, L>,
    gross: &[Row<f64, L>; A],
) {
    for l in 0..L {
        state.ledger.wealth[l] = grow_lane(state, gross, l);
    }
}

/// Takes the fee, in proportion to the holdings, and starts the cost of the step with it.
#[inline(always)]
pub(super) fn pay_fee<const A: usize, const L: usize>(
    instance: &Prepared<A>,
    state: &mut State<A, L>,
) {
    let fee = instance.account.fee_per_step;
    state.ledger.cost = Row::splat(fee);
    if fee > 0.0 {
        let keep = 1.0 - fee;
        for l in 0..L {
            state.ledger.wealth[l] *= keep;
            for i in 0..A {
                state.ledger.holdings[i][l] *= keep;
            }
        }
    }
}

/// Distances from the target, and with all columns the deviation of the weights in the lanes that
/// are not ruined.
#[inline(always)]
pub(super) fn weigh<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    target: &impl Target<A>,
    t: u32,
    state: &mut State<A, L>,
    work: &mut Work<A, L>,
) {
    for l in 0..L {
        let wealth = state.ledger.wealth[l];
        let distance = distance_lane(&target.of_lane(l), state, wealth, l);
        work.distance[l] = distance;
        if ALL || FLOWS {
            let inverse = 1.0 / wealth;
            state.ledger.inverse[l] = inverse;
            let counted = !FLOWS || state.ruined_at[l] > f64::from(t);
            deviate_lane(state, if counted { distance * inverse } else { 0.0 }, l);
        }
    }
}
