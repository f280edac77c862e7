//! Describes what happened at each step of one path, for replay and trajectories.

/// Why a trade happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cause {
    /// The calendar said so.
    Calendar,
    /// A weight was outside its band.
    Outside {
        /// The asset furthest outside, in band widths.
        asset: usize,
        /// Its weight.
        weight: f64,
        /// The half-width it crossed.
        width: f64,
    },
    /// A decision of an earlier step came due.
    Delayed {
        /// The step of the decision.
        decided_at: u32,
    },
}

/// The state of one path and policy at the end of one step.
#[derive(Clone, Debug, PartialEq)]
pub struct StepTrace {
    /// Step, 0 is the start.
    pub t: u32,
    /// Balance after flows, trades and costs; currency.
    pub wealth: f64,
    /// Unit value, 1 at the start.
    pub unit: f64,
    /// Target weights at `t`.
    pub target: Vec<f64>,
    /// Weights before trading.
    pub weights_before: Vec<f64>,
    /// Weights at the end of the step.
    pub weights: Vec<f64>,
    /// Signal values at `t`; empty at the start.
    pub signals: Vec<f64>,
    /// Half-width of each asset's band; infinite where there is none.
    pub widths: Vec<f64>,
    /// True regime of the step; `None` at the start.
    pub regime: Option<u32>,
    /// Net cash flow received by the portfolio in this step, currency.
    pub flow: f64,
    /// Costs and fees of this step, currency.
    pub cost: f64,
    /// Value traded, both sides; currency.
    pub traded: f64,
    /// Why it traded; `None` where it did not.
    pub cause: Option<Cause>,
}
