//! Draws paths from a history by the stationary block bootstrap (Politis and Romano 1994).

use corridor_core::lanes::{LANES, Row};
use corridor_core::numerics::{exp, ln};
use corridor_core::path::{PathBlock, PathSource};
use corridor_core::random::{Stream, words};

use crate::error::MarketError;
use crate::history::{implied, problems};
use crate::law::log_moments;
use crate::moments::ImpliedMoments;

pub use crate::history::History;

/// A checked history, ready to generate paths.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    seed: u64,
    assets: Vec<String>,
    regimes: Vec<String>,
    /// Gross returns, `[date][asset]`.
    gross: Vec<Vec<f64>>,
    /// Log returns, `[date][asset]`.
    log_return: Vec<Vec<f32>>,
    /// A new block starts if the upper 31 bits of a word are below this.
    restart_threshold: u32,
    moments: ImpliedMoments,
}

impl Bootstrap {
    /// Checks a history and prepares its rows.
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
        Ok(Self {
            seed,
            assets: history.assets.clone(),
            regimes: vec!["history".into()],
            moments: implied(history, &gross),
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

    /// Returns the logarithm of `E[exp(a'X)]` after each number of `steps`, where `X` are the summed
    /// log returns of the assets.
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

    /// Returns this market as a source of the blocks that runs read. The return type is not generic,
    /// so the generator is compiled with this crate.
    #[must_use]
    pub fn blocks(&self) -> &dyn PathSource<LANES> {
        self
    }

    /// Returns this market as a source of the small blocks that the reference loop reads. The return
    /// type is not generic, so the generator is compiled with this crate.
    #[must_use]
    pub fn small_blocks(&self) -> &dyn PathSource<16> {
        self
    }

    /// Returns the date of path `path` at step `t`; `before` is its date at the step before.
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

    fn fill(&self, first_path: u64, start: u32, steps: usize, block: &mut PathBlock<L>) {
        block.start = start;
        block.steps = steps;
        block.carry.resize(1, Row::splat(0));
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
        }
    }
}
