//! Holds what the analysis found: long tables with one number a row, its error and its provenance.

use crate::column::table;

table! {
    /// One statistic of one metric: long form, one number a row.
    pub struct SummaryRow in "fact_summary" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// Which statistic: `mean`, `sd`, `p01`..`p99`, `prob_below`, `cvar_05`.
        pub stat: String => "label", No;
        /// The estimate; null where it does not exist, `reason` says why.
        pub value: Option<f64> => "of the metric", No;
        /// Monte Carlo standard error of `value`.
        pub std_error: Option<f64> => "of the metric", No;
        /// Lower end of the 95 % interval of `value`.
        pub ci_low: Option<f64> => "of the metric", No;
        /// Upper end of the 95 % interval of `value`.
        pub ci_high: Option<f64> => "of the metric", No;
        /// Paths behind the number.
        pub n_paths: i64 => "paths", No;
        /// How value and error were computed: what from, then the kind of interval. `sums_t`,
        /// `sums_influence`, `sums_wilson`: sums over all paths; `rows_order_statistics`,
        /// `rows_influence`: all path rows; `counts_order_statistics`, `counts_influence`: integer
        /// counts, values known to 0.8 %; `antithetic_sections`: as without antithetic pairs, the
        /// error stretched to that of pairs; `control_variate`: a control with a known mean taken
        /// out.
        pub method: String => "label", No;
        /// Whether error and interval can be relied on: `precise`, `insufficient`, ...
        pub precision: String => "label", No;
        /// Why a number is missing, or why the precision is not `precise`; null if neither.
        pub reason: Option<String> => "label", No;
    }
}

table! {
    /// A policy against its baseline on the same paths; no baseline-against-itself rows.
    pub struct CompareRow in "fact_compare" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// The policy it is compared with, as in `dim_policy`.
        pub baseline_policy_id: i32 => "id", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// Which statistic is compared: `mean`, `sd`, `p01`..`p99`, `prob_below`, `cvar_05`.
        pub stat: String => "label", No;
        /// Estimate under the policy.
        pub policy_value: Option<f64> => "of the metric", No;
        /// Estimate under the baseline.
        pub baseline_value: Option<f64> => "of the metric", No;
        /// `policy_value` minus `baseline_value`.
        pub diff: Option<f64> => "of the metric", No;
        /// Monte Carlo standard error of `diff`, paired by path.
        pub std_error: Option<f64> => "of the metric", No;
        /// Lower end of the pointwise 95 % interval of `diff`.
        pub ci_low: Option<f64> => "of the metric", No;
        /// Upper end of the pointwise 95 % interval of `diff`.
        pub ci_high: Option<f64> => "of the metric", No;
        /// Lower end of the interval that holds for all compared policies at once: max-t, or
        /// Bonferroni where p is adjusted by Holm.
        pub ci_low_simultaneous: Option<f64> => "of the metric", No;
        /// Upper end of the interval that holds for all compared policies at once: max-t, or
        /// Bonferroni where p is adjusted by Holm.
        pub ci_high_simultaneous: Option<f64> => "of the metric", No;
        /// `diff` as money at the horizon, where that has a meaning.
        pub effect_currency: Option<f64> => "currency", No;
        /// Lower end of the pointwise 95 % interval of `effect_currency`.
        pub effect_currency_low: Option<f64> => "currency", No;
        /// Upper end of the pointwise 95 % interval of `effect_currency`.
        pub effect_currency_high: Option<f64> => "currency", No;
        /// Two-sided p-value of `diff = 0`.
        pub p_value: Option<f64> => "probability", No;
        /// The same, adjusted for the number of policies compared.
        pub p_adjusted: Option<f64> => "probability", No;
        /// How it was adjusted: `step_down_max_t` (Romano and Wolf) or `holm`.
        pub p_adjust_method: Option<String> => "label", No;
        /// Share of paths on which the policy is better than the baseline, in the metric's own
        /// direction; ties count half. For `mean` only, and null where neither direction is better.
        pub share_better: Option<f64> => "fraction", No;
        /// Correlation over paths of the policy's and the baseline's values.
        pub correlation: Option<f64> => "correlation", No;
        /// Mean growth weight of the policy minus that of the baseline.
        pub exposure_diff_frac: Option<f64> => "fraction", No;
        /// `better`, `worse`, `equivalent` or `not resolved`; null where no margin is declared.
        pub verdict: Option<String> => "label", No;
        /// Paths behind the comparison.
        pub n_paths: i64 => "paths", No;
        /// Paths it would take to resolve the verdict; null where it is resolved; where the error
        /// cannot be trusted a lower bound, from the skewness seen so far.
        pub n_paths_needed: Option<i64> => "paths", No;
        /// How difference and error were computed: `paired_t`, `paired_influence`,
        /// `paired_bonett_price`: path by path, over the paths on which both have a value;
        /// `paired_sections`: from the influence of sections of paths; `paired_control_variate`:
        /// the same with controls taken out.
        pub method: String => "label", No;
        /// Whether error and interval can be relied on: `precise`, `insufficient`, ...
        pub precision: String => "label", No;
        /// Why a number is missing, why there is no verdict, or why the precision is not `precise`:
        /// the first of these that applies.
        pub reason: Option<String> => "label", No;
    }
}

table! {
    /// Where along a swept number a policy's difference from its baseline meets a level; one row
    /// where it meets none.
    pub struct BreakEvenRow in "fact_break_even" {
        /// What is swept: `policy` (a number of the policy or of its signal) or `scenario`.
        pub swept: String => "label", No;
        /// The swept number: the name of the axis, or the last key if it has none.
        pub axis: String => "label", No;
        /// The swept key, as in the study file.
        pub key: String => "label", No;
        /// The policy, or what the policies of the sweep have in common.
        pub series: String => "label", No;
        /// Scenario, as in `dim_scenario`; null where scenarios are swept.
        pub scenario_id: Option<i32> => "id", No;
        /// What the scenarios of the sweep have in common, or the scenario's label.
        pub scenario: String => "label", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// The level: `zero`, or `margin_low` and `margin_high` for the ends of the margin of
        /// practical equivalence.
        pub level: String => "label", No;
        /// The level as a difference.
        pub level_value: f64 => "of the metric", No;
        /// Place of this crossing among those of the series, from 0.
        pub crossing: i32 => "rank", No;
        /// The swept number at which the difference meets the level, by linear interpolation; null
        /// where it does not.
        pub value: Option<f64> => "of the swept key", No;
        /// Lower end of the 95 % interval of `value`; null where that lies beyond the sweep.
        pub ci_low: Option<f64> => "of the swept key", No;
        /// Upper end of the 95 % interval of `value`; null where that lies beyond the sweep.
        pub ci_high: Option<f64> => "of the swept key", No;
        /// Whether the difference rises through the level as the swept number grows; null without a
        /// crossing.
        pub rises: Option<bool> => "flag", No;
        /// Smallest swept number.
        pub swept_from: f64 => "of the swept key", No;
        /// Largest swept number.
        pub swept_to: f64 => "of the swept key", No;
        /// Points of the sweep; they stand in `fact_compare`.
        pub points: i32 => "points", No;
        /// Paths behind the point that has fewest.
        pub n_paths: i64 => "paths", No;
        /// How it was found.
        pub method: String => "label", No;
        /// The worst precision of any point of the sweep: `precise`, `indicative`, `insufficient`.
        pub precision: String => "label", No;
        /// Why there is no crossing: `above`, `below` or `level` at every point by its interval,
        /// else `unresolved`; null if there is one.
        pub reason: Option<String> => "label", No;
    }
}

table! {
    /// Quantiles of the distribution over paths.
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
        /// The quantile: type 7, as numpy and DuckDB `quantile_cont`.
        pub value: Option<f64> => "of the metric", No;
        /// Monte Carlo standard error, where one was estimated.
        pub std_error: Option<f64> => "of the metric", No;
        /// Lower end of the 95 % interval, from order statistics.
        pub ci_low: Option<f64> => "of the metric", No;
        /// Upper end of the 95 % interval, from order statistics.
        pub ci_high: Option<f64> => "of the metric", No;
        /// Paths behind the number.
        pub n_paths: i64 => "paths", No;
        /// How it was computed: exact from path rows, or from integer counts.
        pub method: String => "label", No;
        /// Whether the interval can be relied on: `precise`, `insufficient`, ...
        pub precision: String => "label", No;
        /// Why a cell of this row is null; null if none is.
        pub reason: Option<String> => "label", No;
    }
}

table! {
    /// Histograms over paths; buckets have the same edges for all scenarios and policies of a
    /// metric and horizon.
    pub struct HistogramRow in "fact_histogram" {
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// Place of the bucket, rising with its edges.
        pub bucket: i32 => "id", No;
        /// Lower edge, included; null if the bucket has none.
        pub bucket_low: Option<f64> => "of the metric", No;
        /// Upper edge, excluded; null if the bucket has none.
        pub bucket_high: Option<f64> => "of the metric", No;
        /// Paths in the bucket.
        pub count: i64 => "paths", Yes;
        /// Paths of the cell that have a value, over all buckets.
        pub n_paths: i64 => "paths", No;
    }
}
