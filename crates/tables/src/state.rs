//! Keeps what it takes to analyse a run again without its path rows: sums per batch of paths and
//! integer counts.
//!
//! Internal to the workbench. A batch is 4,096 consecutive paths counted from the first path of the
//! part; the last batch of a part may be shorter. A section is a stretch of a part, too, but there
//! are about 1,000 of them in a run whatever its length: their sums stand for single paths where
//! errors of many differences are judged together. Floats are stored bit for bit, infinities
//! included, so that folding stored sums and folding sums still in memory give one result.

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
    /// Sums over sections.
    pub sections: Vec<SectionRow>,
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

table! {
    /// Sums of one metric over one section: what the influence of its paths on every statistic
    /// follows from. Thresholds are quantiles of the run's first paths.
    #[derive(Copy)]
    pub struct SectionRow in "sections" {
        /// Place of the section in its part, from 0.
        pub section: i32 => "id", No;
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Paths with a value.
        pub n: i32 => "paths", Yes;
        /// Sum of the values.
        pub sum: f64 => "of the metric", Yes;
        /// Sum of squares about the mean of this section.
        pub sum_squares: f64 => "of the metric, squared", No;
        /// Sum of the distances of the values beyond the threshold of the bad tail.
        pub beyond_tail: f64 => "of the metric", Yes;
        /// Paths with a value below -1e-12.
        pub below_zero: i32 => "paths", Yes;
        /// Paths at or below the threshold of 1 %.
        pub below_p01: i32 => "paths", Yes;
        /// Paths at or below the threshold of 5 %.
        pub below_p05: i32 => "paths", Yes;
        /// Paths at or below the threshold of 10 %.
        pub below_p10: i32 => "paths", Yes;
        /// Paths at or below the threshold of 25 %.
        pub below_p25: i32 => "paths", Yes;
        /// Paths at or below the threshold of 50 %.
        pub below_p50: i32 => "paths", Yes;
        /// Paths at or below the threshold of 75 %.
        pub below_p75: i32 => "paths", Yes;
        /// Paths at or below the threshold of 90 %.
        pub below_p90: i32 => "paths", Yes;
        /// Paths at or below the threshold of 95 %.
        pub below_p95: i32 => "paths", Yes;
        /// Paths at or below the threshold of 99 %.
        pub below_p99: i32 => "paths", Yes;
    }
}
