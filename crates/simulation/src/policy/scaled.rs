//! Scales a number by signals, between two limits.

use super::ScaleFactor;
use super::goal::clamp;

/// `clamp(base * product of scale factors, min, max)`; without scale factors it is `base`.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaled {
    /// The number at a product of 1.
    pub base: f64,
    /// Its factors.
    pub scale: Vec<ScaleFactor>,
    /// Lower clamp.
    pub min: f64,
    /// Upper clamp.
    pub max: f64,
}

impl Scaled {
    /// A number that does not move.
    #[must_use]
    pub fn fixed(base: f64) -> Self {
        Self { base, scale: Vec::new(), min: 0.0, max: f64::INFINITY }
    }

    /// The number when the scale factors multiply to `factor`.
    #[must_use]
    #[inline(always)]
    pub fn at(&self, factor: f64) -> f64 {
        if self.scale.is_empty() {
            self.base
        } else {
            clamp(self.base * factor, self.min, self.max)
        }
    }
}
