//! Infers the regime from returns: the filter of Hamilton (1989), which knows a law of the market and nothing later than
//! today.

use corridor_core::lanes::Row;
use corridor_core::numerics::{exp, ln};

use super::Observation;

/// Probability of a regime given the returns so far, `P(s(t) in members | r(1) .. r(t))`.
#[derive(Clone, Debug, PartialEq)]
pub struct RegimeProbability {
    /// What the filter believes of the market.
    pub belief: Belief,
    /// The states whose probabilities are added up.
    pub members: Vec<usize>,
}

/// A law of a hidden chain and of the returns it makes; states and assets are the filter's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Belief {
    /// The assets whose returns it reads.
    pub assets: Vec<usize>,
    /// Law of the state of step 1.
    pub initial: Vec<f64>,
    /// What moves the state; all that are due at a step move it in turn.
    pub moves: Vec<Move>,
    /// Law of the returns in each state.
    pub states: Vec<StateLaw>,
    /// Degrees of freedom of Student-t returns; `None` = Gaussian.
    pub df: Option<f64>,
}

/// A transition and its clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    /// Steps between transitions.
    pub period_steps: u32,
    /// Row-stochastic over the states, rows are "from".
    pub transition: Vec<Vec<f64>>,
}

/// Law of one step's log returns in one state.
#[derive(Clone, Debug, PartialEq)]
pub struct StateLaw {
    /// Mean of each observed asset.
    pub mean: Vec<f64>,
    /// Rows of the inverse of the covariance's lower Cholesky factor: they turn deviations into independent ones.
    pub whitening: Vec<Vec<f64>>,
    /// Logarithm of the product of its diagonal: the density's scale, constants common to all states left out.
    pub log_scale: f64,
}

impl RegimeProbability {
    /// The probabilities of the states, as much room, and two rows.
    pub(super) fn memory(&self) -> usize {
        2 * self.belief.states.len() + 2
    }

    pub(super) fn restart<const L: usize>(&self, memory: &mut [Row<f64, L>]) {
        for (row, &probability) in memory.iter_mut().zip(&self.belief.initial) {
            *row = Row::splat(probability);
        }
    }

    #[inline(always)]
    pub(super) fn update<const L: usize>(&self, seen: &Observation<'_, L>, memory: &mut [Row<f64, L>], out: &mut Row<f64, L>) {
        let states = self.belief.states.len();
        let (probability, room) = memory.split_at_mut(states);
        let (density, room) = room.split_at_mut(states);
        let [deviation, highest] = room else { return };
        for step in self.belief.moves.iter().filter(|step| seen.t > 1 && (seen.t - 1).is_multiple_of(step.period_steps)) {
            step.apply(probability, density);
        }
        *highest = Row::splat(f64::NEG_INFINITY);
        for (law, density) in self.belief.states.iter().zip(density.iter_mut()) {
            law.log_density(&self.belief, seen, deviation, density);
            for l in 0..L {
                highest[l] = if density[l] > highest[l] { density[l] } else { highest[l] };
            }
        }
        let total = deviation;
        *total = Row::splat(0.0);
        for (density, probability) in density.iter_mut().zip(probability.iter()) {
            for l in 0..L {
                density[l] = probability[l] * exp(density[l] - highest[l]);
                total[l] += density[l];
            }
        }
        for (density, probability) in density.iter().zip(probability.iter_mut()) {
            for l in 0..L {
                // returns that no state can explain tell nothing
                probability[l] = if total[l] > 0.0 { density[l] / total[l] } else { probability[l] };
            }
        }
        *out = Row::splat(0.0);
        for &member in &self.members {
            for l in 0..L {
                out[l] += probability[member][l];
            }
        }
    }
}

impl Move {
    /// `p(to) = sum over from of p(from) P(from, to)`.
    #[inline(always)]
    fn apply<const L: usize>(&self, probability: &mut [Row<f64, L>], room: &mut [Row<f64, L>]) {
        for (to, next) in room.iter_mut().enumerate() {
            *next = Row::splat(0.0);
            for (from, row) in probability.iter().zip(&self.transition) {
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
    fn log_density<const L: usize>(&self, belief: &Belief, seen: &Observation<'_, L>, deviation: &mut Row<f64, L>, out: &mut Row<f64, L>) {
        *out = Row::splat(0.0);
        for row in &self.whitening {
            *deviation = Row::splat(0.0);
            for ((weight, mean), &asset) in row.iter().zip(&self.mean).zip(&belief.assets) {
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
        match belief.df {
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
