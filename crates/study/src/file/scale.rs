//! Mirrors the entries of `scale`: factors that signals give.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A factor: a signal and exactly one form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScaleTable {
    /// Name of a signal.
    pub signal: String,
    /// `(signal / reference)^elasticity`.
    pub power: Option<PowerForm>,
    /// `exp(slope * (signal - reference))`.
    pub exponential: Option<ExponentialForm>,
    /// A factor for each range of the signal.
    pub step: Option<StepForm>,
}

/// A power of the signal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PowerForm {
    /// Exponent; negative narrows the band while the signal is high.
    #[schemars(range(min = -100.0, max = 100.0))]
    pub elasticity: f64,
    /// Value of the signal, in its own unit, at which the factor is 1.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub reference: f64,
}

/// An exponential of the signal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExponentialForm {
    /// Slope per unit of the signal.
    #[schemars(range(min = -1000.0, max = 1000.0))]
    pub slope: f64,
    /// Value of the signal at which the factor is 1.
    pub reference: f64,
}

/// Steps of the signal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepForm {
    /// Thresholds, increasing.
    #[schemars(length(min = 1, max = 64))]
    pub at: Vec<f64>,
    /// Factors below, between and above the thresholds: one more than these.
    pub factors: Vec<f64>,
}
