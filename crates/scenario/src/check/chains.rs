//! Checks the transitions and initial laws of a market's chains.

use corridor_core::random::Stream;

use crate::chain::{Chains, MarkovChain};
use crate::error::{Chain, MarketError};
use crate::regime_switching::{Initial, RegimeSwitching};

use super::stationary::long_run;

/// Largest distance from 1 of a sum of probabilities.
const SUM_TOLERANCE: f64 = 1e-9;

/// A chain as declared.
struct Declared<'a> {
    which: Chain,
    transition: &'a [Vec<f64>],
    initial: &'a Initial,
    regimes: usize,
    period_steps: u32,
    stream: Stream,
}

/// Returns the chains of a market; `None` if the main one has a problem.
pub(super) fn chains(market: &RegimeSwitching, errors: &mut Vec<MarketError>) -> Option<Chains> {
    let main = Declared {
        which: Chain::Main,
        transition: &market.transition,
        initial: &market.initial,
        regimes: market.regimes.len(),
        period_steps: market.chain_period_steps,
        stream: Stream::Regimes,
    };
    let correlation = market.correlation_chain.as_ref().map(|chain| Declared {
        which: Chain::Correlation,
        transition: &chain.transition,
        initial: &chain.initial,
        regimes: chain.regimes.len(),
        period_steps: chain.chain_period_steps,
        stream: Stream::CorrelationRegimes,
    });
    let main = checked(&main, errors);
    let correlation = correlation.and_then(|chain| checked(&chain, errors));
    Some(Chains { main: main?, correlation })
}

fn checked(chain: &Declared<'_>, errors: &mut Vec<MarketError>) -> Option<MarkovChain> {
    let before = errors.len();
    let transition = transition(chain, errors);
    let initial = initial(chain, errors);
    if errors.len() > before || transition.is_empty() {
        return None;
    }
    let Some(stationary) = long_run(&transition, initial.as_deref()) else {
        errors.push(MarketError::NotErgodic { chain: chain.which });
        return None;
    };
    let period_steps = chain.period_steps.max(1);
    Some(MarkovChain::new(period_steps, transition, initial, stationary, chain.stream))
}

/// Divides each row by its sum, so that it sums to 1 as far as floats allow.
fn transition(declared: &Declared<'_>, errors: &mut Vec<MarketError>) -> Vec<Vec<f64>> {
    let (chain, rows, regimes) = (declared.which, declared.transition, declared.regimes);
    if rows.len() != regimes || rows.iter().any(|row| row.len() != regimes) {
        errors.push(MarketError::TransitionShape { chain, regimes });
        return Vec::new();
    }
    let mut scaled = Vec::with_capacity(regimes);
    for (row, entries) in rows.iter().enumerate() {
        let bad = entries.iter().position(|p| !(0.0..=1.0).contains(p));
        if let Some(column) = bad {
            let value = entries[column];
            errors.push(MarketError::TransitionEntry { chain, row, column, value });
        }
        let sum: f64 = entries.iter().sum();
        if bad.is_none() && ((sum - 1.0).abs() > SUM_TOLERANCE || sum.is_nan()) {
            errors.push(MarketError::TransitionRow { chain, row, sum });
        }
        scaled.push(entries.iter().map(|p| p / sum).collect());
    }
    scaled
}

/// Returns the law of the first state; `None` stands for the stationary law.
fn initial(declared: &Declared<'_>, errors: &mut Vec<MarketError>) -> Option<Vec<f64>> {
    let regimes = declared.regimes;
    let law = match declared.initial {
        Initial::Stationary => return None,
        Initial::Regime(index) => (0..regimes).map(|j| f64::from(u8::from(j == *index))).collect(),
        Initial::Law(law) => law.clone(),
    };
    let sum: f64 = law.iter().sum();
    if law.len() != regimes
        || law.iter().any(|p| !(0.0..=1.0).contains(p))
        || (sum - 1.0).abs() > SUM_TOLERANCE
    {
        errors.push(MarketError::Initial { chain: declared.which, regimes });
    }
    Some(law)
}
