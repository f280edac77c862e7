//! Closes a step: growth of the unit, drawdowns and exposure; and turns the sums into outcomes.

use corridor_core::numerics::{ln, ln_ratio, ln_ratio_near};
use corridor_core::outcome::PathColumn;

use super::OutcomeRows;
use super::prepared::Prepared;
use super::state::{NEVER, State, Work};
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
        let ratio = unit / peak;
        state.unit_peak[l] = peak;
        state.unit_low[l] = if ratio < state.unit_low[l] { ratio } else { state.unit_low[l] };
        if ALL {
            state.under_water[l] += if unit < peak { 1.0 } else { 0.0 };
        }
    }
    if !ALL {
        return;
    }
    let mut far = 0;
    for l in 0..L {
        let (log_growth, near) = ln_ratio_near(work.wealth[l], state.unit_before[l]);
        work.log_growth[l] = log_growth;
        far |= u64::from(!near);
    }
    if far != 0 {
        for l in 0..L {
            work.log_growth[l] = ln_ratio(work.wealth[l], state.unit_before[l]);
        }
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

/// The same where flows move units and may ruin: lanes ruined before this step keep their sums.
#[inline(always)]
fn record_with_flows<const A: usize, const L: usize, const ALL: bool>(t: u32, last: bool, state: &mut State<A, L>, work: &mut Work<A, L>) {
    for l in 0..L {
        let unit = work.wealth[l] * state.unit_scale[l];
        work.unit[l] = if state.ruined_at[l] == NEVER { unit } else { state.unit_at_ruin[l] };
        work.log_growth[l] = ln_ratio(work.unit[l], state.unit_before[l]);
    }
    if t == 1 {
        state.log_shift = work.log_growth;
    }
    for l in 0..L {
        let counted = state.ruined_at[l] >= t;
        let choose = |new: f64, old: f64| if counted { new } else { old };
        let (unit, balance) = (work.unit[l], work.wealth[l]);
        let unit_peak = if unit > state.unit_peak[l] { unit } else { state.unit_peak[l] };
        let balance_peak = if balance > state.balance_peak[l] { balance } else { state.balance_peak[l] };
        let (unit_ratio, balance_ratio) = (unit / unit_peak, balance / balance_peak);
        let unit_low = if unit_ratio < state.unit_low[l] { unit_ratio } else { state.unit_low[l] };
        let balance_low = if balance_ratio < state.balance_low[l] { balance_ratio } else { state.balance_low[l] };
        let centred = work.log_growth[l] - state.log_shift[l];
        state.unit_peak[l] = choose(unit_peak, state.unit_peak[l]);
        state.balance_peak[l] = choose(balance_peak, state.balance_peak[l]);
        state.unit_low[l] = choose(unit_low, state.unit_low[l]);
        state.balance_low[l] = choose(balance_low, state.balance_low[l]);
        state.under_water[l] += choose(if unit < unit_peak { 1.0 } else { 0.0 }, 0.0);
        state.log_sum[l] = choose(state.log_sum[l] + centred, state.log_sum[l]);
        state.log_squares[l] = choose(state.log_squares[l] + centred * centred, state.log_squares[l]);
        state.unit_before[l] = choose(unit, state.unit_before[l]);
        state.cost_frac[l] = choose(state.cost_frac[l] + work.cost_step[l], state.cost_frac[l]);
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
        let balance_low = if instance.flows { state.balance_low[l] } else { state.unit_low[l] };
        let mut set = |column: PathColumn, value: f64| rows[column as usize][l] = value;
        set(PathColumn::TerminalWealthNominal, work.wealth[l]);
        set(PathColumn::LogGrowthUnitAnnual, ln(state.unit_before[l] / initial) * per_year);
        set(PathColumn::MaxDrawdownUnitFrac, 1.0 - state.unit_low[l]);
        set(PathColumn::MaxDrawdownBalanceFrac, 1.0 - balance_low);
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

