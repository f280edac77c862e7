//! Describes a regime-switching market in the units it was declared in.

use corridor_core::time::Step;

use crate::dynamics::Dynamics;

/// A regime-switching market as declared: means and vols per `moments_per`, transitions per chain
/// period.
///
/// `gbm` is the case of one regime.
#[derive(Clone, Debug, PartialEq)]
pub struct RegimeSwitching {
    /// Asset names.
    pub assets: Vec<String>,
    /// Length of the simulated step.
    pub step: Step,
    /// Steps per period of the chain; 1 when it moves at every step.
    pub chain_period_steps: u32,
    /// Unit of means and vols: their periods per year (1, 12, 52 or 252).
    pub moments_per_year: u32,
    /// What `mean` means.
    pub mean_is: MeanIs,
    /// Row-stochastic, rows are "from".
    pub transition: Vec<Vec<f64>>,
    /// Law of the first regime.
    pub initial: Initial,
    /// Law of the shocks.
    pub innovations: Innovations,
    /// The regimes.
    pub regimes: Vec<Regime>,
    /// A second, independent chain that owns the correlations; the regimes then have none.
    pub correlation_chain: Option<CorrelationChain>,
    /// What moves besides the regimes.
    pub dynamics: Dynamics,
}

/// One market regime.
#[derive(Clone, Debug, PartialEq)]
pub struct Regime {
    /// Name.
    pub name: String,
    /// Mean per asset, as declared by [`MeanIs`].
    pub mean: Vec<f64>,
    /// Standard deviation of the log return per asset.
    pub vol: Vec<f64>,
    /// Full correlation matrix; empty when a [`CorrelationChain`] owns it.
    pub correlation: Vec<Vec<f64>>,
}

/// The chain that owns the correlations in a split market (Pelletier 2006).
#[derive(Clone, Debug, PartialEq)]
pub struct CorrelationChain {
    /// Steps per period of this chain.
    pub chain_period_steps: u32,
    /// Row-stochastic, rows are "from".
    pub transition: Vec<Vec<f64>>,
    /// Law of the first state.
    pub initial: Initial,
    /// Name and full correlation matrix of each state.
    pub regimes: Vec<(String, Vec<Vec<f64>>)>,
}

/// What a declared mean means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeanIs {
    /// Mean of the log return.
    Log,
    /// Log mean + variance / 2: `E[gross] = exp(drift)`.
    Drift,
    /// `E[gross] = 1 + mean`.
    Arithmetic,
}

/// Law of the first regime.
#[derive(Clone, Debug, PartialEq)]
pub enum Initial {
    /// The stationary law of the chain.
    Stationary,
    /// One regime.
    Regime(usize),
    /// Probabilities.
    Law(Vec<f64>),
}

/// Law of the shocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Innovations {
    /// Standard normal.
    Gaussian,
    /// Multivariate Student-t scaled to unit variance: one chi-square per step shared by all
    /// assets.
    StudentT {
        /// Degrees of freedom, above 2.
        df: f64,
    },
}
