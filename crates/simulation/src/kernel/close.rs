//! Closes a step: growth of the unit value, drawdowns and exposure; and turns sums into outcomes.

use corridor_core::lanes::Row;
use corridor_core::numerics::{ln, ln_near_one, ln_near_one_or_far};
use corridor_core::outcome::PathColumn;

use super::OutcomeRows;
use super::open::{deviate_lane, distance_lane, grow_lane};
use super::prepared::Prepared;
use super::state::{InstanceState, NEVER, StepBuffers, choose};
use crate::running_sums::{annual_deviation, root_mean};

/// Runs a whole step at which nothing can be traded, from growth to record.
#[inline(always)]
pub(super) fn quiet_step<const A: usize, const L: usize, const ALL: bool>(
    instance: &Prepared<A>,
    t: u32,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
    gross: &[Row<f64, L>; A],
) {
    let target = instance.target;
    let mut near = true;
    for l in 0..L {
        let wealth = grow_lane(state, gross, l);
        state.portfolio.wealth[l] = wealth;
        if ALL {
            let inverse = 1.0 / wealth;
            state.portfolio.inverse[l] = inverse;
            deviate_lane(state, distance_lane(&target, state, wealth, l) * inverse, l);
            near &= record_growth_lane(state, buffers, wealth, inverse, l);
        }
        record_drawdown_lane::<A, L, ALL>(state, wealth, l);
    }
    finish_record::<A, L, ALL>(instance, t, t == instance.last, near, state, buffers);
}

/// Records step `t` after its trades; `last` marks a step after which nothing is earned.
#[inline(always)]
pub(super) fn record<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    t: u32,
    last: bool,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    if FLOWS {
        record_with_flows(instance, t, last, state, buffers);
        return;
    }
    let mut near = true;
    for l in 0..L {
        let wealth = state.portfolio.wealth[l];
        if ALL {
            let inverse = state.portfolio.inverse[l];
            near &= record_growth_lane(state, buffers, wealth, inverse, l);
        }
        record_drawdown_lane::<A, L, ALL>(state, wealth, l);
    }
    finish_record::<A, L, ALL>(instance, t, last, near, state, buffers);
}

/// Records the drawdown of one lane without flows, where the unit value is the balance: one peak
/// and one low serve both.
#[inline(always)]
fn record_drawdown_lane<const A: usize, const L: usize, const ALL: bool>(
    state: &mut InstanceState<A, L>,
    unit: f64,
    l: usize,
) {
    let peak = if unit > state.unit_peak[l] { unit } else { state.unit_peak[l] };
    let deeper = u64::from(unit * state.unit_low_peak[l] < state.unit_low[l] * peak).wrapping_neg();
    state.unit_peak[l] = peak;
    state.unit_low[l] = choose(deeper, unit, state.unit_low[l]);
    state.unit_low_peak[l] = choose(deeper, peak, state.unit_low_peak[l]);
    if ALL {
        state.under_water[l] += if unit < peak { 1.0 } else { 0.0 };
    }
}

/// Adds the log growth of one lane, with its sign reversed, to its sums; returns false, and adds 0,
/// where it is too large for the fast logarithm. Only its standard deviation is reported, which has
/// no sign.
#[inline(always)]
fn record_growth_lane<const A: usize, const L: usize>(
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
    unit: f64,
    inverse: f64,
    l: usize,
) -> bool {
    let shrinkage = state.unit_before[l] * inverse;
    let (log_shrinkage, near) = ln_near_one_or_far(shrinkage);
    buffers.shrinkage[l] = shrinkage;
    let centred = if near { log_shrinkage - state.log_shift[l] } else { 0.0 };
    state.log_sum[l] += centred;
    state.log_squares[l] += centred * centred;
    state.unit_before[l] = unit;
    near
}

/// Completes a record after the loop over lanes: large movements, the shift of the first step, and
/// the exposure.
#[inline(always)]
fn finish_record<const A: usize, const L: usize, const ALL: bool>(
    instance: &Prepared<A>,
    t: u32,
    last: bool,
    near: bool,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    if !ALL {
        return;
    }
    if !near {
        add_far_logarithms(state, buffers);
    }
    if t == 1 {
        // The first log growth becomes the shift of all; the shift was 0 until now.
        state.log_shift = state.log_sum;
        state.log_sum = Row::splat(0.0);
        state.log_squares = Row::splat(0.0);
    }
    if !last {
        for &i in &instance.growth_assets {
            for l in 0..L {
                state.growth_weight_sum[l] +=
                    state.portfolio.holdings[i][l] * state.portfolio.inverse[l];
            }
        }
    }
}

/// Adds the log growth of lanes that moved by more than 15 % in the step, the exact way.
#[inline(never)]
fn add_far_logarithms<const A: usize, const L: usize>(
    state: &mut InstanceState<A, L>,
    buffers: &StepBuffers<A, L>,
) {
    for l in 0..L {
        if !ln_near_one_or_far(buffers.shrinkage[l]).1 {
            let centred = ln(buffers.shrinkage[l]) - state.log_shift[l];
            state.log_sum[l] += centred;
            state.log_squares[l] += centred * centred;
        }
    }
}

/// Works out the log growth of every lane the exact way, where flows change units and the sums are
/// added later.
#[inline(never)]
fn exact_logarithms<const A: usize, const L: usize>(buffers: &mut StepBuffers<A, L>) {
    for l in 0..L {
        buffers.log_growth[l] = -ln_near_one(buffers.shrinkage[l]);
    }
}

/// Records a step of an account with flows, which change units and may ruin it; lanes ruined before
/// this step keep their sums.
#[inline(always)]
fn record_with_flows<const A: usize, const L: usize>(
    instance: &Prepared<A>,
    t: u32,
    last: bool,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    let mut near = true;
    for l in 0..L {
        let unit = state.portfolio.wealth[l] * state.unit_scale[l];
        let ruined = state.ruined_at[l] < NEVER;
        buffers.unit[l] = if ruined { state.unit_at_ruin[l] } else { unit };
        let (divisor, inverse) = if ruined {
            (state.unit_at_ruin[l], 1.0)
        } else {
            (state.unit_scale[l], state.portfolio.inverse[l])
        };
        buffers.shrinkage[l] = state.unit_before[l] / divisor * inverse;
        let (log_shrinkage, is_near) = ln_near_one_or_far(buffers.shrinkage[l]);
        buffers.log_growth[l] = -log_shrinkage;
        near &= is_near;
    }
    if !near {
        exact_logarithms(buffers);
    }
    if t == 1 {
        state.log_shift = buffers.log_growth;
    }
    for l in 0..L {
        let counted = state.ruined_at[l] >= f64::from(t);
        let keep = |new: f64, old: f64| if counted { new } else { old };
        let (unit, balance) = (buffers.unit[l], state.portfolio.wealth[l]);
        let unit_peak = if unit > state.unit_peak[l] { unit } else { state.unit_peak[l] };
        let balance_peak =
            if balance > state.balance_peak[l] { balance } else { state.balance_peak[l] };
        let unit_deeper = counted && unit * state.unit_low_peak[l] < state.unit_low[l] * unit_peak;
        let balance_deeper =
            counted && balance * state.balance_low_peak[l] < state.balance_low[l] * balance_peak;
        let centred = buffers.log_growth[l] - state.log_shift[l];
        state.unit_peak[l] = keep(unit_peak, state.unit_peak[l]);
        state.balance_peak[l] = keep(balance_peak, state.balance_peak[l]);
        state.unit_low[l] = if unit_deeper { unit } else { state.unit_low[l] };
        state.unit_low_peak[l] = if unit_deeper { unit_peak } else { state.unit_low_peak[l] };
        state.balance_low[l] = if balance_deeper { balance } else { state.balance_low[l] };
        state.balance_low_peak[l] =
            if balance_deeper { balance_peak } else { state.balance_low_peak[l] };
        state.under_water[l] += keep(if unit < unit_peak { 1.0 } else { 0.0 }, 0.0);
        state.log_sum[l] = keep(state.log_sum[l] + centred, state.log_sum[l]);
        state.log_squares[l] = keep(state.log_squares[l] + centred * centred, state.log_squares[l]);
        state.unit_before[l] = keep(unit, state.unit_before[l]);
        state.cost_frac[l] = keep(state.cost_frac[l] + state.portfolio.cost[l], state.cost_frac[l]);
    }
    if !last {
        for &i in &instance.growth_assets {
            for l in 0..L {
                let weight = state.portfolio.holdings[i][l] * state.portfolio.inverse[l];
                state.growth_weight_sum[l] +=
                    if state.ruined_at[l] == NEVER { weight } else { 0.0 };
            }
        }
    }
}

/// Writes the outcomes at the end of step `t`.
#[inline(always)]
pub(super) fn outcome<const A: usize, const L: usize>(
    instance: &Prepared<A>,
    t: u32,
    state: &InstanceState<A, L>,
    rows: &mut OutcomeRows<L>,
) {
    let (m, initial) = (instance.per_year, instance.account.initial);
    for l in 0..L {
        let ruined = instance.flows && state.ruined_at[l] <= f64::from(t);
        let last = if ruined { state.ruined_at[l] } else { f64::from(t) };
        let alive = if last < 1.0 { 1.0 } else { last };
        let weighed = if ruined { alive - 1.0 } else { alive };
        let per_year = m / alive;
        let unit_drawdown = 1.0 - state.unit_low[l] / state.unit_low_peak[l];
        let balance_drawdown = if instance.flows {
            1.0 - state.balance_low[l] / state.balance_low_peak[l]
        } else {
            unit_drawdown
        };
        let cost = if instance.flows { state.cost_frac[l] } else { state.portfolio.cost[l] };
        let mut set = |column: PathColumn, value: f64| rows[column as usize][l] = value;
        set(PathColumn::TerminalWealthNominal, state.portfolio.wealth[l]);
        set(PathColumn::LogGrowthUnitAnnual, ln(state.unit_before[l] / initial) * per_year);
        set(PathColumn::MaxDrawdownUnitFrac, unit_drawdown);
        set(PathColumn::MaxDrawdownBalanceFrac, balance_drawdown);
        set(PathColumn::MonthsUnderWaterUnit, state.under_water[l] * 12.0 / m);
        set(
            PathColumn::VolUnitAnnual,
            annual_deviation(state.log_sum[l], state.log_squares[l], alive, m),
        );
        set(PathColumn::TurnoverOneWayAnnual, state.portfolio.turnover[l] * per_year);
        set(PathColumn::RebalanceEvents, state.portfolio.events[l]);
        set(PathColumn::CostBpsAnnual, cost * per_year * 1e4);
        set(PathColumn::GrowthWeightMeanFrac, state.growth_weight_sum[l] / alive);
        set(PathColumn::WeightDeviationRmsFrac, root_mean(state.deviation_squares[l], weighed));
        set(PathColumn::WeightDeviationMaxFrac, state.deviation_max[l]);
        set(PathColumn::RuinMonth, if ruined { state.ruined_at[l] * 12.0 / m } else { f64::NAN });
    }
}
