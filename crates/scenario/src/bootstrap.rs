//! Draws paths from a history by the stationary block bootstrap (Politis and Romano 1994).

use corridor_core::lanes::{ASSETS_MAX, LANES, Row};
use corridor_core::numerics::{exp, ln};
use corridor_core::path::{PathBlock, PathSource};
use corridor_core::random::{Stream, words};
use corridor_core::time::Step;

use crate::error::MarketError;
use crate::law::log_moments;
use crate::moments::ImpliedMoments;

/// A return history and how to resample it.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// Asset names.
    pub assets: Vec<String>,
    /// Length of one row.
    pub step: Step,
    /// Simple returns, `[date][asset]`, each above -1.
    pub returns: Vec<Vec<f64>>,
    /// Mean block length in steps, at least 1.
    pub mean_block_steps: f64,
}

/// A checked history, ready to generate paths.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    seed: u64,
    assets: Vec<String>,
    regimes: Vec<String>,
    // `[date][asset]`.
    gross: Vec<Vec<f64>>,
    log_return: Vec<Vec<f32>>,
    // A new block starts when a word's upper 31 bits are below this.
    restart_threshold: u32,
    moments: ImpliedMoments,
}

impl Bootstrap {
    /// Checks a history.
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

    /// What this market implies: the moments of the history itself.
    #[must_use]
    pub fn implied_moments(&self) -> &ImpliedMoments {
        &self.moments
    }
}

impl Bootstrap {
    /// Logarithm of `E[exp(a'X)]` after each of these numbers of steps, where `X` are the summed
    /// log returns of the assets: a chain over the dates that goes on to the next one or starts
    /// anew anywhere.
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

    /// As a source of the blocks that runs take. These two are not generic, so the generator is
    /// compiled with this crate.
    #[must_use]
    pub fn blocks(&self) -> &dyn PathSource<LANES> {
        self
    }

    /// As a source of the small blocks that the reference loop reads.
    #[must_use]
    pub fn small_blocks(&self) -> &dyn PathSource<16> {
        self
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
        let dates = self.gross.len() as u64;
        for k in 0..steps {
            let t = start + k as u32;
            let row = block.step_mut(k);
            *row.regime = Row::splat(0);
            for l in 0..L {
                let [restart, place, ..] =
                    words(self.seed, first_path + l as u64, t, Stream::Bootstrap);
                let date = if t == 0 || restart >> 1 < self.restart_threshold {
                    (u64::from(place) * dates) >> 32
                } else {
                    (u64::from(row.carry[0][l]) + 1) % dates
                };
                row.carry[0][l] = date as u32;
                // The block may have room for more assets than the history has.
                let (gross, log_return) =
                    (&self.gross[date as usize], &self.log_return[date as usize]);
                for i in 0..gross.len() {
                    row.gross[i][l] = gross[i];
                    row.log_return[i][l] = log_return[i];
                }
            }
        }
    }
}

fn problems(history: &History) -> Vec<MarketError> {
    let mut errors = Vec::new();
    if history.assets.len() > ASSETS_MAX {
        errors.push(MarketError::TooMany {
            what: "assets",
            count: history.assets.len(),
            max: ASSETS_MAX,
        });
    }
    if history.returns.len() < 2 {
        errors.push(MarketError::History {
            reason: format!("{} dates are too few to resample", history.returns.len()),
            row: None,
        });
    }
    if !(history.mean_block_steps >= 1.0 && history.mean_block_steps.is_finite()) {
        let reason =
            format!("a mean block of {} steps is shorter than one step", history.mean_block_steps);
        errors.push(MarketError::History { reason, row: None });
    }
    for (row, returns) in history.returns.iter().enumerate() {
        if returns.len() != history.assets.len() {
            let reason = format!("{} returns for {} assets", returns.len(), history.assets.len());
            errors.push(MarketError::History { reason, row: Some(row) });
        }
        if let Some(bad) = returns.iter().find(|r| !(**r > -1.0 && r.is_finite())) {
            errors.push(MarketError::History {
                reason: format!("a return of {bad} is not above -1"),
                row: Some(row),
            });
        }
    }
    errors
}

fn implied(history: &History, gross: &[Vec<f64>]) -> ImpliedMoments {
    let (m, dates) = (f64::from(history.step.per_year()), gross.len() as f64);
    let assets = 0..history.assets.len();
    let log: Vec<Vec<f64>> = gross.iter().map(|row| row.iter().map(|&g| ln(g)).collect()).collect();
    let mean: Vec<f64> =
        assets.clone().map(|i| log.iter().map(|row| row[i]).sum::<f64>() / dates).collect();
    let covariance = |i: usize, j: usize| {
        log.iter().map(|row| (row[i] - mean[i]) * (row[j] - mean[j])).sum::<f64>() / dates
    };
    let variance: Vec<f64> = assets.clone().map(|i| covariance(i, i)).collect();
    let correlation_of = |i: usize, j: usize| {
        if i == j {
            1.0
        } else {
            covariance(i, j) / (variance[i] * variance[j]).sqrt().max(f64::MIN_POSITIVE)
        }
    };
    ImpliedMoments {
        regimes: vec!["history".into()],
        stationary: vec![1.0],
        sojourn_years: vec![f64::INFINITY],
        assets: history.assets.clone(),
        mean_log_annual: mean.iter().map(|x| x * m).collect(),
        log_mean_growth_annual: assets
            .clone()
            .map(|i| m * ln(gross.iter().map(|row| row[i]).sum::<f64>() / dates))
            .collect(),
        vol_annual: variance.iter().map(|v| (v * m).sqrt()).collect(),
        correlation: assets
            .clone()
            .map(|i| assets.clone().map(|j| correlation_of(i, j)).collect())
            .collect(),
        step_variance: variance,
        truncation_per_draw: 0.0,
    }
}
