//! Opens a step: growth, fee, and distances from the target before trading.

use corridor_core::lanes::Row;

use super::prepared::Prepared;
use super::state::{InstanceState, StepBuffers};
use super::target::Target;

/// Multiplies the holdings of one lane by the step's gross returns; returns their total.
#[inline(always)]
pub(super) fn grow_lane<const A: usize, const L: usize>(
    state: &mut InstanceState<A, L>,
    gross: &[Row<f64, L>; A],
    l: usize,
) -> f64 {
    let mut wealth = state.portfolio.holdings[0][l] * gross[0][l];
    state.portfolio.holdings[0][l] = wealth;
    for i in 1..A {
        let holding = state.portfolio.holdings[i][l] * gross[i][l];
        state.portfolio.holdings[i][l] = holding;
        wealth += holding;
    }
    wealth
}

/// Returns the largest distance of a holding of one lane from its target, in currency.
#[inline(always)]
pub(super) fn distance_lane<const A: usize, const L: usize>(
    target: &[f64; A],
    state: &InstanceState<A, L>,
    wealth: f64,
    l: usize,
) -> f64 {
    let mut distance = (state.portfolio.holdings[0][l] - target[0] * wealth).abs();
    for i in 1..A {
        let off = (state.portfolio.holdings[i][l] - target[i] * wealth).abs();
        distance = if off > distance { off } else { distance };
    }
    distance
}

/// Adds the largest deviation of a step, a fraction of wealth, to the sums of one lane.
#[inline(always)]
pub(super) fn deviate_lane<const A: usize, const L: usize>(
    state: &mut InstanceState<A, L>,
    deviation: f64,
    l: usize,
) {
    state.deviation_squares[l] += deviation * deviation;
    state.deviation_max[l] =
        if deviation > state.deviation_max[l] { deviation } else { state.deviation_max[l] };
}

/// Multiplies the holdings of every lane by the step's gross returns.
#[inline(always)]
pub(super) fn grow<const A: usize, const L: usize>(
    state: &mut InstanceState<A, L>,
    gross: &[Row<f64, L>; A],
) {
    for l in 0..L {
        state.portfolio.wealth[l] = grow_lane(state, gross, l);
    }
}

/// Pays the fee in proportion to the holdings, and starts the cost of the step with it.
#[inline(always)]
pub(super) fn pay_fee<const A: usize, const L: usize>(
    instance: &Prepared<A>,
    state: &mut InstanceState<A, L>,
) {
    let fee = instance.account.fee_per_step;
    state.portfolio.cost = Row::splat(fee);
    if fee > 0.0 {
        let keep = 1.0 - fee;
        for l in 0..L {
            state.portfolio.wealth[l] *= keep;
            for i in 0..A {
                state.portfolio.holdings[i][l] *= keep;
            }
        }
    }
}

/// Works out the largest distance of each lane from its target; with all columns it also adds the
/// deviation to the sums of the lanes that are not ruined.
#[inline(always)]
pub(super) fn weigh<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    target: &impl Target<A>,
    t: u32,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    for l in 0..L {
        let wealth = state.portfolio.wealth[l];
        let distance = distance_lane(&target.of_lane(l), state, wealth, l);
        buffers.distance[l] = distance;
        if ALL || FLOWS {
            let inverse = 1.0 / wealth;
            state.portfolio.inverse[l] = inverse;
            let counted = !FLOWS || state.ruined_at[l] > f64::from(t);
            deviate_lane(state, if counted { distance * inverse } else { 0.0 }, l);
        }
    }
}
