//! Describes what a regime-switching market may have besides its regimes: memory in its shocks,
//! jumps, indicators.

use crate::chain::MarkovChain;
use crate::error::MarketError;
use crate::regime_switching::RegimeSwitching;

/// What moves besides the regimes; nothing by default. Numbers are per simulated step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dynamics {
    /// Variance that follows past shocks.
    pub garch: Option<Garch>,
    /// Memory of the relative return of two assets.
    pub relative_ar: Option<RelativeAr>,
    /// Rare common jumps.
    pub jumps: Option<Jumps>,
    /// What can be seen of the regimes besides returns.
    pub indicators: Vec<Indicator>,
}

/// Variance within each regime, in the parallel form of Haas, Mittnik and Paolella (2004), with the
/// asymmetry of Glosten, Jagannathan and Runkle (1993).
///
/// `h_s(t+1) = (1 - alpha - gamma/2 - beta) vol_s^2 + (alpha + gamma [e(t) < 0]) e(t)^2 + beta
/// h_s(t)` for every asset and every main regime `s` at once; the shock `e(t)` is that of the
/// regime that holds. Correlations are constant within a regime (Bollerslev 1990).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Garch {
    /// Weight of the last squared shock.
    pub alpha: f64,
    /// Weight of the variance before.
    pub beta: f64,
    /// Further weight of a negative shock.
    pub gamma: f64,
}

/// AR(1) of the relative return of two assets: `x(t) = phi x(t-1) + e_a(t) - e_b(t)`, of which half
/// of `phi x(t-1)` is added to the return of `a` and half taken from that of `b`. The sum of both
/// returns knows nothing of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RelativeAr {
    /// The assets a and b.
    pub assets: [usize; 2],
    /// Below 0 the relative return reverts, above 0 it trends; within (-1, 1).
    pub phi: f64,
}

/// At most one jump a step, the same for all assets: `mean_i + vol_i z` with one normal `z`.
#[derive(Clone, Debug, PartialEq)]
pub struct Jumps {
    /// Probability in each main regime.
    pub probability: Vec<f64>,
    /// Mean of the jump of each asset's log return.
    pub mean: Vec<f64>,
    /// Its standard deviation.
    pub vol: Vec<f64>,
}

/// A number that anybody can see, driven by the main regime: `x(t) = m + persistence (x(t-1) - m) +
/// noise_sd e(t)`, where `m` is the mean of the regime `lead_steps` ahead.
#[derive(Clone, Debug, PartialEq)]
pub struct Indicator {
    /// Its name.
    pub name: String,
    /// Mean in each main regime.
    pub mean: Vec<f64>,
    /// Weight of its value before, in `[0, 1)`.
    pub persistence: f64,
    /// Standard deviation of its shocks.
    pub noise_sd: f64,
    /// Steps by which it knows the regime in advance.
    pub lead_steps: u32,
}

impl Dynamics {
    /// Adds what is wrong with it.
    pub(crate) fn check(&self, market: &RegimeSwitching, errors: &mut Vec<MarketError>) {
        let mut refuse = |what, reason: &str| {
            errors.push(MarketError::Dynamics { what, reason: reason.to_owned() })
        };
        if let Some(Garch { alpha, beta, gamma }) = self.garch {
            if !(alpha >= 0.0
                && beta >= 0.0
                && alpha + gamma >= 0.0
                && alpha + 0.5 * gamma + beta < 1.0)
            {
                refuse(
                    "garch",
                    "needs weights of at least 0 with `alpha + gamma / 2 + beta` below 1",
                );
            }
            if market.chain_period_steps != 1 {
                refuse("garch", "needs regimes that may change at every step");
            }
        }
        if let Some(RelativeAr { phi, .. }) = self.relative_ar
            && !(phi > -1.0 && phi < 1.0)
        {
            refuse("relative_ar", "needs a `phi` above -1 and below 1");
        }
        if let Some(jumps) = &self.jumps {
            let possible = |p: &f64| (0.0..=1.0).contains(p);
            if !jumps.probability.iter().all(possible)
                || jumps.mean.iter().any(|mean| !mean.is_finite())
                || !jumps.vol.iter().all(|vol| *vol >= 0.0)
            {
                refuse(
                    "jumps",
                    "needs finite means, vols of at least 0 and at most one jump a step",
                );
            }
        }
        for indicator in &self.indicators {
            let fine = indicator.mean.iter().all(|mean| mean.is_finite())
                && (0.0..1.0).contains(&indicator.persistence)
                && indicator.noise_sd >= 0.0;
            if !fine || indicator.lead_steps > LEAD_MAX {
                refuse(
                    "indicator",
                    "needs finite means, a persistence of at least 0 and below 1, and a lead of at \
                    most 10,000 steps",
                );
            }
        }
    }
}

/// A lead beyond this is no indicator but a forecast of another generation.
const LEAD_MAX: u32 = 10_000;

/// How much larger than its declared value the variance of a shock is, on average over the
/// stationary law: 1 without GARCH.
///
/// `None` where the variance grows without end. The second moments `E[h_s 1(s(t) = j)]` are the
/// fixed point of their own recursion (Haas, Mittnik and Paolella 2004, section 2).
pub(crate) fn variance_ratio(garch: Garch, chain: &MarkovChain, declared: &[f64]) -> Option<f64> {
    let Garch { alpha, beta, gamma } = garch;
    let states = 0..chain.states();
    let shock = alpha + 0.5 * gamma;
    let base: f64 = states.clone().map(|j| chain.stationary[j] * declared[j]).sum();
    if base == 0.0 {
        return Some(1.0);
    }
    let mut moment: Vec<Vec<f64>> = states
        .clone()
        .map(|s| states.clone().map(|j| chain.stationary[j] * declared[s]).collect())
        .collect();
    for _ in 0..100_000 {
        let next: Vec<Vec<f64>> = states
            .clone()
            .map(|s| {
                let into = |k: usize| {
                    states
                        .clone()
                        .map(|j| {
                            chain.transition[j][k] * (shock * moment[j][j] + beta * moment[s][j])
                        })
                        .sum::<f64>()
                };
                states
                    .clone()
                    .map(|k| (1.0 - shock - beta) * declared[s] * chain.stationary[k] + into(k))
                    .collect()
            })
            .collect();
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
