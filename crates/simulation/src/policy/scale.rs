//! Scales a number by functions of signals, between two limits.

use corridor_core::numerics::{exp, pow};

/// One factor of a scaled number, a function of one signal.
#[derive(Clone, Debug, PartialEq)]
pub struct ScaleFactor {
    /// Index of the signal in [`crate::plan::Simulation::signals`].
    pub signal: usize,
    /// Function from the signal to the factor.
    pub form: ScaleForm,
}

/// Function that turns a signal value `s` into a factor.
#[derive(Clone, Debug, PartialEq)]
pub enum ScaleForm {
    /// Power, `(s / reference)^elasticity`; exact for the exponents 0, +-1/2 and +-1. Needs a
    /// positive signal.
    Power {
        /// Exponent; a negative one narrows a band when the signal is high.
        elasticity: f64,
        /// Signal value at which the factor is 1.
        reference: f64,
    },
    /// Exponential, `e^(slope * d)` with `d = s - reference`.
    Exponential {
        /// Slope per unit of the signal.
        slope: f64,
        /// Signal value at which the factor is 1.
        reference: f64,
    },
    /// Step function: element `k` of `factors`, where `k` counts the thresholds that are `<= s`.
    Step {
        /// Thresholds, increasing.
        at: Vec<f64>,
        /// Factors, one more than there are thresholds.
        factors: Vec<f64>,
    },
}

impl ScaleForm {
    /// Returns the factor at one value of the signal.
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

/// Multiplies scale factors at the signals of one step; 1 where there are none.
#[must_use]
pub fn product(scale: &[ScaleFactor], signals: &[f64]) -> f64 {
    scale.iter().fold(1.0, |product, factor| product * factor.form.factor(signals[factor.signal]))
}

/// A number that signals scale, `clamp(base * product of scale factors, min, max)`; without scale
/// factors it is `base`, unclamped.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaled {
    /// Value where the scale factors multiply to 1.
    pub base: f64,
    /// Scale factors, which multiply; empty for a fixed number.
    pub scale: Vec<ScaleFactor>,
    /// Lower limit of the scaled value.
    pub min: f64,
    /// Upper limit of the scaled value.
    pub max: f64,
}

impl Scaled {
    /// Makes a number that no signal scales.
    #[must_use]
    pub fn fixed(base: f64) -> Self {
        Self { base, scale: Vec::new(), min: 0.0, max: f64::INFINITY }
    }

    /// Returns the number where the scale factors multiply to `factor`.
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

/// Limits `value` to `[low, high]`.
#[must_use]
#[inline(always)]
pub fn clamp(value: f64, low: f64, high: f64) -> f64 {
    let raised = if value < low { low } else { value };
    if raised > high { high } else { raised }
}
