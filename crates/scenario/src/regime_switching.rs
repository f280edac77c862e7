//! Describes a regime-switching market in the units of its declaration.

use corridor_core::time::Step;

use crate::dynamics::Dynamics;

/// Largest number of joint regimes of one market.
pub const REGIMES_MAX: usize = 32;

/// A regime-switching market as declared; `gbm` is the case of one regime.
///
/// Lists over assets follow the order of `assets`, lists over regimes that of `regimes`. Means and
/// vols are per unit of `moments_per_year`, transitions per chain period.
#[derive(Clone, Debug, PartialEq)]
pub struct RegimeSwitching {
    /// Asset names.
    pub assets: Vec<String>,
    /// Length of the simulated step.
    pub step: Step,
    /// Steps per period of the chain; 1 if it may move at every step.
    pub chain_period_steps: u32,
    /// Number of units of means and vols in a year: 1, 12, 52 or 252.
    pub moments_per_year: u32,
    /// Meaning of the declared means.
    pub mean_is: MeanIs,
    /// Transition matrix of the chain, row-stochastic; rows are "from".
    pub transition: Vec<Vec<f64>>,
    /// Law of the first regime.
    pub initial: Initial,
    /// Law of the shocks.
    pub innovations: Innovations,
    /// Moments of each regime, in the order of the rows of `transition`.
    pub regimes: Vec<Regime>,
    /// A second, independent chain that owns the correlations. The regimes then have none.
    pub correlation_chain: Option<CorrelationChain>,
    /// Memory of shocks, jumps and indicators.
    pub dynamics: Dynamics,
}

/// Moments of one market regime.
#[derive(Clone, Debug, PartialEq)]
pub struct Regime {
    /// Name of the regime.
    pub name: String,
    /// Mean per asset, as declared by [`MeanIs`].
    pub mean: Vec<f64>,
    /// Standard deviation of the log return per asset; at least 0.
    pub vol: Vec<f64>,
    /// Full correlation matrix; empty if a [`CorrelationChain`] owns the correlations.
    pub correlation: Vec<Vec<f64>>,
}

/// The chain that owns the correlations in a split market (Pelletier 2006).
#[derive(Clone, Debug, PartialEq)]
pub struct CorrelationChain {
    /// Steps per period of this chain.
    pub chain_period_steps: u32,
    /// Transition matrix, row-stochastic; rows are "from".
    pub transition: Vec<Vec<f64>>,
    /// Law of the first state.
    pub initial: Initial,
    /// Name and full correlation matrix of each state.
    pub regimes: Vec<(String, Vec<Vec<f64>>)>,
}

/// Meaning of a declared mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeanIs {
    /// Mean of the log return.
    Log,
    /// Mean of the log return plus half its variance: `E[gross] = exp(mean)`.
    Drift,
    /// Mean of the simple return: `E[gross] = 1 + mean`.
    Arithmetic,
}

/// Law of the first regime.
#[derive(Clone, Debug, PartialEq)]
pub enum Initial {
    /// The stationary law of the chain.
    Stationary,
    /// One regime with certainty, by its number.
    Regime(usize),
    /// Probability of each regime.
    Law(Vec<f64>),
}

/// Law of the shocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Innovations {
    /// Standard normal.
    Gaussian,
    /// Multivariate Student-t of unit variance: all assets share one chi-square per step.
    StudentT {
        /// Degrees of freedom, above 2.
        df: f64,
    },
}
