//! Joins conditions on weights, signals and time into one trigger.
//!
//! Every condition is worked out at every look, so that what one remembers does not depend on the
//! others.

use super::distance::{Covariance, Distance, Measure};
use super::goal::{at_least_negligible, outside};
use super::{Corridor, ScaleFactor, Scaled};

/// Most conditions of one trigger.
pub const CONDITIONS_MAX: usize = 16;

/// Conditions, and how they are joined.
#[derive(Clone, Debug, PartialEq)]
pub struct Joined {
    /// The conditions, at most [`CONDITIONS_MAX`].
    pub conditions: Vec<Condition>,
    /// Whether the trigger fires, given the conditions that hold.
    pub expression: Expression,
}

/// Joins conditions by `any of` and `all of`, to any depth; conditions are given by their index in
/// [`Joined::conditions`].
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// Holds if this condition does.
    One(usize),
    /// Holds if at least one of these does; never if there are none.
    AnyOf(Vec<Expression>),
    /// Holds if all of these do.
    AllOf(Vec<Expression>),
}

/// Something that holds or does not when the rule looks.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Always.
    Always,
    /// A watched weight is outside its band.
    Outside(Corridor),
    /// The portfolio is too far from its target.
    Beyond(Distance),
    /// Holds from the review at which some weight is outside the wide band `enter` until the first
    /// review at which every weight is inside the narrow band `exit`.
    Hysteresis {
        /// Band that a weight must leave for the condition to begin.
        enter: Corridor,
        /// Band that all weights must be inside for the condition to end; inside `enter`.
        exit: Corridor,
    },
    /// A signal is strictly above its limit.
    Above {
        /// Index into [`crate::plan::Simulation::signals`].
        signal: usize,
        /// Limit, in the signal's unit.
        limit: f64,
    },
    /// A signal is strictly below its limit.
    Below {
        /// Index into [`crate::plan::Simulation::signals`].
        signal: usize,
        /// Limit, in the signal's unit.
        limit: f64,
    },
    /// A signal has moved by more than this since the last trade, or since the start.
    Moved {
        /// Index into [`crate::plan::Simulation::signals`].
        signal: usize,
        /// How far, in the signal's unit.
        by: f64,
        /// The signal's value at the start.
        start: f64,
    },
    /// So many steps have passed since the last trade, or since the start.
    Waited(Scaled),
    /// A trade to the target would not go against a trend: these assets are not overweight while
    /// the signal is above the limit, nor underweight while it is below its negative (Rattray et
    /// al. 2020).
    WithTrend {
        /// Index into [`crate::plan::Simulation::signals`].
        signal: usize,
        /// How strong a trend delays, in the signal's unit.
        limit: f64,
        /// The assets whose trend it is.
        assets: Vec<usize>,
    },
}

/// What a rule sees besides its own weights.
pub trait Sight {
    /// Value of a signal.
    fn signal(&self, signal: usize) -> f64;
    /// Product of the scale factors at this place of [`Policy::scales`](super::Policy::scales).
    fn factor(&self, place: usize) -> f64;
}

/// Where a portfolio stands when the rule looks.
#[derive(Clone, Copy, Debug)]
pub struct Position<'a> {
    /// The step.
    pub t: u32,
    /// Target weights.
    pub target: &'a [f64],
    /// Value held in each asset.
    pub holdings: &'a [f64],
    /// Their total.
    pub wealth: f64,
    /// Their weights.
    pub weights: &'a [f64],
}

impl Position<'_> {
    /// Whether some asset is outside its width.
    pub fn any_outside(&self, width: impl Fn(usize) -> f64) -> bool {
        (0..self.holdings.len())
            .any(|i| outside(self.holdings[i], self.target[i], self.wealth, width(i)))
    }
}

impl Joined {
    /// Whether the trigger fires; a bit is set in the second number for each condition that holds.
    /// `memory` has one number for each condition. A portfolio on its target never fires.
    pub fn fires(
        &self,
        position: &Position<'_>,
        sight: &impl Sight,
        memory: &mut [f64],
    ) -> (bool, u32) {
        let mut holding = 0;
        for (place, condition) in self.conditions.iter().enumerate() {
            holding |=
                u32::from(condition.holds(place, position, sight, &mut memory[place])) << place;
        }
        (position.any_outside(|_| 0.0) && self.expression.holds(holding), holding)
    }

    /// Remembers that a trade was made at step `t`.
    pub fn traded(&self, t: u32, sight: &impl Sight, memory: &mut [f64]) {
        for (condition, memory) in self.conditions.iter().zip(memory) {
            match condition {
                Condition::Moved { signal, .. } => *memory = sight.signal(*signal),
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
    fn holds(&self, holding: u32) -> bool {
        match self {
            Self::One(index) => holding >> index & 1 != 0,
            Self::AnyOf(parts) => parts.iter().any(|part| part.holds(holding)),
            Self::AllOf(parts) => parts.iter().all(|part| part.holds(holding)),
        }
    }
}

impl Condition {
    /// The scale factors of its width or its waiting time.
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

    /// The signals it looks at, besides those of its scale factors.
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

    /// Every signal it reads, to be changed.
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

    /// What it remembers at the start.
    #[must_use]
    pub fn memory(&self) -> f64 {
        if let Self::Moved { start, .. } = self { *start } else { 0.0 }
    }

    /// Whether it holds. What it remembers: of a pair of bands, whether it held; of a move, the
    /// signal at the last trade; of a wait, the step of the last trade.
    fn holds(
        &self,
        place: usize,
        position: &Position<'_>,
        sight: &impl Sight,
        memory: &mut f64,
    ) -> bool {
        let beyond_band = |corridor: &Corridor| {
            let factor = sight.factor(place);
            position.any_outside(|i| corridor.width(i, factor))
        };
        match self {
            Self::Always => true,
            Self::Outside(corridor) => beyond_band(corridor),
            Self::Beyond(_) => {
                let (distance, width) = self.reading(place, position, sight, *memory);
                distance > at_least_negligible(width)
            }
            Self::Hysteresis { enter, exit } => {
                let held = *memory != 0.0;
                let holds = if held { beyond_band(exit) } else { beyond_band(enter) };
                *memory = f64::from(u8::from(holds));
                holds
            }
            Self::Above { .. } | Self::Moved { .. } => {
                let (value, limit) = self.reading(place, position, sight, *memory);
                value > limit
            }
            Self::Below { .. } => {
                let (value, limit) = self.reading(place, position, sight, *memory);
                value < limit
            }
            Self::Waited(_) => {
                let (waited, steps) = self.reading(place, position, sight, *memory);
                waited >= steps
            }
            Self::WithTrend { signal, limit, assets } => {
                let (trend, over) = (sight.signal(*signal), overweight(assets, position));
                !(trend > *limit && over > 0.0 || trend < -*limit && over < 0.0)
            }
        }
    }

    /// The number the condition looks at, and the limit it is held against.
    #[must_use]
    pub fn reading(
        &self,
        place: usize,
        position: &Position<'_>,
        sight: &impl Sight,
        memory: f64,
    ) -> (f64, f64) {
        match self {
            Self::Always => (0.0, 0.0),
            Self::Outside(corridor) | Self::Hysteresis { enter: corridor, .. } => {
                let factor = sight.factor(place);
                let excess = |i: usize| {
                    (position.weights[i] - position.target[i]).abs() / corridor.width(i, factor)
                };
                let furthest =
                    (0..position.weights.len()).max_by(|&a, &b| excess(a).total_cmp(&excess(b)));
                furthest.map_or((0.0, 0.0), |i| {
                    ((position.weights[i] - position.target[i]).abs(), corridor.width(i, factor))
                })
            }
            Self::Beyond(distance) => (
                distance
                    .measure
                    .of(position.weights, position.target, |signal| sight.signal(signal)),
                distance.width.at(sight.factor(place)),
            ),
            Self::Above { signal, limit } | Self::Below { signal, limit } => {
                (sight.signal(*signal), *limit)
            }
            Self::Moved { signal, by, .. } => ((sight.signal(*signal) - memory).abs(), *by),
            Self::Waited(steps) => (f64::from(position.t) - memory, steps.at(sight.factor(place))),
            Self::WithTrend { signal, limit, .. } => (sight.signal(*signal), *limit),
        }
    }
}

fn overweight(assets: &[usize], position: &Position<'_>) -> f64 {
    assets.iter().fold(0.0, |sum, &i| sum + (position.weights[i] - position.target[i]))
}

fn factors_of(scale: &mut [ScaleFactor]) -> Vec<&mut usize> {
    scale.iter_mut().map(|factor| &mut factor.signal).collect()
}
