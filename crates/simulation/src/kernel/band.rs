//! Finds the lanes in which a trigger fires, in the same loop as growth where nothing happens
//! between the two.

use corridor_core::lanes::Row;

use super::open::{deviate_lane, distance_lane, grow_lane};
use super::prepared::Prepared;
use super::state::{InstanceState, PortfolioRows, StepBuffers};
use crate::policy::band::with_slack;
use crate::policy::clamp;
use crate::policy::{Corridor, Trigger};

/// Sets the mask of the lanes whose trigger fires. With `gross`, the holdings earn these gross
/// returns and are weighed first; without, they were weighed before.
#[inline(always)]
pub(super) fn fire<const A: usize, const L: usize, const ALL: bool>(
    instance: &Prepared<A>,
    gross: Option<&[Row<f64, L>; A]>,
    factors: Option<&Row<f64, L>>,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    // Constants over lanes are matched here, because a branch or a load of them inside a loop would
    // keep it from vectorising.
    let widths = instance.half_width;
    match (&instance.policy.trigger, factors) {
        (Trigger::Never, _) => scan::<A, L, ALL>(Nowhere, instance, gross, state, buffers),
        // Joined conditions are asked later, lane by lane.
        (Trigger::Joined(_), _) => scan::<A, L, ALL>(Anywhere, instance, gross, state, buffers),
        (Trigger::Always, _) => {
            scan::<A, L, ALL>(Beyond(with_slack(0.0)), instance, gross, state, buffers)
        }
        (Trigger::Outside(_), None) if instance.one_width => {
            scan::<A, L, ALL>(Beyond(with_slack(widths[0])), instance, gross, state, buffers)
        }
        (Trigger::Outside(_), None) => {
            let test = BeyondEach { target: instance.target, width: widths.map(with_slack) };
            scan::<A, L, ALL>(test, instance, gross, state, buffers);
        }
        (Trigger::Outside(corridor), Some(factors)) if instance.one_width => {
            scan::<A, L, ALL>(
                BeyondScaled { base: widths[0], limits: Limits::of(corridor), factors },
                instance,
                gross,
                state,
                buffers,
            );
        }
        (Trigger::Outside(corridor), Some(factors)) => {
            let test = BeyondEachScaled {
                target: instance.target,
                base: widths,
                limits: Limits::of(corridor),
                factors,
            };
            scan::<A, L, ALL>(test, instance, gross, state, buffers);
        }
    }
}

/// Applies one test to every lane, after growth where `gross` is given.
#[inline(always)]
fn scan<const A: usize, const L: usize, const ALL: bool>(
    test: impl Test<A, L>,
    instance: &Prepared<A>,
    gross: Option<&[Row<f64, L>; A]>,
    state: &mut InstanceState<A, L>,
    buffers: &mut StepBuffers<A, L>,
) {
    let Some(gross) = gross else {
        for l in 0..L {
            buffers.order.fire[l] =
                u64::from(test.fires(&state.portfolio, buffers.distance[l], l)).wrapping_neg();
        }
        return;
    };
    let target = instance.target;
    for l in 0..L {
        let wealth = grow_lane(state, gross, l);
        let distance = distance_lane(&target, state, wealth, l);
        state.portfolio.wealth[l] = wealth;
        if ALL {
            let inverse = 1.0 / wealth;
            state.portfolio.inverse[l] = inverse;
            deviate_lane(state, distance * inverse, l);
        }
        buffers.order.fire[l] = u64::from(test.fires(&state.portfolio, distance, l)).wrapping_neg();
    }
}

/// Test whether a trigger fires in one lane, given its largest distance from the target.
trait Test<const A: usize, const L: usize> {
    fn fires(&self, portfolio: &PortfolioRows<A, L>, distance: f64, l: usize) -> bool;
}

/// Fires in no lane.
struct Nowhere;

impl<const A: usize, const L: usize> Test<A, L> for Nowhere {
    #[inline(always)]
    fn fires(&self, _: &PortfolioRows<A, L>, _: f64, _: usize) -> bool {
        false
    }
}

/// Fires in every lane.
struct Anywhere;

impl<const A: usize, const L: usize> Test<A, L> for Anywhere {
    #[inline(always)]
    fn fires(&self, _: &PortfolioRows<A, L>, _: f64, _: usize) -> bool {
        true
    }
}

/// Fires if some asset is further than this fraction of wealth from its target; all are watched.
struct Beyond(f64);

impl<const A: usize, const L: usize> Test<A, L> for Beyond {
    #[inline(always)]
    fn fires(&self, portfolio: &PortfolioRows<A, L>, distance: f64, l: usize) -> bool {
        distance > self.0 * portfolio.wealth[l]
    }
}

/// Fires if some asset is outside its own half-width, which is infinite if it is not watched.
struct BeyondEach<const A: usize> {
    target: [f64; A],
    width: [f64; A],
}

impl<const A: usize, const L: usize> Test<A, L> for BeyondEach<A> {
    #[inline(always)]
    fn fires(&self, portfolio: &PortfolioRows<A, L>, _: f64, l: usize) -> bool {
        let wealth = portfolio.wealth[l];
        let mut outside = false;
        for i in 0..A {
            outside |=
                (portfolio.holdings[i][l] - self.target[i] * wealth).abs() > self.width[i] * wealth;
        }
        outside
    }
}

/// Lower and upper limit of a scaled half-width.
#[derive(Clone, Copy)]
struct Limits {
    min: f64,
    max: f64,
}

impl Limits {
    fn of(corridor: &Corridor) -> Self {
        Self { min: corridor.min_width, max: corridor.max_width }
    }

    #[inline(always)]
    fn apply(self, width: f64) -> f64 {
        with_slack(clamp(width, self.min, self.max))
    }
}

/// Fires if some asset is outside one half-width for all, times a factor of each lane.
struct BeyondScaled<'a, const L: usize> {
    base: f64,
    limits: Limits,
    factors: &'a Row<f64, L>,
}

impl<const A: usize, const L: usize> Test<A, L> for BeyondScaled<'_, L> {
    #[inline(always)]
    fn fires(&self, portfolio: &PortfolioRows<A, L>, distance: f64, l: usize) -> bool {
        distance > self.limits.apply(self.base * self.factors[l]) * portfolio.wealth[l]
    }
}

/// Fires if some asset is outside its own half-width, which is infinite if it is not watched, times
/// a factor of each lane.
struct BeyondEachScaled<'a, const A: usize, const L: usize> {
    target: [f64; A],
    base: [f64; A],
    limits: Limits,
    factors: &'a Row<f64, L>,
}

impl<const A: usize, const L: usize> Test<A, L> for BeyondEachScaled<'_, A, L> {
    #[inline(always)]
    fn fires(&self, portfolio: &PortfolioRows<A, L>, _: f64, l: usize) -> bool {
        let wealth = portfolio.wealth[l];
        let mut outside = false;
        for i in 0..A {
            let watched = self.base[i] < f64::INFINITY;
            let width = self.limits.apply(self.base[i] * self.factors[l]);
            outside |= watched
                && (portfolio.holdings[i][l] - self.target[i] * wealth).abs() > width * wealth;
        }
        outside
    }
}
