//! Declares the state of a run: the sums and integer counts from which it can be analysed again
//! without its path rows.
//!
//! The state is internal to the workbench. A batch is 4,096 consecutive paths, counted from the
//! first path of the part; the last batch of a part may be shorter. A section is a stretch of
//! consecutive paths, too, but a run has about 1,000 of them whatever its length: their sums
//! replace single paths where the errors of many differences are estimated together. Floats are
//! stored bit for bit, infinities included, so that stored sums and sums still in memory fold to
//! one result.

use crate::column::table;

/// Number of paths in a batch.
pub const BATCH_PATHS: usize = 4096;

/// The sums of one part of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartState {
    /// Index of the part in the run, from 0.
    pub part: u32,
    /// First path of the part.
    pub first_path: u64,
    /// Number of paths in the part.
    pub paths: u64,
    /// Sums of powers, per batch.
    pub moments: Vec<MomentRow>,
    /// Sums over pairs of policies, per batch.
    pub crosses: Vec<CrossRow>,
    /// Histograms over the part.
    pub counts: Vec<CountRow>,
    /// Sums over single policies, per section.
    pub sections: Vec<SectionRow>,
}

table! {
    /// Sums of powers of one metric over one batch.
    #[derive(Copy)]
    pub struct MomentRow in "moments" {
        /// Index of the batch in its part, from 0.
        pub batch: i32 => "id", No;
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Number of paths with a value.
        pub n: i64 => "paths", Yes;
        /// Number of paths without a value.
        pub n_null: i64 => "paths", Yes;
        /// Sum of the values.
        pub sum: f64 => "of the metric", Yes;
        /// Sum of squares about the mean of the batch.
        pub sum_squares: f64 => "of the metric, squared", No;
        /// Sum of cubes about the mean of the batch.
        pub sum_cubes: f64 => "of the metric, cubed", No;
        /// Sum of fourth powers about the mean of the batch.
        pub sum_fourths: f64 => "of the metric, to the fourth", No;
        /// Smallest value; infinity if no path has a value.
        pub min: f64 => "of the metric", No;
        /// Largest value; minus infinity if no path has a value.
        pub max: f64 => "of the metric", No;
    }
}

table! {
    /// Sums over pairs of policies a and b, a before b, of one metric over one batch.
    #[derive(Copy)]
    pub struct CrossRow in "crosses" {
        /// Index of the batch in its part, from 0.
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
        /// Number of paths with a value under both policies.
        pub n: i64 => "paths", Yes;
        /// Sum of the differences, the value under a minus the value under b.
        pub sum_diff: f64 => "of the metric", Yes;
        /// Sum of squares of the differences about their mean in the batch.
        pub sum_diff_squares: f64 => "of the metric, squared", No;
        /// Sum of cubes of the differences about their mean in the batch.
        pub sum_diff_cubes: f64 => "of the metric, cubed", No;
        /// Number of paths on which a has the larger value.
        pub a_above_b: i64 => "paths", Yes;
        /// Number of paths on which b has the larger value.
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
        /// Bucket, as the analysis numbers it.
        pub bucket: i32 => "id", No;
        /// Number of paths in the bucket.
        pub count: i64 => "paths", Yes;
    }
}

table! {
    /// Sums of one metric over one section, from which the influence of its paths on every
    /// statistic follows. Thresholds are quantiles of the first paths of the run.
    #[derive(Copy)]
    pub struct SectionRow in "sections" {
        /// Index of the section in its part, from 0.
        pub section: i32 => "id", No;
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Number of paths with a value.
        pub n: i32 => "paths", Yes;
        /// Sum of the values.
        pub sum: f64 => "of the metric", Yes;
        /// Sum of squares about the mean of the section.
        pub sum_squares: f64 => "of the metric, squared", No;
        /// Sum of the distances by which values lie beyond the threshold of the bad tail.
        pub beyond_tail: f64 => "of the metric", Yes;
        /// Number of paths with a value below -1e-12.
        pub below_zero: i32 => "paths", Yes;
        /// Number of paths at or below the threshold of the 1 % quantile.
        pub below_p01: i32 => "paths", Yes;
        /// Number of paths at or below the threshold of the 5 % quantile.
        pub below_p05: i32 => "paths", Yes;
        /// Number of paths at or below the threshold of the 10 % quantile.
        pub below_p10: i32 => "paths", Yes;
        /// Number of paths at or below the threshold of the 25 % quantile.
        pub below_p25: i32 => "paths", Yes;
        /// Number of paths at or below the threshold of the 50 % quantile.
        pub below_p50: i32 => "paths", Yes;
        /// Number of paths at or below the threshold of the 75 % quantile.
        pub below_p75: i32 => "paths", Yes;
        /// Number of paths at or below the threshold of the 90 % quantile.
        pub below_p90: i32 => "paths", Yes;
        /// Number of paths at or below the threshold of the 95 % quantile.
        pub below_p95: i32 => "paths", Yes;
        /// Number of paths at or below the threshold of the 99 % quantile.
        pub below_p99: i32 => "paths", Yes;
    }
}
