//! Decides and trades where the target moves and every lane has its own.

use corridor_core::lanes::Row;

use super::band;
use super::execution::execute_desired;
use super::lane_trading::trade_lanes;
use super::prepared::Prepared;
use super::state::{InstanceState, StepBuffers};
use super::step::StepAt;
use super::trading::mask_fire;
use crate::policy::view::PortfolioView;
use crate::policy::{MovingTarget, TradeRule, Trigger};

/// Works out the target of every lane at step `t`; `factors` are the products of its scale factors.
#[inline(always)]
pub(super) fn target_rows<const A: usize, const L: usize>(
    instance: &Prepared<A>,
    moving: &MovingTarget,
    t: u32,
    factors: Option<&Row<f64, L>>,
) -> [Row<f64, L>; A] {
    let mut rows = instance.target.map(Row::splat);
    let one = Row::splat(1.0);
    let factors = factors.unwrap_or(&one);
    for (i, row) in rows.iter_mut().enumerate().take(instance.assets) {
        let base = instance.target[i];
        for l in 0..L {
            row[l] = moving.weight(i, base, moving.factor(t, factors[l]));
        }
    }
    rows
}

/// Sets the mask of the lanes whose trigger fires; the lanes were weighed before.
#[inline(always)]
pub(super) fn fire<const A: usize, const L: usize, const ALL: bool>(
    instance: &Prepared<A>,
    target: &[Row<f64, L>; A],
    factors: Option<&Row<f64, L>>,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    if instance.one_width || !matches!(instance.policy.trigger, Trigger::Outside(_)) {
        band::fire::<A, L, ALL>(instance, None, factors, state, buffers);
        return;
    }
    let n = instance.assets;
    let mut width = [0.0; A];
    for l in 0..L {
        let (mut holdings, mut own) = ([0.0; A], [0.0; A]);
        for i in 0..n {
            (holdings[i], own[i]) = (state.portfolio.holdings[i][l], target[i][l]);
        }
        let factor = factors.map_or(1.0, |factors| factors[l]);
        instance.policy.trigger.widths(|_| factor, &mut width[..n]);
        let portfolio = PortfolioView {
            t: 0,
            target: &own[..n],
            holdings: &holdings[..n],
            wealth: state.portfolio.wealth[l],
            weights: &[],
        };
        let fired = instance.policy.trigger.fires_at(&portfolio, &width[..n]);
        buffers.order.fire[l] = u64::from(fired).wrapping_neg();
    }
}

/// Trades the lanes whose mask is set: all at once to the target, or lane by lane under other
/// rules.
#[inline(always)]
pub(super) fn trade<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    target: &[Row<f64, L>; A],
    step: &StepAt<'_, L>,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    mask_fire::<A, L, FLOWS>(step, state, buffers);
    if !ALL && !FLOWS {
        for l in 0..L {
            state.portfolio.inverse[l] = 1.0 / state.portfolio.wealth[l];
        }
    }
    if instance.lane_by_lane
        || instance.policy.cooldown_steps > 1
        || instance.policy.trade != TradeRule::ToTarget
    {
        trade_lanes::<A, L, ALL, FLOWS>(instance, target, step, state, buffers);
        return;
    }
    buffers.order.desired = *target;
    if ALL || FLOWS {
        execute_desired::<A, L, true>(instance, &mut state.portfolio, &mut buffers.order);
    } else {
        execute_desired::<A, L, false>(instance, &mut state.portfolio, &mut buffers.order);
    }
}
