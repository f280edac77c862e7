//! Advances one instance over a chunk: the loop over steps.

use corridor_core::lanes::Row;
use corridor_core::level::Kernel;
use corridor_core::path::PathBlock;

use super::moving::{self, target_rows};
use super::prepared::Prepared;
use super::signals::ChunkSignals;
use super::state::{InstanceState, StepBuffers};
use super::step::StepAt;
use super::target::Target;
use super::trace::StepRows;
use super::{OutcomeRows, band, close, flows, open, trading};
use crate::account::FlowTiming;
use crate::policy::MovingTarget;

/// One instance over one chunk.
///
/// `ALL` keeps every column of the outcomes; without it only wealth, drawdown, turnover, cost and
/// events are kept, as in the reference job of the benchmarks.
pub(crate) struct Advance<'a, const A: usize, const L: usize, const ALL: bool> {
    pub instance: &'a Prepared<A>,
    pub block: &'a PathBlock<L>,
    pub signals: ChunkSignals<'a, L>,
    /// Factor of a moving target at each step; empty where no signal moves it.
    pub target_factors: &'a [Row<f64, L>],
    pub state: &'a mut InstanceState<A, L>,
    pub buffers: &'a mut StepBuffers<A, L>,
    /// Outcomes at each report horizon of the chunk, in order.
    pub outcomes: &'a mut [OutcomeRows<L>],
    /// Rows of each step, which are filled; empty where nobody follows the paths. With them the sums
    /// of turnover and cost begin anew at every step.
    pub trace: &'a mut [StepRows<L>],
}

impl<const A: usize, const L: usize, const ALL: bool> Kernel for Advance<'_, A, L, ALL> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (instance, factors) = (self.instance, self.target_factors);
        match (&instance.policy.moving, instance.flows) {
            (None, false) => self.steps::<Fixed<'_, A>, false>(Fixed { instance }),
            (None, true) => self.steps::<Fixed<'_, A>, true>(Fixed { instance }),
            (Some(moving), false) => {
                self.steps::<Moving<'_, A, L>, false>(Moving { instance, moving, factors })
            }
            (Some(moving), true) => {
                self.steps::<Moving<'_, A, L>, true>(Moving { instance, moving, factors })
            }
        }
    }
}

impl<const A: usize, const L: usize, const ALL: bool> Advance<'_, A, L, ALL> {
    /// Advances step by step, in the order of [`crate::reference`]. `FLOWS` says whether there are
    /// cash flows or a fee.
    #[inline(always)]
    fn steps<T: TargetOverTime<A, L>, const FLOWS: bool>(self, targets: T) {
        let Self { instance, block, signals, target_factors: _, state, buffers, outcomes, trace } =
            self;
        let width_factors = instance.width_factors(&signals);
        let mut outcomes = outcomes.iter_mut();
        // The buffers may come from an instance with another table of cost multipliers.
        buffers.order.multiplier = Row::splat(1.0);
        for k in 0..block.steps {
            let t = block.start + k as u32 + 1;
            let Ok(gross) = <&[Row<f64, L>; A]>::try_from(block.gross(k)) else { return };
            let plan = instance.steps[t as usize];
            let step = StepAt { t, k, plan, width_factors: width_factors.get(k), signals };
            let is_horizon = plan.is_horizon && t < instance.last;
            if !trace.is_empty() {
                StepRows::open(state);
            }
            if !T::MOVES && !FLOWS && !is_horizon && !plan.may_trade {
                close::quiet_step::<A, L, ALL>(instance, t, state, buffers, gross);
                if let Some(rows) = trace.get_mut(k) {
                    rows.read(instance, state);
                }
                continue;
            }
            let target = targets.at(t, k);
            // Where nothing comes between growth and trigger, `fire` does both in one loop.
            let mut ungrown = Some(gross);
            if T::MOVES || FLOWS || is_horizon {
                ungrown = None;
                let before = targets.before(state);
                open::grow(state, gross);
                if FLOWS {
                    set_multipliers(instance, block, k, buffers);
                    open::pay_fee(instance, state);
                    flows::apply(instance, &before, t, FlowTiming::PeriodEnd, state, buffers);
                }
                if is_horizon && let Some(rows) = outcomes.next() {
                    report::<A, L, ALL, FLOWS>(instance, &target, t, state, buffers, rows);
                }
                if FLOWS && t < instance.last {
                    flows::apply(instance, &before, t, FlowTiming::PeriodStart, state, buffers);
                }
                targets.keep(&target, state);
                open::weigh::<A, L, ALL, FLOWS>(&target, t, state, buffers);
            }
            if plan.may_trade {
                if !FLOWS {
                    set_multipliers(instance, block, k, buffers);
                }
                targets.fire::<ALL>(&target, &step, ungrown, state, buffers);
                targets.trade::<ALL, FLOWS>(&target, &step, state, buffers);
            }
            close::record::<A, L, ALL, FLOWS>(instance, t, t == instance.last, state, buffers);
            if let Some(rows) = trace.get_mut(k) {
                rows.read(instance, state);
            }
        }
        if block.start + block.steps as u32 == instance.last
            && let Some(rows) = outcomes.next()
        {
            close::outcome::<A, L>(instance, instance.last, state, rows);
        }
    }
}

/// Target weights of one instance from step to step: fixed or moving, decided before the loop over
/// steps so that a fixed target costs nothing.
trait TargetOverTime<const A: usize, const L: usize> {
    /// Target weights of one step.
    type Weights: Target<A>;
    /// Whether the target differs from step to step.
    const MOVES: bool;

    /// Returns the target of step `t`, which is step `k` of the chunk.
    fn at(&self, t: u32, k: usize) -> Self::Weights;

    /// Returns the target of the step before, which routes the cash flows of a step.
    fn before(&self, state: &InstanceState<A, L>) -> Self::Weights;

    /// Keeps the target of a step for the next one.
    fn keep(&self, target: &Self::Weights, state: &mut InstanceState<A, L>);

    /// Sets the mask of the lanes whose trigger fires. With `ungrown`, the holdings earn these
    /// gross returns and are weighed first, in the same loop.
    fn fire<const ALL: bool>(
        &self,
        target: &Self::Weights,
        step: &StepAt<'_, L>,
        ungrown: Option<&[Row<f64, L>; A]>,
        state: &mut InstanceState<A, L>,
        buffers: &mut StepBuffers<A, L>,
    );

    /// Trades the lanes whose mask is set.
    fn trade<const ALL: bool, const FLOWS: bool>(
        &self,
        target: &Self::Weights,
        step: &StepAt<'_, L>,
        state: &mut InstanceState<A, L>,
        buffers: &mut StepBuffers<A, L>,
    );
}

/// Target that is the same at every step and in every lane.
struct Fixed<'a, const A: usize> {
    instance: &'a Prepared<A>,
}

impl<const A: usize, const L: usize> TargetOverTime<A, L> for Fixed<'_, A> {
    type Weights = [f64; A];
    const MOVES: bool = false;

    #[inline(always)]
    fn at(&self, _: u32, _: usize) -> [f64; A] {
        self.instance.target
    }

    #[inline(always)]
    fn before(&self, _: &InstanceState<A, L>) -> [f64; A] {
        self.instance.target
    }

    #[inline(always)]
    fn keep(&self, _: &[f64; A], _: &mut InstanceState<A, L>) {}

    #[inline(always)]
    fn fire<const ALL: bool>(
        &self,
        _: &[f64; A],
        step: &StepAt<'_, L>,
        ungrown: Option<&[Row<f64, L>; A]>,
        state: &mut InstanceState<A, L>,
        buffers: &mut StepBuffers<A, L>,
    ) {
        band::fire::<A, L, ALL>(self.instance, ungrown, step.width_factors, state, buffers);
    }

    #[inline(always)]
    fn trade<const ALL: bool, const FLOWS: bool>(
        &self,
        _: &[f64; A],
        step: &StepAt<'_, L>,
        state: &mut InstanceState<A, L>,
        buffers: &mut StepBuffers<A, L>,
    ) {
        trading::trade::<A, L, ALL, FLOWS>(self.instance, step, state, buffers);
    }
}

/// Target that the calendar or signals move, separately in each lane.
struct Moving<'a, const A: usize, const L: usize> {
    instance: &'a Prepared<A>,
    moving: &'a MovingTarget,
    /// Factor of the target at each step of the chunk; empty where no signal moves it.
    factors: &'a [Row<f64, L>],
}

impl<const A: usize, const L: usize> TargetOverTime<A, L> for Moving<'_, A, L> {
    type Weights = [Row<f64, L>; A];
    const MOVES: bool = true;

    #[inline(always)]
    fn at(&self, t: u32, k: usize) -> [Row<f64, L>; A] {
        target_rows(self.instance, self.moving, t, self.factors.get(k))
    }

    #[inline(always)]
    fn before(&self, state: &InstanceState<A, L>) -> [Row<f64, L>; A] {
        state.target
    }

    #[inline(always)]
    fn keep(&self, target: &[Row<f64, L>; A], state: &mut InstanceState<A, L>) {
        state.target = *target;
    }

    #[inline(always)]
    fn fire<const ALL: bool>(
        &self,
        target: &[Row<f64, L>; A],
        step: &StepAt<'_, L>,
        _: Option<&[Row<f64, L>; A]>,
        state: &mut InstanceState<A, L>,
        buffers: &mut StepBuffers<A, L>,
    ) {
        moving::fire::<A, L, ALL>(self.instance, target, step.width_factors, state, buffers);
    }

    #[inline(always)]
    fn trade<const ALL: bool, const FLOWS: bool>(
        &self,
        target: &[Row<f64, L>; A],
        step: &StepAt<'_, L>,
        state: &mut InstanceState<A, L>,
        buffers: &mut StepBuffers<A, L>,
    ) {
        moving::trade::<A, L, ALL, FLOWS>(self.instance, target, step, state, buffers);
    }
}

/// Writes the outcomes at a report horizon before the last step, as if the run ended there without
/// a trade.
#[inline(always)]
fn report<const A: usize, const L: usize, const ALL: bool, const FLOWS: bool>(
    instance: &Prepared<A>,
    target: &impl Target<A>,
    t: u32,
    state: &InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
    rows: &mut OutcomeRows<L>,
) {
    let mut ended = state.clone();
    open::weigh::<A, L, ALL, FLOWS>(target, t, &mut ended, buffers);
    close::record::<A, L, ALL, FLOWS>(instance, t, true, &mut ended, buffers);
    close::outcome::<A, L>(instance, t, &ended, rows);
}

/// Writes the multiplier of the proportional costs in the regime of each lane.
#[inline(always)]
fn set_multipliers<const A: usize, const L: usize>(
    instance: &Prepared<A>,
    block: &PathBlock<L>,
    k: usize,
    buffers: &mut StepBuffers<A, L>,
) {
    let table = &instance.costs.spread_multiplier;
    if !table.is_empty() {
        let regime = block.regime(k);
        for l in 0..L {
            buffers.order.multiplier[l] = table[regime[l] as usize];
        }
    }
}
