//! Keeps what it takes to analyse a run again without its path rows: sums per batch of paths and integer counts.
//!
//! Internal to the workbench. A batch is 4,096 consecutive paths counted from the first path of the part; the last
//! batch of a part may be shorter. Floats are stored bit for bit, infinities included, so that folding stored sums and
//! folding sums still in memory give one result.

use crate::column::table;

/// Paths in a batch.
pub const BATCH_PATHS: usize = 4096;

/// The sums of one part of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartState {
    /// Place of the part in the run, from 0.
    pub part: u32,
    /// First path of the part.
    pub first_path: u64,
    /// Number of paths.
    pub paths: u64,
    /// Sums of powers.
    pub moments: Vec<MomentRow>,
    /// Sums over pairs of policies.
    pub crosses: Vec<CrossRow>,
    /// Histograms.
    pub counts: Vec<CountRow>,
}

table! {
    /// Sums of powers of one metric over one batch.
    #[derive(Copy)]
    pub struct MomentRow in "moments" {
        /// Place of the batch in its part, from 0.
        pub batch: i32 => "id", No;
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Paths with a value.
        pub n: i64 => "paths", Yes;
        /// Paths without one.
        pub n_null: i64 => "paths", Yes;
        /// Sum of the values.
        pub sum: f64 => "of the metric", Yes;
        /// Sum of squares about the mean of this batch.
        pub sum_squares: f64 => "of the metric, squared", No;
        /// Sum of cubes about the mean of this batch.
        pub sum_cubes: f64 => "of the metric, cubed", No;
        /// Sum of fourth powers about the mean of this batch.
        pub sum_fourths: f64 => "of the metric, to the fourth", No;
        /// Smallest value; infinity if there is none.
        pub min: f64 => "of the metric", No;
        /// Largest value; minus infinity if there is none.
        pub max: f64 => "of the metric", No;
    }
}

table! {
    /// Sums over pairs of policies, a before b, of one metric over one batch.
    #[derive(Copy)]
    pub struct CrossRow in "crosses" {
        /// Place of the batch in its part, from 0.
        pub batch: i32 => "id", No;
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// The policy with the smaller id.
        pub policy_a: i32 => "id", No;
        /// The policy with the larger id.
        pub policy_b: i32 => "id", No;
        /// Paths with a value under both.
        pub n: i64 => "paths", Yes;
        /// Sum of the differences a - b.
        pub sum_diff: f64 => "of the metric", Yes;
        /// Sum of squares of the differences about their mean in this batch.
        pub sum_diff_squares: f64 => "of the metric, squared", No;
        /// Sum of cubes of the differences about their mean in this batch.
        pub sum_diff_cubes: f64 => "of the metric, cubed", No;
        /// Paths on which a has the larger value.
        pub a_above_b: i64 => "paths", Yes;
        /// Paths on which b has the larger value.
        pub b_above_a: i64 => "paths", Yes;
    }
}

table! {
    /// Number of paths whose value falls into a bucket, over one part.
    #[derive(Copy)]
    pub struct CountRow in "counts" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Bucket, numbered by the analysis.
        pub bucket: i32 => "id", No;
        /// Paths in it.
        pub count: i64 => "paths", Yes;
    }
}
