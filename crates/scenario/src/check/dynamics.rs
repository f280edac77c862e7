//! Checks memory of shocks, jumps and indicators.

use crate::dynamics::{Garch, Indicator, Jumps, RelativeAr};
use crate::error::MarketError;
use crate::regime_switching::RegimeSwitching;

/// Largest lead of an indicator, in steps.
const LEAD_MAX: u32 = 10_000;

/// Adds the problems of a market's dynamics.
pub(super) fn dynamics(market: &RegimeSwitching, errors: &mut Vec<MarketError>) {
    let mut refuse =
        |what, reason: &str| errors.push(MarketError::Dynamics { what, reason: reason.to_owned() });
    if let Some(garch) = market.dynamics.garch {
        if !is_stable(garch) {
            refuse("garch", "needs weights of at least 0 with `alpha + gamma / 2 + beta` below 1");
        }
        if market.chain_period_steps != 1 {
            refuse("garch", "needs regimes that may change at every step");
        }
    }
    if let Some(RelativeAr { phi, .. }) = market.dynamics.relative_ar
        && !(phi > -1.0 && phi < 1.0)
    {
        refuse("relative_ar", "needs a `phi` above -1 and below 1");
    }
    if market.dynamics.jumps.as_ref().is_some_and(|jumps| !is_possible(jumps)) {
        refuse("jumps", "needs finite means, vols of at least 0 and at most one jump a step");
    }
    for indicator in &market.dynamics.indicators {
        if !is_observable(indicator) {
            refuse(
                "indicator",
                "needs finite means, a persistence of at least 0 and below 1, and a lead of at \
                most 10,000 steps",
            );
        }
    }
}

fn is_stable(Garch { alpha, beta, gamma }: Garch) -> bool {
    alpha >= 0.0 && beta >= 0.0 && alpha + gamma >= 0.0 && alpha + 0.5 * gamma + beta < 1.0
}

fn is_possible(jumps: &Jumps) -> bool {
    jumps.probability.iter().all(|p| (0.0..=1.0).contains(p))
        && jumps.mean.iter().all(|mean| mean.is_finite())
        && jumps.vol.iter().all(|vol| *vol >= 0.0)
}

fn is_observable(indicator: &Indicator) -> bool {
    indicator.mean.iter().all(|mean| mean.is_finite())
        && (0.0..1.0).contains(&indicator.persistence)
        && indicator.noise_sd >= 0.0
        && indicator.lead_steps <= LEAD_MAX
}
