//! Works out where a trade goes: the band of each asset, whether it is breached, and the goal
//! weights.

use super::condition::{Condition, Joined, Position, Sight};
use super::{Corridor, Destination, Policy, ScaleForm, TradeAssets, TradeRule, Trigger};
use corridor_core::numerics::{exp, pow};

impl Corridor {
    /// Half-width of asset `i` when the scale factors multiply to `factor`.
    #[must_use]
    #[inline(always)]
    pub fn width(&self, i: usize, factor: f64) -> f64 {
        if self.scale.is_empty() || self.half_width[i] == f64::INFINITY {
            return self.half_width[i]; // an unwatched asset stays unwatched
        }
        clamp(self.half_width[i] * factor, self.min_width, self.max_width)
    }
}

/// `width` held between `low` and `high`.
#[must_use]
#[inline(always)]
pub fn clamp(width: f64, low: f64, high: f64) -> f64 {
    let raised = if width < low { low } else { width };
    if raised > high { high } else { raised }
}

impl ScaleForm {
    /// The factor of a signal value.
    #[must_use]
    #[inline(always)]
    pub fn factor(&self, signal: f64) -> f64 {
        match self {
            Self::Power { elasticity: -1.0, reference } => reference / signal,
            Self::Power { elasticity, reference } => pow(signal / reference, *elasticity),
            Self::Exponential { slope, reference } => exp(slope * (signal - reference)),
            Self::Step { at, factors } => {
                factors[at.iter().filter(|&&threshold| threshold <= signal).count()]
            }
        }
    }
}

/// The band's half-width of every asset: the narrowest where conditions are joined; infinite where
/// there is none.
pub fn widths(trigger: &Trigger, factor: impl Fn(usize) -> f64, out: &mut [f64]) {
    out.fill(f64::INFINITY);
    for (place, corridor) in trigger.corridors() {
        for (i, width) in out.iter_mut().enumerate() {
            let own = corridor.width(i, factor(place));
            *width = if own < *width { own } else { *width };
        }
    }
}

/// Distances from the target up to this fraction of wealth are rounding, not a reason to trade.
pub const NEGLIGIBLE: f64 = 1e-12;

/// Whether the trigger fires at a review: `|h_i - w*_i V| > width_i V`, the band in currency, which
/// needs no division.
///
/// A calendar is a band of width 0 that watches every asset; no width is below [`NEGLIGIBLE`].
/// Where conditions are joined, this is what has to be true besides them.
#[must_use]
pub fn fires(trigger: &Trigger, position: &Position<'_>, widths: &[f64]) -> bool {
    match trigger {
        Trigger::Never => false,
        Trigger::Always | Trigger::Joined(_) => position.any_outside(|_| 0.0),
        Trigger::Outside(_) => position.any_outside(|i| widths[i]),
    }
}

/// Whether a holding is further from its target than `width`, a fraction of wealth.
#[must_use]
#[inline(always)]
pub fn outside(holding: f64, target: f64, wealth: f64, width: f64) -> bool {
    (holding - target * wealth).abs() > at_least_negligible(width) * wealth
}

/// `width`, or [`NEGLIGIBLE`] if that is more.
#[must_use]
#[inline(always)]
pub fn at_least_negligible(width: f64) -> f64 {
    if width < NEGLIGIBLE { NEGLIGIBLE } else { width }
}

/// Writes the goal weights of a triggered trade from the weights `w`; `None` where there is nothing
/// to trade, or less than the minimum.
#[must_use]
pub fn goal(
    policy: &Policy,
    target: &[f64],
    w: &[f64],
    widths: &[f64],
    sight: &impl Sight,
    out: &mut [f64],
) -> Option<()> {
    let breached_only = policy.trade_assets == TradeAssets::Breached
        && goal_of_breached(policy, target, w, widths, sight, out).is_some();
    if !breached_only {
        goal_of_all(policy, target, w, widths, sight, out);
    }
    let turnover = 0.5 * (0..w.len()).fold(0.0, |sum, i| sum + (out[i] - w[i]).abs());
    // Joined conditions may hold where the weights are at the goal already.
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

fn goal_of_all(
    policy: &Policy,
    target: &[f64],
    w: &[f64],
    widths: &[f64],
    sight: &impl Sight,
    out: &mut [f64],
) {
    match &policy.trade {
        TradeRule::ToTarget => out.copy_from_slice(target),
        TradeRule::PartWay { fraction } => part_way(*fraction, target, w, out),
        TradeRule::PartWayScaled(fraction) => {
            part_way(fraction.at(sight.factor(policy.trigger.conditions())), target, w, out)
        }
        TradeRule::Inward(destination) => {
            let theta = match &policy.trigger {
                Trigger::Joined(joined) => joined_theta(joined, destination, target, w, sight),
                Trigger::Never | Trigger::Always | Trigger::Outside(_) => {
                    theta(destination, target, w, |i| widths[i], 1.0)
                }
            };
            for i in 0..w.len() {
                out[i] = target[i] + theta * (w[i] - target[i]);
            }
        }
    }
}

fn part_way(fraction: f64, target: &[f64], w: &[f64], out: &mut [f64]) {
    for i in 0..w.len() {
        out[i] = w[i] + fraction * (target[i] - w[i]);
    }
}

/// What share of its way from the target each asset may stay at, so that all are within their
/// destination: at most `theta`.
fn theta(
    destination: &Destination,
    target: &[f64],
    w: &[f64],
    width: impl Fn(usize) -> f64,
    theta: f64,
) -> f64 {
    (0..w.len()).fold(theta, |theta, i| {
        smaller_share(theta, (w[i] - target[i]).abs(), destination.reach(i, width(i)))
    })
}

fn smaller_share(theta: f64, distance: f64, reach: f64) -> f64 {
    if distance > reach && reach / distance < theta { reach / distance } else { theta }
}

/// The same for every band among the conditions; of a pair it is the soft one.
fn joined_theta(
    joined: &Joined,
    destination: &Destination,
    target: &[f64],
    w: &[f64],
    sight: &impl Sight,
) -> f64 {
    let mut share = 1.0;
    for (place, condition) in joined.conditions.iter().enumerate() {
        let factor = sight.factor(place);
        share = match condition {
            Condition::Outside(corridor) | Condition::Hysteresis { exit: corridor, .. } => {
                theta(destination, target, w, |i| corridor.width(i, factor), share)
            }
            Condition::Beyond(distance) => {
                let far = distance.measure.of(w, target, |signal| sight.signal(signal));
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

/// Each breached asset goes to its own destination, the others absorb in proportion to their
/// holdings.
fn goal_of_breached(
    policy: &Policy,
    target: &[f64],
    w: &[f64],
    widths: &[f64],
    sight: &impl Sight,
    out: &mut [f64],
) -> Option<()> {
    let breached = |i: usize| (w[i] - target[i]).abs() > widths[i];
    let (mut moved, mut absorbing) = (0.0, 0.0);
    for i in 0..w.len() {
        if breached(i) {
            out[i] = own_destination(policy, (w[i], target[i]), i, widths[i], sight);
            moved += out[i];
        } else {
            absorbing += w[i];
        }
    }
    if absorbing <= 0.0 || moved > 1.0 {
        return None;
    }
    let ratio = (1.0 - moved) / absorbing;
    for i in 0..w.len() {
        if !breached(i) {
            out[i] = w[i] * ratio;
            if (out[i] - target[i]).abs() > widths[i] {
                return None;
            }
        }
    }
    Some(())
}

fn own_destination(
    policy: &Policy,
    (w, target): (f64, f64),
    i: usize,
    width: f64,
    sight: &impl Sight,
) -> f64 {
    match &policy.trade {
        TradeRule::ToTarget => target,
        TradeRule::PartWay { fraction } => w + fraction * (target - w),
        TradeRule::PartWayScaled(fraction) => {
            w + fraction.at(sight.factor(policy.trigger.conditions())) * (target - w)
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

impl Destination {
    /// How far from its target asset `i` may stay, given the width of its band now.
    #[must_use]
    #[inline(always)]
    pub fn reach(&self, i: usize, width: f64) -> f64 {
        match self {
            Self::Edge => width,
            Self::ShareOfBand(share) => share * width,
            Self::Within(half_widths) => half_widths[i],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            cash_flows: super::super::FlowRouting::TargetWeights,
            cooldown_steps: 0,
            min_trade_frac: 0.0,
            max_turnover_frac: f64::INFINITY,
            execution_lag_steps: 0,
        }
    }

    fn goal_for(policy: &Policy, w: &[f64]) -> Option<Vec<f64>> {
        let mut width = vec![0.0; w.len()];
        widths(&policy.trigger, |_| 1.0, &mut width);
        let mut out = vec![0.0; w.len()];
        goal(policy, &policy.target, w, &width, &Blind, &mut out).map(|()| out)
    }

    struct Blind;

    impl Sight for Blind {
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
        let g = goal_for(&to_half, &[0.68, 0.24, 0.08]).expect("trades");
        assert!((g[0] - 0.625).abs() < 1e-15);
        assert!((g.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        let unwatched = policy(
            TradeRule::Inward(Destination::Edge),
            TradeAssets::All,
            vec![0.05, f64::INFINITY, f64::INFINITY],
        );
        assert!((goal_for(&unwatched, &[0.7, 0.2, 0.1]).expect("trades")[0] - 0.65).abs() < 1e-15);
    }

    #[test]
    fn breached_assets_move_alone_and_the_others_absorb() {
        let rule = policy(TradeRule::ToTarget, TradeAssets::Breached, vec![0.05, 0.05, 0.05]);
        let g = goal_for(&rule, &[0.66, 0.26, 0.08]).expect("trades");
        assert_eq!(g[0], 0.6);
        assert!((g[1] - 0.26 * 0.4 / 0.34).abs() < 1e-15);
        // Absorbing would push the second asset out of its band: all assets go to the target
        // instead.
        let tight = policy(TradeRule::ToTarget, TradeAssets::Breached, vec![0.05, 0.01, 0.5]);
        assert_eq!(goal_for(&tight, &[0.66, 0.295, 0.045]).expect("trades"), [0.6, 0.3, 0.1]);
    }

    #[test]
    fn small_trades_are_skipped_and_large_ones_shortened() {
        let mut rule = policy(TradeRule::ToTarget, TradeAssets::All, vec![0.01; 3]);
        rule.min_trade_frac = 0.03;
        assert_eq!(goal_for(&rule, &[0.62, 0.28, 0.1]), None);
        rule.max_turnover_frac = 0.04;
        let g = goal_for(&rule, &[0.68, 0.22, 0.1]).expect("trades");
        assert!((g[0] - 0.64).abs() < 1e-15 && (g[1] - 0.26).abs() < 1e-15);
    }
}
