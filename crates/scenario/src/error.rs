//! Lists the problems that a declared market can have, with their place in the declaration.

use thiserror::Error;

/// One of the chains of a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// The main chain, which owns means and vols.
    Main,
    /// The chain that owns the correlations in a split market.
    Correlation,
}

/// A problem of a declared market. All indices count from 0 in the declared lists.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum MarketError {
    /// A transition matrix is not square, or a row has the wrong length.
    #[error("`transition` needs {regimes} rows of {regimes} probabilities")]
    TransitionShape {
        /// Chain at fault.
        chain: Chain,
        /// Number of regimes.
        regimes: usize,
    },
    /// The probabilities of a row of a transition matrix do not sum to 1.
    #[error("row {} of `transition` sums to {sum}, not to 1", row + 1)]
    TransitionRow {
        /// Chain at fault.
        chain: Chain,
        /// Row, from 0.
        row: usize,
        /// Sum of the row.
        sum: f64,
    },
    /// An entry of a transition matrix is not a probability.
    #[error("entry {} of row {} of `transition` is {value}, not a \
    probability", column + 1, row + 1)]
    TransitionEntry {
        /// Chain at fault.
        chain: Chain,
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
        /// Value of the entry.
        value: f64,
    },
    /// The chain starts from its stationary law and has more than one.
    #[error("the chain has no unique stationary law: some regimes cannot be reached from others")]
    NotErgodic {
        /// Chain at fault.
        chain: Chain,
    },
    /// The initial law has the wrong length, or its entries are not probabilities that sum to 1.
    #[error("`initial` needs {regimes} probabilities that sum to 1")]
    Initial {
        /// Chain at fault.
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
        /// The declared vol.
        value: f64,
    },
    /// A mean is not finite, or an arithmetic mean is not above -1.
    #[error("mean of `{asset}` in regime `{regime}` is {value}; {reason}")]
    Mean {
        /// Regime name.
        regime: String,
        /// Regime, from 0.
        regime_index: usize,
        /// Asset name.
        asset: String,
        /// The declared mean.
        value: f64,
        /// Requirement that the mean does not meet.
        reason: &'static str,
    },
    /// A correlation matrix has a wrong shape, is not symmetric, has a diagonal other than 1 or an
    /// entry outside [-1, 1].
    #[error("correlation of regime `{regime}` {reason}")]
    Correlation {
        /// Chain at fault.
        chain: Chain,
        /// Regime name.
        regime: String,
        /// Regime, from 0.
        regime_index: usize,
        /// Rule that the matrix breaks.
        reason: String,
    },
    /// A correlation matrix is not positive definite.
    #[error(
        "correlation of regime `{regime}` is not positive definite: its smallest eigenvalue is \
        {smallest_eigenvalue:.6}"
    )]
    NotPositiveDefinite {
        /// Chain at fault.
        chain: Chain,
        /// Regime name.
        regime: String,
        /// Regime, from 0.
        regime_index: usize,
        /// Smallest eigenvalue of the matrix.
        smallest_eigenvalue: f64,
    },
    /// The degrees of freedom of a Student-t law are not above 2.
    #[error("`df` is {df}; a Student-t with unit variance needs more than 2")]
    DegreesOfFreedom {
        /// The declared degrees of freedom.
        df: f64,
    },
    /// A market has Student-t shocks and means other than log means.
    #[error(
        "with `student_t` only `mean_is = \"log\"` is possible: the expected gross return of a t \
        law is infinite"
    )]
    MeanOfStudentT,
    /// GARCH, memory, jumps or an indicator have impossible parameters.
    #[error("`{what}` {reason}")]
    Dynamics {
        /// The part at fault: `garch`, `relative_ar`, `jumps` or `indicator`.
        what: &'static str,
        /// Requirement that the parameters do not meet.
        reason: String,
    },
    /// A market has more assets or joint regimes than the generator can hold.
    #[error("{count} {what}; at most {max} are possible")]
    TooMany {
        /// The list that is too long: `assets` or `joint regimes`.
        what: &'static str,
        /// Declared length of the list.
        count: usize,
        /// Largest possible length.
        max: usize,
    },
    /// A history is too short to resample, or a return, an indicator or the block length is
    /// impossible.
    #[error("history: {reason}")]
    History {
        /// Rule that the history breaks.
        reason: String,
        /// Row at fault, from 0; `None` if the whole history is.
        row: Option<usize>,
    },
}
