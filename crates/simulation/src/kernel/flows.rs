//! Applies the dated contributions and withdrawals of a step to every lane.

use super::prepared::Prepared;
use super::state::{InstanceState, NEVER, StepBuffers};
use super::target::Target;
use crate::account::{Flow, FlowTiming};
use crate::cost::CostConvention;
use crate::policy::FlowRouting;
use crate::routing::{buy_most_below, sell_most_above, total};

/// Applies the contribution, then the withdrawal, of one end of a period at step `t`.
#[inline(always)]
pub(super) fn apply<const A: usize, const L: usize>(
    instance: &Prepared<A>,
    target: &impl Target<A>,
    t: u32,
    timing: FlowTiming,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    let Some(flows) = instance.account.flows.get(t as usize) else { return };
    let Flow { contribution, withdrawal } = flows.at(timing);
    if contribution != 0.0 {
        contribute(instance, target, contribution, state, buffers);
    }
    if withdrawal != 0.0 {
        withdraw(instance, target, t, withdrawal, state, buffers);
    }
}

#[inline(always)]
fn contribute<const A: usize, const L: usize>(
    instance: &Prepared<A>,
    target: &impl Target<A>,
    amount: f64,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    // Constants over lanes are matched here, because a branch inside the loop would keep it from
    // vectorising.
    match (instance.policy.cash_flows, instance.costs.convention) {
        (FlowRouting::TargetWeights, CostConvention::Exact) => {
            pay_in::<A, L, false, true>(instance, target, amount, state, buffers)
        }
        (FlowRouting::TargetWeights, CostConvention::Pre) => {
            pay_in::<A, L, false, false>(instance, target, amount, state, buffers)
        }
        (FlowRouting::ProRata, CostConvention::Exact) => {
            pay_in::<A, L, true, true>(instance, target, amount, state, buffers)
        }
        (FlowRouting::ProRata, CostConvention::Pre) => {
            pay_in::<A, L, true, false>(instance, target, amount, state, buffers)
        }
        (FlowRouting::MostOffTargetFirst, CostConvention::Exact | CostConvention::Pre) => {
            pay_in_most_below(instance, target, amount, state, buffers)
        }
    }
}

/// Invests a contribution in every lane, at the target weights or pro rata.
#[inline(always)]
fn pay_in<const A: usize, const L: usize, const PRO_RATA: bool, const EXACT: bool>(
    instance: &Prepared<A>,
    target: &impl Target<A>,
    amount: f64,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    let rates = flow_rates(instance);
    for l in 0..L {
        let alive = state.ruined_at[l] == NEVER;
        let before = state.portfolio.wealth[l];
        let inverse = 1.0 / before;
        let mut weights = target.of_lane(l);
        if PRO_RATA {
            for i in 0..A {
                weights[i] = state.portfolio.holdings[i][l] * inverse;
            }
        }
        let invested = convention(EXACT)
            .bought(amount, rate_of(&rates, buffers.order.multiplier[l], &weights));
        for i in 0..A {
            let holding = state.portfolio.holdings[i][l];
            state.portfolio.holdings[i][l] =
                if alive { holding + weights[i] * invested } else { holding };
        }
        state.portfolio.wealth[l] = if alive { before + invested } else { before };
        state.unit_scale[l] *= if alive { before / (before + amount) } else { 1.0 };
        state.portfolio.cost[l] += if alive { (amount - invested) * inverse } else { 0.0 };
    }
}

/// Invests a contribution lane by lane with the reference's own routing.
fn pay_in_most_below<const A: usize, const L: usize>(
    instance: &Prepared<A>,
    target: &impl Target<A>,
    amount: f64,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    let n = instance.assets;
    for l in 0..L {
        if state.ruined_at[l] < NEVER {
            continue;
        }
        let before = state.portfolio.wealth[l];
        let inverse = 1.0 / before;
        let mut holdings: [f64; A] = std::array::from_fn(|i| state.portfolio.holdings[i][l]);
        let costs = instance.costs.of_flows(buffers.order.multiplier[l]);
        let invested =
            buy_most_below(amount, &target.of_lane(l)[..n], &mut holdings[..n], before, &costs);
        for i in 0..n {
            state.portfolio.holdings[i][l] = holdings[i];
        }
        state.portfolio.wealth[l] = total(&holdings[..n]);
        state.unit_scale[l] *= before / (before + amount);
        state.portfolio.cost[l] += (amount - invested) * inverse;
    }
}

#[inline(always)]
fn withdraw<const A: usize, const L: usize>(
    instance: &Prepared<A>,
    target: &impl Target<A>,
    t: u32,
    amount: f64,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    match (instance.policy.cash_flows, instance.costs.convention) {
        (FlowRouting::MostOffTargetFirst, CostConvention::Exact | CostConvention::Pre) => {
            pay_out_most_above(instance, target, t, amount, state, buffers)
        }
        (FlowRouting::TargetWeights | FlowRouting::ProRata, CostConvention::Exact) => {
            pay_out::<A, L, true>(instance, t, amount, state, buffers)
        }
        (FlowRouting::TargetWeights | FlowRouting::ProRata, CostConvention::Pre) => {
            pay_out::<A, L, false>(instance, t, amount, state, buffers)
        }
    }
}

/// Raises a withdrawal lane by lane with the reference's own routing.
fn pay_out_most_above<const A: usize, const L: usize>(
    instance: &Prepared<A>,
    target: &impl Target<A>,
    t: u32,
    amount: f64,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    let n = instance.assets;
    let rates = flow_rates(instance);
    for l in 0..L {
        if state.ruined_at[l] < NEVER {
            continue;
        }
        let (before, multiplier) = (state.portfolio.wealth[l], buffers.order.multiplier[l]);
        let inverse = 1.0 / before;
        let mut holdings: [f64; A] = std::array::from_fn(|i| state.portfolio.holdings[i][l]);
        let rate = rate_of(&rates, multiplier, &holdings.map(|holding| holding * inverse));
        if instance.costs.convention.sold(amount, rate) >= before {
            state.unit_at_ruin[l] = before * state.unit_scale[l];
            state.ruined_at[l] = f64::from(t);
            state.portfolio.wealth[l] = 0.0;
            holdings = [0.0; A];
            state.portfolio.cost[l] += rate;
        } else {
            let drawn = sell_most_above(
                amount,
                &target.of_lane(l)[..n],
                &mut holdings[..n],
                before,
                &instance.costs.of_flows(multiplier),
            );
            state.portfolio.wealth[l] = total(&holdings[..n]);
            state.unit_scale[l] *= before / (before - amount);
            state.portfolio.cost[l] += (drawn - amount) * inverse;
        }
        for i in 0..n {
            state.portfolio.holdings[i][l] = holdings[i];
        }
    }
}

/// Raises a withdrawal in every lane in proportion to the holdings, or ruins the lane.
#[inline(always)]
fn pay_out<const A: usize, const L: usize, const EXACT: bool>(
    instance: &Prepared<A>,
    t: u32,
    amount: f64,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    let rates = flow_rates(instance);
    let t = f64::from(t);
    for l in 0..L {
        let alive = state.ruined_at[l] == NEVER;
        let before = state.portfolio.wealth[l];
        let inverse = 1.0 / before;
        let mut weights = rates;
        for i in 0..A {
            weights[i] = state.portfolio.holdings[i][l] * inverse;
        }
        let rate = rate_of(&rates, buffers.order.multiplier[l], &weights);
        let drawn = convention(EXACT).sold(amount, rate);
        let ruin = alive & (drawn >= before);
        let left = if ruin { 0.0 } else { before - drawn };
        let keep = if ruin { 0.0 } else { left * inverse };
        for i in 0..A {
            let holding = state.portfolio.holdings[i][l];
            state.portfolio.holdings[i][l] = if alive { holding * keep } else { holding };
        }
        state.unit_at_ruin[l] =
            if ruin { before * state.unit_scale[l] } else { state.unit_at_ruin[l] };
        state.ruined_at[l] = if ruin { t } else { state.ruined_at[l] };
        state.portfolio.wealth[l] = if alive { left } else { before };
        state.unit_scale[l] *= if alive & !ruin { before / (before - amount) } else { 1.0 };
        let cost = if ruin { rate } else { (drawn - amount) * inverse };
        state.portfolio.cost[l] += if alive { cost } else { 0.0 };
    }
}

const fn convention(exact: bool) -> CostConvention {
    if exact { CostConvention::Exact } else { CostConvention::Pre }
}

/// Returns the one-way cost rates of cash flows, which are 0 where flows are not charged.
#[inline(always)]
fn flow_rates<const A: usize>(instance: &Prepared<A>) -> [f64; A] {
    if instance.costs.charge_flows { instance.one_way } else { [0.0; A] }
}

/// Returns the cost of moving one unit of currency into or out of the mix `weights`.
#[inline(always)]
fn rate_of<const A: usize>(rates: &[f64; A], multiplier: f64, weights: &[f64; A]) -> f64 {
    let mut cost = 0.0;
    for i in 0..A {
        cost += rates[i] * multiplier * weights[i];
    }
    cost
}
