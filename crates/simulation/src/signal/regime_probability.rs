//! Infers the regime from returns: the filter of Hamilton (1989), which knows a law of the market
//! and nothing later than today.

use corridor_core::lanes::Row;
use corridor_core::numerics::{exp_bounded, ln};

use super::{Observation, Series};

/// Largest logarithm of the odds of two states by one step's returns: beyond it nothing changes in
/// double precision, and its exponential and the reciprocal of that are finite.
const ODDS_MAX: f64 = 700.0;

/// Probability of a regime given the returns so far, `P(s(t) in members | r(1) .. r(t))`.
#[derive(Clone, Debug, PartialEq)]
pub struct RegimeProbability {
    /// What the filter believes of the market.
    pub model: FilterModel,
    /// The states whose probabilities are added up.
    pub members: Vec<usize>,
}

/// A law of a hidden chain and of the returns it makes; states and assets are the filter's own.
#[derive(Clone, Debug, PartialEq)]
pub struct FilterModel {
    /// The assets whose returns it reads.
    pub assets: Vec<usize>,
    /// Law of the state of step 1.
    pub initial: Vec<f64>,
    /// What moves the state; all that are due at a step move it in turn.
    pub transitions: Vec<Transition>,
    /// Law of the returns in each state.
    pub states: Vec<StateLaw>,
    /// Degrees of freedom of Student-t returns; `None` = Gaussian.
    pub df: Option<f64>,
}

/// A transition and its clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// Steps between transitions.
    pub period_steps: u32,
    /// Row-stochastic over the states, rows are "from".
    pub matrix: Vec<Vec<f64>>,
}

/// Law of one step's log returns in one state.
#[derive(Clone, Debug, PartialEq)]
pub struct StateLaw {
    /// Mean of each observed asset.
    pub mean: Vec<f64>,
    /// Rows of the inverse of the covariance's lower Cholesky factor: they turn deviations into
    /// independent ones.
    pub whitening: Vec<Vec<f64>>,
    /// Logarithm of the product of its diagonal: the density's scale, constants common to all
    /// states left out.
    pub log_scale: f64,
}

impl RegimeProbability {
    /// The probabilities of the states, as much room, and two rows.
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
        seen: &Observation<'_, L>,
        memory: &mut [Row<f64, L>],
        out: &mut Row<f64, L>,
    ) {
        // Few states, one asset, one clock: a lane's numbers stay in registers. The operations are
        // the same.
        match (self.model.states.len(), self.model.is_plain()) {
            (2, true) => self.update_plain::<2, L>(seen, memory),
            (3, true) => self.update_plain::<3, L>(seen, memory),
            (4, true) => self.update_plain::<4, L>(seen, memory),
            _ => self.update_any(seen, memory),
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

    /// One asset with Gaussian shocks and one chain.
    #[inline(always)]
    fn update_plain<const S: usize, const L: usize>(
        &self,
        seen: &Observation<'_, L>,
        memory: &mut [Row<f64, L>],
    ) {
        let model = &self.model;
        let (Some(rows), [step]) = (memory.first_chunk_mut::<S>(), model.transitions.as_slice())
        else {
            return;
        };
        let returns = Series::Asset(model.assets[0]).of(seen.log_returns);
        // Where no transition is due the identity stands in its place, which changes no bit: one
        // loop serves both.
        let due = seen.t > 1 && (seen.t - 1).is_multiple_of(step.period_steps);
        let stays = |from: usize, to: usize| if from == to { 1.0 } else { 0.0 };
        let chance = |from: usize, to: usize| {
            if due { from_to(&step.matrix[from], to) } else { stays(from, to) }
        };
        let table: [[f64; S]; S] =
            std::array::from_fn(|from| std::array::from_fn(|to| chance(from, to)));
        // The log density of each state less that of the first is a parabola of the return: S - 1
        // exponentials, one division.
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

    /// Any belief, a row at a time.
    #[inline(always)]
    fn update_any<const L: usize>(&self, seen: &Observation<'_, L>, memory: &mut [Row<f64, L>]) {
        let states = self.model.states.len();
        let (probability, room) = memory.split_at_mut(states);
        let (density, room) = room.split_at_mut(states);
        let [deviation, highest] = room else { return };
        for step in self
            .model
            .transitions
            .iter()
            .filter(|step| seen.t > 1 && (seen.t - 1).is_multiple_of(step.period_steps))
        {
            step.apply(probability, density);
        }
        *highest = Row::splat(f64::NEG_INFINITY);
        for (law, density) in self.model.states.iter().zip(density.iter_mut()) {
            law.log_density(&self.model, seen, deviation, density);
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

/// A parabola of one return, kept within what has an exponential.
#[derive(Clone, Copy, Debug)]
struct Parabola {
    square: f64,
    slope: f64,
    level: f64,
}

impl Parabola {
    /// The log density of `state` less that of `base`, of one asset.
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
    /// One asset, Gaussian shocks, one chain.
    fn is_plain(&self) -> bool {
        self.assets.len() == 1 && self.df.is_none() && self.transitions.len() == 1
    }
}

impl Transition {
    /// `p(to) = sum over from of p(from) P(from, to)`.
    #[inline(always)]
    fn apply<const L: usize>(&self, probability: &mut [Row<f64, L>], room: &mut [Row<f64, L>]) {
        for (to, next) in room.iter_mut().enumerate() {
            *next = Row::splat(0.0);
            for (from, row) in probability.iter().zip(&self.matrix) {
                let p = from_to(row, to);
                for l in 0..L {
                    next[l] += from[l] * p;
                }
            }
        }
        probability.copy_from_slice(room);
    }
}

#[inline(always)]
fn from_to(row: &[f64], to: usize) -> f64 {
    row.get(to).copied().unwrap_or(0.0)
}

impl StateLaw {
    /// Logarithm of the density of the step's returns, up to what all states share.
    #[inline(always)]
    fn log_density<const L: usize>(
        &self,
        model: &FilterModel,
        seen: &Observation<'_, L>,
        deviation: &mut Row<f64, L>,
        out: &mut Row<f64, L>,
    ) {
        *out = Row::splat(0.0);
        for row in &self.whitening {
            *deviation = Row::splat(0.0);
            for ((weight, mean), &asset) in row.iter().zip(&self.mean).zip(&model.assets) {
                let (weight, mean, returns) = (*weight, *mean, &seen.log_returns[asset]);
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
