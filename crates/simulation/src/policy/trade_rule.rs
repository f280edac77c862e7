//! Lists where a trade goes, which assets it moves, and how cash flows are invested.

use super::scale::Scaled;

/// Desired weights `g` of a trade, as a function of the weights `w` and the target `w*`.
#[derive(Clone, Debug, PartialEq)]
pub enum TradeRule {
    /// Trades to the target, `g = w*`.
    ToTarget,
    /// Trades a fixed share of the way to the target, `g = w + fraction (w* - w)`.
    PartWay {
        /// Share of the way, in `(0, 1]`.
        fraction: f64,
    },
    /// Trades a share of the way to the target that signals scale, between limits within `[0, 1]`.
    PartWayScaled(Scaled),
    /// Trades radially inward until every watched asset is within its destination: `g = w* + theta
    /// (w - w*)`, `theta = min_i destination_i / |w_i - w*_i|`, never above 1. Of joined conditions
    /// every band counts, with its own distance.
    Inward(Destination),
}

/// Distance from the target at which a radial trade stops. Needs a band; `Within` needs a
/// [`Trigger::Outside`](super::Trigger::Outside).
#[derive(Clone, Debug, PartialEq)]
pub enum Destination {
    /// Edge of the band at the current signals.
    Edge,
    /// Share of the half-width at the current signals, in `[0, 1]`.
    ShareOfBand(f64),
    /// Half-width of each asset, not scaled; infinite where the asset is not watched.
    Within(Vec<f64>),
}

impl Destination {
    /// Returns the largest distance from its target at which asset `i` may stay, given the current
    /// half-width of its band.
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

/// Assets that a trade moves to the desired weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TradeAssets {
    /// Every asset.
    All,
    /// Assets outside their band; the others absorb the difference in proportion to their holdings.
    /// If that would leave an asset outside its band, or none can absorb, all assets trade.
    Breached,
}

/// Assets that a contribution buys and that a withdrawal sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowRouting {
    /// Contributions at the target weights, withdrawals in proportion to the holdings.
    TargetWeights,
    /// Contributions and withdrawals in proportion to the holdings.
    ProRata,
    /// Contributions buy the assets most below their targets, withdrawals sell those most above.
    MostOffTargetFirst,
}
