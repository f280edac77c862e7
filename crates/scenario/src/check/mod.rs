//! Checks a declared regime-switching market: limits, moments, chains, correlations and dynamics.

mod chains;
mod correlation;
mod dynamics;
mod stationary;

use corridor_core::lanes::ASSETS_MAX;

use crate::chain::Chains;
use crate::error::MarketError;
use crate::regime_switching::{Innovations, MeanIs, REGIMES_MAX, Regime, RegimeSwitching};

/// The parts of a market that checking prepares.
pub(crate) struct CheckedParts {
    pub chains: Chains,
    /// Lower Cholesky factor of each correlation matrix: one per correlation regime in a split
    /// market, otherwise one per main regime.
    pub factors: Vec<Vec<Vec<f64>>>,
}

/// Checks a market.
///
/// # Errors
/// Every problem found, in the order of the declaration.
pub(crate) fn check(market: &RegimeSwitching) -> Result<CheckedParts, Vec<MarketError>> {
    let mut errors = Vec::new();
    limits(market, &mut errors);
    innovations(market, &mut errors);
    for (index, regime) in market.regimes.iter().enumerate() {
        moments(market, index, regime, &mut errors);
    }
    let chains = chains::chains(market, &mut errors);
    let factors = correlation::factors(market, &mut errors);
    dynamics::dynamics(market, &mut errors);
    match chains.filter(|_| errors.is_empty()) {
        Some(chains) => Ok(CheckedParts { chains, factors }),
        None => Err(errors),
    }
}

fn limits(market: &RegimeSwitching, errors: &mut Vec<MarketError>) {
    let joint =
        market.regimes.len() * market.correlation_chain.as_ref().map_or(1, |c| c.regimes.len());
    for (what, count, max) in
        [("assets", market.assets.len(), ASSETS_MAX), ("joint regimes", joint, REGIMES_MAX)]
    {
        if count > max {
            errors.push(MarketError::TooMany { what, count, max });
        }
    }
}

fn innovations(market: &RegimeSwitching, errors: &mut Vec<MarketError>) {
    if let Innovations::StudentT { df } = market.innovations {
        if !(df > 2.0 && df.is_finite()) {
            errors.push(MarketError::DegreesOfFreedom { df });
        }
        if market.mean_is != MeanIs::Log {
            errors.push(MarketError::MeanOfStudentT);
        }
    }
}

fn moments(market: &RegimeSwitching, index: usize, regime: &Regime, errors: &mut Vec<MarketError>) {
    for (asset, &value) in market.assets.iter().zip(&regime.vol) {
        if !(value >= 0.0 && value.is_finite()) {
            errors.push(MarketError::Vol {
                regime: regime.name.clone(),
                regime_index: index,
                asset: asset.clone(),
                value,
            });
        }
    }
    for (asset, &value) in market.assets.iter().zip(&regime.mean) {
        let reason = if !value.is_finite() {
            "it must be finite"
        } else if market.mean_is == MeanIs::Arithmetic && value <= -1.0 {
            "an arithmetic mean must be above -1"
        } else {
            continue;
        };
        errors.push(MarketError::Mean {
            regime: regime.name.clone(),
            regime_index: index,
            asset: asset.clone(),
            value,
            reason,
        });
    }
}
