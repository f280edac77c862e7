//! Says what is wrong with a declared market, with the place in the declaration.

use thiserror::Error;

/// Which chain of a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// The main chain.
    Main,
    /// The chain that owns the correlations.
    Correlation,
}

/// A problem of a declared market. Indices are places in the declared lists.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum MarketError {
    /// A transition matrix is not square, or a row has the wrong length.
    #[error("`transition` needs {regimes} rows of {regimes} probabilities")]
    TransitionShape {
        /// Which chain.
        chain: Chain,
        /// Number of regimes.
        regimes: usize,
    },
    /// A row does not sum to 1.
    #[error("row {} of `transition` sums to {sum}, not to 1", row + 1)]
    TransitionRow {
        /// Which chain.
        chain: Chain,
        /// Row, from 0.
        row: usize,
        /// Its sum.
        sum: f64,
    },
    /// An entry is not a probability.
    #[error("entry {} of row {} of `transition` is {value}, not a \
    probability", column + 1, row + 1)]
    TransitionEntry {
        /// Which chain.
        chain: Chain,
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
        /// The entry.
        value: f64,
    },
    /// The chain has more than one stationary law, so "stationary" names none.
    #[error("the chain has no unique stationary law: some regimes cannot be reached from others")]
    NotErgodic {
        /// Which chain.
        chain: Chain,
    },
    /// The initial law is no probability vector of the right length.
    #[error("`initial` needs {regimes} probabilities that sum to 1")]
    Initial {
        /// Which chain.
        chain: Chain,
        /// Number of regimes.
        regimes: usize,
    },
    /// A volatility is negative or not finite.
    #[error("vol of `{asset}` in regime `{regime}` is {value}; it must be finite and at least 0")]
    Vol {
        /// Regime name.
        regime: String,
        /// Regime, from 0.
        regime_index: usize,
        /// Asset name.
        asset: String,
        /// The vol.
        value: f64,
    },
    /// A mean is not finite or not possible.
    #[error("mean of `{asset}` in regime `{regime}` is {value}; {reason}")]
    Mean {
        /// Regime name.
        regime: String,
        /// Regime, from 0.
        regime_index: usize,
        /// Asset name.
        asset: String,
        /// The mean.
        value: f64,
        /// What it must be.
        reason: &'static str,
    },
    /// A correlation matrix is no correlation matrix (shape, symmetry, unit diagonal, entries in
    /// [-1, 1]).
    #[error("correlation of regime `{regime}` {reason}")]
    Correlation {
        /// Which chain.
        chain: Chain,
        /// Regime name.
        regime: String,
        /// Regime, from 0.
        regime_index: usize,
        /// What is wrong.
        reason: String,
    },
    /// A correlation matrix is not positive definite.
    #[error(
        "correlation of regime `{regime}` is not positive definite: its smallest eigenvalue is \
        {smallest_eigenvalue:.6}"
    )]
    NotPositiveDefinite {
        /// Which chain.
        chain: Chain,
        /// Regime name.
        regime: String,
        /// Regime, from 0.
        regime_index: usize,
        /// The eigenvalue.
        smallest_eigenvalue: f64,
    },
    /// Degrees of freedom of the t law are too small.
    #[error("`df` is {df}; a Student-t with unit variance needs more than 2")]
    DegreesOfFreedom {
        /// The degrees of freedom.
        df: f64,
    },
    /// A Student-t market whose means are not log means.
    #[error(
        "with `student_t` only `mean_is = \"log\"` is possible: the expected gross return of a t \
        law is infinite"
    )]
    MeanOfStudentT,
    /// Memory, jumps or an indicator that cannot be.
    #[error("`{what}` {reason}")]
    Dynamics {
        /// Which: `garch`, `relative_ar`, `jumps` or `indicator`.
        what: &'static str,
        /// What it needs.
        reason: String,
    },
    /// More assets or regimes than the generator holds.
    #[error("{count} {what}; at most {max} are possible")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many.
        count: usize,
        /// How many are possible.
        max: usize,
    },
    /// A history too short to resample, or a return at or below -1.
    #[error("history: {reason}")]
    History {
        /// What is wrong.
        reason: String,
        /// Row of the history, from 0, where there is one.
        row: Option<usize>,
    },
}
