//! Moves a Markov chain along each lane of a block on its own clock.

use corridor_core::lanes::Row;
use corridor_core::random::{Paths, Stream, fill_words};

use crate::step_at::StepAt;

/// The chains of a market: the main one, and in a split market the one that owns the correlations.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chains {
    pub main: MarkovChain,
    pub correlation: Option<MarkovChain>,
}

impl Chains {
    /// Returns the number of joint regimes of one main regime: 1 without a correlation chain.
    pub fn inner_states(&self) -> usize {
        self.correlation.as_ref().map_or(1, MarkovChain::states)
    }

    /// Returns the number of correlation regimes: 0 without a correlation chain.
    pub fn correlation_states(&self) -> usize {
        self.correlation.as_ref().map_or(0, MarkovChain::states)
    }

    /// Returns the number of joint regimes: main regime outer, correlation regime inner.
    pub fn joint_states(&self) -> usize {
        self.main.states() * self.inner_states()
    }

    /// Returns the stationary law of the joint regimes; the chains are independent.
    pub fn joint_law(&self) -> Vec<f64> {
        let Some(inner) = &self.correlation else { return self.main.stationary.clone() };
        let outer = &self.main.stationary;
        outer.iter().flat_map(|p| inner.stationary.iter().map(move |q| p * q)).collect()
    }
}

/// A checked chain: its transitions and laws, as probabilities and as thresholds of random words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MarkovChain {
    /// Steps per period.
    pub period_steps: u32,
    /// Row-stochastic; rows are "from".
    pub transition: Vec<Vec<f64>>,
    /// Law of the first state.
    pub initial: Vec<f64>,
    /// Stationary law of the transition.
    pub stationary: Vec<f64>,
    stream: Stream,
    /// `thresholds[k][from]`: the next state is the number of thresholds at or below the upper 31
    /// bits of a word.
    thresholds: Vec<Vec<u32>>,
    initial_thresholds: Vec<u32>,
}

impl MarkovChain {
    /// Prepares a chain that draws from `stream`; without an initial law it starts from the
    /// stationary one.
    pub(crate) fn new(
        period_steps: u32,
        transition: Vec<Vec<f64>>,
        initial: Option<Vec<f64>>,
        stationary: Vec<f64>,
        stream: Stream,
    ) -> Self {
        let by_row: Vec<Vec<u32>> =
            transition.iter().map(|row| cumulative_thresholds(row)).collect();
        let states = transition.len();
        let thresholds =
            (0..states - 1).map(|k| by_row.iter().map(|row| row[k]).collect()).collect();
        let initial = initial.unwrap_or_else(|| stationary.clone());
        let initial_thresholds = cumulative_thresholds(&initial);
        Self {
            period_steps,
            transition,
            initial,
            stationary,
            stream,
            thresholds,
            initial_thresholds,
        }
    }

    pub(crate) fn states(&self) -> usize {
        self.transition.len()
    }

    /// Returns the expected length of a stay in `state`, in chain periods: `1 / (1 - p)`.
    pub(crate) fn sojourn_periods(&self, state: usize) -> f64 {
        1.0 / (1.0 - self.transition[state][state])
    }

    /// Whether the chain moves before step `t`, from 0.
    #[inline(always)]
    pub(crate) fn moves_before(&self, t: u32) -> bool {
        t.is_multiple_of(self.period_steps)
    }

    /// Moves every lane from period `t / q - 1` into period `t / q`, where `q` is `period_steps`;
    /// at `t = 0` draws the first state.
    ///
    /// `masks` has one row per state, all ones in the lanes that are in it; it is updated together
    /// with `state`.
    #[inline(always)]
    pub(crate) fn advance<const L: usize>(
        &self,
        step: StepAt,
        words: &mut Words<L>,
        state: &mut Row<u32, L>,
        masks: &mut [Row<u32, L>],
    ) {
        let period = step.t / self.period_steps;
        let word = words.at(step.paths, period, self.stream);
        let mut next = Row::<u32, L>::splat(0);
        for k in 0..self.states() - 1 {
            let mut threshold = Row::<u32, L>::splat(self.initial_thresholds[k]);
            if period > 0 {
                select(masks, &self.thresholds[k], &mut threshold);
            }
            for l in 0..L {
                next[l] += u32::from(word[l] >> 1 >= threshold[l]);
            }
        }
        *state = next;
        mask_states(state, masks);
    }
}

/// Writes the mask of each state: all ones in the lanes that are in it, zeros in the others.
#[inline(always)]
pub(crate) fn mask_states<const L: usize>(state: &Row<u32, L>, masks: &mut [Row<u32, L>]) {
    for (j, mask) in masks.iter_mut().enumerate() {
        for l in 0..L {
            mask[l] = u32::from(state[l] == j as u32).wrapping_neg();
        }
    }
}

/// The four words of the current place of one stream, drawn when the place changes.
#[derive(Clone, Debug)]
pub(crate) struct Words<const L: usize> {
    place: Option<u32>,
    rows: [Row<u32, L>; 4],
}

impl<const L: usize> Words<L> {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self { place: None, rows: [Row::splat(0); 4] }
    }

    /// Returns word number `index` of the stream.
    #[inline(always)]
    pub(crate) fn at(&mut self, paths: Paths, index: u32, stream: Stream) -> &Row<u32, L> {
        let place = index / 4;
        if self.place != Some(place) {
            fill_words(paths, place, stream, &mut self.rows);
            self.place = Some(place);
        }
        &self.rows[(index % 4) as usize]
    }
}

/// Writes `table[state of the lane]` into every lane of `out`.
///
/// The masks are read from memory. If the compiler saw the comparison they came from, it would turn
/// the selection into one branch per state, and the loop would not be vectorised.
#[inline(always)]
pub(crate) fn select<const L: usize>(masks: &[Row<u32, L>], table: &[u32], out: &mut Row<u32, L>) {
    match (masks, table) {
        ([_], [a]) => *out = Row::splat(*a),
        ([m, n], &[a, b]) => {
            for l in 0..L {
                out[l] = (m[l] & a) | (n[l] & b);
            }
        }
        ([m, n, o], &[a, b, c]) => {
            for l in 0..L {
                out[l] = (m[l] & a) | (n[l] & b) | (o[l] & c);
            }
        }
        _ => {
            *out = Row::splat(0);
            for (mask, &value) in masks.iter().zip(table) {
                for l in 0..L {
                    out[l] |= mask[l] & value;
                }
            }
        }
    }
}

fn cumulative_thresholds(law: &[f64]) -> Vec<u32> {
    let mut sum = 0.0;
    let mut thresholds: Vec<u32> = law
        .iter()
        .map(|p| {
            sum += p;
            (sum * 2_147_483_648.0 + 0.5).floor().min(2_147_483_648.0) as u32
        })
        .collect();
    // A state of probability 0 after the last possible one must stay impossible, however the sum is
    // rounded.
    let last = law.iter().rposition(|&p| p > 0.0).unwrap_or(0);
    for threshold in &mut thresholds[last..] {
        *threshold = 1 << 31;
    }
    thresholds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_states_are_never_drawn() {
        assert_eq!(cumulative_thresholds(&[0.0, 1.0, 0.0]), [0, 1 << 31, 1 << 31]);
        assert_eq!(cumulative_thresholds(&[0.25, 0.75]), [1 << 29, 1 << 31]);
        let thirds = cumulative_thresholds(&[1.0 / 3.0; 3]);
        assert_eq!(thirds[2], 1 << 31);
    }

    #[test]
    fn selection_is_the_same_for_any_number_of_states() {
        for states in 1..=6 {
            let masks: Vec<Row<u32, 16>> = (0..states)
                .map(|j| Row(std::array::from_fn(|l| u32::from(l % states == j).wrapping_neg())))
                .collect();
            let table: Vec<u32> = (0..states as u32).map(|j| 100 + j).collect();
            let mut out = Row::splat(7);
            select(&masks, &table, &mut out);
            for l in 0..16 {
                assert_eq!(out[l], table[l % states]);
            }
        }
    }
}
