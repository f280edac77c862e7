//! Observes the signals of a simulation on single market paths, for the reference loop.

use corridor_core::lanes::Row;

use crate::market_path::MarketPath;
use crate::plan::Simulation;
use crate::signal::{Observation, ObservedState};

/// Observes every signal on paths with consecutive numbers, at most [`MarketPath::BLOCK`] of them;
/// returns `[path][step][signal]`, where element `t - 1` of the steps is the value at `t`.
#[must_use]
pub fn observed_signals(sim: &Simulation, paths: &[MarketPath]) -> Vec<Vec<Vec<f64>>> {
    if paths.len() == 1 { observed::<1>(sim, paths) } else { observed::<16>(sim, paths) }
}

fn observed<const L: usize>(sim: &Simulation, paths: &[MarketPath]) -> Vec<Vec<Vec<f64>>> {
    let mut states: Vec<ObservedState<L>> = sim.signals.iter().map(ObservedState::new).collect();
    let mut values = vec![Vec::with_capacity(sim.grid.steps as usize); paths.len()];
    let mut value = Row([0.0; L]);
    for t in 1..=sim.grid.steps {
        let rows = StepRows::<L>::of(paths, t);
        let observation = rows.observation(t, f64::from(sim.grid.per_year()), paths[0].path);
        let step = t as usize - 1;
        for path in &mut values {
            path.push(Vec::with_capacity(sim.signals.len()));
        }
        for (signal, state) in sim.signals.iter().zip(&mut states) {
            state.update(signal, &observation, &mut value);
            for (l, path) in values.iter_mut().enumerate() {
                path[step].push(value[l]);
            }
        }
    }
    values
}

/// Market data of one step on several paths, one path per lane; lanes without a path repeat the
/// last one.
struct StepRows<const L: usize> {
    log_returns: Vec<Row<f32, L>>,
    placebo_returns: Vec<Row<f32, L>>,
    indicators: Vec<Row<f32, L>>,
    placebo_indicators: Vec<Row<f32, L>>,
    coming_regime: Row<u32, L>,
}

impl<const L: usize> StepRows<L> {
    fn of(paths: &[MarketPath], t: u32) -> Self {
        let of = |l: usize| &paths[l.min(paths.len() - 1)];
        let rows = |list: fn(&MarketPath) -> &Vec<Vec<f32>>| -> Vec<Row<f32, L>> {
            let step = |l: usize| list(of(l)).get(t as usize - 1);
            let width = step(0).map_or(0, Vec::len);
            let row = |i: usize| Row(std::array::from_fn(|l| step(l).map_or(0.0, |row| row[i])));
            (0..width).map(row).collect()
        };
        let regimes = |l: usize| of(l).regime.as_slice();
        Self {
            log_returns: rows(|path| &path.log_return),
            placebo_returns: rows(|path| &path.placebo),
            indicators: rows(|path| &path.indicator),
            placebo_indicators: rows(|path| &path.placebo_indicator),
            coming_regime: Row(std::array::from_fn(|l| {
                regimes(l)[(t as usize).min(regimes(l).len() - 1)]
            })),
        }
    }

    fn observation(&self, t: u32, per_year: f64, first_path: u64) -> Observation<'_, L> {
        Observation {
            t,
            per_year,
            first_path,
            log_returns: &self.log_returns,
            placebo_returns: &self.placebo_returns,
            indicators: &self.indicators,
            placebo_indicators: &self.placebo_indicators,
            coming_regime: &self.coming_regime,
        }
    }
}
