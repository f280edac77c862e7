//! Runs a rule whose target moves: growth and record as ever, the target of every lane between
//! them.

use corridor_core::lanes::Row;

use super::execution::execute_goals;
use super::prepared::Prepared;
use super::sight::ChunkSight;
use super::state::{State, Work};
use super::{Advance, band, close, flows, open, prepare_costs, snapshot, trading};
use crate::account::FlowTiming;
use crate::policy::view::PortfolioView;
use crate::policy::{MovingTarget, TradeRule, Trigger};

impl<const A: usize, const L: usize, const ALL: bool> Advance<'_, A, L, ALL> {
    #[inline(always)]
    pub(super) fn moving_steps<const FLOWS: bool>(self) {
        let Self { instance, block, sight, tilts, state, work, outcomes } = self;
        let factors = instance.width_factors(&sight);
        let Some(moving) = &instance.policy.moving else { return };
        work.order.multiplier = Row::splat(1.0);
        for k in 0..block.steps {
            let t = block.start + k as u32 + 1;
            let plan = instance.steps[t as usize];
            let Ok(gross) = <&[Row<f64, L>; A]>::try_from(block.gross(k)) else { return };
            open::grow(state, gross);
            let (before, target) = (state.target, target_rows(instance, moving, t, tilts.get(k)));
            prepare_costs(instance, block, k, work);
            if FLOWS {
                open::pay_fee(instance, state);
                flows::apply(instance, &before, t, FlowTiming::PeriodEnd, state, work);
            }
            if let Some(horizon) = plan.horizon.filter(|_| t < instance.last) {
                snapshot::<A, L, ALL, FLOWS>(
                    instance,
                    &target,
                    t,
                    state,
                    work,
                    &mut outcomes[horizon as usize],
                );
            }
            if FLOWS && t < instance.last {
                flows::apply(instance, &before, t, FlowTiming::PeriodStart, state, work);
            }
            state.target = target;
            open::weigh::<A, L, ALL, FLOWS>(&target, t, state, work);
            if plan.may_trade {
                fire::<A, L, ALL>(instance, &target, factors.get(k), state, work);
                trade::<A, L, ALL, FLOWS>(
                    instance,
                    &target,
                    (t, plan.review),
                    (&sight, k),
                    state,
                    work,
                );
            }
            close::record::<A, L, ALL, FLOWS>(instance, t, t == instance.last, state, work);
        }
        if block.start + block.steps as u32 == instance.last
            && let Some(rows) = outcomes.last_mut()
        {
            close::outcome::<A, L>(instance, instance.last, state, rows);
        }
    }
}

/// The target of every lane.
#[inline(always)]
fn target_rows<const A: usize, const L: usize>(
    instance: &Prepared<A>,
    moving: &MovingTarget,
    t: u32,
    tilts: Option<&Row<f64, L>>,
) -> [Row<f64, L>; A] {
    let mut rows = instance.target.map(Row::splat);
    let one = Row::splat(1.0);
    let tilts = tilts.unwrap_or(&one);
    for (i, row) in rows.iter_mut().enumerate().take(instance.assets) {
        let base = instance.target[i];
        for l in 0..L {
            row[l] = moving.weight(i, base, moving.factor(t, tilts[l]));
        }
    }
    rows
}

/// Sets the mask of the lanes whose trigger fires; they were weighed.
#[inline(always)]
fn fire<const A: usize, const L: usize, const ALL: bool>(
    instance: &Prepared<A>,
    target: &[Row<f64, L>; A],
    factors: Option<&Row<f64, L>>,
    state: &mut State<A, L>,
    work: &mut Work<A, L>,
) {
    if instance.one_width || !matches!(instance.policy.trigger, Trigger::Outside(_)) {
        band::fire::<A, L, ALL>(instance, None, factors, state, work);
        return;
    }
    let n = instance.assets;
    let mut width = [0.0; A];
    for l in 0..L {
        let (mut holdings, mut own) = ([0.0; A], [0.0; A]);
        for i in 0..n {
            (holdings[i], own[i]) = (state.ledger.holdings[i][l], target[i][l]);
        }
        let factor = factors.map_or(1.0, |factors| factors[l]);
        instance.policy.trigger.widths(|_| factor, &mut width[..n]);
        let portfolio = PortfolioView {
            t: 0,
            target: &own[..n],
            holdings: &holdings[..n],
            wealth: state.ledger.wealth[l],
            weights: &[],
        };
        let fired = instance.policy.trigger.fires_at(&portfolio, &width[..n]);
        work.order.fire[l] = u64::from(fired).wrapping_neg();
    }
}

/// All lanes that go to the target at once; other rules lane by lane.
#[inline(always)]
fn trade<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    target: &[Row<f64, L>; A],
    (t, review): (u32, bool),
    seen: (&ChunkSight<'_, L>, usize),
    state: &mut State<A, L>,
    work: &mut Work<A, L>,
) {
    trading::mask_fire::<A, L, FLOWS>(t, review, state, work);
    if !ALL && !FLOWS {
        for l in 0..L {
            state.ledger.inverse[l] = 1.0 / state.ledger.wealth[l];
        }
    }
    if instance.rare
        || instance.policy.cooldown_steps > 1
        || instance.policy.trade != TradeRule::ToTarget
    {
        trading::trade_rare::<A, L, ALL, FLOWS>(instance, target, t, seen, state, work);
        return;
    }
    work.order.goal = *target;
    if ALL || FLOWS {
        execute_goals::<A, L, true>(instance, &mut state.ledger, &mut work.order);
    } else {
        execute_goals::<A, L, false>(instance, &mut state.ledger, &mut work.order);
    }
}
