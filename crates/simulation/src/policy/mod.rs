//! Says what a rebalancing rule is: data, in closed enums, matched once per block and chunk.
//!
//! `Policy = target x review x trigger x trade`. Static and dynamic rules differ by one field, the
//! band's scale.

pub mod condition;
pub mod distance;
pub mod goal;
mod moving;
mod scaled;

use corridor_core::time::Review;

use condition::{Condition, Joined, Position, Sight};
pub use moving::MovingTarget;
pub use scaled::Scaled;

/// A rebalancing rule, checked and in machine units. Lists have one entry per asset of the market.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Target weights; they sum to 1.
    pub target: Vec<f64>,
    /// How the target moves, if it does.
    pub moving: Option<MovingTarget>,
    /// When the rule looks.
    pub review: Review,
    /// What makes it trade when it looks.
    pub trigger: Trigger,
    /// Where it trades to.
    pub trade: TradeRule,
    /// Which assets it trades.
    pub trade_assets: TradeAssets,
    /// How contributions are invested.
    pub cash_flows: FlowRouting,
    /// Steps after an executed trade during which no trigger fires; 0 or 1 never bind.
    pub cooldown_steps: u32,
    /// Trades of a smaller one-way turnover (fraction of wealth, before costs) are skipped; 0 skips
    /// none.
    pub min_trade_frac: f64,
    /// Trades of a larger one-way turnover are shortened to it; infinity shortens none.
    pub max_turnover_frac: f64,
    /// Steps between the decision and the trade.
    pub execution_lag_steps: u32,
}

impl Policy {
    /// Writes the target of step `t`; `product` is that of the moving target's scale factors.
    pub fn target_at(&self, t: u32, product: f64, out: &mut [f64]) {
        out.copy_from_slice(&self.target);
        if let Some(moving) = &self.moving {
            let factor = moving.factor(t, product);
            for (i, weight) in out.iter_mut().enumerate() {
                *weight = moving.weight(i, *weight, factor);
            }
        }
    }

    /// The scale factors behind every number that a trade depends on: of each condition of the
    /// trigger (a plain band is the only one), then of the share of a trade.
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

    /// The signals it reads, some more than once.
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

    /// The same, to be changed.
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

    /// The scale factors of the target; none where it does not move.
    #[must_use]
    pub fn target_scale(&self) -> &[ScaleFactor] {
        self.moving.as_ref().map_or(&[], |moving| &moving.scale)
    }
}

/// What makes a rule trade at a review date.
#[derive(Clone, Debug, PartialEq)]
pub enum Trigger {
    /// Never: buy and hold.
    Never,
    /// At every review date: calendar rebalancing.
    Always,
    /// When a watched weight is strictly outside its band.
    Outside(Corridor),
    /// When conditions hold.
    Joined(Joined),
}

impl Trigger {
    /// Number of conditions: places of [`Policy::scales`] before that of the trade.
    #[must_use]
    pub fn conditions(&self) -> usize {
        match self {
            Self::Never | Self::Always => 0,
            Self::Outside(_) => 1,
            Self::Joined(joined) => joined.conditions.len(),
        }
    }

    /// Whether it fires at a review; a bit is set in the second number for each of joined
    /// conditions that holds.
    pub fn fires(
        &self,
        position: &Position<'_>,
        sight: &impl Sight,
        widths: &[f64],
        memory: &mut [f64],
    ) -> (bool, u32) {
        match self {
            Self::Never | Self::Always | Self::Outside(_) => {
                (goal::fires(self, position, widths), 0)
            }
            Self::Joined(joined) => joined.fires(position, sight, memory),
        }
    }

    /// What its conditions remember at the start, one number each.
    #[must_use]
    pub fn memory(&self) -> Vec<f64> {
        if let Self::Joined(joined) = self {
            joined.conditions.iter().map(Condition::memory).collect()
        } else {
            Vec::new()
        }
    }

    /// Remembers that a trade was made at step `t`.
    pub fn traded(&self, t: u32, sight: &impl Sight, memory: &mut [f64]) {
        if let Self::Joined(joined) = self {
            joined.traded(t, sight, memory);
        }
    }

    /// The bands of assets among its conditions, and their places.
    pub fn corridors(&self) -> impl Iterator<Item = (usize, &Corridor)> {
        let conditions =
            if let Self::Joined(joined) = self { joined.conditions.as_slice() } else { &[] };
        let joined =
            conditions.iter().enumerate().filter_map(|(place, condition)| match condition {
                Condition::Outside(corridor) | Condition::Hysteresis { enter: corridor, .. } => {
                    Some((place, corridor))
                }
                Condition::Always
                | Condition::Beyond(_)
                | Condition::Above { .. }
                | Condition::Below { .. }
                | Condition::Moved { .. }
                | Condition::Waited(_)
                | Condition::WithTrend { .. } => None,
            });
        let plain = if let Self::Outside(corridor) = self { Some((0, corridor)) } else { None };
        plain.into_iter().chain(joined)
    }
}

/// The tolerance band around the target: asset `i` is inside while `|w_i - w*_i| <= width_i(t)`.
///
/// `width_i(t) = clamp(half_width_i * product of scale factors, min_width, max_width)`; without
/// scale factors it is `half_width_i` and the clamp is not applied. A relative band `b` enters as
/// `b * w*_i`, a hybrid one as the tighter (or wider) of the two.
#[derive(Clone, Debug, PartialEq)]
pub struct Corridor {
    /// Half-width per asset as a fraction of the portfolio; infinite where the asset is not
    /// watched.
    pub half_width: Vec<f64>,
    /// Factors of the width; empty for a fixed band.
    pub scale: Vec<ScaleFactor>,
    /// Lower clamp of a scaled width.
    pub min_width: f64,
    /// Upper clamp of a scaled width.
    pub max_width: f64,
}

/// A factor of the band's width, a function of one signal.
#[derive(Clone, Debug, PartialEq)]
pub struct ScaleFactor {
    /// Index into [`crate::plan::Simulation::signals`].
    pub signal: usize,
    /// How the signal becomes a factor.
    pub form: ScaleForm,
}

/// How a signal value `s` becomes a factor.
#[derive(Clone, Debug, PartialEq)]
pub enum ScaleForm {
    /// `(s / reference)^elasticity`; exact for exponents 0, +-1/2 and +-1.
    Power {
        /// Exponent; negative narrows the band when the signal is high.
        elasticity: f64,
        /// Signal value at which the factor is 1.
        reference: f64,
    },
    /// `exp(slope * (s - reference))`.
    Exponential {
        /// Slope per unit of the signal.
        slope: f64,
        /// Signal value at which the factor is 1.
        reference: f64,
    },
    /// `factors[number of thresholds in `at` that are <= s]`.
    Step {
        /// Thresholds, increasing.
        at: Vec<f64>,
        /// One more factor than thresholds.
        factors: Vec<f64>,
    },
}

/// Where a trade goes: the goal weights, from the weights `w` and the target `w*`.
#[derive(Clone, Debug, PartialEq)]
pub enum TradeRule {
    /// `g = w*`.
    ToTarget,
    /// `g = w + fraction (w* - w)`, `0 < fraction <= 1`.
    PartWay {
        /// Share of the way.
        fraction: f64,
    },
    /// The same with a share that signals scale, between limits within `[0, 1]`.
    PartWayScaled(Scaled),
    /// Radially inward until every watched asset is within its destination: `g = w* + theta (w -
    /// w*)`, `theta = min_i destination_i / |w_i - w*_i|`, never above 1. Of joined conditions
    /// every band counts, with its own distance.
    Inward(Destination),
}

/// How far from the target a radial trade stops. Needs a band; `Within` needs a
/// [`Trigger::Outside`].
#[derive(Clone, Debug, PartialEq)]
pub enum Destination {
    /// The edge of the band as it is now.
    Edge,
    /// This share of the band as it is now, in `[0, 1]`.
    ShareOfBand(f64),
    /// This half-width per asset (infinite: not watched), not scaled.
    Within(Vec<f64>),
}

/// Which assets a trade moves to the goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TradeAssets {
    /// All of them.
    All,
    /// Those outside their band; the others absorb the difference in proportion to their holdings.
    /// Where that would leave an asset outside its band, or none can absorb, the trade falls back
    /// to all assets.
    Breached,
}

/// How a contribution is invested, and what a withdrawal is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowRouting {
    /// Contributions at the target weights, withdrawals in proportion to the holdings.
    TargetWeights,
    /// Both in proportion to the holdings.
    ProRata,
    /// Contributions buy what is most below its target, withdrawals sell what is most above it.
    MostOffTargetFirst,
}
