//! Defines when a rule trades at a review.

use super::band::Corridor;
use super::condition::{Condition, ConditionSet, Joined};
use super::view::{PortfolioView, SignalView};

/// Reason for a rule to trade at a review.
#[derive(Clone, Debug, PartialEq)]
pub enum Trigger {
    /// Never trades: buy and hold.
    Never,
    /// Trades at every review: calendar rebalancing.
    Always,
    /// Trades when a watched weight is strictly outside its band.
    Outside(Corridor),
    /// Trades when an expression of conditions holds.
    Joined(Joined),
}

impl Trigger {
    /// Counts the conditions of the trigger, which come first in
    /// [`Policy::scales`](super::Policy::scales).
    #[must_use]
    pub fn conditions(&self) -> usize {
        match self {
            Self::Never | Self::Always => 0,
            Self::Outside(_) => 1,
            Self::Joined(joined) => joined.conditions.len(),
        }
    }

    /// Returns the joined conditions that hold if the trigger fires at a review, else `None`; the
    /// set is empty where no conditions are joined.
    ///
    /// `widths` are the half-widths of [`Self::widths`], `memory` is that of [`Self::memory`].
    pub fn fires(
        &self,
        portfolio: &PortfolioView<'_>,
        signals: &impl SignalView,
        widths: &[f64],
        memory: &mut [f64],
    ) -> Option<ConditionSet> {
        if let Self::Joined(joined) = self {
            return joined.fires(portfolio, signals, memory);
        }
        self.fires_at(portfolio, widths).then(ConditionSet::default)
    }

    /// Tells whether the trigger fires at a review, by weights alone: `|h_i - w*_i V| > (width_i +
    /// 1e-12) V` for some asset.
    ///
    /// A calendar is a band of width 0 that watches every asset. Of joined conditions it tells whether there is
    /// anything to trade, which they need besides their expression.
    #[must_use]
    pub fn fires_at(&self, portfolio: &PortfolioView<'_>, widths: &[f64]) -> bool {
        match self {
            Self::Never => false,
            Self::Always | Self::Joined(_) => portfolio.any_outside(|_| 0.0),
            Self::Outside(_) => portfolio.any_outside(|i| widths[i]),
        }
    }

    /// Writes the half-width of every asset's band, a fraction of the portfolio: the narrowest
    /// where conditions are joined, infinite where there is none. `factor` gives the product of
    /// the scale factors of a condition.
    pub fn widths(&self, factor: impl Fn(usize) -> f64, out: &mut [f64]) {
        out.fill(f64::INFINITY);
        for (index, corridor) in self.corridors() {
            for (i, width) in out.iter_mut().enumerate() {
                let own = corridor.width(i, factor(index));
                *width = if own < *width { own } else { *width };
            }
        }
    }

    /// Returns the numbers that the joined conditions remember at the start, one for each.
    #[must_use]
    pub fn memory(&self) -> Vec<f64> {
        if let Self::Joined(joined) = self {
            joined.conditions.iter().map(Condition::memory).collect()
        } else {
            Vec::new()
        }
    }

    /// Remembers that a trade was made at step `t`.
    pub fn traded(&self, t: u32, signals: &impl SignalView, memory: &mut [f64]) {
        if let Self::Joined(joined) = self {
            joined.traded(t, signals, memory);
        }
    }

    /// Lists the bands of assets among the conditions, with the index of the condition.
    pub fn corridors(&self) -> impl Iterator<Item = (usize, &Corridor)> {
        let conditions =
            if let Self::Joined(joined) = self { joined.conditions.as_slice() } else { &[] };
        let joined =
            conditions.iter().enumerate().filter_map(|(index, condition)| match condition {
                Condition::Outside(corridor) | Condition::Hysteresis { enter: corridor, .. } => {
                    Some((index, corridor))
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
