//! Holds a market that was checked and built.

use corridor_scenario::bootstrap::History;
use corridor_scenario::market::Market;
use corridor_scenario::moments::ImpliedMoments;
use corridor_scenario::regime_switching::RegimeSwitching;

use crate::file::market::MarketTable;

/// A market, checked and built.
#[derive(Clone, Debug)]
pub(crate) struct CheckedMarket {
    /// Name of the market in the results.
    pub label: String,
    /// The `[market]` table with its preset written out.
    pub written_out: MarketTable,
    /// The declaration in machine units.
    pub declared: Declared,
    /// The generator of paths.
    pub market: Market,
    /// Moments that the market implies.
    pub moments: ImpliedMoments,
    /// Asset names, in the order of every list of numbers.
    pub assets: Vec<String>,
    /// Whether the market has regimes, which a resampled history has not.
    pub has_regimes: bool,
    /// Per asset: whether it has no risk in at least one regime.
    pub riskless: Vec<bool>,
    /// Whether this is a stand-in for a market with problems, built so that the rest of the study
    /// can be checked.
    pub stand_in: bool,
}

impl CheckedMarket {
    /// Covariance of one step's log returns of assets `a` and `b`, as the market implies it.
    pub fn step_covariance(&self, [a, b]: [usize; 2]) -> f64 {
        let moments = &self.moments;
        moments.correlation[a][b] * (moments.step_variance[a] * moments.step_variance[b]).sqrt()
    }

    /// Covariance matrix of one step's log returns, as the market implies it.
    pub fn step_covariances(&self) -> Vec<Vec<f64>> {
        (0..self.assets.len())
            .map(|a| (0..self.assets.len()).map(|b| self.step_covariance([a, b])).collect())
            .collect()
    }
}

/// A market in machine units.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Declared {
    /// Regimes, gbm being the case of one.
    Regimes(Box<RegimeSwitching>),
    /// A history to be resampled.
    History(History),
}
