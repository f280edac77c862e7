//! Defines the tolerance band around the target weights, and when a weight is outside it.

use super::scale::{ScaleFactor, clamp};

/// Tolerance band around the target: asset `i` is inside while `|w_i - w*_i| <= width_i(t)`.
///
/// `width_i(t) = clamp(half_width_i * product of scale factors, min_width, max_width)`; without
/// scale factors it is `half_width_i` and the clamp is not applied. A relative band `b` enters as
/// `b * w*_i`, a hybrid one as the tighter or wider of the two.
#[derive(Clone, Debug, PartialEq)]
pub struct Corridor {
    /// Half-width of each asset's band as a fraction of the portfolio; infinite where the asset is
    /// not watched.
    pub half_width: Vec<f64>,
    /// Scale factors of all half-widths, which multiply; empty for a fixed band.
    pub scale: Vec<ScaleFactor>,
    /// Lower limit of a scaled half-width, a fraction of the portfolio.
    pub min_width: f64,
    /// Upper limit of a scaled half-width, a fraction of the portfolio.
    pub max_width: f64,
}

impl Corridor {
    /// Returns the half-width of asset `i` where the scale factors multiply to `factor`.
    #[must_use]
    #[inline(always)]
    pub fn width(&self, i: usize, factor: f64) -> f64 {
        self.scaled(self.half_width[i], factor)
    }

    /// Scales the half-width `base` of an asset by `factor`, within the limits of the band; an
    /// asset that is not watched stays so.
    #[must_use]
    #[inline(always)]
    pub fn scaled(&self, base: f64, factor: f64) -> f64 {
        if self.scale.is_empty() || base == f64::INFINITY {
            return base;
        }
        clamp(base * factor, self.min_width, self.max_width)
    }
}

/// Distance from the target, as a fraction of wealth, up to which it counts as rounding and is no
/// reason to trade.
pub const NEGLIGIBLE: f64 = 1e-12;

/// Tells whether a holding is further from its target than `width`, a fraction of wealth:
/// `|h_i - w*_i V| > width V`, in currency, which needs no division.
#[must_use]
#[inline(always)]
pub fn outside(holding: f64, target: f64, wealth: f64, width: f64) -> bool {
    (holding - target * wealth).abs() > at_least_negligible(width) * wealth
}

/// Returns `width`, but at least [`NEGLIGIBLE`].
#[must_use]
#[inline(always)]
pub fn at_least_negligible(width: f64) -> f64 {
    if width < NEGLIGIBLE { NEGLIGIBLE } else { width }
}
