//! Draws paths from a history by the stationary block bootstrap (Politis and Romano 1994).

use corridor_core::lanes::{LANES, Row};
use corridor_core::numerics::{exp, ln};
use corridor_core::path::{PathBlock, PathSource};
use corridor_core::random::{Stream, words};

use crate::error::MarketError;
use crate::history::{implied, problems};
use crate::law::log_moments;
use crate::moments::ImpliedMoments;

pub use crate::history::{History, IndicatorColumn};

/// A checked history, ready to generate paths.
///
/// Returns and indicators of a date are always drawn together.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    seed: u64,
    assets: Vec<String>,
    regimes: Vec<String>,
    indicators: Vec<String>,
    /// Gross returns, `[date][asset]`.
    gross: Vec<Vec<f64>>,
    /// Log returns, `[date][asset]`.
    log_return: Vec<Vec<f32>>,
    /// Values of the indicators, `[date][indicator]`.
    indicator: Vec<Vec<f32>>,
    /// A new block starts if the upper 31 bits of a word are below this.
    restart_threshold: u32,
    moments: ImpliedMoments,
}

impl Bootstrap {
    /// Checks a history and prepares its rows; `seed` is the master seed of the paths.
    ///
    /// # Errors
    /// Every problem found, not only the first.
    pub fn new(history: &History, seed: u64) -> Result<Self, Vec<MarketError>> {
        let errors = problems(history);
        if !errors.is_empty() {
            return Err(errors);
        }
        let gross: Vec<Vec<f64>> =
            history.returns.iter().map(|row| row.iter().map(|r| 1.0 + r).collect()).collect();
        let log_return =
            gross.iter().map(|row| row.iter().map(|&g| ln(g) as f32).collect()).collect();
        let columns = &history.indicators;
        let indicators_at =
            |date| columns.iter().map(|column| column.values[date] as f32).collect();
        Ok(Self {
            seed,
            assets: history.assets.clone(),
            regimes: vec!["history".into()],
            indicators: columns.iter().map(|column| column.name.clone()).collect(),
            moments: implied(history, &gross),
            indicator: (0..gross.len()).map(indicators_at).collect(),
            gross,
            log_return,
            restart_threshold: (2_147_483_648.0 / history.mean_block_steps) as u32,
        })
    }

    /// Returns the moments of the history, which are those of the paths.
    #[must_use]
    pub fn implied_moments(&self) -> &ImpliedMoments {
        &self.moments
    }

    /// Returns the logarithm of `E[exp(a'X)]` after each number of `steps`, where `X` are the
    /// summed log returns of the assets and `a` has one exponent per asset.
    ///
    /// The date of a path is a Markov chain: it moves to the next date, or starts anew at any date.
    #[must_use]
    pub fn log_moment(&self, a: &[f64], steps: &[u32]) -> Vec<f64> {
        let factors: Vec<f64> = self
            .gross
            .iter()
            .map(|row| exp(row.iter().zip(a).map(|(&gross, a)| a * ln(gross)).sum::<f64>()))
            .collect();
        let dates = factors.len();
        let restart = f64::from(self.restart_threshold) / 2_147_483_648.0;
        log_moments(vec![1.0 / dates as f64; dates], &factors, steps, |_, law| {
            law.rotate_right(1);
            law.iter_mut()
                .for_each(|share| *share = (1.0 - restart) * *share + restart / dates as f64);
        })
    }

    /// Returns this market as a source of the blocks that runs read. Neither generic nor inlined,
    /// so that the generator is compiled once, with this crate.
    #[must_use]
    #[inline(never)]
    pub fn blocks(&self) -> &dyn PathSource<LANES> {
        self
    }

    /// Returns this market as a source of the small blocks that the reference loop reads. Neither
    /// generic nor inlined, so that the generator is compiled once, with this crate.
    #[must_use]
    #[inline(never)]
    pub fn small_blocks(&self) -> &dyn PathSource<16> {
        self
    }

    /// Returns the date of a path at step `t`; `before` is its date at the previous step.
    fn date(&self, path: u64, t: u32, before: u32) -> usize {
        let dates = self.gross.len() as u64;
        let [restart, place, ..] = words(self.seed, path, t, Stream::Bootstrap);
        let date = if t == 0 || restart >> 1 < self.restart_threshold {
            (u64::from(place) * dates) >> 32
        } else {
            (u64::from(before) + 1) % dates
        };
        date as usize
    }
}

impl<const L: usize> PathSource<L> for Bootstrap {
    fn assets(&self) -> &[String] {
        &self.assets
    }

    fn regimes(&self) -> &[String] {
        &self.regimes
    }

    fn indicators(&self) -> &[String] {
        &self.indicators
    }

    fn fill(&self, first_path: u64, start: u32, steps: usize, block: &mut PathBlock<L>) {
        block.start = start;
        block.steps = steps;
        block.carry.resize(1, Row::splat(0));
        block.set_indicators(self.indicators.len());
        for k in 0..steps {
            let t = start + k as u32;
            let row = block.step_mut(k);
            *row.regime = Row::splat(0);
            for l in 0..L {
                let date = self.date(first_path + l as u64, t, row.carry[0][l]);
                row.carry[0][l] = date as u32;
                // The block may have rows for more assets than the history has.
                let (gross, log_return) = (&self.gross[date], &self.log_return[date]);
                for i in 0..gross.len() {
                    row.gross[i][l] = gross[i];
                    row.log_return[i][l] = log_return[i];
                }
            }
            let date = block.carry[0];
            for number in 0..self.indicators.len() {
                let out = block.indicator_mut(k, number);
                for l in 0..L {
                    out[l] = self.indicator[date[l] as usize][number];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use corridor_core::path::CHUNK_STEPS;
    use corridor_core::time::Step;

    use super::*;

    const DATES: usize = 40;

    fn history(indicators: Vec<IndicatorColumn>) -> History {
        History {
            assets: vec!["equity".into(), "bond".into()],
            step: Step::Month,
            returns: (0..DATES).map(|d| vec![1e-3 * d as f64, -1e-4 * d as f64]).collect(),
            indicators,
            mean_block_steps: 6.0,
        }
    }

    fn column(name: &str, value: impl Fn(usize) -> f64) -> IndicatorColumn {
        IndicatorColumn { name: name.into(), values: (0..DATES).map(value).collect() }
    }

    /// Visits every step of one block, chunk by chunk.
    fn visit(model: &Bootstrap, steps: usize, mut visit: impl FnMut(&PathBlock<16>, usize)) {
        let source: &dyn PathSource<16> = model.small_blocks();
        let mut block = PathBlock::new(source.assets().len());
        for start in (0..steps).step_by(CHUNK_STEPS) {
            source.fill(0, start as u32, CHUNK_STEPS.min(steps - start), &mut block);
            (0..block.steps).for_each(|k| visit(&block, k));
        }
    }

    /// Seed 112: every return identifies its date, and so the values of the indicators.
    #[test]
    fn indicators_are_drawn_with_the_returns_of_their_date() {
        let columns = vec![column("date", |d| d as f64), column("square", |d| (d * d) as f64)];
        let model = Bootstrap::new(&history(columns), 112).expect("a history");
        assert_eq!(model.small_blocks().indicators(), ["date", "square"]);
        let mut dates = vec![0; DATES];
        visit(&model, 100, |block, k| {
            let [date, square] = block.indicator(k) else { panic!("two indicators") };
            for l in 0..16 {
                let drawn = ((block.gross(k)[0][l] - 1.0) * 1e3).round();
                assert_eq!(f64::from(date[l]), drawn, "step {k} of lane {l}");
                assert_eq!(f64::from(square[l]), drawn * drawn, "step {k} of lane {l}");
                dates[drawn as usize] += 1;
            }
        });
        assert!(dates.iter().all(|&count| count > 0), "{dates:?}");
    }

    /// Seed 113: returns are the same with and without an indicator.
    #[test]
    fn an_indicator_moves_no_return() {
        let plain = Bootstrap::new(&history(vec![]), 113).expect("a history");
        let observed =
            Bootstrap::new(&history(vec![column("date", |d| d as f64)]), 113).expect("a history");
        let returns = |model: &Bootstrap| {
            let mut rows = Vec::new();
            visit(model, 60, |block, k| {
                rows.push((block.gross(k).to_vec(), block.log_return(k).to_vec()));
            });
            rows
        };
        assert_eq!(returns(&plain), returns(&observed));
        assert!(plain.small_blocks().indicators().is_empty());
    }

    #[test]
    fn an_indicator_needs_a_finite_value_for_every_date() {
        let short = IndicatorColumn { name: "short".into(), values: vec![1.0; 3] };
        let holey = column("holey", |d| if d == 7 { f64::NAN } else { 0.0 });
        let errors = Bootstrap::new(&history(vec![short, holey]), 1).expect_err("two problems");
        let rows: Vec<Option<usize>> = errors
            .iter()
            .map(|error| match error {
                MarketError::History { row, .. } => *row,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(rows, [None, Some(7)]);
        assert_eq!(errors[0].to_string(), "history: indicator `short` has 3 values for 40 dates");
    }
}
