//! Defines the tolerance band around the target weights, and when a weight is outside it.

use super::scale::{ScaleFactor, clamp};

/// Tolerance band around the target: asset `i` is inside while `|w_i - w*_i| <= width_i(t)`,
/// up to rounding.
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

/// Largest distance from the target, or from the edge of a band, that counts as rounding and is not
/// a reason to trade: a fraction of wealth.
pub const NEGLIGIBLE: f64 = 1e-12;

/// Tells whether a holding is further from its target than `width`, a fraction of wealth:
/// `|h_i - w*_i V| > (width + 1e-12) V`, in currency, which needs no division.
#[must_use]
#[inline(always)]
pub fn outside(holding: f64, target: f64, wealth: f64, width: f64) -> bool {
    (holding - target * wealth).abs() > with_slack(width) * wealth
}

/// Tells whether a distance is beyond a width. On the edge, but for rounding, is not beyond.
#[must_use]
#[inline(always)]
pub fn beyond(distance: f64, width: f64) -> bool {
    distance > with_slack(width)
}

/// Returns `width` plus [`NEGLIGIBLE`]: a trade to the edge of a band ends on the edge up to
/// rounding, and whether that is inside must not depend on the rounding.
#[must_use]
#[inline(always)]
pub fn with_slack(width: f64) -> f64 {
    width + NEGLIGIBLE
}
