//! Opens a step: growth, the fee, and the distances from the target before trading.

use corridor_core::lanes::Row;

use super::prepared::Prepared;
use super::state::{State, Work};

/// Holdings earn the step's gross returns.
#[inline(always)]
pub(super) fn grow<const A: usize, const L: usize>(state: &mut State<A, L>, work: &mut Work<A, L>, gross: &[Row<f64, L>; A]) {
    for l in 0..L {
        let mut wealth = 0.0;
        for i in 0..A {
            let holding = state.holdings[i][l] * gross[i][l];
            state.holdings[i][l] = holding;
            wealth += holding;
        }
        work.wealth[l] = wealth;
    }
}

/// Takes the fee, in proportion to the holdings, and starts the cost of the step with it.
#[inline(always)]
pub(super) fn pay_fee<const A: usize, const L: usize>(instance: &Prepared<A>, state: &mut State<A, L>, work: &mut Work<A, L>) {
    let fee = instance.account.fee_per_step;
    work.cost_step = Row::splat(fee);
    if fee > 0.0 {
        let keep = 1.0 - fee;
        for l in 0..L {
            work.wealth[l] *= keep;
            for i in 0..A {
                state.holdings[i][l] *= keep;
            }
        }
    }
}

/// The largest distance of a holding from its target, in currency; with all columns also the deviation of the weights
/// and the weight of the growth assets.
#[inline(always)]
pub(super) fn weigh<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    t: u32,
    state: &mut State<A, L>,
    work: &mut Work<A, L>,
) {
    let target = instance.target;
    for l in 0..L {
        let wealth = work.wealth[l];
        let mut distance = 0.0;
        for i in 0..A {
            let off = (state.holdings[i][l] - target[i] * wealth).abs();
            distance = if off > distance { off } else { distance };
        }
        work.distance[l] = distance;
        if ALL || FLOWS {
            let inverse = 1.0 / wealth;
            work.inverse_wealth[l] = inverse;
            let deviation = distance * inverse;
            let counted = !FLOWS || state.ruined_at[l] > t;
            let squares = state.deviation_squares[l] + deviation * deviation;
            let largest = if deviation > state.deviation_max[l] { deviation } else { state.deviation_max[l] };
            state.deviation_squares[l] = if counted { squares } else { state.deviation_squares[l] };
            state.deviation_max[l] = if counted { largest } else { state.deviation_max[l] };
        }
    }
    if ALL {
        weigh_growth_assets(instance, state, work);
    }
}

#[inline(always)]
fn weigh_growth_assets<const A: usize, const L: usize>(instance: &Prepared<A>, state: &State<A, L>, work: &mut Work<A, L>) {
    for (first, &i) in instance.growth_assets.iter().enumerate() {
        for l in 0..L {
            let weight = state.holdings[i][l] * work.inverse_wealth[l];
            work.growth_weight[l] = if first == 0 { weight } else { work.growth_weight[l] + weight };
        }
    }
}
