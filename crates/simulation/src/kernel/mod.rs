//! Runs one policy over a chunk of a block of paths, many lanes at a time.
//!
//! It computes what [`crate::reference`] defines, bit for bit: the same operations in the same
//! order in every lane. A step is a handful of plain loops over lanes. The common rules are
//! branch-free and trade under masks; rare ones (fixed fees, breached assets, minimum and maximum
//! trades, delays) call the reference's own functions on the lanes that trade. Nothing here fails
//! or allocates per step.

mod band;
mod close;
mod execution;
mod flows;
mod moving;
mod open;
pub(crate) mod prepared;
pub(crate) mod sight;
pub(crate) mod state;
mod trading;

use corridor_core::lanes::Row;
use corridor_core::level::Kernel;
use corridor_core::outcome::PathColumn;
use corridor_core::path::PathBlock;

use crate::account::FlowTiming;
use prepared::Prepared;
use sight::ChunkSight;
use state::{State, Work};

/// Outcome rows of one report horizon, indexed by `PathColumn as usize`.
pub(crate) type OutcomeRows<const L: usize> = [Row<f64, L>; PathColumn::COUNT];

/// One instance over one chunk. `ALL` keeps every column; without it only wealth, drawdown,
/// turnover, cost and events are kept (the reference job of the benchmarks).
pub(crate) struct Advance<'a, const A: usize, const L: usize, const ALL: bool> {
    pub instance: &'a Prepared<A>,
    pub block: &'a PathBlock<L>,
    /// Signals and scales.
    pub sight: ChunkSight<'a, L>,
    /// Factors of a moving target; empty where no signal moves it.
    pub tilts: &'a [Row<f64, L>],
    pub state: &'a mut State<A, L>,
    pub work: &'a mut Work<A, L>,
    /// One set of rows per report horizon.
    pub outcomes: &'a mut [OutcomeRows<L>],
}

impl<const A: usize, const L: usize, const ALL: bool> Kernel for Advance<'_, A, L, ALL> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        match (self.instance.policy.moving.is_some(), self.instance.flows) {
            (false, false) => self.steps::<false>(),
            (false, true) => self.steps::<true>(),
            (true, false) => self.moving_steps::<false>(),
            (true, true) => self.moving_steps::<true>(),
        }
    }
}

impl<const A: usize, const L: usize, const ALL: bool> Advance<'_, A, L, ALL> {
    #[inline(always)]
    fn steps<const FLOWS: bool>(self) {
        let Self { instance, block, sight, tilts: _, state, work, outcomes } = self;
        let factors = instance.width_factors(&sight);
        // the room may come from an instance with another table
        work.order.multiplier = Row::splat(1.0);
        for k in 0..block.steps {
            let t = block.start + k as u32 + 1;
            let plan = instance.steps[t as usize];
            let Ok(gross) = <&[Row<f64, L>; A]>::try_from(block.gross(k)) else { return };
            let horizon = plan.horizon.filter(|_| t < instance.last);
            if !FLOWS && horizon.is_none() && !plan.may_trade {
                close::quiet_step::<A, L, ALL>(instance, t, state, work, gross);
                continue;
            }
            let mut ungrown = Some(gross);
            if FLOWS || horizon.is_some() {
                open::grow(state, gross);
                ungrown = None;
                if FLOWS {
                    prepare_costs(instance, block, k, work);
                    open::pay_fee(instance, state);
                    flows::apply(instance, &instance.target, t, FlowTiming::PeriodEnd, state, work);
                }
                if let Some(horizon) = horizon {
                    snapshot::<A, L, ALL, FLOWS>(
                        instance,
                        &instance.target,
                        t,
                        state,
                        work,
                        &mut outcomes[horizon as usize],
                    );
                }
                if FLOWS && t < instance.last {
                    flows::apply(
                        instance,
                        &instance.target,
                        t,
                        FlowTiming::PeriodStart,
                        state,
                        work,
                    );
                }
                open::weigh::<A, L, ALL, FLOWS>(&instance.target, t, state, work);
            }
            if plan.may_trade {
                if !FLOWS {
                    prepare_costs(instance, block, k, work);
                }
                band::fire::<A, L, ALL>(instance, ungrown, factors.get(k), state, work);
                trading::trade::<A, L, ALL, FLOWS>(
                    instance,
                    (t, plan.review),
                    factors.get(k),
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

/// Target weights, the same in every lane or not.
trait Target<const A: usize> {
    /// Those of one lane.
    fn of_lane(&self, l: usize) -> [f64; A];
}

impl<const A: usize> Target<A> for [f64; A] {
    #[inline(always)]
    fn of_lane(&self, _: usize) -> [f64; A] {
        *self
    }
}

impl<const A: usize, const L: usize> Target<A> for [Row<f64, L>; A] {
    #[inline(always)]
    fn of_lane(&self, l: usize) -> [f64; A] {
        let mut weights = [0.0; A];
        for i in 0..A {
            weights[i] = self[i][l];
        }
        weights
    }
}

/// The outcomes at a report horizon before the last step, as if the run ended there, untraded.
#[inline(always)]
fn snapshot<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    target: &impl Target<A>,
    t: u32,
    state: &State<A, L>,
    work: &mut Work<A, L>,
    rows: &mut OutcomeRows<L>,
) {
    let mut ended = state.clone();
    open::weigh::<A, L, ALL, FLOWS>(target, t, &mut ended, work);
    close::record::<A, L, ALL, FLOWS>(instance, t, true, &mut ended, work);
    close::outcome::<A, L>(instance, t, &ended, rows);
}

/// Writes the multiplier of the proportional costs of each lane.
#[inline(always)]
fn prepare_costs<const A: usize, const L: usize>(
    instance: &Prepared<A>,
    block: &PathBlock<L>,
    k: usize,
    work: &mut Work<A, L>,
) {
    let table = &instance.costs.spread_multiplier;
    if !table.is_empty() {
        let regime = block.regime(k);
        for l in 0..L {
            work.order.multiplier[l] = table[regime[l] as usize];
        }
    }
}
