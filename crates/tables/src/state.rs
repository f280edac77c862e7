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
use crate::metric::MetricId;

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

/// The rows of a state that are read together. Counts and sections are most of it.
#[derive(Clone, Copy, Debug)]
pub struct StateRows<'a> {
    /// Whether moments and sums over pairs are wanted, of all metrics.
    pub sums: bool,
    /// Metrics whose counts are wanted; `None` for every row.
    pub counts: Option<&'a [MetricId]>,
    /// Metrics whose sections are wanted; `None` for every row.
    pub sections: Option<&'a [MetricId]>,
}

impl StateRows<'_> {
    /// Every row.
    pub const ALL: Self = Self { sums: true, counts: None, sections: None };
}

impl PartState {
    /// Sorts the rows by their ids: by metric first, then by batch or section.
    pub fn sort(&mut self) {
        self.moments.sort_unstable_by_key(|r| {
            (r.metric_id, r.batch, r.scenario_id, r.horizon_months, r.policy_id)
        });
        self.crosses.sort_unstable_by_key(|r| {
            (r.metric_id, r.batch, r.scenario_id, r.horizon_months, r.policy_a, r.policy_b)
        });
        self.sections.sort_unstable_by_key(|r| {
            (r.metric_id, r.section, r.scenario_id, r.horizon_months, r.policy_id)
        });
    }

    /// Adds a piece of the same part. A part may be read in pieces: the first has the number of its
    /// paths, the others have further rows and no paths.
    pub fn add_piece(&mut self, piece: Self) {
        (self.part, self.first_path) = (piece.part, piece.first_path);
        self.paths += piece.paths;
        self.moments.extend(piece.moments);
        self.crosses.extend(piece.crosses);
        self.counts.extend(piece.counts);
        self.sections.extend(piece.sections);
    }

    /// Returns a copy with some of the rows.
    #[must_use]
    pub fn only(&self, wanted: StateRows<'_>) -> Self {
        let is_wanted = |metrics: Option<&[MetricId]>, number: i32| {
            metrics.is_none_or(|metrics| metrics.iter().any(|metric| metric.number() == number))
        };
        let counts = self.counts.iter().filter(|row| is_wanted(wanted.counts, row.metric_id));
        let sections = self.sections.iter().filter(|row| is_wanted(wanted.sections, row.metric_id));
        Self {
            moments: if wanted.sums { self.moments.clone() } else { Vec::new() },
            crosses: if wanted.sums { self.crosses.clone() } else { Vec::new() },
            counts: counts.copied().collect(),
            sections: sections.copied().collect(),
            ..*self
        }
    }
}

/// A row of a state, which is about one metric.
pub trait OfMetric {
    /// Number of the metric, as in `dim_metric`.
    fn metric_id(&self) -> i32;
}

macro_rules! of_metric {
    ($($row:ty),*) => {
        $(impl OfMetric for $row {
            fn metric_id(&self) -> i32 {
                self.metric_id
            }
        })*
    };
}

of_metric!(MomentRow, CrossRow, CountRow, SectionRow);

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
