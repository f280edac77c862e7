//! Draws paths from a history by the stationary block bootstrap (Politis and Romano 1994).

use corridor_core::time::Step;

use crate::error::MarketError;

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
pub struct Bootstrap {}

impl Bootstrap {
    /// Checks a history.
    ///
    /// # Errors
    /// Every problem found, not only the first.
    pub fn new(history: &History, seed: u64) -> Result<Self, Vec<MarketError>> {
        let _ = (history, seed);
        Ok(Self {})
    }
}

impl Bootstrap {
    /// What this market implies.
    #[must_use]
    pub fn implied_moments(&self) -> crate::moments::ImpliedMoments {
        unimplemented!("under construction")
    }
}
