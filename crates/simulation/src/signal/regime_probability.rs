//! Infers the regime from returns by the filter of Hamilton (1989), which assumes a model of the
//! market and uses no later return.

use corridor_core::lanes::Row;
use corridor_core::numerics::{exp_bounded, ln};

use super::observation::Observation;
use super::series::Series;

/// Largest log odds of two states after one step's returns. Beyond it nothing changes in double
/// precision, and its exponential and the reciprocal of that are finite.
const ODDS_MAX: f64 = 700.0;

/// Probability that the regime of step `t` is one of `members`, given the returns up to `t`.
#[derive(Clone, Debug, PartialEq)]
pub struct RegimeProbability {
    /// Model of the market that the filter assumes, right or wrong.
    pub model: FilterModel,
    /// States whose probabilities are added up, by index into the model's states.
    pub members: Vec<usize>,
}

/// Model of a market that a filter assumes: a hidden Markov chain, and the law of returns in each
/// of its states.
#[derive(Clone, Debug, PartialEq)]
pub struct FilterModel {
    /// Assets whose returns the filter reads, by index into the market's assets.
    pub assets: Vec<usize>,
    /// Probability of each state in step 1.
    pub initial: Vec<f64>,
    /// Transitions of the state; those that are due at a step apply one after the other.
    pub transitions: Vec<Transition>,
    /// Law of one step's returns in each state.
    pub states: Vec<StateLaw>,
    /// Degrees of freedom of Student-t returns, above 2; `None` for Gaussian returns.
    pub df: Option<f64>,
}

/// Transition matrix of a hidden chain, and the period with which it applies.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// Number of steps from one transition to the next.
    pub period_steps: u32,
    /// Transition probabilities, `[from][to]`; each row sums to 1.
    pub matrix: Vec<Vec<f64>>,
}

/// Law of one step's log returns in one state.
#[derive(Clone, Debug, PartialEq)]
pub struct StateLaw {
    /// Mean log return of each observed asset.
    pub mean: Vec<f64>,
    /// Inverse of the covariance's lower Cholesky factor, by rows, which turns deviations from the
    /// mean into independent ones.
    pub whitening: Vec<Vec<f64>>,
    /// Logarithm of the product of the whitening matrix's diagonal: the scale of the density
    /// without constants that all states share.
    pub log_scale: f64,
}

impl RegimeProbability {
    /// Returns the number of rows: the probabilities of the states, as many densities, and two
    /// more.
    pub(super) fn memory(&self) -> usize {
        2 * self.model.states.len() + 2
    }

    pub(super) fn restart<const L: usize>(&self, memory: &mut [Row<f64, L>]) {
        for (row, &probability) in memory.iter_mut().zip(&self.model.initial) {
            *row = Row::splat(probability);
        }
    }

    #[inline(always)]
    pub(super) fn update<const L: usize>(
        &self,
        observation: &Observation<'_, L>,
        memory: &mut [Row<f64, L>],
        out: &mut Row<f64, L>,
    ) {
        // With few states, one asset and one clock a lane's numbers stay in registers; the
        // operations are those of the general case.
        match (self.model.states.len(), self.model.is_plain()) {
            (2, true) => self.update_plain::<2, L>(observation, memory),
            (3, true) => self.update_plain::<3, L>(observation, memory),
            (4, true) => self.update_plain::<4, L>(observation, memory),
            _ => self.update_any(observation, memory),
        }
        let Some((&first, others)) = self.members.split_first() else {
            return *out = Row::splat(0.0);
        };
        *out = memory[first];
        for &member in others {
            for l in 0..L {
                out[l] += memory[member][l];
            }
        }
    }

    /// Updates the probabilities of `S` states for one asset, Gaussian returns and one transition.
    #[inline(always)]
    fn update_plain<const S: usize, const L: usize>(
        &self,
        observation: &Observation<'_, L>,
        memory: &mut [Row<f64, L>],
    ) {
        let model = &self.model;
        let (Some(rows), [step]) = (memory.first_chunk_mut::<S>(), model.transitions.as_slice())
        else {
            return;
        };
        let returns = Series::Asset(model.assets[0]).of(observation.log_returns);
        // Where no transition is due, the identity takes its place, which changes no bit: one loop
        // serves both.
        let due = observation.t > 1 && (observation.t - 1).is_multiple_of(step.period_steps);
        let stays = |from: usize, to: usize| if from == to { 1.0 } else { 0.0 };
        let chance = |from: usize, to: usize| {
            if due { from_to(&step.matrix[from], to) } else { stays(from, to) }
        };
        let table: [[f64; S]; S] =
            std::array::from_fn(|from| std::array::from_fn(|to| chance(from, to)));
        // The log density of each state less that of the first is a parabola of the return, which
        // takes S - 1 exponentials and one division.
        let odds: [Parabola; S] =
            std::array::from_fn(|s| Parabola::between(&model.states[s], &model.states[0]));
        for l in 0..L {
            let mut density = [0.0; S];
            for to in 0..S {
                density[to] = rows[0][l] * table[0][to];
                for from in 1..S {
                    density[to] += rows[from][l] * table[from][to];
                }
            }
            let mut total = density[0];
            for s in 1..S {
                density[s] *= exp_bounded(odds[s].at(returns[l]));
                total += density[s];
            }
            let inverse = 1.0 / total;
            for s in 0..S {
                rows[s][l] = density[s] * inverse;
            }
        }
    }

    /// Updates the probabilities of any model, a row at a time.
    #[inline(always)]
    fn update_any<const L: usize>(
        &self,
        observation: &Observation<'_, L>,
        memory: &mut [Row<f64, L>],
    ) {
        let states = self.model.states.len();
        let (probability, rest) = memory.split_at_mut(states);
        let (density, rest) = rest.split_at_mut(states);
        let [deviation, highest] = rest else { return };
        for step in self.model.transitions.iter().filter(|step| {
            observation.t > 1 && (observation.t - 1).is_multiple_of(step.period_steps)
        }) {
            step.apply(probability, density);
        }
        *highest = Row::splat(f64::NEG_INFINITY);
        for (law, density) in self.model.states.iter().zip(density.iter_mut()) {
            law.log_density(&self.model, observation, deviation, density);
            for l in 0..L {
                highest[l] = if density[l] > highest[l] { density[l] } else { highest[l] };
            }
        }
        let total = deviation;
        *total = Row::splat(0.0);
        for (density, probability) in density.iter_mut().zip(probability.iter()) {
            for l in 0..L {
                let below = density[l] - highest[l];
                density[l] =
                    probability[l] * exp_bounded(if below < -ODDS_MAX { -ODDS_MAX } else { below });
                total[l] += density[l];
            }
        }
        for l in 0..L {
            total[l] = 1.0 / total[l];
        }
        for (density, probability) in density.iter().zip(probability.iter_mut()) {
            for l in 0..L {
                probability[l] = density[l] * total[l];
            }
        }
    }
}

/// Parabola of one return, limited to [`ODDS_MAX`] on both sides.
#[derive(Clone, Copy, Debug)]
struct Parabola {
    square: f64,
    slope: f64,
    level: f64,
}

impl Parabola {
    /// Returns the log density of one asset in `state` less that in `base`.
    fn between(state: &StateLaw, base: &StateLaw) -> Self {
        let own = |law: &StateLaw| {
            (law.whitening[0][0] * law.whitening[0][0], law.mean[0], law.log_scale)
        };
        let ((w, m, scale), (w0, m0, scale0)) = (own(state), own(base));
        Self {
            square: -0.5 * (w - w0),
            slope: w * m - w0 * m0,
            level: (scale - scale0) - 0.5 * (w * m * m - w0 * m0 * m0),
        }
    }

    #[inline(always)]
    fn at(self, x: f64) -> f64 {
        let value = (self.square * x + self.slope) * x + self.level;
        let value = if value < -ODDS_MAX { -ODDS_MAX } else { value };
        if value > ODDS_MAX { ODDS_MAX } else { value }
    }
}

impl FilterModel {
    /// Tells whether there are one asset, Gaussian returns and one transition.
    fn is_plain(&self) -> bool {
        self.assets.len() == 1 && self.df.is_none() && self.transitions.len() == 1
    }
}

impl Transition {
    /// Moves probabilities on by one transition: `p(to) = sum over from of p(from) P(from, to)`.
    #[inline(always)]
    fn apply<const L: usize>(&self, probability: &mut [Row<f64, L>], moved: &mut [Row<f64, L>]) {
        for (to, next) in moved.iter_mut().enumerate() {
            *next = Row::splat(0.0);
            for (from, row) in probability.iter().zip(&self.matrix) {
                let p = from_to(row, to);
                for l in 0..L {
                    next[l] += from[l] * p;
                }
            }
        }
        probability.copy_from_slice(moved);
    }
}

/// Returns one entry of a row of a transition matrix.
#[inline(always)]
fn from_to(row: &[f64], to: usize) -> f64 {
    row.get(to).copied().unwrap_or(0.0)
}

impl StateLaw {
    /// Writes the log density of a step's returns, without constants that all states share.
    #[inline(always)]
    fn log_density<const L: usize>(
        &self,
        model: &FilterModel,
        observation: &Observation<'_, L>,
        deviation: &mut Row<f64, L>,
        out: &mut Row<f64, L>,
    ) {
        *out = Row::splat(0.0);
        for row in &self.whitening {
            *deviation = Row::splat(0.0);
            for ((weight, mean), &asset) in row.iter().zip(&self.mean).zip(&model.assets) {
                let (weight, mean, returns) = (*weight, *mean, &observation.log_returns[asset]);
                for l in 0..L {
                    deviation[l] += weight * (f64::from(returns[l]) - mean);
                }
            }
            for l in 0..L {
                out[l] += deviation[l] * deviation[l];
            }
        }
        let scale = self.log_scale;
        match model.df {
            None => {
                for l in 0..L {
                    out[l] = scale - 0.5 * out[l];
                }
            }
            Some(df) => {
                let (power, spread) = (0.5 * (df + self.mean.len() as f64), df - 2.0);
                for l in 0..L {
                    out[l] = scale - power * ln(1.0 + out[l] / spread);
                }
            }
        }
    }
}
