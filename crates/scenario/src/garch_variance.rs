//! Works out the long-run variance of GARCH shocks whose regimes switch.

use crate::chain::MarkovChain;
use crate::dynamics::Garch;

/// Returns the ratio of a shock's mean variance under the stationary law to its declared variance:
/// 1 without GARCH.
///
/// `declared[s]` is the declared variance in main regime `s`. `None` if the variance grows without
/// end. The second moments `E[h_s 1(s(t) = j)]` are the fixed point of their own recursion (Haas,
/// Mittnik and Paolella 2004, section 2).
pub(crate) fn variance_ratio(garch: Garch, chain: &MarkovChain, declared: &[f64]) -> Option<f64> {
    let states = 0..chain.states();
    let base: f64 = states.clone().map(|j| chain.stationary[j] * declared[j]).sum();
    if base == 0.0 {
        return Some(1.0);
    }
    let mut moment: Vec<Vec<f64>> = states
        .clone()
        .map(|s| states.clone().map(|j| chain.stationary[j] * declared[s]).collect())
        .collect();
    for _ in 0..100_000 {
        let next = next_moments(garch, chain, declared, &moment);
        let change = states.clone().map(|j| (next[j][j] - moment[j][j]).abs()).fold(0.0, f64::max);
        moment = next;
        if change <= 1e-15 * base {
            return Some(states.map(|j| moment[j][j]).sum::<f64>() / base);
        }
        if !change.is_finite() || change >= 1e6 * base {
            return None;
        }
    }
    None
}

/// Moves the second moments, indexed `[variance][regime]`, one step ahead.
fn next_moments(
    garch: Garch,
    chain: &MarkovChain,
    declared: &[f64],
    moment: &[Vec<f64>],
) -> Vec<Vec<f64>> {
    let Garch { alpha, beta, gamma } = garch;
    let shock = alpha + 0.5 * gamma;
    let states = 0..chain.states();
    let next = |s: usize, k: usize| {
        let from = |j: usize| chain.transition[j][k] * (shock * moment[j][j] + beta * moment[s][j]);
        (1.0 - shock - beta) * declared[s] * chain.stationary[k]
            + states.clone().map(from).sum::<f64>()
    };
    states.clone().map(|s| states.clone().map(|k| next(s, k)).collect()).collect()
}
