//! Works out the desired weights of a trade.

use super::band::{NEGLIGIBLE, beyond};
use super::condition::{Condition, Joined};
use super::view::{PortfolioView, SignalView};
use super::{Destination, Policy, TradeAssets, TradeRule, Trigger};

/// Writes the desired weights of a triggered trade; `None` where there is nothing to trade, or less
/// than the smallest trade of the policy.
///
/// `widths` are the half-widths of [`Trigger::widths`].
#[must_use]
pub fn desired_weights(
    policy: &Policy,
    portfolio: &PortfolioView<'_>,
    widths: &[f64],
    signals: &impl SignalView,
    out: &mut [f64],
) -> Option<()> {
    let w = portfolio.weights;
    let breached_only = policy.trade_assets == TradeAssets::Breached
        && trade_breached(policy, portfolio, widths, signals, out).is_some();
    if !breached_only {
        trade_all(policy, portfolio, widths, signals, out);
    }
    let turnover = 0.5 * (0..w.len()).fold(0.0, |sum, i| sum + (out[i] - w[i]).abs());
    // Joined conditions may hold where the weights are the desired ones already.
    let nowhere_to_go = matches!(policy.trigger, Trigger::Joined(_)) && turnover <= NEGLIGIBLE;
    if turnover < policy.min_trade_frac || nowhere_to_go {
        return None;
    }
    if turnover > policy.max_turnover_frac {
        let share = policy.max_turnover_frac / turnover;
        for i in 0..w.len() {
            out[i] = w[i] + share * (out[i] - w[i]);
        }
    }
    Some(())
}

/// Writes the desired weights where every asset trades.
fn trade_all(
    policy: &Policy,
    portfolio: &PortfolioView<'_>,
    widths: &[f64],
    signals: &impl SignalView,
    out: &mut [f64],
) {
    let PortfolioView { target, weights: w, .. } = *portfolio;
    match &policy.trade {
        TradeRule::ToTarget => out.copy_from_slice(target),
        TradeRule::PartWay { .. } | TradeRule::PartWayScaled(_) => {
            let fraction = part_way_fraction(policy, signals);
            for i in 0..w.len() {
                out[i] = w[i] + fraction * (target[i] - w[i]);
            }
        }
        TradeRule::Inward(destination) => {
            let theta = match &policy.trigger {
                Trigger::Joined(joined) => joined_theta(joined, destination, portfolio, signals),
                Trigger::Never | Trigger::Always | Trigger::Outside(_) => {
                    theta(1.0, destination, portfolio, |i| widths[i])
                }
            };
            for i in 0..w.len() {
                out[i] = target[i] + theta * (w[i] - target[i]);
            }
        }
    }
}

/// Returns the share of the way to the target that a trade goes; 1 for other rules.
fn part_way_fraction(policy: &Policy, signals: &impl SignalView) -> f64 {
    match &policy.trade {
        TradeRule::PartWay { fraction } => *fraction,
        TradeRule::PartWayScaled(fraction) => {
            fraction.at(signals.factor(policy.trigger.conditions()))
        }
        TradeRule::ToTarget | TradeRule::Inward(_) => 1.0,
    }
}

/// Returns the share of its deviation that every asset may keep so that each is within its
/// destination, but at most `most`.
fn theta(
    most: f64,
    destination: &Destination,
    portfolio: &PortfolioView<'_>,
    width: impl Fn(usize) -> f64,
) -> f64 {
    (0..portfolio.weights.len()).fold(most, |theta, i| {
        smaller_share(theta, portfolio.deviation(i), destination.reach(i, width(i)))
    })
}

fn smaller_share(theta: f64, distance: f64, reach: f64) -> f64 {
    if distance > reach && reach / distance < theta { reach / distance } else { theta }
}

/// Returns the share of its deviation that every asset may keep so that the destinations of all
/// bands and distances among the conditions are met; a hysteresis counts with its exit band.
fn joined_theta(
    joined: &Joined,
    destination: &Destination,
    portfolio: &PortfolioView<'_>,
    signals: &impl SignalView,
) -> f64 {
    let mut share = 1.0;
    for (index, condition) in joined.conditions.iter().enumerate() {
        let factor = signals.factor(index);
        share = match condition {
            Condition::Outside(corridor) | Condition::Hysteresis { exit: corridor, .. } => {
                theta(share, destination, portfolio, |i| corridor.width(i, factor))
            }
            Condition::Beyond(distance) => {
                let PortfolioView { target, weights, .. } = *portfolio;
                let far = distance.measure.of(weights, target, |signal| signals.signal(signal));
                smaller_share(share, far, destination.reach(0, distance.width.at(factor)))
            }
            Condition::Always
            | Condition::Above { .. }
            | Condition::Below { .. }
            | Condition::Moved { .. }
            | Condition::Waited(_)
            | Condition::WithTrend { .. } => share,
        };
    }
    share
}

/// Writes the desired weights where only breached assets trade, each to its own destination, and
/// the others absorb the difference in proportion to their holdings; `None` where they cannot.
fn trade_breached(
    policy: &Policy,
    portfolio: &PortfolioView<'_>,
    widths: &[f64],
    signals: &impl SignalView,
    out: &mut [f64],
) -> Option<()> {
    let w = portfolio.weights;
    let breached = |i: usize| beyond(portfolio.deviation(i), widths[i]);
    let (mut moved, mut absorbing) = (0.0, 0.0);
    for i in 0..w.len() {
        if breached(i) {
            out[i] = own_destination(policy, portfolio, i, widths[i], signals);
            moved += out[i];
        } else {
            absorbing += w[i];
        }
    }
    if absorbing <= NEGLIGIBLE || beyond(moved, 1.0) {
        return None;
    }
    let left = 1.0 - moved;
    let ratio = if left > 0.0 { left / absorbing } else { 0.0 };
    for i in 0..w.len() {
        if !breached(i) {
            out[i] = w[i] * ratio;
            if beyond((out[i] - portfolio.target[i]).abs(), widths[i]) {
                return None;
            }
        }
    }
    Some(())
}

/// Returns the desired weight of a breached asset that trades alone.
fn own_destination(
    policy: &Policy,
    portfolio: &PortfolioView<'_>,
    i: usize,
    width: f64,
    signals: &impl SignalView,
) -> f64 {
    let (w, target) = (portfolio.weights[i], portfolio.target[i]);
    match &policy.trade {
        TradeRule::ToTarget => target,
        TradeRule::PartWay { .. } | TradeRule::PartWayScaled(_) => {
            w + part_way_fraction(policy, signals) * (target - w)
        }
        TradeRule::Inward(destination) => {
            let reach = destination.reach(i, width);
            if w - target > reach {
                target + reach
            } else if w - target < -reach {
                target - reach
            } else {
                w
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Corridor, FlowRouting};
    use corridor_core::time::Review;

    fn policy(trade: TradeRule, trade_assets: TradeAssets, half_width: Vec<f64>) -> Policy {
        Policy {
            target: vec![0.6, 0.3, 0.1],
            moving: None,
            review: Review::EverySteps { steps: 1, phase_steps: 0 },
            trigger: Trigger::Outside(Corridor {
                half_width,
                scale: Vec::new(),
                min_width: 0.0,
                max_width: f64::INFINITY,
            }),
            trade,
            trade_assets,
            cash_flows: FlowRouting::TargetWeights,
            cooldown_steps: 0,
            min_trade_frac: 0.0,
            max_turnover_frac: f64::INFINITY,
            execution_lag_steps: 0,
        }
    }

    /// The desired weights of a policy at the weights `w`; its wealth is 1.
    fn desired(policy: &Policy, w: &[f64]) -> Option<Vec<f64>> {
        let mut width = vec![0.0; w.len()];
        policy.trigger.widths(|_| 1.0, &mut width);
        let mut out = vec![0.0; w.len()];
        let portfolio =
            PortfolioView { t: 1, target: &policy.target, holdings: w, wealth: 1.0, weights: w };
        desired_weights(policy, &portfolio, &width, &NoSignals, &mut out).map(|()| out)
    }

    struct NoSignals;

    impl SignalView for NoSignals {
        fn signal(&self, _: usize) -> f64 {
            0.0
        }

        fn factor(&self, _: usize) -> f64 {
            1.0
        }
    }

    #[test]
    fn an_inward_trade_stops_when_the_last_watched_asset_is_within() {
        let to_half = policy(
            TradeRule::Inward(Destination::ShareOfBand(0.5)),
            TradeAssets::All,
            vec![0.05, 0.05, 0.05],
        );
        let g = desired(&to_half, &[0.68, 0.24, 0.08]).expect("trades");
        assert!((g[0] - 0.625).abs() < 1e-15);
        assert!((g.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        let unwatched = policy(
            TradeRule::Inward(Destination::Edge),
            TradeAssets::All,
            vec![0.05, f64::INFINITY, f64::INFINITY],
        );
        assert!((desired(&unwatched, &[0.7, 0.2, 0.1]).expect("trades")[0] - 0.65).abs() < 1e-15);
    }

    #[test]
    fn breached_assets_move_alone_and_the_others_absorb() {
        let rule = policy(TradeRule::ToTarget, TradeAssets::Breached, vec![0.05, 0.05, 0.05]);
        let g = desired(&rule, &[0.66, 0.26, 0.08]).expect("trades");
        assert_eq!(g[0], 0.6);
        assert!((g[1] - 0.26 * 0.4 / 0.34).abs() < 1e-15);
        // Absorbing would push the second asset out of its band: all assets go to the target
        // instead.
        let tight = policy(TradeRule::ToTarget, TradeAssets::Breached, vec![0.05, 0.01, 0.5]);
        assert_eq!(desired(&tight, &[0.66, 0.295, 0.045]).expect("trades"), [0.6, 0.3, 0.1]);
    }

    /// With targets 50/30/20 and 15 % of each, an asset that absorbs a sale and a purchase to the
    /// edge lands on its own edge, whatever it held. Rounding put it outside in one case of nine.
    #[test]
    fn an_asset_that_absorbs_up_to_its_edge_is_inside() {
        let mut rule = policy(
            TradeRule::Inward(Destination::Edge),
            TradeAssets::Breached,
            [0.5, 0.3, 0.2].map(|w| 0.15 * w).to_vec(),
        );
        rule.target = vec![0.5, 0.3, 0.2];
        for i in 0..1000 {
            let (first, last) = (0.424 - 1e-5 * f64::from(i), 0.25 + 3e-4 * f64::from(i % 37));
            let g = desired(&rule, &[first, 1.0 - first - last, last]).expect("trades");
            let off = [0.425, 0.345, 0.23].iter().zip(&g).map(|(wanted, g)| (g - wanted).abs());
            assert!(off.fold(0.0, f64::max) < 1e-15, "{first} {last}: {g:?}");
        }
    }

    /// An asset on its edge, and one that rounding put above or below it, is left alone.
    #[test]
    fn a_weight_on_the_edge_of_its_band_is_not_breached() {
        let rule = policy(TradeRule::ToTarget, TradeAssets::Breached, vec![0.05, 0.05, 0.05]);
        for ulps in -3..=3 {
            let edge = 0.35 + f64::from(ulps) * f64::EPSILON / 4.0;
            let g = desired(&rule, &[0.58, edge, 0.07]).expect("trades");
            assert!((g[1] - edge).abs() < 1e-15, "{ulps}: {g:?}");
        }
    }

    #[test]
    fn small_trades_are_skipped_and_large_ones_shortened() {
        let mut rule = policy(TradeRule::ToTarget, TradeAssets::All, vec![0.01; 3]);
        rule.min_trade_frac = 0.03;
        assert_eq!(desired(&rule, &[0.62, 0.28, 0.1]), None);
        rule.max_turnover_frac = 0.04;
        let g = desired(&rule, &[0.68, 0.22, 0.1]).expect("trades");
        assert!((g[0] - 0.64).abs() < 1e-15 && (g[1] - 0.26).abs() < 1e-15);
    }
}
