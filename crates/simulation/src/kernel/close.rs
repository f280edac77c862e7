//! Closes a step: growth of the unit, drawdowns and exposure; and turns the sums into outcomes.

use corridor_core::numerics::{ln, ln_near_one, ln_near_one_or_far};
use corridor_core::outcome::PathColumn;

use super::OutcomeRows;
use super::prepared::Prepared;
use super::state::{NEVER, State, Work, choose};
use crate::tally::{annual_deviation, root_mean};

/// Records step `t`; `last` is the step after which nothing is earned.
#[inline(always)]
pub(super) fn record<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(t: u32, last: bool, state: &mut State<A, L>, work: &mut Work<A, L>) {
    if FLOWS {
        record_with_flows::<A, L, ALL>(t, last, state, work);
        return;
    }
    // Without flows the unit is the balance: one peak and one low serve both.
    for l in 0..L {
        let unit = work.wealth[l];
        let peak = if unit > state.unit_peak[l] { unit } else { state.unit_peak[l] };
        let deeper = u64::from(unit * state.unit_low_peak[l] < state.unit_low[l] * peak).wrapping_neg();
        state.unit_peak[l] = peak;
        state.unit_low[l] = choose(deeper, unit, state.unit_low[l]);
        state.unit_low_peak[l] = choose(deeper, peak, state.unit_low_peak[l]);
        if ALL {
            state.under_water[l] += if unit < peak { 1.0 } else { 0.0 };
        }
    }
    if !ALL {
        return;
    }
    let mut far = false;
    for l in 0..L {
        work.shrinkage[l] = state.unit_before[l] * work.inverse_wealth[l];
        let (log_shrinkage, near) = ln_near_one_or_far(work.shrinkage[l]);
        work.log_growth[l] = -log_shrinkage;
        far |= !near;
    }
    if far {
        mend_far_logarithms(work);
    }
    if t == 1 {
        state.log_shift = work.log_growth;
    }
    for l in 0..L {
        let centred = work.log_growth[l] - state.log_shift[l];
        state.log_sum[l] += centred;
        state.log_squares[l] += centred * centred;
        state.unit_before[l] = work.wealth[l];
    }
    if !last {
        for l in 0..L {
            state.growth_weight_sum[l] += work.growth_weight[l];
        }
    }
}

/// Months in which a portfolio moved by more than 15 %.
#[inline(never)]
fn mend_far_logarithms<const A: usize, const L: usize>(work: &mut Work<A, L>) {
    for l in 0..L {
        work.log_growth[l] = -ln_near_one(work.shrinkage[l]);
    }
}

/// The same where flows move units and may ruin: lanes ruined before this step keep their sums.
#[inline(always)]
fn record_with_flows<const A: usize, const L: usize, const ALL: bool>(t: u32, last: bool, state: &mut State<A, L>, work: &mut Work<A, L>) {
    for l in 0..L {
        let unit = work.wealth[l] * state.unit_scale[l];
        let ruined = state.ruined_at[l] != NEVER;
        work.unit[l] = if ruined { state.unit_at_ruin[l] } else { unit };
        let kept = state.unit_before[l] / state.unit_scale[l] * work.inverse_wealth[l];
        work.log_growth[l] = -ln_near_one(if ruined { state.unit_before[l] / state.unit_at_ruin[l] } else { kept });
    }
    if t == 1 {
        state.log_shift = work.log_growth;
    }
    for l in 0..L {
        let counted = state.ruined_at[l] >= t;
        let keep = |new: f64, old: f64| if counted { new } else { old };
        let (unit, balance) = (work.unit[l], work.wealth[l]);
        let unit_peak = if unit > state.unit_peak[l] { unit } else { state.unit_peak[l] };
        let balance_peak = if balance > state.balance_peak[l] { balance } else { state.balance_peak[l] };
        let unit_deeper = counted && unit * state.unit_low_peak[l] < state.unit_low[l] * unit_peak;
        let balance_deeper = counted && balance * state.balance_low_peak[l] < state.balance_low[l] * balance_peak;
        let centred = work.log_growth[l] - state.log_shift[l];
        state.unit_peak[l] = keep(unit_peak, state.unit_peak[l]);
        state.balance_peak[l] = keep(balance_peak, state.balance_peak[l]);
        state.unit_low[l] = if unit_deeper { unit } else { state.unit_low[l] };
        state.unit_low_peak[l] = if unit_deeper { unit_peak } else { state.unit_low_peak[l] };
        state.balance_low[l] = if balance_deeper { balance } else { state.balance_low[l] };
        state.balance_low_peak[l] = if balance_deeper { balance_peak } else { state.balance_low_peak[l] };
        state.under_water[l] += keep(if unit < unit_peak { 1.0 } else { 0.0 }, 0.0);
        state.log_sum[l] = keep(state.log_sum[l] + centred, state.log_sum[l]);
        state.log_squares[l] = keep(state.log_squares[l] + centred * centred, state.log_squares[l]);
        state.unit_before[l] = keep(unit, state.unit_before[l]);
        state.cost_frac[l] = keep(state.cost_frac[l] + work.cost_step[l], state.cost_frac[l]);
        let exposed = ALL && !last && state.ruined_at[l] == NEVER;
        state.growth_weight_sum[l] += if exposed { work.growth_weight[l] } else { 0.0 };
    }
}

/// Writes the outcomes at the end of step `t`.
#[inline(always)]
pub(super) fn outcome<const A: usize, const L: usize>(instance: &Prepared<A>, t: u32, state: &State<A, L>, work: &Work<A, L>, rows: &mut OutcomeRows<L>) {
    let (m, initial) = (instance.per_year, instance.account.initial);
    for l in 0..L {
        let ruined = instance.flows && state.ruined_at[l] <= t;
        let alive = f64::from(if ruined { state.ruined_at[l].max(1) } else { t.max(1) });
        let weighed = if ruined { alive - 1.0 } else { alive };
        let per_year = m / alive;
        let unit_drawdown = 1.0 - state.unit_low[l] / state.unit_low_peak[l];
        let balance_drawdown = if instance.flows { 1.0 - state.balance_low[l] / state.balance_low_peak[l] } else { unit_drawdown };
        let mut set = |column: PathColumn, value: f64| rows[column as usize][l] = value;
        set(PathColumn::TerminalWealthNominal, work.wealth[l]);
        set(PathColumn::LogGrowthUnitAnnual, ln(state.unit_before[l] / initial) * per_year);
        set(PathColumn::MaxDrawdownUnitFrac, unit_drawdown);
        set(PathColumn::MaxDrawdownBalanceFrac, balance_drawdown);
        set(PathColumn::MonthsUnderWaterUnit, state.under_water[l] * 12.0 / m);
        set(PathColumn::VolUnitAnnual, annual_deviation(state.log_sum[l], state.log_squares[l], alive, m));
        set(PathColumn::TurnoverOneWayAnnual, state.turnover[l] * per_year);
        set(PathColumn::RebalanceEvents, state.events[l]);
        set(PathColumn::CostBpsAnnual, state.cost_frac[l] * per_year * 1e4);
        set(PathColumn::GrowthWeightMeanFrac, state.growth_weight_sum[l] / alive);
        set(PathColumn::WeightDeviationRmsFrac, root_mean(state.deviation_squares[l], weighed));
        set(PathColumn::WeightDeviationMaxFrac, state.deviation_max[l]);
        set(PathColumn::RuinMonth, if ruined { f64::from(state.ruined_at[l]) * 12.0 / m } else { f64::NAN });
    }
}
