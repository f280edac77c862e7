//! Mirrors the entries of `scale` as written: factors that depend on signals.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A factor that depends on a signal by exactly one form: a power, an exponential or steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScaleTable {
    /// Name of a signal.
    pub signal: String,
    /// A power, `(signal / reference)^elasticity`.
    pub power: Option<PowerForm>,
    /// An exponential, `exp(slope * d)`, of the difference `d` between signal and reference.
    pub exponential: Option<ExponentialForm>,
    /// A factor for each range of the signal.
    pub step: Option<StepForm>,
}

/// A power of a signal, `(signal / reference)^elasticity`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PowerForm {
    /// Exponent of the power; below 0 the factor falls as the signal rises.
    #[schemars(range(min = -100.0, max = 100.0))]
    pub elasticity: f64,
    /// Value of the signal, in its own unit, at which the factor is 1.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub reference: f64,
}

/// An exponential of a signal, `exp(slope * d)` with `d = signal - reference`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExponentialForm {
    /// Change of the factor's logarithm per unit of the signal.
    #[schemars(range(min = -1000.0, max = 1000.0))]
    pub slope: f64,
    /// Value of the signal, in its own unit, at which the factor is 1.
    pub reference: f64,
}

/// A factor that is constant between thresholds of a signal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepForm {
    /// Thresholds in the signal's unit, increasing.
    #[schemars(length(min = 1, max = 64))]
    pub at: Vec<f64>,
    /// Factors below, between and above the thresholds, one more than thresholds.
    pub factors: Vec<f64>,
}
