//! Infers the regime from returns: the filter of Hamilton (1989), which knows a law of the market and nothing later than
//! today.

use corridor_core::lanes::Row;
use corridor_core::numerics::{exp, ln};

use super::{Observation, Series};

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
        // Few states, one asset, one clock: a lane's numbers stay in registers. The operations are the same.
        match (self.belief.states.len(), self.belief.is_plain()) {
            (2, true) => self.update_plain::<2, L>(seen, memory),
            (3, true) => self.update_plain::<3, L>(seen, memory),
            (4, true) => self.update_plain::<4, L>(seen, memory),
            _ => self.update_any(seen, memory),
        }
        *out = Row::splat(0.0);
        for &member in &self.members {
            for l in 0..L {
                out[l] += memory[member][l];
            }
        }
    }

    /// One asset with Gaussian shocks and one chain.
    #[inline(always)]
    fn update_plain<const S: usize, const L: usize>(&self, seen: &Observation<'_, L>, memory: &mut [Row<f64, L>]) {
        let belief = &self.belief;
        let (Some(rows), [step]) = (memory.first_chunk_mut::<S>(), belief.moves.as_slice()) else { return };
        let returns = Series::Asset(belief.assets[0]).of(seen.log_returns);
        let weight: [f64; S] = std::array::from_fn(|s| belief.states[s].whitening[0][0]);
        let mean: [f64; S] = std::array::from_fn(|s| belief.states[s].mean[0]);
        let scale: [f64; S] = std::array::from_fn(|s| belief.states[s].log_scale);
        let table: [[f64; S]; S] = std::array::from_fn(|from| std::array::from_fn(|to| from_to(&step.transition[from], to)));
        if seen.t > 1 && (seen.t - 1).is_multiple_of(step.period_steps) {
            for l in 0..L {
                let mut next = [0.0; S];
                for to in 0..S {
                    for from in 0..S {
                        next[to] += rows[from][l] * table[from][to];
                    }
                }
                for s in 0..S {
                    rows[s][l] = next[s];
                }
            }
        }
        for l in 0..L {
            let mut density = [0.0; S];
            let mut highest = f64::NEG_INFINITY;
            for s in 0..S {
                let deviation = 0.0 + weight[s] * (returns[l] - mean[s]);
                density[s] = scale[s] - 0.5 * (0.0 + deviation * deviation);
                highest = if density[s] > highest { density[s] } else { highest };
            }
            let mut total = 0.0;
            for s in 0..S {
                density[s] = rows[s][l] * exp(density[s] - highest);
                total += density[s];
            }
            for s in 0..S {
                rows[s][l] = if total > 0.0 { density[s] / total } else { rows[s][l] };
            }
        }
    }

    /// Any belief, a row at a time.
    #[inline(always)]
    fn update_any<const L: usize>(&self, seen: &Observation<'_, L>, memory: &mut [Row<f64, L>]) {
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
    }
}

impl Belief {
    /// One asset, Gaussian shocks, one chain.
    fn is_plain(&self) -> bool {
        self.assets.len() == 1 && self.df.is_none() && self.moves.len() == 1
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
