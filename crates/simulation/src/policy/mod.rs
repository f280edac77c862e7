//! Defines a rebalancing rule as data, in closed enums that are matched once per block and chunk.
//!
//! `Policy = target x review x trigger x trade`. A rule is dynamic where signals scale one of its
//! numbers ([`ScaleFactor`]), move its target ([`MovingTarget`]) or are a condition of its trigger.

pub mod band;
pub mod condition;
pub mod desired;
pub mod distance;
mod moving;
mod scale;
mod trade_rule;
mod trigger;
pub mod view;

use corridor_core::time::Review;

use condition::Condition;

pub use band::Corridor;
pub use moving::MovingTarget;
pub use scale::{ScaleFactor, ScaleForm, Scaled, clamp, product};
pub use trade_rule::{Destination, FlowRouting, TradeAssets, TradeRule};
pub use trigger::Trigger;

/// A rebalancing rule. Lists have one entry per asset of the market.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Target weights, which sum to 1.
    pub target: Vec<f64>,
    /// Movement of the target; `None` for a fixed one.
    pub moving: Option<MovingTarget>,
    /// Dates at which the rule looks at the portfolio.
    pub review: Review,
    /// Condition under which a review leads to a trade.
    pub trigger: Trigger,
    /// Desired weights of a trade.
    pub trade: TradeRule,
    /// Assets that a trade moves.
    pub trade_assets: TradeAssets,
    /// Assets that contributions buy and withdrawals sell.
    pub cash_flows: FlowRouting,
    /// Number of steps from an executed trade to the first review that may trade again; 0 and 1
    /// never bind.
    pub cooldown_steps: u32,
    /// Smallest one-way turnover of a trade, a fraction of wealth before costs: smaller trades are
    /// skipped; 0 skips none.
    pub min_trade_frac: f64,
    /// Largest one-way turnover of a trade, a fraction of wealth before costs: larger trades are
    /// shortened to it; infinity shortens none.
    pub max_turnover_frac: f64,
    /// Number of steps from the decision to the trade.
    pub execution_lag_steps: u32,
}

impl Policy {
    /// Writes the target weights of step `t`; `product` is the product of the factors of
    /// [`Policy::target_scale`] at the signals of `t`.
    pub fn target_at(&self, t: u32, product: f64, out: &mut [f64]) {
        out.copy_from_slice(&self.target);
        if let Some(moving) = &self.moving {
            let factor = moving.factor(t, product);
            for (i, weight) in out.iter_mut().enumerate() {
                *weight = moving.weight(i, *weight, factor);
            }
        }
    }

    /// Lists the scale factors of each number that a trade depends on: one list for each condition
    /// of the trigger (a plain band is one condition), then one for the share of a trade.
    #[must_use]
    pub fn scales(&self) -> Vec<&[ScaleFactor]> {
        let mut scales = match &self.trigger {
            Trigger::Never | Trigger::Always => Vec::new(),
            Trigger::Outside(corridor) => vec![corridor.scale.as_slice()],
            Trigger::Joined(joined) => joined.conditions.iter().map(Condition::scale).collect(),
        };
        scales.push(match &self.trade {
            TradeRule::PartWayScaled(fraction) => &fraction.scale,
            TradeRule::ToTarget | TradeRule::PartWay { .. } | TradeRule::Inward(_) => &[],
        });
        scales
    }

    /// Lists the signals that the rule reads, by index; some more than once.
    #[must_use]
    pub fn signals(&self) -> Vec<usize> {
        let conditions = if let Trigger::Joined(joined) = &self.trigger {
            joined.conditions.as_slice()
        } else {
            &[]
        };
        let scaled = self
            .scales()
            .into_iter()
            .flatten()
            .chain(self.target_scale())
            .map(|factor| factor.signal);
        conditions.iter().flat_map(Condition::signals).chain(scaled).collect()
    }

    /// Lists the indices of the signals that the rule reads, for renumbering; some more than once.
    pub fn signals_mut(&mut self) -> Vec<&mut usize> {
        let mut signals: Vec<&mut usize> = match &mut self.trigger {
            Trigger::Never | Trigger::Always => Vec::new(),
            Trigger::Outside(corridor) => {
                corridor.scale.iter_mut().map(|factor| &mut factor.signal).collect()
            }
            Trigger::Joined(joined) => {
                joined.conditions.iter_mut().flat_map(Condition::signals_mut).collect()
            }
        };
        let of_trade = if let TradeRule::PartWayScaled(fraction) = &mut self.trade {
            fraction.scale.as_mut_slice()
        } else {
            &mut []
        };
        let of_target =
            self.moving.as_mut().map_or(&mut [][..], |moving| moving.scale.as_mut_slice());
        signals.extend(of_trade.iter_mut().chain(of_target).map(|factor| &mut factor.signal));
        signals
    }

    /// Returns the scale factors of a moving target; none where the target is fixed.
    #[must_use]
    pub fn target_scale(&self) -> &[ScaleFactor] {
        self.moving.as_ref().map_or(&[], |moving| &moving.scale)
    }
}
