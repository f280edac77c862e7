//! Carries the market data of one step to signals.

use corridor_core::lanes::Row;

/// Market data of one step that signals may read, in rows of lanes.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a, const L: usize> {
    /// Step, from 1.
    pub t: u32,
    /// Number of steps in a year.
    pub per_year: f64,
    /// Number of the path in the first lane.
    pub first_path: u64,
    /// Log returns of step `t`, one row for each asset.
    pub log_returns: &'a [Row<f32, L>],
    /// Log returns of unrelated paths, for placebos; empty where there are none.
    pub placebo_returns: &'a [Row<f32, L>],
    /// Indicators of the market at step `t`, one row for each; empty where it has none.
    pub indicators: &'a [Row<f32, L>],
    /// Indicators of unrelated paths, for placebos; empty where there are none.
    pub placebo_indicators: &'a [Row<f32, L>],
    /// True regime of step `t + 1`, for oracles alone; at the last step that of step `t`.
    pub coming_regime: &'a Row<u32, L>,
}
