//! Declares the tables of statistics: long form, one number a row, with its error and its
//! provenance.

use crate::column::{Label, table};

table! {
    /// Statistics of one metric under one policy: long form, one number a row.
    pub struct SummaryRow in "fact_summary" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// Statistic: `mean`, `sd` (standard deviation), `p01` to `p99` (quantiles in percent),
        /// `prob_below` (probability of a value below 0), `cvar_05` (mean of the worst 5 % of
        /// paths).
        pub stat: Label => "label", No;
        /// Estimate of the statistic; null where it does not exist, and `reason` explains why.
        pub value: Option<f64> => "of the metric", No;
        /// Monte Carlo standard error of `value`; null where none is known.
        pub std_error: Option<f64> => "of the metric", No;
        /// Lower end of the 95 % interval of `value`; null where none is known.
        pub ci_low: Option<f64> => "of the metric", No;
        /// Upper end of the 95 % interval of `value`; null where none is known.
        pub ci_high: Option<f64> => "of the metric", No;
        /// Number of paths that the estimate rests on.
        pub n_paths: i64 => "paths", No;
        /// Method of the estimate: the origin of the numbers, then the kind of interval. `sums_t`,
        /// `sums_influence`, `sums_wilson`: sums over all paths. `rows_order_statistics`,
        /// `rows_influence`: all path rows. `counts_order_statistics`, `counts_influence`: integer
        /// counts, which know a value to 0.8 %. `antithetic_sections`: the method without
        /// antithetic pairs, its error widened to that of pairs. `control_variate`: a control with
        /// a known mean is removed.
        pub method: Label => "label", No;
        /// Reliability of error and interval: `precise`, `indicative` or `insufficient`.
        pub precision: Label => "label", No;
        /// Reason why a number is missing or why the precision is not `precise`; null if neither is
        /// the case.
        pub reason: Option<Label> => "label", No;
    }
}

table! {
    /// Probabilities that a path is above a level: that the account is not empty by the end of a
    /// year (`ruin_month`), and that the unit value falls further than 10 to 50 %
    /// (`max_drawdown_unit_frac`).
    pub struct ExceedanceRow in "fact_exceedance" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Report horizon, as in `dim_horizon`; for `ruin_month` the longest of the scenario.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// Level that the value of a path is compared with.
        pub level: f64 => "of the metric", No;
        /// Probability of a value above `level`. A path that is never ruined is above every level of
        /// `ruin_month`.
        pub prob: Option<f64> => "probability", No;
        /// Monte Carlo standard error of `prob`.
        pub std_error: Option<f64> => "probability", No;
        /// Lower end of the 95 % interval of `prob`.
        pub ci_low: Option<f64> => "probability", No;
        /// Upper end of the 95 % interval of `prob`.
        pub ci_high: Option<f64> => "probability", No;
        /// Number of paths that the estimate rests on.
        pub n_paths: i64 => "paths", No;
        /// Reliability of the interval: `precise`, `indicative` or `insufficient`.
        pub precision: Label => "label", No;
    }
}

table! {
    /// Comparisons of a policy with its baseline on the same paths. A baseline has no row.
    pub struct CompareRow in "fact_compare" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Baseline that the policy is compared with, as in `dim_policy`.
        pub baseline_policy_id: i32 => "id", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// Statistic that is compared: `mean`, `sd`, `p01` to `p99`, `prob_below` or `cvar_05`, as
        /// in `fact_summary`.
        pub stat: Label => "label", No;
        /// Estimate of the statistic under the policy; null where it does not exist.
        pub policy_value: Option<f64> => "of the metric", No;
        /// Estimate of the statistic under the baseline; null where it does not exist.
        pub baseline_value: Option<f64> => "of the metric", No;
        /// Difference `policy_value` minus `baseline_value`; null where either does not exist.
        pub diff: Option<f64> => "of the metric", No;
        /// Monte Carlo standard error of `diff`, paired by path; null where none is known.
        pub std_error: Option<f64> => "of the metric", No;
        /// Lower end of the 95 % interval of `diff` for this policy alone; null where none is
        /// known.
        pub ci_low: Option<f64> => "of the metric", No;
        /// Upper end of the 95 % interval of `diff` for this policy alone; null where none is
        /// known.
        pub ci_high: Option<f64> => "of the metric", No;
        /// Lower end of the 95 % interval of `diff` that holds for all compared policies at once:
        /// max-t, or Bonferroni where `p_adjust_method` is `holm`.
        pub ci_low_simultaneous: Option<f64> => "of the metric", No;
        /// Upper end of the 95 % interval of `diff` that holds for all compared policies at once:
        /// max-t, or Bonferroni where `p_adjust_method` is `holm`.
        pub ci_high_simultaneous: Option<f64> => "of the metric", No;
        /// Money at the horizon that `diff` amounts to; null where the metric has no such
        /// equivalent.
        pub effect_currency: Option<f64> => "currency", No;
        /// Lower end of the 95 % interval of `effect_currency` for this policy alone.
        pub effect_currency_low: Option<f64> => "currency", No;
        /// Upper end of the 95 % interval of `effect_currency` for this policy alone.
        pub effect_currency_high: Option<f64> => "currency", No;
        /// Two-sided p-value of the hypothesis that the difference is 0.
        pub p_value: Option<f64> => "probability", No;
        /// Two-sided p-value, adjusted for the number of policies that are compared.
        pub p_adjusted: Option<f64> => "probability", No;
        /// Method of the adjustment: `step_down_max_t` (Romano and Wolf) or `holm`; null without an
        /// adjusted p-value.
        pub p_adjust_method: Option<Label> => "label", No;
        /// Fraction of paths on which the policy is better than the baseline, in the direction of
        /// the metric; ties count half. Null for statistics other than `mean` and for a metric
        /// without direction.
        pub share_better: Option<f64> => "fraction", No;
        /// Correlation over paths between the values under the policy and under the baseline.
        pub correlation: Option<f64> => "correlation", No;
        /// Mean weight of growth assets under the policy minus that under the baseline.
        pub exposure_diff_frac: Option<f64> => "fraction", No;
        /// Verdict: `better`, `worse`, `equivalent` or `not resolved`; null where there is none,
        /// and `reason` explains why.
        pub verdict: Option<Label> => "label", No;
        /// Number of paths that the comparison rests on.
        pub n_paths: i64 => "paths", No;
        /// Number of paths expected to resolve the verdict; null where it is resolved. Where the
        /// error cannot be trusted it is a lower bound, from the skewness seen so far.
        pub n_paths_needed: Option<i64> => "paths", No;
        /// Method of difference and error. `paired_t`, `paired_influence`, `paired_bonett_price`:
        /// path by path, over the paths on which both policies have a value. `paired_sections`:
        /// from the influence of sections of paths on both. `paired_control_variate`: from the
        /// influence of sections, controls removed.
        pub method: Label => "label", No;
        /// Reliability of error and interval: `precise`, `indicative` or `insufficient`.
        pub precision: Label => "label", No;
        /// Reason why a number is missing, else why the verdict is missing, else why the precision
        /// is not `precise`; null if none of these is the case.
        pub reason: Option<Label> => "label", No;
    }
}

table! {
    /// Break-even points: where along a swept number the difference from the baseline crosses a
    /// level. A series without a crossing has one row.
    pub struct BreakEvenRow in "fact_break_even" {
        /// Kind of the sweep: `policy` for a number of the policy or of its signal, `scenario` for
        /// a number of the scenario.
        pub swept: Label => "label", No;
        /// Swept number: the name of the axis, or the last part of the key if the axis has no name.
        pub axis: String => "label", No;
        /// Swept key, as in the study file.
        pub key: String => "label", No;
        /// Policy, or the common part of the labels of the swept policies.
        pub series: String => "label", No;
        /// Scenario, as in `dim_scenario`; null where scenarios are swept.
        pub scenario_id: Option<i32> => "id", No;
        /// Label of the scenario, or the common part of the labels of the swept scenarios.
        pub scenario: String => "label", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// Level: `zero`, or `margin_low` and `margin_high` for the ends of the margin of practical
        /// equivalence.
        pub level: Label => "label", No;
        /// Difference from the baseline at the level.
        pub level_value: f64 => "of the metric", No;
        /// Rank of the crossing among those of the series, from 0.
        pub crossing: i32 => "rank", No;
        /// Swept number at which the difference crosses the level, by linear interpolation; null
        /// without a crossing.
        pub value: Option<f64> => "of the swept key", No;
        /// Lower end of the 95 % interval of `value`; null where it lies beyond the sweep.
        pub ci_low: Option<f64> => "of the swept key", No;
        /// Upper end of the 95 % interval of `value`; null where it lies beyond the sweep.
        pub ci_high: Option<f64> => "of the swept key", No;
        /// Whether the difference rises through the level as the swept number grows; null without a
        /// crossing.
        pub rises: Option<bool> => "flag", No;
        /// Smallest swept number of the series.
        pub swept_from: f64 => "of the swept key", No;
        /// Largest swept number of the series.
        pub swept_to: f64 => "of the swept key", No;
        /// Number of points of the sweep; each is a row of `fact_compare`.
        pub points: i32 => "points", No;
        /// Number of paths behind the point that has the fewest.
        pub n_paths: i64 => "paths", No;
        /// Method by which crossings are found.
        pub method: Label => "label", No;
        /// Worst precision of any point of the sweep: `precise`, `indicative` or `insufficient`.
        pub precision: Label => "label", No;
        /// Reason why the series has no crossing: `above`, `below` or `level` if every interval is
        /// above, below or at the level, else `unresolved`; null for a crossing.
        pub reason: Option<Label> => "label", No;
        /// Words for the swept number, with its unit; null in runs of earlier versions.
        pub axis_label: Option<String> => "label", No;
        /// Neighbouring swept value below the crossing. Between the two the difference is taken for a
        /// straight line, so where they are far apart the interval of `value` is too short; equal to
        /// `swept_above` where the difference is on the level at a swept value.
        pub swept_below: Option<f64> => "of the swept key", No;
        /// Neighbouring swept value above the crossing.
        pub swept_above: Option<f64> => "of the swept key", No;
    }
}

table! {
    /// Quantiles of the distribution of a metric over paths.
    pub struct QuantileRow in "fact_quantile" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// Probability of the quantile.
        pub prob: f64 => "probability", No;
        /// Quantile of type 7, as numpy and DuckDB `quantile_cont` compute it; null where no path
        /// has a value.
        pub value: Option<f64> => "of the metric", No;
        /// Monte Carlo standard error of `value`; null where none was estimated.
        pub std_error: Option<f64> => "of the metric", No;
        /// Lower end of the 95 % interval of `value`, from order statistics; null where none is
        /// known.
        pub ci_low: Option<f64> => "of the metric", No;
        /// Upper end of the 95 % interval of `value`, from order statistics; null where none is
        /// known.
        pub ci_high: Option<f64> => "of the metric", No;
        /// Number of paths that the quantile rests on.
        pub n_paths: i64 => "paths", No;
        /// Method of the estimate: `rows_order_statistics` is exact, from all path rows;
        /// `counts_order_statistics` is from integer counts.
        pub method: Label => "label", No;
        /// Reliability of the interval: `precise`, `indicative` or `insufficient`.
        pub precision: Label => "label", No;
        /// Reason why a number is missing or why the precision is not `precise`; null if neither is
        /// the case.
        pub reason: Option<Label> => "label", No;
    }
}

table! {
    /// Histograms of a metric over paths. Buckets have equal edges for all scenarios and policies
    /// of a metric and horizon.
    pub struct HistogramRow in "fact_histogram" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// Number of the bucket; it rises with the edges.
        pub bucket: i32 => "id", No;
        /// Lower edge, included; null for a bucket that is open below.
        pub bucket_low: Option<f64> => "of the metric", No;
        /// Upper edge, excluded; null for a bucket that is open above.
        pub bucket_high: Option<f64> => "of the metric", No;
        /// Number of paths in the bucket.
        pub count: i64 => "paths", Yes;
        /// Number of paths in all buckets of the histogram together.
        pub n_paths: i64 => "paths", No;
    }
}
