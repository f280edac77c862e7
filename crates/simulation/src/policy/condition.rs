//! Joins conditions on weights, signals and time into one trigger.
//!
//! Every condition is asked at every review, so that what one remembers does not depend on the
//! others.

use super::band::{Corridor, beyond};
use super::distance::{Covariance, Distance, Measure};
use super::scale::{ScaleFactor, Scaled};
use super::view::{PortfolioView, SignalView};

/// Largest number of conditions that one trigger may join.
pub const CONDITIONS_MAX: usize = 16;

/// Conditions, and the expression that joins them.
#[derive(Clone, Debug, PartialEq)]
pub struct Joined {
    /// Conditions, at most [`CONDITIONS_MAX`].
    pub conditions: Vec<Condition>,
    /// Whether the trigger fires, given the conditions that hold.
    pub expression: Expression,
}

/// Joins conditions by `any of` and `all of`, to any depth; conditions are given by their index in
/// [`Joined::conditions`].
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// Holds if the condition with this index holds.
    One(usize),
    /// Holds if at least one of these expressions holds; never if there are none.
    AnyOf(Vec<Expression>),
    /// Holds if all of these expressions hold.
    AllOf(Vec<Expression>),
}

/// Condition on weights, signals or time that holds or does not hold at a review.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Holds at every review.
    Always,
    /// Holds while a watched weight is outside its band.
    Outside(Corridor),
    /// Holds while the whole portfolio is further from its target than a limit.
    Beyond(Distance),
    /// Holds from the review at which some weight is outside the wide band `enter` until the first
    /// review at which every weight is inside the narrow band `exit`.
    Hysteresis {
        /// Band that a weight must leave for the condition to begin.
        enter: Corridor,
        /// Band that all weights must be inside for the condition to end; inside `enter`.
        exit: Corridor,
    },
    /// Holds while a signal is strictly above a limit.
    Above {
        /// Index of the signal in [`crate::plan::Simulation::signals`].
        signal: usize,
        /// Limit, in the signal's unit.
        limit: f64,
    },
    /// Holds while a signal is strictly below a limit.
    Below {
        /// Index of the signal in [`crate::plan::Simulation::signals`].
        signal: usize,
        /// Limit, in the signal's unit.
        limit: f64,
    },
    /// Holds while a signal is more than `by` away from its value at the last trade, or at the
    /// start.
    Moved {
        /// Index of the signal in [`crate::plan::Simulation::signals`].
        signal: usize,
        /// Distance, in the signal's unit.
        by: f64,
        /// Value of the signal at the start.
        start: f64,
    },
    /// Holds once this number of steps has passed since the last trade, or since the start.
    Waited(Scaled),
    /// Holds unless a trade to the target would go against a trend: it fails while `assets` are
    /// overweight and the signal is above `limit`, and while they are underweight and the signal is
    /// below `-limit` (Rattray et al. 2020).
    WithTrend {
        /// Index of the signal in [`crate::plan::Simulation::signals`].
        signal: usize,
        /// Strength of a trend that delays a trade, in the signal's unit.
        limit: f64,
        /// Assets that the trend is about.
        assets: Vec<usize>,
    },
}

/// Set of conditions of one trigger, by index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConditionSet(u32);

impl ConditionSet {
    /// Tells whether the condition with this index is in the set.
    #[must_use]
    pub fn contains(self, index: usize) -> bool {
        self.0 >> index & 1 != 0
    }

    fn insert_if(&mut self, holds: bool, index: usize) {
        self.0 |= u32::from(holds) << index;
    }
}

impl Joined {
    /// Returns the conditions that hold if the trigger fires, else `None`. `memory` has one number
    /// for each condition. A portfolio on its target never fires.
    pub fn fires(
        &self,
        portfolio: &PortfolioView<'_>,
        signals: &impl SignalView,
        memory: &mut [f64],
    ) -> Option<ConditionSet> {
        // Every condition is asked, so that what one remembers does not depend on the others.
        let mut holding = ConditionSet::default();
        for (index, condition) in self.conditions.iter().enumerate() {
            holding
                .insert_if(condition.holds(index, portfolio, signals, &mut memory[index]), index);
        }
        (portfolio.any_outside(|_| 0.0) && self.expression.holds(holding)).then_some(holding)
    }

    /// Remembers that a trade was made at step `t`.
    pub fn traded(&self, t: u32, signals: &impl SignalView, memory: &mut [f64]) {
        for (condition, memory) in self.conditions.iter().zip(memory) {
            match condition {
                Condition::Moved { signal, .. } => *memory = signals.signal(*signal),
                Condition::Waited(_) => *memory = f64::from(t),
                Condition::Always
                | Condition::Outside(_)
                | Condition::Beyond(_)
                | Condition::Hysteresis { .. }
                | Condition::Above { .. }
                | Condition::Below { .. }
                | Condition::WithTrend { .. } => {}
            }
        }
    }
}

impl Expression {
    fn holds(&self, holding: ConditionSet) -> bool {
        match self {
            Self::One(index) => holding.contains(*index),
            Self::AnyOf(parts) => parts.iter().any(|part| part.holds(holding)),
            Self::AllOf(parts) => parts.iter().all(|part| part.holds(holding)),
        }
    }
}

impl Condition {
    /// Returns the scale factors of the condition's width or waiting time; none if it has neither.
    #[must_use]
    pub fn scale(&self) -> &[ScaleFactor] {
        match self {
            Self::Outside(corridor) | Self::Hysteresis { enter: corridor, .. } => &corridor.scale,
            Self::Beyond(distance) => &distance.width.scale,
            Self::Waited(steps) => &steps.scale,
            Self::Always
            | Self::Above { .. }
            | Self::Below { .. }
            | Self::Moved { .. }
            | Self::WithTrend { .. } => &[],
        }
    }

    /// Lists the signals that the condition compares, without those of its scale factors.
    pub(super) fn signals(&self) -> Vec<usize> {
        match self {
            Self::Above { signal, .. }
            | Self::Below { signal, .. }
            | Self::Moved { signal, .. }
            | Self::WithTrend { signal, .. } => vec![*signal],
            Self::Beyond(Distance {
                measure: Measure::TrackingError(Covariance::Signals(signals)),
                ..
            }) => signals.clone(),
            Self::Always
            | Self::Outside(_)
            | Self::Beyond(_)
            | Self::Hysteresis { .. }
            | Self::Waited(_) => Vec::new(),
        }
    }

    /// Lists the indices of all signals that the condition reads, for renumbering.
    pub(super) fn signals_mut(&mut self) -> Vec<&mut usize> {
        match self {
            Self::Outside(corridor) => factors_of(&mut corridor.scale),
            Self::Hysteresis { enter, exit } => factors_of(&mut enter.scale)
                .into_iter()
                .chain(factors_of(&mut exit.scale))
                .collect(),
            Self::Beyond(Distance {
                measure: Measure::TrackingError(Covariance::Signals(signals)),
                width,
            }) => signals.iter_mut().chain(factors_of(&mut width.scale)).collect(),
            Self::Beyond(Distance { width: steps, .. }) | Self::Waited(steps) => {
                factors_of(&mut steps.scale)
            }
            Self::Above { signal, .. }
            | Self::Below { signal, .. }
            | Self::Moved { signal, .. }
            | Self::WithTrend { signal, .. } => vec![signal],
            Self::Always => Vec::new(),
        }
    }

    /// Returns the number that the condition remembers at the start.
    #[must_use]
    pub fn memory(&self) -> f64 {
        if let Self::Moved { start, .. } = self { *start } else { 0.0 }
    }

    /// Tells whether the condition holds. `memory` is, of a hysteresis, whether it held at the last
    /// review; of a move, the signal at the last trade; of a wait, the step of the last trade.
    fn holds(
        &self,
        index: usize,
        portfolio: &PortfolioView<'_>,
        signals: &impl SignalView,
        memory: &mut f64,
    ) -> bool {
        let beyond_band = |corridor: &Corridor| {
            let factor = signals.factor(index);
            portfolio.any_outside(|i| corridor.width(i, factor))
        };
        let reading = |memory: f64| self.reading(index, portfolio, signals, memory);
        match self {
            Self::Always => true,
            Self::Outside(corridor) => beyond_band(corridor),
            Self::Hysteresis { enter, exit } => {
                let held = *memory != 0.0;
                let holds = if held { beyond_band(exit) } else { beyond_band(enter) };
                *memory = f64::from(u8::from(holds));
                holds
            }
            Self::Beyond(_) => {
                let Reading { value, limit } = reading(*memory);
                beyond(value, limit)
            }
            Self::Above { .. } | Self::Moved { .. } => {
                let Reading { value, limit } = reading(*memory);
                value > limit
            }
            Self::Below { .. } => {
                let Reading { value, limit } = reading(*memory);
                value < limit
            }
            Self::Waited(_) => {
                let Reading { value, limit } = reading(*memory);
                value >= limit
            }
            Self::WithTrend { signal, limit, assets } => {
                let (trend, over) = (signals.signal(*signal), overweight(assets, portfolio));
                !(trend > *limit && over > 0.0 || trend < -*limit && over < 0.0)
            }
        }
    }

    /// Returns the number that the condition looks at, and its limit in the same unit; of a band
    /// the deviation and the half-width of the asset that is furthest outside.
    #[must_use]
    pub fn reading(
        &self,
        index: usize,
        portfolio: &PortfolioView<'_>,
        signals: &impl SignalView,
        memory: f64,
    ) -> Reading {
        let (value, limit) = match self {
            Self::Always => (0.0, 0.0),
            Self::Outside(corridor) | Self::Hysteresis { enter: corridor, .. } => {
                let factor = signals.factor(index);
                let furthest = portfolio.furthest(|i| corridor.width(i, factor));
                furthest.map_or((0.0, 0.0), |i| (portfolio.deviation(i), corridor.width(i, factor)))
            }
            Self::Beyond(distance) => (
                distance.measure.of(portfolio.weights, portfolio.target, |i| signals.signal(i)),
                distance.width.at(signals.factor(index)),
            ),
            Self::Above { signal, limit }
            | Self::Below { signal, limit }
            | Self::WithTrend { signal, limit, .. } => (signals.signal(*signal), *limit),
            Self::Moved { signal, by, .. } => ((signals.signal(*signal) - memory).abs(), *by),
            Self::Waited(steps) => {
                (f64::from(portfolio.t) - memory, steps.at(signals.factor(index)))
            }
        };
        Reading { value, limit }
    }
}

/// Number that a condition looks at, and its limit in the same unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Number that the condition looks at.
    pub value: f64,
    /// Limit that the number is compared with.
    pub limit: f64,
}

/// Returns the sum of the deviations of some assets from their targets: above 0 where they are
/// overweight together.
fn overweight(assets: &[usize], portfolio: &PortfolioView<'_>) -> f64 {
    assets.iter().fold(0.0, |sum, &i| sum + (portfolio.weights[i] - portfolio.target[i]))
}

fn factors_of(scale: &mut [ScaleFactor]) -> Vec<&mut usize> {
    scale.iter_mut().map(|factor| &mut factor.signal).collect()
}
