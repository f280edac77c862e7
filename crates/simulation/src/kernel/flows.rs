//! Applies the dated contributions and withdrawals of a step to every lane.

use super::prepared::Prepared;
use super::state::{NEVER, State, Work};
use crate::account::Side;
use crate::book::{bought, sold};
use crate::policy::FlowRouting;

/// Contribution first, then withdrawal, as in the reference.
#[inline(always)]
pub(super) fn apply<const A: usize, const L: usize>(instance: &Prepared<A>, t: u32, side: Side, state: &mut State<A, L>, work: &mut Work<A, L>) {
    let Some(flow) = instance.account.flows.get(t as usize) else { return };
    let (contribution, withdrawal) = flow.at(side);
    if contribution != 0.0 {
        contribute(instance, contribution, state, work);
    }
    if withdrawal != 0.0 {
        withdraw(instance, t, withdrawal, state, work);
    }
}

#[inline(always)]
fn contribute<const A: usize, const L: usize>(instance: &Prepared<A>, amount: f64, state: &mut State<A, L>, work: &mut Work<A, L>) {
    let pro_rata = instance.policy.cash_flows == FlowRouting::ProRata;
    for l in 0..L {
        let alive = state.ruined_at[l] == NEVER;
        let before = state.ledger.wealth[l];
        let inverse = 1.0 / before;
        let weights: [f64; A] = std::array::from_fn(|i| if pro_rata { state.ledger.holdings[i][l] * inverse } else { instance.target[i] });
        let invested = bought(instance.costs.convention, amount, flow_cost(instance, work.order.multiplier[l], &weights));
        for i in 0..A {
            let holding = state.ledger.holdings[i][l];
            state.ledger.holdings[i][l] = if alive { holding + weights[i] * invested } else { holding };
        }
        state.ledger.wealth[l] = if alive { before + invested } else { before };
        state.unit_scale[l] *= if alive { before / (before + amount) } else { 1.0 };
        state.ledger.cost[l] += if alive { (amount - invested) * inverse } else { 0.0 };
    }
}

#[inline(always)]
fn withdraw<const A: usize, const L: usize>(instance: &Prepared<A>, t: u32, amount: f64, state: &mut State<A, L>, work: &mut Work<A, L>) {
    for l in 0..L {
        let alive = state.ruined_at[l] == NEVER;
        let before = state.ledger.wealth[l];
        let inverse = 1.0 / before;
        let weights: [f64; A] = std::array::from_fn(|i| state.ledger.holdings[i][l] * inverse);
        let rate = flow_cost(instance, work.order.multiplier[l], &weights);
        let drawn = sold(instance.costs.convention, amount, rate);
        let ruin = alive && drawn >= before;
        let left = if ruin { 0.0 } else { before - drawn };
        let keep = if ruin { 0.0 } else { left * inverse };
        for i in 0..A {
            let holding = state.ledger.holdings[i][l];
            state.ledger.holdings[i][l] = if alive { holding * keep } else { holding };
        }
        state.unit_at_ruin[l] = if ruin { before * state.unit_scale[l] } else { state.unit_at_ruin[l] };
        state.ruined_at[l] = if ruin { f64::from(t) } else { state.ruined_at[l] };
        state.ledger.wealth[l] = if alive { left } else { before };
        state.unit_scale[l] *= if alive && !ruin { before / (before - amount) } else { 1.0 };
        let cost = if ruin { rate } else { (drawn - amount) * inverse };
        state.ledger.cost[l] += if alive { cost } else { 0.0 };
    }
}

/// Cost of moving one unit of currency into or out of `weights`.
#[inline(always)]
fn flow_cost<const A: usize>(instance: &Prepared<A>, multiplier: f64, weights: &[f64; A]) -> f64 {
    let mut cost = 0.0;
    for i in 0..A {
        cost += instance.one_way[i] * multiplier * weights[i];
    }
    if instance.costs.charge_flows { cost } else { 0.0 }
}
